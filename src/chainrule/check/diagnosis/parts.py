"""Diagnoses of last resort, which say where: wrong only for some points, or only in some entries."""

from __future__ import annotations

import numpy as np

from chainrule.check.diagnosis.samples import Sample


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
    if not 0 < len(wrong) <= max(3, right.size // 100) or right.size < 4 * len(wrong) or len(wrong) > 5:
        return ""
    subject = samples[0].subject
    names = [subject.label(int(j)) if len(right) == 1 else f"d f[{i}] / d {subject.label(int(j))}" for i, j in wrong]
    return f"only {', '.join(names)} of {right.size} entries {'is' if len(wrong) == 1 else 'are'} wrong"
