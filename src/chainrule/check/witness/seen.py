"""Whether a witness has seen the function that it speaks of.

Most witnesses run f on something other than plain numbers: on traced numbers, on numbers of 60 digits, on symbols,
complex numbers or another library's arrays. An f that asks what it is given may go another way for these, and then all
of them agree with one another about another function. So each tells the value of f that it saw, and one whose value is
not f(x) of plain numbers, to the rounding that f's own operations can leave, is put aside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector, flat, local, quiet, short
from chainrule.check.witness.evidence import AnotherValue
from chainrule.numbers import primal
from chainrule.recording import order
from chainrule.sweeps.reverse import sweep
from chainrule.transforms.recorded import Recorded, record

ULPS = 64  # of the value itself: NumPy and the C library differ by a few, and so do two orders of summation
EACH = 8  # units of rounding for each operation of the bound
LONG = 32  # results of which each gets a bound of its own; more share the largest


def spread(subject: Subject, function: Callable[..., Any] | None = None) -> Callable[..., list[Any]]:
    """f, or another function of its arguments, as a function of its real leaves, giving the list of its results."""
    lifted = subject._lifted if function is None or function is subject.f else lift(function)

    def g(*leaves: Any) -> list[Any]:
        moved = subject.filled(iter(leaves))
        parts = [moved.get(k, part) for k, part in enumerate(subject.parts)]
        whole = map(trees.unflatten, subject.structures, parts)
        return trees.flatten(lifted(*whole))[0]

    return g


def run(subject: Subject, function: Callable[..., Any] | None = None) -> Recorded:
    """One recorded run of the subject, or of another function of its arguments, at its point."""
    copies = [np.array(x) if isinstance(x, np.ndarray) else x for x in subject.leaves]
    return record(spread(subject, function), copies, trees.flatten(tuple(copies))[1])


def seen_by(subject: Subject, values: Any) -> None:
    """Raise AnotherValue unless `values`, the results of f that a witness saw, are f(x) of plain numbers."""
    found = np.concatenate([np.ravel(np.asarray(local(primal(v)), dtype=float)) for v in values] or [np.zeros(0)])
    if not is_value(subject, found):
        raise AnotherValue(
            f"f gives it {short(found if found.size != 1 else float(found[0]))}, and "
            f"{short(subject.value if found.size != 1 else float(subject.value[0]))} for plain numbers"
        )


def is_value(subject: Subject, found: Vector) -> bool:
    """Whether `found` is f(x), to the rounding of f."""
    due = subject.value
    if found.shape != due.shape:
        return False
    eps = max(subject.eps, subject.result_eps)
    gap = np.abs(found - due)
    with np.errstate(all="ignore"):
        close = (gap <= ULPS * eps * np.abs(due)) | (found == due)
    if close.all():
        return True
    allowed = roundoff(subject, subject.f, due)
    return allowed is not None and bool(np.all(close | (gap <= allowed)))


def roundoff(subject: Subject, function: Callable[..., Any], due: Vector) -> Vector | None:
    """A bound for the rounding in each of the numbers `due` that `function` gives at the point: the sum over all
    operations of |d result / d intermediate| * |intermediate| * unit (Higham, Accuracy and Stability of Numerical
    Algorithms, 3.1). None where the function cannot be traced, or gives traced numbers another value."""
    try:
        with quiet():
            recording = run(subject, function)
            rows = [_bound(recording, y) for y in recording.results]
            bound = np.concatenate(rows) * EACH * max(subject.eps, subject.result_eps)
            values = flat([recording.plain(y) for y in recording.results])
    except Exception:  # not traceable
        return None
    if values.shape != due.shape or not np.all((np.abs(values - due) <= bound) | (values == due)):
        return None
    return np.asarray(np.nan_to_num(bound, nan=np.inf, posinf=np.inf))


def terms(subject: Subject) -> Vector | None:
    """For each result of f the size of what it is summed from, before anything cancels; None where f cannot be
    traced."""
    bound = roundoff(subject, subject.f, subject.value)
    return None if bound is None else bound / (EACH * max(subject.eps, subject.result_eps))


def _bound(recording: Recorded, y: Any) -> Vector:
    plain = np.asarray(recording.plain(y), dtype=float)
    if not recording.mine(y):
        return np.asarray(np.abs(plain).ravel())
    nodes = order(y)
    if plain.size > LONG:  # random signs stand for all of them
        signs = RandomNumbers(0).choice([-1.0, 1.0], plain.shape)
        return np.full(plain.size, _gathered(y, signs, nodes))
    rows = np.zeros(plain.size)
    for i in range(plain.size):
        unit = np.zeros(plain.size)
        unit[i] = 1.0
        rows[i] = _gathered(y, unit.reshape(plain.shape) if plain.shape else 1.0, nodes)
    return rows


def _gathered(y: Any, cotangent: Any, nodes: Any) -> float:
    return float(
        sum(
            np.sum(np.abs(np.asarray(ct, dtype=float) * np.asarray(primal(node), dtype=float)))
            for node, ct in sweep(y, cotangent, nodes)
            if ct is not None
        )
    )
