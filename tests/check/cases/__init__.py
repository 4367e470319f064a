"""Planted mistakes and correct but nasty gradients: what the checker is measured on.

Half of the cases, chosen by a hash of their names, is held out: the checker's rules and limits are set by looking
at the other half only.
"""

from check.cases import (
    broken,
    containers,
    digits,
    domains,
    factors,
    foreign,
    layers,
    links,
    orders,
    places,
    projections,
    scales,
    smooth,
)
from check.cases.case import Case

MODULES = (
    factors, links, orders, digits, places, domains, layers, projections, smooth, scales, broken, containers, foreign,
)  # fmt: skip
CASES: list[Case] = [case for module in MODULES for case in module.CASES]
MISTAKES = [case for case in CASES if not case.right]
CORRECT = [case for case in CASES if case.right]

__all__ = ["CASES", "CORRECT", "MISTAKES", "Case"]
