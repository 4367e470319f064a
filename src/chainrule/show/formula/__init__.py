"""The formula of a function and of its derivative, through SymPy."""
