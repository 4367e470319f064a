"""Rows of the operator table: products over axes and running products, right also where elements are 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.libraries import zeros_like
from chainrule.numbers import Carrier, Number, ndim, shape
from chainrule.ops.composite import Composite
from chainrule.ops.index import getitem
from chainrule.ops.kinds import Reduction
from chainrule.ops.names import OF_A_NUMBER
from chainrule.ops.reduce import namesake
from chainrule.ops.shape import (
    Axes,
    as_array,
    concatenate,
    flip,
    normal_axes,
    raveled,
    reshape,
    transpose,
)

BLOCK = 512  # as many mantissas, all at least 1/2, may be multiplied without underflow


def _split_product(x: Any, axis: Any) -> tuple[Any, Any]:
    """Mantissa and exponent of the product over `axis` (kept), so that it may leave the range of floats."""
    if axis is None:
        axis = tuple(range(np.ndim(x)))
    rest = tuple(k for k in range(np.ndim(x)) if k not in axis)
    kept = tuple(1 if k in axis else n for k, n in enumerate(np.shape(x)))
    flat = np.transpose(x, (*rest, *axis)).reshape(*(np.shape(x)[k] for k in rest), -1)
    mantissa, exponent = np.ones(flat.shape[:-1], flat.dtype), np.zeros(flat.shape[:-1], np.int64)
    for start in range(0, flat.shape[-1], BLOCK):
        m, e = np.frexp(flat[..., start : start + BLOCK])
        mantissa, carry = np.frexp(mantissa * np.prod(m, axis=-1))
        exponent = exponent + np.sum(e, axis=-1, dtype=np.int64) + carry
    return mantissa.reshape(kept), exponent.reshape(kept)


def _join(mantissa: Any, exponent: Any) -> Any:
    return np.ldexp(mantissa, np.clip(exponent, -5000, 5000).astype(np.int32))


def _prod_numpy(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = np.asarray(x)
    with np.errstate(all="ignore"):
        y = np.prod(x, axis=axis, keepdims=True)
        size = np.abs(y)
        if y.dtype.kind == "f" and not np.all(
            (size >= np.finfo(y.dtype).tiny) & np.isfinite(size)
        ):  # left the normal range, or has a zero
            y = np.where(np.isnan(x).any(axis=axis, keepdims=True), np.nan, _join(*_split_product(x, axis)))
            y = y.astype(x.dtype)
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _others_numpy(x: Any, *, axis: Any) -> Any:
    """The product of all other elements: the whole one divided by the element, on mantissas and exponents."""
    zero = np.equal(x, 0)
    zeros = np.sum(zero, axis=axis, keepdims=True)
    nonzero = np.where(zero, 1, x)
    with np.errstate(all="ignore"):
        mantissa, exponent = _split_product(nonzero, axis)
        m, e = np.frexp(nonzero)
        others = _join(mantissa / m, exponent - e)
    if not np.isfinite(x).all():  # rare: an infinite element has no mantissa to divide by
        others = np.where(np.isfinite(x) & np.isfinite(mantissa), others, _others_by_products(x, axis=axis))
    return np.where(np.where(zero, zeros > 1, zeros > 0), 0, others).astype(x.dtype)


def _others_by_products(x: Number, *, axis: Any) -> Number:
    """The product of all other elements: of those before it, and of those after it."""
    if ndim(x) == 0:
        return 1.0 + 0 * x
    axes = tuple(range(ndim(x))) if axis is None else axis
    if len(axes) > 1:
        rest = tuple(k for k in range(ndim(x)) if k not in axes)
        moved = transpose(x, (*rest, *axes))
        flat = reshape(moved, (*(shape(x)[k] for k in rest), -1))
        others = reshape(_others_by_products(flat, axis=(len(rest),)), shape(moved))
        return transpose(others, tuple(int(k) for k in np.argsort((*rest, *axes))))
    (a,) = axes
    before = _exclusive_product(x, a)
    after = flip(_exclusive_product(flip(x, a), a), a)
    return before * after


def _exclusive_product(x: Number, axis: int) -> Number:
    lead, ones = (slice(None),) * axis, zeros_like(x) + 1
    if shape(x)[axis] <= 1:
        return ones
    before = getitem(cumprod(x, axis), (*lead, slice(0, -1)))
    return concatenate([getitem(ones, (*lead, slice(0, 1))), before], axis)


product_of_others = Composite(
    "product_of_others",
    _others_by_products,
    kernels={"numpy": _others_numpy, "float": lambda x, axis: 1.0},
)
"""For each element the product of all the others; prod(x) / x would be 0 / 0 where an element is 0."""

_prod = Reduction(
    "prod",
    lambda y, x, axis, keepdims: product_of_others(x, axis=axis),
    kernels={**namesake("prod"), "numpy": _prod_numpy},
    kinks="none; the slope by an element is the product of the others, also where it is 0",
    python=OF_A_NUMBER,
)


def prod(x: Number, axis: Axes = None, keepdims: bool = False) -> Number:
    """The product of the elements over some axes; right also where elements are 0."""
    x = as_array(x)
    return _prod(x, axis=normal_axes(axis, ndim(x)), keepdims=keepdims)


def cumprod(x: Number, axis: int | None = None) -> Number:
    """Running products along an axis; right also where elements are 0.

    Each doubling step multiplies by the product that ends d places earlier (Hillis and Steele 1986), so the
    derivative needs no division by an element.
    """
    x, axis = raveled(x, axis)
    if not isinstance(x, Carrier) and isinstance(x, np.ndarray):
        return np.cumprod(x, axis=axis)
    lead, n, step = (slice(None),) * axis, shape(x)[axis], 1
    while step < n:
        head = getitem(x, (*lead, slice(0, step)))
        tail = getitem(x, (*lead, slice(step, None))) * getitem(x, (*lead, slice(0, n - step)))
        x = concatenate([head, tail], axis)
        step *= 2
    return x


__all__ = ["cumprod", "prod"]
