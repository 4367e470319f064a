"""Reductions of complex numbers that are not linear: products, variances, lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.carriers.complexes.number import whole
from chainrule.numbers import Number, shape
from chainrule.ops.row import TABLE, applied


def prod(x: Any, *, axis: Any, keepdims: bool) -> Number:
    """The last of the running products."""
    size = shape(x)
    axes = tuple(range(len(size))) if axis is None else axis
    rest = [k for k in range(len(size)) if k not in axes]
    rows = ops.reshape(ops.transpose(x, (*rest, *axes)) if size else x, (*[size[k] for k in rest], -1))
    y = ops.cumprod(rows, -1)[..., -1] if shape(rows)[-1] else ops.sum(rows, -1) + 1.0
    return ops.reshape(y, tuple([1 if k in axes else n for k, n in enumerate(size)])) if keepdims else y


def var(x: Any, **settings: Any) -> Number:
    """The variance of a complex number is that of its parts together."""
    re, im = whole(x)
    return ops.add(applied(TABLE["var"], (re,), settings), applied(TABLE["var"], (im,), settings))


def std(x: Any, **settings: Any) -> Number:
    re, im = whole(x)
    return ops.hypot(applied(TABLE["std"], (re,), settings), applied(TABLE["std"], (im,), settings))


def norm(x: Any, **settings: Any) -> Number:
    re, im = whole(x)
    return ops.hypot(applied(TABLE["norm"], (re,), settings), applied(TABLE["norm"], (im,), settings))


RULES: dict[str, Callable[..., Any]] = {"prod": prod, "var": var, "std": std, "norm": norm}
