"""Layers, losses and initialisations, in plain NumPy code over the operators.

A layer is a nested container of its own parameters: `grad`, `jit`, `check`, pickling and `optim` take it as it is.
"""

from chainrule.nn import initial
from chainrule.nn.attention import Attention, attention
from chainrule.nn.convolution import Conv, convolve
from chainrule.nn.dropout import dropout, dropout_mask
from chainrule.nn.linear import MLP, Embedding, Linear
from chainrule.nn.losses import binary_cross_entropy, cross_entropy, hinge, mse, nll
from chainrule.nn.module import Module, cast, container, setting
from chainrule.nn.norms import LayerNorm, RMSNorm
from chainrule.nn.scalars import Layer, Neuron

__all__ = [
    "MLP",
    "Attention",
    "Conv",
    "Embedding",
    "Layer",
    "LayerNorm",
    "Linear",
    "Module",
    "Neuron",
    "RMSNorm",
    "attention",
    "binary_cross_entropy",
    "cast",
    "container",
    "convolve",
    "cross_entropy",
    "dropout",
    "dropout_mask",
    "hinge",
    "initial",
    "mse",
    "nll",
    "setting",
]


def __dir__() -> list[str]:
    return __all__
