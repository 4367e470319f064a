"""One function for both, told apart by a flag."""
# right: nonlin, activation
# wrong: squash
import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def activation(x, derivative=False):
    return 1 - np.tanh(x) ** 2 if derivative else np.tanh(x)


def squash(x, deriv=False):
    if deriv == True:
        return 1 / (1 + x**2)
    return x / np.sqrt(1 + x**2)
