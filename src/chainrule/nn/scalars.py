"""micrograd's networks, each weight a Value of its own: small, slow, and every step can be looked at.

Andrej Karpathy's micrograd has these classes by these names; weights are drawn in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.nn.module import Module, setting
from chainrule.values.value import Value


class Neuron(Module):
    """relu(w1 x1 + w2 x2 + ... + b), or without relu where `nonlin` is false. Weights in [-1, 1], a bias of 0.

    >>> from chainrule import nn
    >>> neuron = nn.Neuron(3)
    >>> len(neuron.parameters()), neuron
    (4, ReLUNeuron(3))
    """

    w: list[Any]
    b: Any
    nonlin: bool = setting()

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Any]) -> Any:
        if (isinstance(x, np.ndarray) and x.ndim != 1) or len(x) != len(self.w):
            raise ShapeError.here(
                f"micrograd's network takes a list of {len(self.w)} numbers, got {_brief(x)}; for arrays of "
                "samples give a generator: nn.MLP(2, [16, 1], np.random.default_rng(0))"
            )
        total = self.b
        for w, v in zip(self.w, x, strict=True):
            total = total + w * v
        return total.relu() if self.nonlin else total

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


def _brief(x: Any) -> str:
    return f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else f"{len(x)}"


class Layer(Module):
    """Neurons side by side. The result is a list, or of one neuron its number.

    >>> from chainrule import nn
    >>> len(nn.Layer(3, 4)([1.0, 2.0, 3.0]))
    4
    """

    neurons: list[Any]

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        self.neurons = [Neuron(nin, nonlin) for _ in range(nout)]

    def __call__(self, x: Sequence[Any]) -> Any:
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"
