"""Case: a function with random points and a derivative known to many digits; and the pieces cases are made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

Formula = Callable[[Any, Any], Any]
Points = Callable[[np.random.Generator], float]


@dataclass(frozen=True)
class Case:
    family: str
    name: str
    compute: Callable[[float], float]
    exact: Callable[[Any], Any] | None
    points: Points
    held: bool = False

    def sample(self, count: int, seed: int = 0) -> Iterator[float]:
        rng = np.random.default_rng([seed, *self.name.encode()])
        for _ in range(count):
            yield float(self.points(rng))

    def truth(self, x: float, order: int = 1) -> float | None:
        if self.exact is None:
            return None
        # mpmath's own steps are absolute, so points far from 1 need digits in proportion.
        with mpmath.workdps(60 + round(4 * abs(math.log10(abs(x) or 1.0)))):
            return float(mpmath.re(mpmath.diff(self.exact, mpmath.mpf(x), order)))


def uniform(low: float, high: float) -> Points:
    return lambda rng: rng.uniform(low, high)


def log_uniform(low: float, high: float) -> Points:
    return lambda rng: 10 ** rng.uniform(math.log10(low), math.log10(high))


def points_at(*values: float) -> Points:
    return lambda rng: float(rng.choice(values))


def near(centre: float, low: float, high: float) -> Points:
    """At a distance drawn over decades from a centre, on either side."""
    return lambda rng: centre + rng.choice((-1.0, 1.0)) * 10 ** rng.uniform(math.log10(low), math.log10(high))


def formula(family: str, name: str, f: Formula, points: Points, held: bool = False) -> Case:
    return Case(family, name, lambda x: f(math, x), lambda x: f(mpmath, x), points, held)


def computed(
    family: str, name: str, run: Callable[[float], float], f: Formula, points: Points, held: bool = False
) -> Case:
    return Case(family, name, run, lambda x: f(mpmath, x), points, held)


def broken(name: str, f: Callable[[float], float], points: Points, held: bool = False) -> Case:
    return Case("broken at the point", name, f, None, points, held)


def jitter(x: float, seed: int = 1) -> float:
    """A number in (-0.5, 0.5) that looks random and depends on x alone."""
    mixed = (hash(x) ^ (seed * 0x9E3779B97F4A7C15)) & (2**64 - 1)
    mixed = ((mixed ^ (mixed >> 31)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (mixed ^ (mixed >> 31)) / 2**64 - 0.5


def single(f: Callable[[np.float32], np.float32]) -> Callable[[float], float]:
    return lambda x: float(f(np.float32(x)))


def half(f: Callable[[np.float16], np.float16]) -> Callable[[float], float]:
    return lambda x: float(f(np.float16(x)))
