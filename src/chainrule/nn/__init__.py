"""Layers, losses and initialisations, in plain NumPy code over the operators.

A layer is a nested container of its own parameters: `grad`, `jit`, `check`, pickling and `optim` take it as it is.
"""

from chainrule.nn import initial
from chainrule.nn.losses import binary_cross_entropy, cross_entropy, hinge, mse, nll

__all__ = ["binary_cross_entropy", "cross_entropy", "hinge", "initial", "mse", "nll"]


def __dir__() -> list[str]:
    return __all__
