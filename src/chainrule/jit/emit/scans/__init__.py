"""What goes on from one step to the next along an axis or a list: running sums, and moves by lists of places."""
