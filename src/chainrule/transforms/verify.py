"""Comparing a custom rule with the function it belongs to, when it is registered.

The function is differenced along random directions; the rule must agree within the error bar. Points are
drawn from a fixed seed or given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import numeric, trees
from chainrule.errors import CustomRuleError, forgiven
from chainrule.numbers import Number, shape
from chainrule.signatures import needed

Slope = Callable[[tuple[Any, ...], tuple[Any, ...], list[Any]], float]
"""(arguments, direction, weights of the results) -> the slope that the rule claims."""


def verify(
    name: str, function: Callable[..., Any], claimed: Slope, at: Sequence[Any] | None, fixed: Sequence[int] = ()
) -> None:
    """Raises CustomRuleError when `claimed` disagrees with the function, or could not be compared anywhere. Arguments
    that are `fixed` do not move."""
    random = np.random.default_rng(7)
    compared = 0
    for args in _points(function, at, fixed):
        leaves, structure = trees.numbers(args)
        direction: list[Any] = [_like(random, x) for x in leaves]
        for k in fixed:
            leaves[k], direction[k] = args[k], None
        compared += _compare(name, function, claimed, leaves, structure, direction)
    if not compared:
        raise CustomRuleError.here(
            f"{name}: found no arguments to verify the rule at; pass some with at=(x, ...), or verify=False to "
            "register it unseen"
        )


def _points(function: Callable[..., Any], at: Sequence[Any] | None, fixed: Sequence[int]) -> list[tuple[Any, ...]]:
    """Arguments to compare at: the given ones, or numbers, vectors and matrices that the function accepts; whole
    numbers for those that are fixed."""
    if at is not None:
        given = at if isinstance(at, list) else [at]
        return [p if isinstance(p, tuple) else (p,) for p in given]
    count = max(len(needed(function)), 1)
    random = np.random.default_rng(20260807)
    found = []
    for size in ((), (3,), (2, 2)):
        for drawn in SPREADS:
            args = tuple(int(random.integers(4)) if k in fixed else drawn(random, size) for k in range(count))
            try:
                with forgiven():
                    y = trees.flatten(function(*args))[0]
                if y and all(np.isfinite(np.asarray(v, dtype=float)).all() for v in y):
                    found.append(args)
            except Exception:  # the function does not take such arguments: try others
                if drawn is SPREADS[0]:
                    break
    return found


def _spread(low: float, high: float, *signs: float) -> Callable[..., Any]:
    def drawn(random: np.random.Generator, size: tuple[int, ...]) -> Any:
        x = random.uniform(low, high, size) * random.choice(signs, size)
        return float(x) if size == () else x

    return drawn


# Inside most domains first; then of both signs, and small and large: a rule may be wrong on one side only.
SPREADS = (
    _spread(0.2, 1.8, 1), _spread(0.2, 1.8, 1), _spread(0.2, 1.8, -1), _spread(0.2, 1.8, -1, 1),
    _spread(0.2, 1.8, -1, 1), _spread(2, 20, 1), _spread(2, 20, -1), _spread(0.001, 0.1, -1, 1),
)  # fmt: skip


def _like(random: np.random.Generator, x: Number) -> Number:
    v = random.standard_normal(shape(x))
    return float(v) if shape(x) == () else v


def _compare(
    name: str, function: Callable[..., Any], claimed: Slope, leaves: list[Number], structure: Any, direction: list[Any]
) -> bool:
    """Whether the rule's slope along a direction could be compared; raises when it is wrong."""
    args = tuple(trees.unflatten(structure, leaves))
    results = [np.asarray(y, dtype=float) for y in trees.flatten(function(*args))[0]]
    weights = [np.cos(np.arange(y.size) + 1.0).reshape(y.shape) for y in results]

    def along(t: float) -> float:
        moved = [x if v is None else x + t * v for x, v in zip(leaves, direction, strict=True)]
        ys = trees.flatten(function(*trees.unflatten(structure, moved)))[0]
        return float(sum(np.sum(w * np.asarray(y, dtype=float)) for w, y in zip(weights, ys, strict=True)))

    reference = numeric.derivative(along, 0.0)
    if reference.reason is not None:
        return False  # a kink or noise just here; the other points decide
    slope, true, error = claimed(args, tuple(trees.unflatten(structure, direction)), weights), *_numbers(reference)
    if not abs(slope - true) <= 10 * error + 1e-9 * max(abs(slope), abs(true), 1e-300):
        raise CustomRuleError.here(
            f"{name}: the rule disagrees with the function at {_shown(args)}: along a random direction it gives "
            f"{slope:.10g},\n  the function itself {true:.10g} +- {error:.1g}. Correct the rule, or register it "
            "with verify=False if the difference is meant"
        )
    return True


def _numbers(estimate: Any) -> tuple[float, float]:
    return float(estimate.value), float(estimate.error)


def _shown(args: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{x:.4g}" if isinstance(x, float) else np.array2string(np.asarray(x), precision=4)
        for x in trees.flatten(args)[0]
    )
