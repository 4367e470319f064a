"""RMSprop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chainrule import ops
from chainrule.numbers import Number
from chainrule.optim.optimizer import Optimizer, Rate


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Steps divided by the root of a moving average of g squared (Tieleman and Hinton, 2012), eps added to the root.

    lr            the rate, or a schedule
    alpha         how much the average keeps at each step
    momentum      how much of the last step is kept
    weight_decay  times x is added to g first

    >>> from chainrule import optim
    >>> opt = optim.RMSprop(0.1, alpha=0.75)
    >>> params, state = opt.step([3.0], [2.0], opt.start([3.0]))
    >>> round(params[0], 6), state["square"]
    (2.8, [1.0])
    """

    lr: Rate = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    weight_decay: float = 0.0
    slots: ClassVar[tuple[str, ...]] = ("square", "velocity")

    def update(
        self, x: Number, g: Number, slots: list[Number], lr: Number, count: Number
    ) -> tuple[Number, list[Number]]:
        if self.weight_decay:
            g = g + self.weight_decay * x
        square = self.alpha * slots[0] + (1 - self.alpha) * (g * g)
        velocity = self.momentum * slots[1] + g / (ops.sqrt(square) + self.eps)
        return x - lr * velocity, [square, velocity]
