"""Relative errors, and a quick check of some entries of a large array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.asked import SEED
from chainrule.check.complexes.in_parts import InParts
from chainrule.check.complexes.parts import any_in, apart
from chainrule.check.judging.kinks import along
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, flat
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError, ShapeError
from chainrule.libraries import array_of
from chainrule.records import record


def rel_error(x: Any, y: Any) -> float:
    """The largest |x - y| / max(|x|, |y|) over all elements, between 0 and 2; 0 where both are 0.

    Integers are compared as floats. NaN never agrees: the error is then nan. Raises ShapeError for different
    shapes.

    >>> rel_error(3, 4), rel_error([1.0, 0.0], [1.0, 0.0])
    (0.25, 0.0)
    >>> rel_error(1j, -1j)
    2.0
    """
    a, b = (v.astype(complex if v.dtype.kind == "c" else float) for v in (array_of(x), array_of(y)))
    if a.shape != b.shape:
        raise ShapeError(f"rel_error: expected two numbers or arrays of one shape, got {a.shape} and {b.shape}")
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(all="ignore"):
        error = np.where(a == b, 0.0, np.abs(a - b) / np.where(size > 0, size, 1.0))
    return float(np.max(error, initial=0.0))


@record(frozen=True)
class SparseCheck:
    """Some entries of a gradient, compared one by one. `entries` holds (label, yours, reference, bar, ok)."""

    verdict: Verdict
    entries: tuple[tuple[str, float, float, float, bool | None], ...]
    seed: int

    def __bool__(self) -> bool:
        """Whether the verdict is CORRECT."""
        return self.verdict is Verdict.CORRECT

    def __str__(self) -> str:
        rows = [f"{self.verdict.value}: {len(self.entries)} entries drawn with seed {self.seed}"]
        words = {True: "right", False: "WRONG", None: "undecided"}
        rows += [
            f"  {label:<12} yours {yours:.10g}   reference {reference:.10g} +- {bar:.0e}   {words[ok]}"
            for label, yours, reference, bar, ok in self.entries
        ]
        return "\n".join(rows)

    __repr__ = __str__


def check_sparse(
    f: Callable[..., Any], x: Any, claimed: Any, *, count: int = 10, seed: int | None = None, rtol: float = 1e-8
) -> SparseCheck:
    """Compare `count` random entries of the gradient `claimed` of the scalar function f at `x` with differences.

    The report lists which entries were looked at. Integers count as floats: no step is ever lost in rounding.
    Raises ShapeError when `claimed` has another shape than x, ArgumentError for a function of more than one result.

    >>> import numpy as np
    >>> print(check_sparse(lambda w: np.sum(w**3), np.array([1, 0, 25]), [3, 0, 1875], count=2).verdict.value)
    CORRECT
    """
    numbers = array_of(claimed)
    if numbers.shape != np.shape(x):
        raise ShapeError(
            f"check_sparse: the gradient should have the shape of x, {np.shape(x)}; it has {numbers.shape}"
        )
    if any_in(x):
        f, x, numbers = InParts(f, "gradient", (x,)).function(), apart(x), np.stack([numbers.real, numbers.imag])
    subject, numbers = Subject(f, (x,), ["x"]), np.asarray(numbers, dtype=float)
    if flat(subject.call()).size != 1:
        raise ArgumentError("check_sparse expects a function with one result; sum it, or use check(f, df, at)")
    seed = SEED if seed is None else seed
    chosen = RandomNumbers(seed).permutation(subject.n)[:count]
    entries = []
    for j in map(int, chosen):
        found, yours = along(subject, j), float(numbers.ravel()[j])
        reference, bar = float(found.value), float(found.error)
        ok = None if found.reason is not None else bool(abs(yours - reference) <= 2 * bar + rtol * abs(reference))
        entries.append((subject.label(j), yours, reference, bar, ok))
    states = [e[4] for e in entries]
    verdict = (
        Verdict.WRONG
        if False in states
        else Verdict.UNDECIDED
        if None in states or not any(abs(e[2]) > e[3] for e in entries)
        else Verdict.CORRECT
    )
    return SparseCheck(verdict, tuple(entries), seed)
