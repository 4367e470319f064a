"""Points at which a row of the operator table is tested, derived from the domain the row states."""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np

from chainrule.ops.domain import Domain
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.row import Operator

# Where common functions saturate, overflow, vanish or turn.
LANDMARKS = [
    0.5, 1.0, 1.5, 2.0, 2.5, 3.0, math.pi / 2, math.pi, 2 * math.pi, 1.4616321449683622, 6.0, 18.0, 19.1, 26.5, 27.3, 30.5, 36.0,
    37.5, 40.0, 100.0, 171.0, 307.5, 354.0, 372.9, 700.0, 709.0, 709.7, 710.4, 744.0, 745.2, 800.0, 1022.5, 1074.3, 22026.0,
    1e8 + 0.25, 94906266.0, 2.0**53, 1.34e154, 1.4e154, 1.79e308,
]  # fmt: skip
MAGNITUDES = [5e-324, 1e-323, 3.3e-316, 2.2250738585072014e-308, *np.logspace(-307, 308, 22).tolist()]
NEAR = [*np.logspace(-3, 3, 20).tolist()]
COARSE = [5e-324, 7e-310, 1e-300, 3e-200, 1.1e-154, 1e-100, 2e-20, 1e-8, 0.1, 0.7, 1.0, 1.0000001, 2.0, 3.0, 7.5, 40.0, 700.0, 745.0, 3e8, 5e20, 1e100, 2e154, 1e200, 4e300, 1.7e308]  # fmt: skip


def domains(row: Operator) -> tuple[Domain, ...]:
    """One domain for each operand."""
    return (row.domain,) * row.arity if isinstance(row.domain, Domain) else tuple(row.domain)


def line(domain: Domain) -> list[float]:
    """Numbers of one domain: log-spaced magnitudes of both signs, landmarks, the ends and their neighbours."""
    sizes = [*MAGNITUDES, *NEAR, *LANDMARKS]
    found = [0.0, *sizes, *(-v for v in sizes)]
    for end in (domain.low, domain.high):
        if math.isfinite(end):
            for inward in (-math.inf, math.inf):
                found += [end, np.nextafter(end, inward).item()]
                found += [end + math.copysign(d, inward) for d in (1e-15, 3e-12, 1e-8, 1e-4, 0.01, 0.3)]
    for k in (1.0, 2.0, -1.0, math.pi / 2, 1.4616321449683622):  # where logarithms, gamma and sines vanish
        found += [k + s * d for d in (2.3e-16, 1e-12, 3e-9, 1e-5) for s in (-1, 1)]
    inside = [float(v) for v in found if domain.contains(v) and not in_a_hole(domain, v)]
    return list(dict.fromkeys(inside))


def in_a_hole(domain: Domain, x: float) -> bool:
    return (x == 0 and domain.holes.startswith("0")) or ("-1" in domain.holes and x <= 0 and x == math.floor(x))


def points(row: Operator, count: int = 90) -> list[tuple[float, ...]]:
    """Tuples of operands from the row's domains: all of one line, or a fixed random choice from the grid of
    several, with ties and near ties among them."""
    parts = domains(row)
    if len(parts) == 1:
        every = 6 if "-1" in parts[0].holes else 1  # mpmath takes its time for the gamma function
        return [(x,) for x in line(parts[0])[::every]]
    draw = random.Random(row.name)
    grid = []
    for domain in parts:
        both = [s * v for v in COARSE for s in (1, -1)]
        grid.append([v for v in both if domain.contains(v)])
    chosen = [tuple(draw.choice(axis) for axis in grid) for _ in range(count)]
    for a in (0.3, 1.0, 37.0, 700.0, 1e-300, 1e300):
        for nudge in (1.0, 1 + 2.3e-16, 1 - 1e-9, 1.01, 2.0, 40.0):
            chosen += [(a * nudge, *(a,) * (len(parts) - 1)), (a, *(a * nudge,) * (len(parts) - 1))]
            chosen += [(-a, *(-a * nudge,) * (len(parts) - 1)), (-a * nudge, *(a,) * (len(parts) - 1))]
    if "a / b" in row.kinks:  # jumps closer together than the reference's steps
        chosen = [p for p in chosen if abs(p[0]) < 1e100 * abs(p[1])]
    return list(dict.fromkeys(p for p in chosen if all(d.contains(v) for d, v in zip(parts, p, strict=True))))


def room(row: Operator, i: int, args: tuple[float, ...]) -> float:
    """The distance from operand i to the nearest end of its domain, pole or integer jump: inside it the
    function is smooth."""
    domain, x = domains(row)[i], args[i]
    gaps = [abs(x - end) for end in (domain.low, domain.high) if math.isfinite(end)]
    if "pi/2" in domain.holes:
        gaps.append(abs(math.cos(x)))
    if "-1" in domain.holes and x < 1:
        gaps.append(abs(x - round(x)))
    if x == 0 and "slope inf at 0" in row.kinks:
        return 0.0
    if "a / b" in row.kinks:  # the next jump is a part of b away, and by b a part of b / q
        gaps.append(max(abs(args[1]) / (max(abs(args[0] / args[1]), 1.0) if i else 1.0) / 1000, 5e-324))
    gaps += [abs(x - k) for k in (math.pi / 2, 1.0, 2.0, 1.4616321449683622) if x != k]
    return min([g for g in gaps if g > 0], default=math.inf)


def settings_of(row: Operator) -> list[dict[str, Any]]:
    """The settings a row is tested with."""
    return {"polygamma": [{"order": n} for n in range(3)], "sinc": [{}]}.get(row.name, [{}])


def elementwise(table: dict[str, Operator]) -> list[Elementwise]:
    return [row for row in table.values() if isinstance(row, Elementwise)]


def steps(table: dict[str, Operator]) -> list[PiecewiseConstant]:
    return [row for row in table.values() if isinstance(row, PiecewiseConstant)]


def neighbours(values: list[float]) -> list[tuple[float, float]]:
    return list(itertools.pairwise(values))
