"""Diagnoses of backward passes: what distinguishes the entries that are wrong, and whose numbers they are instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.factors import nice, said
from chainrule.check.diagnosis.samples import ENOUGH, Sample, coefficient
from chainrule.check.witness.witnesses import ask

MOST = 2000  # numbers up to which the true gradient is computed again, with an argument changed


def leaf_slices(s: Sample) -> list[tuple[str, slice, tuple[int, ...]]]:
    """For each number or array of the arguments its name, its range among all numbers, and its shape."""
    found, start = [], 0
    for size, shape in zip(s.subject.sizes, s.subject.shapes, strict=True):
        name = s.subject.label(start).rpartition("[")[0] if shape else s.subject.label(start)
        found.append((name, slice(start, start + size), shape))
        start += size
    return found


def wrong_leaves(samples: list[Sample], *, single: bool = False) -> list[tuple[str, slice, tuple[int, ...]]]:
    """The arrays, and with `single` the numbers, of which something is wrong."""
    if len(samples) < ENOUGH or not all(s.plain for s in samples):
        return []
    leaves = [leaf for leaf in leaf_slices(samples[0]) if leaf[2] or single]
    return [leaf for leaf in leaves if any(not np.all(s.right[:, leaf[1]]) for s in samples)]


def fits_part(s: Sample, part: slice, predicted: NDArray[np.float64]) -> bool:
    mask = np.zeros(s.yours.shape, dtype=bool)
    mask[:, part] = True
    whole = s.truth.copy()
    whole[:, part] = predicted.ravel()
    return s.fits(whole, mask)


def regularised(samples: list[Sample]) -> Iterator[str]:
    """claim = truth + k x, at all numbers of an argument or at the same few: a penalty's gradient is added that the
    function has not, or is missing."""
    for name, part, _ in wrong_leaves(samples):
        wrong = np.flatnonzero(np.any([~s.right[0, part] for s in samples], axis=0))
        few = 0 < len(wrong) <= (part.stop - part.start) // 2
        at = wrong + part.start if few else np.arange(part.start, part.stop)
        factors = [coefficient((s.yours - s.truth)[:, at], s.subject.x[at]) for s in samples]
        k = float(np.median([f for f in factors if f is not None])) if all(f is not None for f in factors) else 0.0
        if k and all(fits_part(s, part, _with_penalty(s, part, at, k)) for s in samples):
            named = ", ".join(samples[0].subject.label(int(j)) for j in at[:4]) if few else name
            much = f"{nice(abs(k), 1e-7)} times {named} too {'much' if k > 0 else 'little'}"
            meant = f"is {named if few else 'it'} regularised in the gradient and not in the function?"
            yield said(name, f"{much}: {meant if k > 0 else 'is a penalty missing in the gradient?'}")


def _with_penalty(s: Sample, part: slice, at: NDArray[np.intp], k: float) -> NDArray[np.float64]:
    predicted: NDArray[np.float64] = s.truth[0].copy()
    predicted[at] += k * s.subject.x[at]
    return predicted[part]


def rearranged(samples: list[Sample]) -> Iterator[str]:
    """The true gradient if another argument were turned round, transposed or left out."""
    if len(samples) < ENOUGH or samples[0].subject.n > MOST:
        return
    leaves = leaf_slices(samples[0])
    for name, part, _ in wrong_leaves(samples):
        for other, place, shape in leaves:
            for how, change in _changes(shape):
                text = f"it is computed with {other} {how}"
                if place != part and all(_with(s, part, place, shape, change) for s in samples[:ENOUGH]):
                    yield said(name, text)
                    return


def _changes(shape: tuple[int, ...]) -> Iterator[tuple[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]]]:
    if len(shape) >= 2 and max(shape[-2:]) > 1:
        yield "not turned round (or turned once too often)", lambda w: w[..., ::-1, ::-1]
    if len(shape) >= 2 and shape[-1] == shape[-2] > 1:
        yield "transposed (or not, where it should be)", lambda w: np.swapaxes(w, -1, -2)
    if shape and shape[0] > 2:
        yield "shifted by one (an index that is one too small)", lambda w: np.concatenate([w[:1] * 0, w[:-1]])
        yield "shifted by one (an index that is one too large)", lambda w: np.concatenate([w[1:], w[:1] * 0])
    if len(shape) == 1 and shape[0] > 1:
        yield "reversed (or not, where it should be)", lambda w: w[::-1]


def _with(s: Sample, part: slice, place: slice, shape: tuple[int, ...], change: Any) -> bool:
    """Whether the claim is the true gradient at the point with one argument changed."""
    x = s.subject.x.copy()
    x[place] = change(x[place].reshape(shape)).ravel()
    if np.array_equal(x, s.subject.x):
        return False
    at = next(k for k, (_, whole) in enumerate(s.subject.slices()) if whole.start <= part.start < whole.stop)
    start = s.subject.slices()[at][1].start
    wanted = [s.subject.argnums[at]]
    moved = type(s.subject)(s.subject.f, s.subject.arguments(x), s.subject.names, wanted)
    for witness in ("differences",) if moved.library else ("reverse AD", "differences"):
        found = ask(witness, moved, quick=True)
        if found.speaks:
            break
    if found.value is None:
        return False
    slack = s.slack if found.bar is None else s.slack + 4 * float(np.max(found.bar))
    value, yours = found.value.ravel()[part.start - start : part.stop - start], s.yours.ravel()[part]
    size = float(np.max(np.abs(yours), initial=0.0))
    differs = np.max(np.abs(value - s.truth.ravel()[part])) > 1e-6 * size + slack
    return bool(np.all(np.abs(value - yours) <= 1e-8 * size + slack) and differs and slack < 1e-6 * size)


def with_sign_turned(samples: list[Sample]) -> Iterator[str]:
    """The true gradient if the sign of another argument, also of one that is held, were turned: y + p for y - p."""
    s = samples[0]
    if len(samples) < ENOUGH or s.subject.n > MOST or s.subject.library or not all(t.plain for t in samples):
        return
    for k, name in reversed(list(enumerate(s.subject.names))):  # labels stand behind data
        if len(s.subject.args) > 1 and all(_turned(t, k) for t in samples[:ENOUGH]):
            yield f"it is computed with the sign of {name} turned"
            return


def _turned(s: Sample, k: int) -> bool:
    """Whether the claim is the true gradient at the point with the sign of argument number k turned."""
    x = s.subject.args[k]
    if not isinstance(x, (float, np.ndarray)) or (isinstance(x, np.ndarray) and x.dtype.kind not in "fi"):
        return False
    args = tuple(-a if i == k else a for i, a in enumerate(s.subject.args))
    found = ask("reverse AD", type(s.subject)(s.subject.f, args, s.subject.names, s.subject.argnums))
    if not found.speaks or found.value is None or found.value.shape != s.yours.shape:
        return False
    return s.fits(found.value) and not s.fits(s.truth)


def masked(samples: list[Sample]) -> Iterator[str]:
    """The claim is right but for which entries are let through: those where the truth is 0, or not 0."""
    for name, part, _ in wrong_leaves(samples):
        opened = closed = passed = False
        shut: list[NDArray[np.intp]] = []
        for s in samples:
            yours, truth = s.yours[0, part], s.truth[0, part]
            wrong = ~s.right[0, part]
            opened |= bool(np.any(wrong & (truth == 0)))
            closed |= bool(np.any(wrong & (yours == 0)))
            passed |= bool(np.any(~wrong & (truth != 0)))
            shut.append(np.flatnonzero(wrong & (yours == 0)))
            if np.any(wrong & (truth != 0) & (yours != 0)):
                return
        if closed and not opened and not _by_value(samples, part):
            everywhere = np.unique(np.concatenate(shut))
            labels = [samples[0].subject.label(part.start + int(j)) for j in everywhere[:4]]
            if all(not np.any(s.yours[0, part][everywhere]) for s in samples):
                yield said(
                    name, f"0 at {', '.join(labels)}{', ...' if len(everywhere) > 4 else ''}, where it must not be"
                )
        elif opened or (closed and any(not np.all(s.truth[0, part]) for s in samples)):
            what = {
                (True, True): "the mask is another: entries pass where the derivative is 0, and are 0 where it is not"
                if passed
                else "the mask is inverted: entries pass where the derivative is 0, and only there",
                (True, False): "the mask is missing or too wide: entries pass where the derivative is 0",
                (False, True): "the mask is too narrow: entries are 0 where the derivative is not",
            }[opened, closed]
            yield said(name, what)


def _by_value(samples: list[Sample], part: slice) -> bool:
    """Whether the entries that are 0 by mistake are told from those that pass by the size of the argument there."""
    right = [s.right[0, part] for s in samples]
    shut = np.concatenate([s.subject.x[part][~r] for s, r in zip(samples, right, strict=True)])
    passes = [r & (s.truth[0, part] != 0) for s, r in zip(samples, right, strict=True)]
    passed = np.concatenate([s.subject.x[part][p] for s, p in zip(samples, passes, strict=True)])
    return bool(shut.size and passed.size and (shut.max() < passed.min() or passed.max() < shut.min()))


def one_slice(samples: list[Sample]) -> Iterator[str]:
    """The wrong entries of an array are one row, column or slice of it, at every point."""
    for name, part, shape in wrong_leaves(samples):
        if len(shape) < 2 or max(shape) < 3:
            continue
        wrong = [~s.right[0, part].reshape(shape) for s in samples]
        together = np.logical_or.reduce(wrong)
        for axis, n in enumerate(shape):
            rest = tuple(a for a in range(len(shape)) if a != axis)
            where = np.flatnonzero(together.any(axis=rest)) if rest else np.flatnonzero(together)
            whole = len(where) == 1 and np.take(together, where[0], axis).all()
            if n > 2 and whole and all(w.any() for w in wrong):
                index = ", ".join(str(where[0]) if a == axis else ":" for a in range(len(shape)))
                yield said(name, f"only {name}[{index}] is wrong, the rest is right")
                break
