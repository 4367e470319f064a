"""Adam and AdamW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chainrule import ops
from chainrule.numbers import Number
from chainrule.optim.optimizer import Optimizer, Rate, weak


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2015): x = x - lr m / (sqrt(v) + eps), both averages corrected for their start.

    lr            the rate, or a schedule
    betas         how much the averages of g and of its square keep at each step
    eps           added to the root, as in the paper's algorithm 1
    weight_decay  times x is added to g first; AdamW decays x itself

    >>> from chainrule import optim
    >>> opt = optim.Adam(0.1)
    >>> params, state = opt.step([3.0], [2.0], opt.start([3.0]))
    >>> round(params[0], 6)                        # the first step is lr, whatever the gradient
    2.9
    """

    lr: Rate = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def update(
        self, x: Number, g: Number, slots: list[Number], lr: Number, count: Number
    ) -> tuple[Number, list[Number]]:
        x, g = self.decayed(x, g, lr)
        b1, b2 = self.betas
        m = b1 * slots[0] + (1 - b1) * g
        v = b2 * slots[1] + (1 - b2) * (g * g)
        start = weak(ops.sqrt(1 - b2**count))
        return x - lr / (1 - b1**count) * m / (ops.sqrt(v) / start + self.eps), [m, v]

    def decayed(self, x: Number, g: Number, lr: Number) -> tuple[Number, Number]:
        """The parameter and its gradient, with the decay of weights in one of them."""
        return (x, g + self.weight_decay * x) if self.weight_decay else (x, g)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam whose decay of weights does not pass through the averages (Loshchilov and Hutter, 2019): x first becomes
    (1 - lr weight_decay) x.

    >>> from chainrule import optim
    >>> opt = optim.AdamW(0.1, weight_decay=0.5)
    >>> opt.step([3.0], [0.0], opt.start([3.0]))[0]
    [2.8499999999999996]
    """

    weight_decay: float = 1e-2

    def decayed(self, x: Number, g: Number, lr: Number) -> tuple[Number, Number]:
        return (x * (1 - lr * self.weight_decay), g) if self.weight_decay else (x, g)
