"""Diagnoses: always zero, a constant factor, a wrong sign, an added constant."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chainrule.check.diagnosis.samples import ENOUGH, FIT, Sample, coefficient, parts_of

ROOTS = 12  # the largest number under a root that anybody writes by mistake
CONSTANTS = {
    "pi/180": math.pi / 180, "180/pi": 180 / math.pi, "log(2)": math.log(2), "1/log(2)": 1 / math.log(2),
    "log(10)": math.log(10), "1/log(10)": 1 / math.log(10), "sqrt(2 pi)": math.sqrt(2 * math.pi),
    "1/sqrt(2 pi)": 1 / math.sqrt(2 * math.pi), "sqrt(pi)": math.sqrt(math.pi), "1/sqrt(pi)": 1 / math.sqrt(math.pi),
    "2/sqrt(pi)": 2 / math.sqrt(math.pi), "sqrt(pi)/2": math.sqrt(math.pi) / 2, "e": math.e, "1/e": 1 / math.e,
    "pi": math.pi, "1/pi": 1 / math.pi, "2 pi": 2 * math.pi, "1/(2 pi)": 0.5 / math.pi, "pi/2": math.pi / 2,
    "2/pi": 2 / math.pi,
}  # fmt: skip


def blocks(samples: list[Sample]) -> list[tuple[str, NDArray[np.bool_]]]:
    """The parts of the claim that are wrong: everything, or single arguments (entries of a dict, arrays of a list)."""
    shape = samples[0].yours.shape
    subject = samples[0].subject
    everything = [("", np.ones(shape, dtype=bool))]
    parts = parts_of(subject) if shape[1] == subject.n else []
    if len(parts) < 2:
        return everything
    wrong = []
    for name, part in parts:
        mask = np.zeros(shape, dtype=bool)
        mask[:, part] = True
        if any(not np.all(s.right[mask]) for s in samples):
            wrong.append((name, mask))
    return everything if len(wrong) == len(parts) and not _apart(samples, wrong) else wrong


def _apart(samples: list[Sample], wrong: list[tuple[str, NDArray[np.bool_]]]) -> bool:
    """Whether the arguments have factors of their own, so that no single one fits all, or none: a mistake at right
    angles to the gradient."""
    s = samples[0]
    found = [coefficient(s.yours[part], s.truth[part]) for _, part in wrong]
    if all(k is not None and abs(k - 1) < 1e-6 for k in found):
        return True
    return any(a is None or b is None or abs(a - b) > 1e-6 * abs(a) for a, b in pairwise(found))


def said(name: str, text: str) -> str:
    return f"argument {name}: {text}" if name else text


def zero(samples: list[Sample]) -> Iterator[str]:
    """The claim is 0 everywhere."""
    for name, part in blocks(samples):
        if all(np.all(s.yours[part] == 0) for s in samples) and any(np.any(s.truth[part] != 0) for s in samples):
            yield said(name, "the claim is always 0")


def known_factor(samples: list[Sample]) -> Iterator[str]:
    """claim = factor * truth, the same factor at every point: a fraction or a constant that has a name."""
    yield from (text for text in constant_factor(samples) if "." not in text.partition("exactly ")[2].split()[0])


def constant_factor(samples: list[Sample]) -> Iterator[str]:
    """claim = factor * truth, the same factor at every point."""
    for name, part in blocks(samples):
        factors: list[float] = []
        digits = 0.0
        for s in samples:
            truth, yours = s.truth[part], s.yours[part]
            k = coefficient(yours, truth)
            if k is None:
                continue
            size = float(np.max(np.abs(yours), initial=0.0))
            # A factor near 1 must fit better than it differs from 1.
            fit = max(1e-13, min(FIT, 0.02 * abs(k - 1)))
            if not np.all(np.abs(yours - k * truth) <= fit * size + s.slack) or (size and s.slack > 1e-3 * size):
                factors = []
                break
            factors.append(k)
            digits = max(digits, s.slack / size if size else 0.0)
        k = float(np.median(factors)) if len(factors) >= ENOUGH else 0.0
        close = max(1e-9, 4 * digits)
        if not k or any(abs(x - k) > max(min(1e-7, 0.02 * abs(k - 1)), 4 * digits) * abs(k) for x in factors):
            continue
        if abs(k - 1) <= max(2e-9, 4 * digits):
            continue
        yield said(name, factor_text(k, len(factors), samples[0], close))


def factor_text(k: float, count: int, sample: Sample, close: float = 1e-9, where: str = "points") -> str:
    """The factor k in words."""
    if abs(k + 1) < close:
        return f"the sign is wrong: exactly -1 times the truth at {count} {where}"
    text = f"a constant factor: exactly {nice(k, close)} of the truth at {count} {where}"
    sizes = {*sample.subject.sizes, len(sample.yours), *(d for shape in sample.subject.shapes for d in shape)}
    for size in sorted(sizes):
        if size > 1 and abs(k * size - 1) < close * size:
            return text + f" (1/N with N = {size}: a mean in place of a sum?)"
        if size > 1 and abs(k / size - 1) < close:
            return text + f" (N = {size}: a sum in place of a mean?)"
    return text


def nice(k: float, close: float = 1e-9) -> str:
    """A factor as a fraction or a known constant where it is one to nine digits.

    >>> nice(1 / 81), nice(0.017453292519943295), nice(-2.0)
    ('1/81', 'pi/180', '-2')
    """
    for name, value in CONSTANTS.items():
        if abs(abs(k) - value) < close * value:
            return name if k > 0 else f"-{name}"
    fraction = Fraction(k).limit_denominator(2000)
    simple = fraction.numerator in (1, -1) or abs(fraction.numerator) * fraction.denominator < min(20000, 0.02 / close)
    if fraction and abs(float(fraction) - k) < close * abs(k) and simple:
        return str(fraction)
    square = Fraction(k * k).limit_denominator(ROOTS)
    if square and square.numerator <= ROOTS and close < 1e-8 and abs(float(square) - k * k) < 2 * close * k * k:
        root = f"sqrt({square})" if square.numerator != 1 else f"1/sqrt({square.denominator})"
        return root if k > 0 else f"-{root}"
    return f"{k:.10g}" if close < 1e-8 else f"{k:.{max(3, int(-math.log10(close)))}g}"


def along_directions(rows: list[tuple[float, float, float]], sample: Sample) -> str:
    """The factor between claim and slope along random directions, where single entries are too many to ask."""
    if len(rows) < ENOUGH or not all(slope and 1e-5 * abs(slope) > bar for _, slope, bar in rows):
        return ""
    factors = [claim / slope for claim, slope, _ in rows]
    close = max(1e-9, *(4 * bar / abs(slope) for _, slope, bar in rows))
    k = float(np.median(factors))
    if not k or any(abs(x - k) > close * abs(k) for x in factors) or abs(k - 1) <= 2 * close:
        return ""
    return factor_text(k, len(rows), sample, close, "random directions")


def added_constant(samples: list[Sample]) -> Iterator[str]:
    """claim = truth + c, entry by entry the same c at every point."""
    if len(samples) < ENOUGH or len({s.yours.shape for s in samples}) != 1 or samples[0].kind in ("vjp", "jvp", "hvp"):
        return
    gaps = np.array([s.yours - s.truth for s in samples])
    middle = np.median(gaps, axis=0)
    size = np.array([np.max(np.abs(s.truth)) for s in samples])
    if np.max(size) < 1.001 * np.min(size):
        return
    slack = np.array([s.slack + 1e-11 * m for s, m in zip(samples, size, strict=True)])
    if not np.all(np.abs(gaps - middle).reshape(len(samples), -1).max(axis=1) <= slack + 1e-7 * np.max(np.abs(middle))):
        return
    if np.max(np.abs(middle)) <= 10 * np.max(slack):
        return
    entries = np.argwhere(np.abs(middle) > 1e-6 * np.max(np.abs(middle)))
    values = {nice(round(float(middle[tuple(e)]), 12), 1e-7) for e in entries}
    if len(values) == 1:
        labels = [samples[0].subject.label(int(e[1])) for e in entries[:4]]
        many = ", ..." if len(entries) > 4 else ""
        where = "" if len(entries) == middle.size else f" at {', '.join(labels)}{many}"
        yield f"an added constant: {next(iter(values))} too much{where} at {len(samples)} points"
