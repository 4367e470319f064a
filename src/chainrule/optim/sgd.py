"""Gradient descent, with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chainrule.numbers import Number
from chainrule.optim.optimizer import Optimizer, Rate


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent: v = momentum v + g, x = x - lr v.

    lr            the rate, or a schedule
    momentum      how much of the last velocity is kept (Polyak, 1964)
    nesterov      steps by g + momentum v instead of v (Sutskever et al., 2013), as PyTorch does
    weight_decay  times x is added to g first

    >>> from chainrule import optim
    >>> opt = optim.SGD(0.5)
    >>> opt.step([3.0], [2.0], opt.start([3.0]))[0]
    [2.0]
    """

    lr: Rate
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    def update(
        self, x: Number, g: Number, slots: list[Number], lr: Number, count: Number
    ) -> tuple[Number, list[Number]]:
        if self.weight_decay:
            g = g + self.weight_decay * x
        velocity = self.momentum * slots[0] + g
        return x - lr * (g + self.momentum * velocity if self.nesterov else velocity), [velocity]
