"""Kinks and jumps: between which slopes a claim lies there, which operator is to blame, and what is true beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from chainrule import numeric
from chainrule.check.judging.judgement import Finding, Judgement
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector, quiet
from chainrule.check.verdict import Reason
from chainrule.check.witness.seen import spread
from chainrule.errors import user_line
from chainrule.numbers import new_level, primal
from chainrule.numeric import Doubt
from chainrule.recording import order
from chainrule.records import record, replace
from chainrule.sweeps.reverse import sweep
from chainrule.values.located import Located, place

NEAR = 1e-9  # operands that differ by less than this, relative to their size, are a tie
SETTLED = 5  # halvings of the step during which a one-sided quotient must not move


def along(subject: Subject, j: int, row: int = 0, method: Any = "adaptive") -> numeric.Estimate:
    """The slope of output `row` along number j, by differences."""

    def g(t: float) -> float:
        vector = subject.x.copy()
        vector[j] = t
        return float(subject.outputs(vector)[row])

    return numeric.derivative(g, float(subject.x[j]), method=method)


def on_a_break(judgement: Judgement, i: int, doubt: Any, kink: str) -> Finding:
    """A number whose derivative does not exist here: say between which slopes the claim lies."""
    claimed: Any = judgement.claimed
    subject = judgement.subject
    yours = float(claimed.values[i])
    reason = Reason.of(doubt) if doubt is not None else Reason.NON_FINITE
    finding = Finding(claimed.label(i), i, yours, np.nan, np.inf, reason)
    if reason is not Reason.KINK or claimed.values.size % subject.n:
        return finding
    row, j = divmod(i, subject.n)
    found = sharpened(subject, j, row, along(subject, j, row))
    if found.left is None or found.right is None:
        return replace(finding, note="a kink here")
    low, high = sorted((found.left, found.right))
    inside = is_between(yours, low, high)
    status: Any = reason
    if not inside and np.isfinite(high - low) and doubt is Doubt.KINK:
        status = "wrong"
    elif inside and kink == "subgradient":
        status = "right"
    middle, half = (low + high) / 2, (high - low) / 2
    return replace(finding, reference=middle, bar=half, status=status, note=between(yours, found))


def sharpened(subject: Subject, j: int, row: int, found: numeric.Estimate) -> numeric.Estimate:
    """The estimate with its one-sided slopes as close quotients give them, where those settle."""
    sides = {}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        rough = getattr(found, side)
        if rough is None or not np.isfinite(rough):
            continue
        close = _one_sided(subject, j, row, sign)
        if close is not None:
            sides[side] = close
    return replace(found, left=sides.get("left", found.left), right=sides.get("right", found.right)) if sides else found


def has_corner(subject: Subject, j: int) -> bool:
    """Whether quotients on the two sides of the point settle at different slopes."""
    left, right = (_one_sided(subject, j, 0, sign) for sign in (-1.0, 1.0))
    return left is not None and right is not None and abs(left - right) > 1e-3 * max(abs(left), abs(right))


def _one_sided(subject: Subject, j: int, row: int, sign: float) -> float | None:
    """The limit of (f(x + h) - f(x)) / h for h on one side: the step at which extrapolated quotients move least."""
    size = max(abs(float(subject.x[j])), 1e-3)
    steps = sign * size * 0.5 ** np.arange(6, 30)
    try:
        base = float(subject.outputs()[row])
        quotients = []
        for h in steps:
            vector = subject.x.copy()
            vector[j] += h
            quotients.append((float(subject.outputs(vector)[row]) - base) / (vector[j] - subject.x[j]))
    except Exception:  # undefined on that side
        return None
    better = 2 * np.array(quotients[1:]) - np.array(quotients[:-1])
    moves = np.abs(np.diff(better))
    worst = np.max(
        np.lib.stride_tricks.sliding_window_view(moves, SETTLED), axis=1
    )  # rounding to steps settles briefly
    k = int(np.argmin(np.where(np.isnan(worst), np.inf, worst)))
    return float(better[k + 1]) if worst[k] <= 1e-6 * max(abs(better[k + 1]), 1e-300) else None


def is_between(yours: float, low: float, high: float) -> bool:
    slack = 1e-5 * max(abs(low), abs(high), 1e-300)
    return bool(low - slack <= yours <= high + slack)


def between(yours: float, found: numeric.Estimate) -> str:
    """Where the claim lies, in words."""
    if found.left is None or found.right is None:
        return "a kink here"
    place = "lies between" if is_between(yours, *sorted((found.left, found.right))) else "lies outside"
    return f"yours {yours:.6g} {place} left slope {found.left:.6g} and right slope {found.right:.6g}"


@record(frozen=True)
class Comparison:
    """A comparison that a function made: the difference of its two sides, the slope of that by the arguments, the
    line."""

    gap: float
    slope: Vector
    line: str


class Watched(Located):
    """A Located value that also notes which comparisons were made, which were a tie, and on which line."""

    __slots__ = ()
    ties: ClassVar[list[str]] = []
    made: ClassVar[list[tuple[Any, Any, str]]] = []

    def _compared(self, other: Any, sign: str) -> None:
        if len(Watched.made) < NOTED:
            path, number = user_line()
            Watched.made.append((self, other, f"{path}:{number}{sign}"))
        with contextlib.suppress(TypeError, ValueError):
            if np.any(_is_tie(np.asarray(primal(self), float) - np.asarray(primal(other), float), primal(self))):
                path, line = user_line()
                Watched.ties.append(f"the comparison {sign} ({path.rpartition('/')[2]}:{line})")

    def __lt__(self, other: Any) -> Any:
        self._compared(other, "<")
        return super().__lt__(other)

    def __le__(self, other: Any) -> Any:
        self._compared(other, "<=")
        return super().__le__(other)

    def __gt__(self, other: Any) -> Any:
        self._compared(other, ">")
        return super().__gt__(other)

    def __ge__(self, other: Any) -> Any:
        self._compared(other, ">=")
        return super().__ge__(other)


NOTED = 200  # comparisons of a run


def _inputs(subject: Subject) -> list[Any]:
    """The arguments of a subject as numbers whose comparisons are noted, without a line of their own."""
    level = new_level()
    inputs: list[Any] = [Watched.leaf(np.array(x) if isinstance(x, np.ndarray) else x, level) for x in subject.leaves]
    for v in inputs:
        v.where = ("", 0)
    return inputs


def comparisons(subject: Subject, function: Callable[..., Any]) -> list[Comparison]:
    """The comparisons that a function makes at the point of the subject; of arrays the entry nearest to a tie."""
    Watched.made, inputs = [], _inputs(subject)
    with quiet(), contextlib.suppress(Exception):  # what it compared before it failed counts
        spread(subject, function)(*inputs)
    found, Watched.made = Watched.made, []
    return [c for a, b, line in found if (c := _comparison(a, b, line, inputs)) is not None]


def _comparison(a: Any, b: Any, line: str, inputs: list[Any]) -> Comparison | None:
    try:
        gap = np.asarray(primal(a), dtype=float) - np.asarray(primal(b), dtype=float)
    except (TypeError, ValueError):  # not of numbers
        return None
    if not gap.size:
        return None
    nearest = np.argmin(np.where(np.isfinite(gap), np.abs(gap), np.inf))
    slope = np.zeros(sum(np.size(primal(v)) for v in inputs))
    for side, sign in ((a, 1.0), (b, -1.0)):
        if not isinstance(side, Located):
            continue
        weights = np.zeros(gap.shape)
        weights.ravel()[nearest] = sign
        shape = np.shape(primal(side))
        cotangent = weights if weights.shape == shape else np.full(shape, sign / max(1, int(np.prod(shape))))
        reached = {id(node): ct for node, ct in sweep(side, cotangent if shape else float(np.sum(weights)))}
        shares = [reached.get(id(v)) for v in inputs]
        slope += np.concatenate(
            [
                np.ravel(np.zeros(np.shape(primal(v))) if s is None else np.asarray(s, dtype=float))
                for s, v in zip(shares, inputs, strict=True)
            ]
        )
    return Comparison(float(gap.ravel()[nearest]), slope, line) if slope.any() else None


def _is_tie(gap: Any, size: Any) -> Any:
    return np.abs(gap) <= NEAR * np.abs(np.asarray(size, dtype=float))


def culprits(subject: Subject) -> list[str]:
    """The operators of the recording whose operands tie at the point, each with its source line."""
    Watched.ties, inputs = [], _inputs(subject)
    with quiet():
        try:
            results = spread(subject)(*inputs)
        except Exception:  # not traceable: the numbers still say that there is a kink
            return []
    found = []
    for node in order(*(y for y in results if isinstance(y, Located))):
        decide = getattr(node.op, "decides", None)
        if decide is None:
            continue
        operands = [np.asarray(primal(x), dtype=float) for x in node.operands]
        size = np.maximum.reduce(
            [np.broadcast_to(np.abs(x), np.broadcast_shapes(*(x.shape for x in operands))) for x in operands]
        )
        if np.any(_is_tie(decide(*operands), size)):
            found.append(f"{node.op.name} ({place(node)})" if place(node) else node.op.name)
    return list(dict.fromkeys([*found, *Watched.ties]))


def beside(subject: Subject, seed: int) -> list[tuple[float, tuple[Any, ...]]]:
    """Points a measured distance to both sides of the point, and the distance."""
    direction = RandomNumbers(seed).standard_normal(subject.n)
    size = 1e-3 * np.maximum(np.abs(subject.x), 1.0)
    return [(1e-3, subject.arguments(subject.x + s * size * direction)) for s in (1.0, -1.0)]
