"""Complex step: f'(x) = Im f(x + ih) / h without any subtraction, and without trust.

For an analytic f the step may be so small that truncation vanishes (Lyness & Moler 1967; Squire & Trapp, "Using
complex variables to estimate derivatives of real functions", SIAM Review 40, 1998). Code that is not analytic
(abs, conj, max, a comparison, a cast to real) drops imaginary parts and answers 0, or part of the truth, without
any sign. So three witnesses are heard: the result must be complex, mirroring h must mirror it, and a real
difference with an error bar of its own must agree.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.numeric.adaptive import adaptive
from chainrule.numeric.cheap import cheap
from chainrule.numeric.estimate import Doubt, Estimate, refusal
from chainrule.numeric.sampling import EPS, UNDEFINED, Array, Line

STEP = 1e-20  # relative to the size of x: its square is far below rounding
NEIGHBOURS = 3


def complex_step(f: Callable[[Any], Any], x: float, h: float | None = None) -> Estimate:
    """The slope by the complex step `h` (units of x), checked against a real difference with an error bar.

    NOT_ANALYTIC where imaginary parts are lost, NOT_APPLICABLE where f raises TypeError on complex numbers.

    >>> from chainrule import numeric
    >>> numeric.complex_step(lambda z: z**3, 2.0).agrees_with(12.0)
    True
    >>> numeric.complex_step(lambda z: abs(z), 2.0).reason.name
    'NOT_ANALYTIC'
    """
    return imaginary(Line(f, x), h)


@np.errstate(all="ignore")
def imaginary(line: Line, h: float | None = None, element: int = 0, budget: str = "default") -> Estimate:
    """The complex step along a line, for one output element. The "cheap" budget leaves it to a dozen real values to
    disagree, where they suffice."""
    size = abs(line.x) if line.x else line.scale
    h = STEP * size if h is None else h
    if not np.isfinite(line.centre[element]):
        return refusal(line.undefined, "complex", line.evaluations)
    # Neighbouring arguments show the rounding of the imaginary part: the slope itself hardly changes over an ulp.
    offsets = np.concatenate([[0.0], line.grain * 2.0 ** np.arange(NEIGHBOURS)])
    count = line.evaluations + len(offsets) + 1
    try:
        slopes = [_probe(line, element, x, h) for x in (line.x + offsets).tolist()]
        mirrored = _probe(line, element, line.x, -h)
    except (TypeError, *UNDEFINED):
        return refusal(Doubt.NOT_APPLICABLE, "complex", count)
    if None in slopes or mirrored is None:
        return refusal(Doubt.NOT_ANALYTIC, "complex", count)
    values = np.array(slopes, float)
    value = float(values[0])
    error = 4.0 * float(np.max(np.abs(values - value))) + 4.0 * EPS * abs(value)
    witness = cheap(line, element) if budget == "cheap" else adaptive(line, element)
    if witness.reason is not None and budget == "cheap":
        witness = adaptive(line, element)
    count = line.evaluations + len(offsets) + 1
    if witness.reason is not None:
        return refusal(witness.reason, "complex", count, left=witness.left, right=witness.right)
    gap = abs(value - witness.value)
    if not np.isfinite(value) or abs(mirrored - value) > error or gap > witness.error + error:
        return refusal(Doubt.NOT_ANALYTIC, "complex", count)
    return Estimate(value, error, "complex", h, count)


def _probe(line: Line, element: int, x: float, h: float) -> float | None:
    """Im f(x + ih) / h; None where the result is not complex. One call of f answers for all elements."""
    if (x, h) not in line.probes:
        line.probes[x, h] = _imaginary_parts(line, x, h)
    found = line.probes[x, h]
    return None if found is None else float(found[element]) / h


def _imaginary_parts(line: Line, x: float, h: float) -> Array | None:
    """The imaginary parts of f(x + ih), or None."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        # NumPy announces some lost imaginary parts by a ComplexWarning: here that is the answer.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            result = np.asarray(line.f(complex(x, h)))
        except np.exceptions.ComplexWarning:
            return None
    if result.dtype.kind == "O":
        result = result.astype(complex)
    if result.dtype.kind != "c" or result.size != line.size:
        return None
    return np.asarray(result.ravel().imag, float)
