"""Gradients in functions that train, judged by one step of them."""
