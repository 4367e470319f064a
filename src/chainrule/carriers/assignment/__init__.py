"""Arrays that are assigned to: what stands for them, and what writes into them."""
