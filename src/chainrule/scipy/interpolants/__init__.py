"""Interpolants of `scipy.interpolate` in lifted functions."""
