"""Diagnoses: something else of the same shape in place of an argument's gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.entries import fits_part, leaf_slices, wrong_leaves
from chainrule.check.diagnosis.factors import said
from chainrule.check.diagnosis.samples import ENOUGH, Sample
from chainrule.check.diagnosis.slopes import SLOPES

Numbers = NDArray[np.float64]


def of_another(samples: list[Sample]) -> Iterator[str]:
    """The gradient by another argument, whose own is not exchanged for it."""
    wrong = wrong_leaves(samples)
    holds = {
        name: other
        for name, part, size in wrong
        for other, place, shape in leaf_slices(samples[0])
        if other != name and shape == size and all(fits_part(s, part, s.truth[:, place]) for s in samples)
    }
    yield from (said(a, f"it is the gradient by {b}") for a, b in holds.items() if holds.get(b) != a)


def of_value(samples: list[Sample]) -> Iterator[str]:
    """An argument itself, or the absolute value, the sign or the square of the gradient."""
    for name, part, size in wrong_leaves(samples, single=True):
        for other, place, shape in leaf_slices(samples[0]):
            if shape == size and all(fits_part(s, part, s.subject.x[place]) for s in samples):
                yield said(name, f"it is {other if other != name else 'the argument'} itself")
                return
        for words, change in _CHANGED.items():
            if all(fits_part(s, part, change(s.truth[:, part])) for s in samples):
                yield said(name, words)
                return


def of_slope(samples: list[Sample]) -> Iterator[str]:
    """For a function of one number another function of it, or of its value, in place of the derivative."""
    s = samples[0]
    if len(samples) <= ENOUGH or not s.plain or s.subject.n != 1 or all(np.all(t.right) for t in samples):
        return
    known = [(t, float(t.subject.x[0]), float(t.subject.outputs()[0])) for t in samples]
    for name, slope in SLOPES.items():
        if all(t.fits(slope(np.array([[x]]), np.array([[y]]))) for t, x, y in known):
            yield f"the derivative that is taken is {name}"
            return
    for name, slope in SLOPES.items():
        if "output" in name and all(t.fits(slope(np.array([[x]]), np.array([[x]]))) for t, x, _ in known):
            yield f"written in the output, the derivative that is taken is {name}"
            return


_CHANGED: dict[str, Callable[[Numbers], Numbers]] = {
    "the absolute value of the gradient: negative numbers have lost their sign": np.abs,
    "the sign of the gradient alone": np.sign,
    "the gradient squared": np.square,
}
