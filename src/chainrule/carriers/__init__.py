"""What travels through a function in place of a number."""
