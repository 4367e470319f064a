"""Numbers and arrays in few characters: what fits into a box of a drawing or a row of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.numbers import Number, primal

BARS = "▁▂▃▄▅▆▇█"
UNMEASURED = "?"
FIRST = 4


@dataclass(frozen=True)
class Spread:
    """Many numbers in brief: the shape they have (() for numbers apart), the finite extremes, and the trouble.

    >>> Spread.of(np.array([1.0, 2.0, np.nan]))
    Spread(shape=(3,), low=1.0, high=2.0, trouble='NaN', bars='▁█!')
    """

    shape: tuple[int, ...]
    low: float
    high: float
    trouble: str = ""
    bars: str = ""

    @classmethod
    def of(cls, array: Any) -> Spread:
        numbers = np.asarray(array)
        if numbers.dtype.kind not in "biuf":
            return cls(numbers.shape, math.nan, math.nan)
        flat = np.ravel(numbers).astype(float)
        finite = flat[np.isfinite(flat)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
        trouble = "NaN" if np.isnan(flat).any() else "inf" if finite.size < flat.size else ""
        return cls(numbers.shape, low, high, trouble, _bars(flat, low, high))

    @classmethod
    def over(cls, values: Sequence[Number]) -> Spread:
        """Of several values, numbers or arrays, together."""
        numbers = [primal(v) for v in values]
        if all(type(v) is float for v in numbers):  # thousands of them: all at once
            together = cls.of(np.array(numbers))
            return cls((), together.low, together.high, together.trouble)
        parts = [v if isinstance(v, Spread) else Spread.of(v) for v in numbers]
        low = min((p.low for p in parts if p.low == p.low), default=math.nan)
        high = max((p.high for p in parts if p.high == p.high), default=math.nan)
        shapes = {p.shape for p in parts}
        trouble = max((p.trouble for p in parts), key=["", "inf", "NaN"].index, default="")
        shape = parts[0].shape if len(shapes) == 1 else ()
        return cls(shape, low, high, trouble)


def _bars(flat: Any, low: float, high: float) -> str:
    """At most eight bars, each the mean of a stretch of the numbers; `!` where one is not finite."""
    if flat.size < 2 or (low == high and np.isfinite(flat).all()):
        return ""
    means = [float(np.mean(part)) for part in np.array_split(flat, min(8, flat.size))]
    width = high - low or 1.0
    return "".join(BARS[int(7 * (m - low) / width + 0.5)] if math.isfinite(m) else "!" for m in means)


def number(x: float) -> str:
    """Four significant digits; the exact number when it is that short.

    >>> number(0.1 + 0.2), number(-8.0), number(1e-9), number(-0.0), number(float("nan"))
    ('0.3', '-8', '1e-09', '0', 'NaN')
    """
    if x != x:
        return "NaN"
    return "0" if x == 0 else f"{x:.4g}"


def brief(value: Number) -> str:
    """A number; an array by shape, minimum and maximum.

    >>> brief(2.5), brief(np.arange(12.0).reshape(3, 4)), brief(None)
    ('2.5', '(3, 4) 0 … 11', '?')
    """
    value = primal(value)
    if value is None:
        return UNMEASURED
    if not isinstance(value, Spread):
        if isinstance(value, (bool, np.bool_)):
            return str(value)
        if np.ndim(value) == 0:
            return number(float(value)) if isinstance(value, (int, float, np.generic, np.ndarray)) else str(value)[:12]
        value = Spread.of(value)
    shape = f"{value.shape} " if value.shape else ""
    if value.low != value.low:
        return f"{shape}{value.trouble or UNMEASURED}"
    ends = number(value.low) if value.low == value.high else f"{number(value.low)} … {number(value.high)}"
    return f"{shape}{ends}" + (f", {value.trouble}" if value.trouble else "")


def detail(value: Number) -> str:
    """An array's norm and first elements; "" for everything else.

    >>> detail(np.array([3.0, -4.0])), detail(np.ones(100)), detail(2.0)
    ('norm 5: 3, -4', 'norm 10: 1, 1, 1, 1, …', '')
    """
    value = primal(value)
    if value is None or isinstance(value, Spread) or np.ndim(value) == 0:
        return ""
    flat = np.ravel(np.asarray(value))
    if flat.dtype.kind not in "biuf":
        return ""
    first = ", ".join(number(float(x)) for x in flat[:FIRST])
    with np.errstate(all="ignore"):
        norm = number(float(np.linalg.norm(flat.astype(float))))
    return f"norm {norm}: {first}{', …' * (flat.size > FIRST)}"


def trouble(value: Number) -> str:
    """ "NaN" or "inf" when there is one in the value, else "".

    >>> trouble(1.0), trouble(-math.inf), trouble(np.array([1.0, np.nan]))
    ('', 'inf', 'NaN')
    """
    value = primal(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return "NaN" if value != value else "inf" if math.isinf(value) else ""
    return value.trouble if isinstance(value, Spread) else Spread.of(value).trouble


def size(value: Number) -> float:
    """The largest magnitude in a value; 0 for what has none, inf for what is not finite."""
    value = primal(value)
    if value is None:
        return 0.0
    if not isinstance(value, Spread):
        if isinstance(value, float):
            return abs(value) if value == value else math.inf
        value = Spread.of(value)
    if value.trouble:
        return math.inf
    return max(abs(value.low), abs(value.high)) if value.low == value.low else 0.0
