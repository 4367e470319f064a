"""Smooth functions drawn at random, at points where difference formulas fail: roots, tiny, huge and ordinary ones.

A function is drawn as the text of a formula over a library `m`: `math` computes it in floats, jets of
mpmath numbers the truth.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .jet import Functions, derivatives

KINDS = ("ordinary", "root", "tiny", "huge")
OUTER = (
    "m.sin({})", "m.cos({})", "m.exp(-0.3 * {})", "m.tanh({})", "m.atan({})", "m.sqrt(1.0 + ({}) ** 2)", "({}) ** 2",
    "m.log(1.0 + ({}) ** 2)", "1.0 / (1.0 + ({}) ** 2)", "({}) ** 3", "m.sin({}) ** 2", "m.exp(-(({}) ** 2))",
)  # fmt: skip
PAIRS = ("({} + {})", "({} - {})", "({}) * ({})", "({}) / (2.0 + ({}) ** 2)")
EXPANDED = ("x * x - 1.0", "x**3 - 8.0", "x**3 - 3.0 * x + 2.0", "x * x - 2.0 * x + 1.0", "x**4 - 1.0", "1.0 - 1.0 / x")


@dataclass(frozen=True)
class Drawn:
    """A function, the point it is asked at, and what kind of point that is."""

    text: str
    x: float
    kind: str

    @property
    def compute(self) -> Callable[[float], float]:
        return _over(self.text, math)

    def truths(self) -> list[float]:
        """The value and the first four derivatives, with hundreds of digits rounded once."""
        return derivatives(_over(self.text, Functions), self.x)


def drawn(count: int, seed: int) -> Iterator[Drawn]:
    """`count` functions with their points, each kind of point in turn."""
    source = random.Random(seed)
    made = 0
    while made < count:
        case = _draw(source, KINDS[made % len(KINDS)])
        try:
            value = case.compute(case.x)
        except (ArithmeticError, ValueError):
            continue
        if math.isfinite(value) and not (case.kind == "huge" and _is_hidden(case, value)):
            made += 1
            yield case


def _is_hidden(case: Drawn, value: float) -> bool:
    """Whether the floats are another function: x + 0.1 - x is 0 at 1e20, and x * x - cos(x) has no wave at 1e9."""
    truths, x = case.truths(), abs(case.x)
    fourth = abs(truths[4])
    if abs(value - truths[0]) > 1e-2 * abs(truths[0]):
        return True
    return fourth < 1e3 * 2.0**-52 * abs(value) and fourth > 1e6 * abs(value) / x / x / x / x


def _draw(source: random.Random, kind: str) -> Drawn:
    text = _formula(source, source.choice((1, 1, 2, 2, 3)))
    sign = source.choice((1.0, -1.0))
    if kind == "tiny":
        return Drawn(text, sign * 10 ** source.uniform(-300, -10), kind)
    if kind == "huge":
        # A wave at 1e20 moves by many periods from one float to the next.
        waves = "sin" in text or "cos" in text
        return Drawn(text, sign * 10 ** source.uniform(2, 8 if waves else 100), kind)
    x = sign * 10 ** source.uniform(-2, 1)
    if kind == "ordinary":
        return Drawn(text, x, kind)
    if source.random() < 0.3:
        text = source.choice(EXPANDED)
        root = 2.0 if "8.0" in text else 1.0
        return Drawn(text, root, kind)
    if source.random() < 0.5:  # a round number, at which steps and values may happen to be exact
        x = float(round(4 * x)) / 4
    try:
        return Drawn(f"{text} - {_over(text, math)(x)!r}", x, kind)
    except (ArithmeticError, ValueError):
        return Drawn(text, x, kind)


def _formula(source: random.Random, depth: int) -> str:
    if depth == 0:
        return source.choice(
            ("x", "x", f"({_constant(source)} * x)", f"(x - {_constant(source)})", f"(x + {_constant(source)})")
        )
    if source.random() < 0.3:
        return source.choice(PAIRS).format(_formula(source, depth - 1), _formula(source, depth - 1))
    return source.choice(OUTER).format(_formula(source, depth - 1))


def _constant(source: random.Random) -> str:
    return repr(source.choice((0.5, 2.0, 1.0, 3.0, 0.1, round(source.uniform(0.1, 5.0), 3))))


def _over(text: str, m: Any) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = eval(f"lambda x: {text}", {"m": m})
    return made
