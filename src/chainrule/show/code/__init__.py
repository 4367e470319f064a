"""A recording written as a Python function to paste."""
