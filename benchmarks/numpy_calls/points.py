"""Where the calls are made: the name of a call's parameter says at which of these, and the others are plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(5)
POINTS: dict[str, Any] = {
    "s": 0.63,  # a float
    "x": RNG.uniform(0.2, 0.9, 4),  # in the domain of most functions
    "v": RNG.normal(size=7),  # of both signs
    "g": 1.0 + RNG.uniform(0.2, 2.0, 5),  # greater than one
    "A": RNG.normal(size=(3, 3)) + 2 * np.eye(3),
    "R": RNG.normal(size=(3, 4)),  # wide
    "L": RNG.normal(size=(5, 3)),  # tall
    "T": RNG.normal(size=(2, 3, 4)),
    "M": RNG.normal(size=(2, 3, 3)) + 2 * np.eye(3),  # matrices in a stack
    "S": np.eye(3) + np.cov(RNG.normal(size=(3, 6))),  # symmetric and positive
    "n": np.where(np.arange(6) == 2, np.nan, RNG.normal(size=6)),  # with a missing number
    "N": np.where(np.eye(3, 4) > 0, np.nan, RNG.normal(size=(3, 4))),
    "z": RNG.normal(size=4) + 1j * RNG.normal(size=4),
    "Z": RNG.normal(size=(3, 3)) + 1j * RNG.normal(size=(3, 3)),
    "f": RNG.uniform(0.2, 0.9, 4).astype(np.float32),
    "e": np.zeros((0,)),  # empty
    "o": np.array([0.4]),  # one element
}
SYMMETRIC = frozenset("S")
"""These are moved along symmetric directions only: some functions read one triangle."""

x4, y4, y3, y7 = RNG.uniform(0.1, 0.9, 4), RNG.normal(size=4), RNG.normal(size=3), RNG.normal(size=7)
B33, B34, B43, B234 = (RNG.normal(size=n) for n in ((3, 3), (3, 4), (4, 3), (2, 3, 4)))
w4 = np.array([1.0, 2.0, 0.5, 3.0])
m4, m34 = np.array([True, False, True, True]), B34 > 0
m7 = y7 > -0.3
i4 = np.array([2, 0, 1, 2])
