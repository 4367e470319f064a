"""Estimate: a derivative together with an error bar and, where there is one, the reason to doubt it."""

from __future__ import annotations

from dataclasses import field, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.records import record

Number = Any  # a float or complex, or an array of them: what `value` and `error` hold


class Doubt(Enum):
    """Why an estimate is not trusted. Each member carries its explanation as its value."""

    KINK = "the slopes from the left and from the right differ or grow without bound: no derivative here"
    JUMP = "the function jumps at this point: it has no derivative here"
    NOISY = "the function's own noise or coarse rounding hides the slope; evaluate it in higher precision"
    NON_FINITE = "the function is NaN or infinite at this point"
    OUT_OF_DOMAIN = "the function is not defined at this point (it raised, or its value is not a real number)"
    UNRESOLVED = "no window around the point was narrow enough for the function to look smooth in it"
    TOO_SLOW = "the function did not return in time at the point or beside it (a loop that does not end there?)"
    NOT_ANALYTIC = "the code drops or folds imaginary parts (abs, conj, max, a comparison, a real cast)"
    NOT_APPLICABLE = "the function cannot take the numbers this method feeds it (complex ones)"
    NOT_HOLOMORPHIC = "the function is not holomorphic: its slopes along the two axes belong to no complex derivative"

    @property
    def explanation(self) -> str:
        """The member's meaning in a sentence."""
        return str(self.value)


SEVERITY = {
    doubt: rank
    for rank, doubt in enumerate(
        (
            Doubt.NOISY,
            Doubt.UNRESOLVED,
            Doubt.TOO_SLOW,
            Doubt.NOT_APPLICABLE,
            Doubt.NOT_ANALYTIC,
            Doubt.NOT_HOLOMORPHIC,
            Doubt.KINK,
            Doubt.JUMP,
            Doubt.NON_FINITE,
            Doubt.OUT_OF_DOMAIN,
        )
    )
}


@record(frozen=True, eq=False)
class Estimate:
    """A derivative measured from function values alone.

    `value` and `error` are floats, or arrays of one shape; `error` is absolute, in the units of `value`:
    the true derivative is meant to lie within `value ± error` whenever `reason` is None. Where `value` is complex,
    `error` is real: a radius in the plane.
    `step` is the largest distance from the point that entered the value, in the units of the argument.
    `evaluations` counts function values (an array call counts each of its elements).
    `left` and `right` are one-sided slopes, None unless they say something `value` does not.
    `reasons` holds one Doubt or None per element when `value` is an array; `reason` is then the worst.

    >>> from chainrule import numeric
    >>> numeric.derivative(lambda x: x * x, 3.0).agrees_with(6.0)
    True
    """

    value: Number
    error: Number
    method: str
    step: float
    evaluations: int
    reason: Doubt | None = None
    left: float | None = None
    right: float | None = None
    reasons: NDArray[np.object_] | None = field(default=None, repr=False)

    @property
    def trusted(self) -> bool:
        """Whether there is no reason to doubt any element."""
        return self.reason is None

    @property
    def digits(self) -> Number:
        """Trusted significant decimal digits, between 0 and 16; elementwise for arrays.

        Each counts down from the larger of |value|: a value of exactly 0 with an error of 0 has all 16.
        """
        value, error = np.abs(np.asarray(self.value)), np.asarray(self.error, float)
        with np.errstate(all="ignore"):
            count = np.where(error == 0, 16.0, -np.log10(error / value))
        count = np.clip(np.nan_to_num(count, nan=0.0), 0.0, 16.0)
        return float(count) if count.ndim == 0 else count

    def agrees_with(self, number: Number) -> bool:
        """Whether `number` (or every element of an array) lies within the bar; NaN never agrees.

        Four units of float64 rounding, relative to `number`, are allowed on top of the bar.
        """
        number = np.asarray(number)
        number = number.astype(complex if number.dtype.kind == "c" else float)
        if number.shape != np.shape(self.value):
            return False
        with np.errstate(all="ignore"):
            slack = np.asarray(self.error, float) + 4 * 2.0**-52 * np.abs(number)
            near = np.abs(np.asarray(self.value) - number) <= slack
        return bool(np.all(near)) and bool(np.all(np.isfinite(self.value)))

    def __repr__(self) -> str:
        if np.ndim(self.value) == 0:
            value = complex(self.value) if isinstance(self.value, complex) else float(self.value)
            parts = [f"value={value!r}", f"error={float(self.error):.1e}"]
        else:
            parts = [f"value={self.value!r}", f"error<={np.max(self.error, initial=0.0):.1e}"]
        parts.append(f"method={self.method!r}")
        if self.reason is not None:
            parts.append(f"reason={self.reason.name}")
        parts += [
            f"{side}={slope:.6g}" for side, slope in (("left", self.left), ("right", self.right)) if slope is not None
        ]
        return f"Estimate({', '.join(parts)})"


def refusal(
    reason: Doubt,
    method: str,
    evaluations: int,
    *,
    value: float = np.nan,
    error: float = np.inf,
    step: float = np.nan,
    left: float | None = None,
    right: float | None = None,
) -> Estimate:
    """An estimate that is not trusted."""
    return Estimate(value, error, method, step, evaluations, reason, left, right)


def gather(parts: list[Estimate], shape: tuple[int, ...], evaluations: int) -> Estimate:
    """One array-valued estimate from the estimates of its elements, in C order; the worst reason speaks for all."""
    if shape == ():
        return replace(parts[0], evaluations=evaluations)
    reasons = np.array([part.reason for part in parts] + [None], dtype=object)[:-1].reshape(shape)
    doubts = [part.reason for part in parts if part.reason is not None]
    return Estimate(
        value=np.array([part.value for part in parts], float).reshape(shape),
        error=np.array([part.error for part in parts], float).reshape(shape),
        method=parts[0].method if parts else "adaptive",
        step=max((part.step for part in parts if np.isfinite(part.step)), default=np.nan),
        evaluations=evaluations,
        reason=max(doubts, key=SEVERITY.__getitem__, default=None),
        reasons=reasons,
    )
