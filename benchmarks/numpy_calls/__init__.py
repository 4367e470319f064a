"""Calls of NumPy as people write them, several of most functions: what becomes of their derivatives."""
