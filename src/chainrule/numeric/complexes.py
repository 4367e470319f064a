"""Complexes: estimates of complex numbers from those of their real and imaginary parts.

By z = x + iy a real function has the gradient df/dx + i df/dy. A complex one has a derivative only where it is
holomorphic, f_y = i f_x (Cauchy and Riemann): both are measured, and f' is believed where they agree within their bars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, DomainError
from chainrule.numeric.estimate import SEVERITY, Doubt, Estimate
from chainrule.numeric.sampling import Line

FREELY = 64 * 2.0**-52  # how far, relative to f', its two measurements may part beside their bars


def is_complex(x: Any) -> bool:
    """Whether `x` is a complex number, or holds complex ones."""
    return isinstance(x, complex) or getattr(np.asarray(x), "dtype", np.dtype(float)).kind == "c"


def joined(real: Estimate, imaginary: Estimate) -> Estimate:
    """The estimate of u + iv from those of u and v; its bar is a radius in the plane."""
    value = np.asarray(real.value) + 1j * np.asarray(imaginary.value)
    error = np.hypot(real.error, imaginary.error)
    scalar = np.ndim(value) == 0
    return Estimate(
        complex(value) if scalar else value,
        float(error) if scalar else error,
        real.method,
        float(np.fmax(real.step, imaginary.step)),
        real.evaluations + imaginary.evaluations,
        _worse(real.reason, imaginary.reason),
        reasons=None if scalar else _worse_each(real.reasons, imaginary.reasons),
    )


def of_result(whole: Estimate) -> Estimate:
    """The estimate of a complex result, of which the first axis held the real and the imaginary parts."""
    parts = []
    for k in (0, 1):
        value, error, reasons = whole.value[k], whole.error[k], whole.reasons[k]  # type: ignore[index]
        if np.ndim(value) == 0:
            parts.append(replace(whole, value=float(value), error=float(error), reason=reasons, reasons=None))
        else:
            parts.append(replace(whole, value=value, error=error, reason=_worst(reasons), reasons=reasons))
    return replace(joined(*parts), evaluations=whole.evaluations)


def holomorphic(by_real: Estimate, by_imaginary: Estimate, order: int = 1) -> Estimate:
    """The n-th derivative f' by z from those along the two axes: by y each is i times as much as by x."""
    along, across = np.asarray(by_real.value), np.asarray(by_imaginary.value) / 1j**order
    bars = np.asarray(by_real.error) + np.asarray(by_imaginary.error)
    with np.errstate(all="ignore"):
        apart = np.abs(along - across) > 2 * bars + FREELY * np.abs(along)
    found = replace(by_real, evaluations=by_real.evaluations + by_imaginary.evaluations)
    doubts = [Doubt.NOT_HOLOMORPHIC if x else None for x in np.ravel(apart)]
    if np.ndim(along) == 0:
        reason = _worse(by_real.reason, by_imaginary.reason) or doubts[0]
        return replace(found, value=complex(along), reason=reason)
    reasons = np.array([*doubts, None], dtype=object)[:-1].reshape(along.shape)
    measured = _worse_each(by_real.reasons, by_imaginary.reasons)
    reasons = reasons if measured is None else _worse_each(measured, reasons)
    return replace(found, reason=_worst(reasons), reasons=reasons)


def along_axis(f: Callable[[Any], Any], z: Any, axis: int, limit: float | None) -> Line:
    """The line through the complex number z along the real axis, 0, or the imaginary one, 1. Both parts matter on the
    scale of |z|."""
    z = complex(z)
    if not np.isfinite(z):
        raise DomainError(f"`x` should be finite; {z!r} arrived; a derivative needs a neighbourhood")
    size = abs(z)

    def along(t: float) -> Any:
        return f(complex(z.real, t) if axis else complex(t, z.imag))

    start = z.imag if axis else z.real
    return Line(along, start, scale=max(1.0, size), span=size or 1.0, limit=limit, parts=True)


def refuse_real_settings(method: str, bounds: Any) -> None:
    """Raise ArgumentError for what has no meaning in the complex plane."""
    if method == "complex":
        raise ArgumentError("the complex step is for real arguments; a complex one arrived; leave `method` out")
    if bounds is not None:
        raise ArgumentError("`bounds` are for real arguments; a complex one arrived; leave them out")


def _worse(*doubts: Doubt | None) -> Doubt | None:
    return max((d for d in doubts if d is not None), key=SEVERITY.__getitem__, default=None)


def _worst(reasons: Any) -> Doubt | None:
    return _worse(*reasons.ravel())


def _worse_each(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return None
    pairs = [_worse(a, b) for a, b in zip(one.ravel(), other.ravel(), strict=True)]
    return np.array([*pairs, None], dtype=object)[:-1].reshape(one.shape)
