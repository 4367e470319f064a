"""Truncated power series in place of numbers."""
