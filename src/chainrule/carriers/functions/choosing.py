"""NumPy's functions that choose between numbers, or round them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_setting
from chainrule.numbers import primal, shape
from chainrule.signatures import in_module

UNSET = np._NoValue


def _where(condition: Any, x: Any = UNSET, y: Any = UNSET) -> Any:
    if x is UNSET and y is UNSET:
        return np.nonzero(primal(condition))
    if x is UNSET or y is UNSET:
        raise ValueError("either both or neither of x and y should be given")
    return ops.where(condition, x, y)


def _clip(a: Any, a_min: Any = UNSET, a_max: Any = UNSET, *, min: Any = UNSET, max: Any = UNSET) -> Any:
    low, high = (given if given is not UNSET else other for given, other in ((a_min, min), (a_max, max)))
    return ops.clip(a, None if low is UNSET else low, None if high is UNSET else high)


def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if not copy:
        raise no_setting("np.nan_to_num", ["copy"], " (False)")
    value = primal(x)
    return ops.where(np.isfinite(value), x, np.nan_to_num(value, nan=nan, posinf=posinf, neginf=neginf))


def _round(a: Any, decimals: int = 0) -> Any:
    return ops.rint(a) if decimals == 0 else ops.rint(a * 10.0**decimals) / 10.0**decimals


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _where, _clip, _nan_to_num, _round),
    np.imag: lambda val: np.zeros(shape(val), getattr(val, "dtype", float)),
    np.around: _round,
    np.sinc: ops.sinc,
    np.real: lambda val: val,
}
