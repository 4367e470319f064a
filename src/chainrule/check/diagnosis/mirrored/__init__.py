"""Functions of PyTorch's and JAX's arrays as functions of NumPy's, so that their mistakes have the same names."""
