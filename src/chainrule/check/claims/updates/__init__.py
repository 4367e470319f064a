"""Functions and loops that update parameters by gradients that they work out on the way."""
