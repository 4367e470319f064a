"""Diagnoses: the function itself, its second derivative, a difference quotient, a projection with ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule import numeric
from chainrule.check.diagnosis.samples import ENOUGH, Sample, everywhere
from chainrule.check.witness.witnesses import ask

MOST = 8  # numbers by which second derivatives and quotients are tried
STEPS = sorted({*(10.0**-k for k in range(1, 9)), *(2.0**-k for k in range(3, 27))}, reverse=True)


def other_order(samples: list[Sample]) -> Iterator[str]:
    """The function itself, or second derivatives, in place of the first."""
    s = samples[0]
    if not s.plain or s.subject.n > MOST:
        return
    if s.truth.size == 1 and everywhere(samples, lambda t: t.subject.outputs()):
        yield "the claim is the function itself, not its derivative"
    elif everywhere(samples, _diagonal):
        yield f"the second derivative{'s' * (s.truth.size > 1)} in place of the first"


def _diagonal(t: Sample) -> Any:
    """The second derivative by each number; nan behind the first that the claim is not, where each takes a hundred
    function values."""
    found = ask("reverse AD", t.subject, second=True)
    if found.speaks:
        return np.diag(found.value).reshape(1, -1)  # type: ignore[arg-type]
    row = np.full((1, t.subject.n), np.nan)
    for j in range(t.subject.n):

        def along(x: float, j: int = j) -> float:
            return _ends(t, j, x - t.subject.x[j])[0]

        row[0, j] = numeric.derivative(along, float(t.subject.x[j]), order=2, vectorized=False).value
        if not abs(row[0, j] - t.yours[0, j]) <= 1e-3 * abs(t.yours[0, j]):
            break
    return row


def projected_with_ones(samples: list[Sample]) -> Iterator[str]:
    """A product that forgets the vector it is to be multiplied with."""
    s = samples[0]
    if s.jacobian is None:
        return
    if s.kind == "vjp" and everywhere(samples, lambda t: t.jacobian.sum(axis=0)):
        yield "the cotangent is not used: the claim is the product with a cotangent of ones"
    if s.kind in ("jvp", "hvp") and everywhere(samples, lambda t: t.jacobian.sum(axis=1).reshape(t.yours.shape)):
        yield "the vector is not used: the claim is the product with a vector of ones"


def difference_quotient(samples: list[Sample]) -> Iterator[str]:
    """The claim has exactly the error of a difference quotient of some usual step."""
    yield from _quotient(samples, lambda s: [*_guesses(s, (1, 2)), *STEPS])


def odd_quotient(samples: list[Sample]) -> Iterator[str]:
    """A difference quotient with a step of many digits, which only its error gives away."""
    yield from _quotient(samples, lambda s: _guesses(s, (3, 6)))


def _quotient(samples: list[Sample], steps: Callable[[Sample], list[float]]) -> Iterator[str]:
    s = samples[0]
    if len(samples) < ENOUGH or not s.plain or s.subject.n > MOST:
        return
    for h in steps(s):
        for name, a, b in (("forward", h, 0.0), ("backward", 0.0, -h), ("central", h, -h)):
            if all(_is_quotient(t, a, b) for t in samples):
                yield f"a {name} difference with step {h:.3g} in place of the derivative"
                return
        if h < 0.2 and all(_is_second(t, h) for t in samples):
            yield f"the second derivative in place of the first: a second difference with step {h:.3g}"
            return


def _guesses(s: Sample, digits: tuple[int, ...]) -> list[float]:
    """The steps that would explain the gap at one point, from the second and third derivative by the first number."""
    gap = abs(float((s.yours - s.truth).ravel()[0]))

    def g(t: float) -> float:
        return float(s.subject.outputs(np.concatenate([[t], s.subject.x[1:]]))[0])

    x = float(s.subject.x[0])
    second, third = (abs(float(numeric.derivative(g, x, order=k).value)) for k in (2, 3))
    found = [2 * gap / second if second else 0.0, math.sqrt(6 * gap / third) if third else 0.0]
    rounded = [float(f"{h:.{k}g}") for h in found if h > 1e-9 for k in digits]
    return [h for h in rounded if 1e-9 < h < 1]


def _ends(s: Sample, j: int, *offsets: float) -> list[float]:
    values = []
    for h in offsets:
        x = s.subject.x.copy()
        x[j] += h
        values.append(float(s.subject.outputs(x)[0]))
    return values


def _is_quotient(s: Sample, a: float, b: float) -> bool:
    wrong = False
    for j in range(s.subject.n):
        try:
            high, low = _ends(s, j, a, b)
        except Exception:  # undefined on that side
            return False
        yours, truth = float(s.yours[0, j]), float(s.truth[0, j])
        noise = 8 * 2.0**-52 * max(abs(high), abs(low), abs(s.subject.x[j] * yours)) / (a - b)
        if not abs(yours - (high - low) / (a - b)) <= noise + 1e-12 * abs(yours):
            return False
        wrong |= abs(yours - truth) > 4 * noise
    return wrong


def _is_second(s: Sample, h: float) -> bool:
    wrong = False
    for j in range(s.subject.n):
        try:
            high, middle, low = _ends(s, j, h, 0.0, -h)
        except Exception:  # undefined on that side
            return False
        noise = 16 * 2.0**-52 * max(abs(high), abs(low), abs(middle)) / h**2
        quotient = (high - 2 * middle + low) / h**2
        if not abs(float(s.yours[0, j]) - quotient) <= noise or noise > 0.1 * np.max(np.abs(s.yours)):
            return False
        wrong |= abs(float(s.yours[0, j] - s.truth[0, j])) > max(4 * noise, 1e-3 * abs(quotient))
    return wrong
