"""What the user calls: `jit`, its recordings for each kind of arguments, and what it can say about them."""
