"""Diagnoses of last resort, which say where: wrong only for some points, or only in some entries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.factors import nice
from chainrule.check.diagnosis.samples import ENOUGH, Sample, coefficient


def not_finite(samples: list[Sample]) -> str:
    """The claim is NaN or infinite somewhere."""
    bad = [s for s in samples if not np.all(np.isfinite(s.yours))]
    if not bad:
        return ""
    good = len(samples) - len(bad)
    what = "nan" if np.isnan(bad[0].yours).any() else "infinite"
    where = "everywhere" if not good else f"at {bad[0].subject.shown()}, though finite at {good} other points"
    return f"the claim is {what} {where}"


def part_of_domain(samples: list[Sample]) -> str:
    """Right at some points and wrong at others, told apart by the sign or size of one number."""
    wrong = [s for s in samples if not np.all(s.right)]
    right = [s for s in samples if np.all(s.right)]
    if len(wrong) < 2 or len(right) < 2:
        return single_entries(samples)
    for j in range(min(samples[0].subject.n, 64)):
        inside = [float(s.subject.x[j]) for s in wrong]
        outside = [float(s.subject.x[j]) for s in right]
        label = samples[0].subject.label(j)
        for below, above, sign in ((inside, outside, "<"), (outside, inside, ">")):
            if max(below) < min(above):
                edge = 0.0 if max(below) <= 0 <= min(above) else (max(below) + min(above)) / 2
                exact = "" if edge == 0 else "about "
                return f"wrong only where {label} {sign} {exact}{edge:.3g}: right at the other {len(right)} points"
    return single_entries(samples)


def single_entries(samples: list[Sample]) -> str:
    """A few wrong entries among more right ones, the same ones at every point."""
    shapes = {s.yours.shape for s in samples}
    if len(shapes) > 1 or samples[0].yours.shape[1] != samples[0].subject.n:
        return ""
    right = np.all([s.right for s in samples], axis=0)
    wrong = np.argwhere(~right)
    if not len(wrong) or len(wrong) == right.size:
        return ""
    factor = _factor(samples, ~right)
    few = len(wrong) <= max(3, right.size // 100) and right.size >= 4 * len(wrong) and len(wrong) <= 5
    if not few and not factor:
        return ""
    named, verb = _named(samples[0], ~right)
    return f"only {named} of {right.size} entries {verb} wrong" + (f": {factor}" if factor else "")


def _factor(samples: list[Sample], wrong: NDArray[np.bool_]) -> str:
    """The factor that all wrong entries have at all points, in words; "" where there is none."""
    samples = [s for s in samples if np.any(s.truth[wrong])]
    factors = [coefficient(s.yours[wrong], s.truth[wrong]) for s in samples]
    if len(samples) < ENOUGH or any(k is None for k in factors):
        return ""
    k = float(np.median([k for k in factors if k is not None]))
    if not all(s.fits(k * s.truth, wrong) for s in samples):
        return ""
    return "they are always 0" if k == 0 else "the sign is wrong" if abs(k + 1) < 1e-9 else f"{nice(k)} of the truth"


def _named(s: Sample, wrong: NDArray[np.bool_]) -> tuple[str, str]:
    """The wrong entries in words: one by one, or whole rows and columns; and how a sentence goes on."""
    of = [f"d {s.subject.label(i)}" if s.kind == "hessian" else f"d f[{i}]" for i in range(len(wrong))]
    by = [f"d {s.subject.label(j)}" for j in range(wrong.shape[1])]
    columns, rows = np.flatnonzero(wrong.all(axis=0)), np.flatnonzero(wrong.all(axis=1))
    if len(wrong) == 1:
        names = [s.subject.label(int(j)) for j in np.flatnonzero(wrong[0])]
    elif len(columns) and len(columns) * len(wrong) == wrong.sum():
        names = [f"d f / {by[j]}" for j in columns]
    elif len(rows) and len(rows) * wrong.shape[1] == wrong.sum():
        names = [f"{of[i]} (by all arguments)" for i in rows]
    else:
        names = [f"{of[i]} / {by[j]}" for i, j in np.argwhere(wrong)]
    more = ", ..." if len(names) > 5 else ""
    return ", ".join(names[:5]) + more, "is" if len(names) == 1 else "are"
