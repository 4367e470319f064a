"""Rates that change with the number of steps taken. They compute on recorded counts too, so that a step compiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from chainrule import ops
from chainrule.errors import ArgumentError
from chainrule.numbers import Number


@dataclass(frozen=True)
class Constant:
    """The same rate at every step, for where a schedule is expected.

    >>> from chainrule import optim
    >>> optim.Constant(0.1)(1000)
    0.1
    """

    lr: float

    def __call__(self, count: Number) -> Number:
        return self.lr


@dataclass(frozen=True)
class Cosine:
    """Half a period of the cosine from `lr` down to `end` in `steps` steps, then `end` (Loshchilov and Hutter, 2017).

    >>> from chainrule import optim
    >>> rate = optim.Cosine(0.1, steps=100)
    >>> [round(float(rate(count)), 3) for count in (0, 50, 100, 1000)]
    [0.1, 0.05, 0.0, 0.0]
    """

    lr: float
    steps: int
    end: float = 0.0

    def __post_init__(self) -> None:
        _refuse_steps("Cosine", "steps", self.steps)

    def __call__(self, count: Number) -> Number:
        way = ops.minimum(count / self.steps, 1.0)
        return self.end + (self.lr - self.end) * (1.0 + ops.cos(math.pi * way)) / 2.0


@dataclass(frozen=True)
class Step:
    """`lr` times `factor` once for every `every` steps taken.

    >>> from chainrule import optim
    >>> rate = optim.Step(1.0, every=10, factor=0.5)
    >>> [float(rate(count)) for count in (0, 9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        _refuse_steps("Step", "every", self.every)

    def __call__(self, count: Number) -> Number:
        return self.lr * self.factor ** ops.floor(count / self.every)


@dataclass(frozen=True)
class Warmup:
    """A straight rise to the first rate of `after` in `steps` steps, then `after`, a number or a schedule that counts
    from there.

    >>> from chainrule import optim
    >>> rate = optim.Warmup(optim.Cosine(1.0, steps=2), steps=4)
    >>> [round(float(rate(count)), 3) for count in range(7)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.0]
    """

    after: Any
    steps: int

    def __post_init__(self) -> None:
        _refuse_steps("Warmup", "steps", self.steps)

    def __call__(self, count: Number) -> Number:
        after = self.after if callable(self.after) else Constant(self.after)
        rising = after(0.0) * (count + 1.0) / self.steps
        return ops.where(count < self.steps, rising, after(ops.maximum(count - self.steps, 0.0)))


def _refuse_steps(owner: str, name: str, steps: Any) -> None:
    if isinstance(steps, bool) or not isinstance(steps, (int, float)) or steps < 1:
        raise ArgumentError.here(f"{owner}: {name} expects a number of steps, 1 or more, got {steps!r}")
