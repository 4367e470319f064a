"""Diagnoses: single or half precision, numbers cut to integers, an argument cut to an integer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.samples import ENOUGH, Sample
from chainrule.check.subject import Subject
from chainrule.check.witness.witnesses import ask

TYPES = (
    (np.float16, 11, "float16 arithmetic: every number has the 11 bits of half precision"),
    (np.float32, 24, "float32 arithmetic: every number has the 24 bits of single precision"),
)


def rounded(samples: list[Sample]) -> Iterator[str]:
    """Numbers cut to integers, or to the bits of a smaller type."""
    if len(samples) < ENOUGH:
        return
    yours = np.concatenate([s.yours.ravel() for s in samples])
    truth = np.concatenate([s.truth.ravel() for s in samples])
    cut_off = np.unique(np.round(truth[truth != np.round(truth)], 9))
    if np.all(yours == np.round(yours)) and len(cut_off) >= ENOUGH:  # fewer may be the slopes of pieces
        for name, cut in (("cut to integers", np.trunc), ("rounded down", np.floor), ("rounded to integers", np.round)):
            if np.all((cut(truth) == yours) | (np.abs(truth - yours) < 1e-9)):
                name = "rounded down" if np.all(truth > 0) else name
                yield f"the numbers are {name}: integer arithmetic where real numbers are due"
                return
    with np.errstate(all="ignore"):
        gap = np.abs(yours - truth) / np.maximum(np.abs(truth), 1e-300)
        for kind, bits, text in TYPES:
            smaller = yours == yours.astype(kind)
            own = np.mean(truth == truth.astype(kind))
            if np.all(smaller) and np.max(gap) < 256 * 2.0**-bits and own < 0.5 and np.max(gap) > 2.0 ** -(bits + 4):
                yield text
                return


def of_truncated_argument(samples: list[Sample]) -> Iterator[str]:
    """The derivative at the integer part of the argument."""
    if len(samples) < ENOUGH or not samples[0].plain or samples[0].subject.n > 16:
        return
    predicted = []
    for s in samples:
        subject = Subject(s.subject.f, s.subject.arguments(np.trunc(s.subject.x)), s.subject.names, s.subject.argnums)
        found = ask("reverse AD", subject)
        if not found.speaks or found.value is None or found.value.shape != s.yours.shape:
            return
        predicted.append(found.value)
    if all(s.fits(p) for s, p in zip(samples, predicted, strict=True)) and any(not s.fits(s.truth) for s in samples):
        if any(np.any(np.trunc(s.subject.x)) for s in samples):
            yield "the argument is cut to an integer before the derivative is computed"
        else:
            yield "it is the derivative at 0, wherever it is asked for: the argument does not enter as it should"
