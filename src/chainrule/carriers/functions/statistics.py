"""NumPy's covariances, counts with weights, and polynomials given by their coefficients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import chosen, settled
from chainrule.carriers.functions.places import as_array
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_setting
from chainrule.errors import ShapeError
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.row import TABLE, applied
from chainrule.signatures import in_module


def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
         fweights: Any = None, aweights: Any = None) -> Any:  # fmt: skip
    if ndim(m) > 2 or (y is not None and ndim(y) > 2):
        raise ValueError("m has more than 2 dimensions")
    x = _variables(m, rowvar)
    if y is not None:
        x = ops.concatenate([x, _variables(y, rowvar or ndim(y) < 2 or shape(y)[0] == 1)], 0)
    if 0 in shape(x):
        raise ShapeError.here(f"np.cov: no observations in an array of shape {shape(m)}")
    count = shape(x)[1]
    weights: Any = None
    if fweights is not None:
        weights = np.asarray(primal(operand(fweights, "")))
    if aweights is not None:
        other = operand(aweights, "")
        other = other if hasattr(other, "shape") else np.asarray(other, float)
        weights = other if weights is None else weights * other
    if weights is None:
        total, free = float(count), None
        off = x - ops.mean(x, 1, True)
    else:
        total = ops.sum(weights)
        off = x - ops.sum(x * weights, 1, True) / total
    ddof = (0 if bias else 1) if ddof is None else ddof
    if weights is None or ddof == 0 or aweights is None:
        free = total - ddof
    else:
        free = total - ddof * ops.sum(weights * operand(aweights, "")) / total
    if not np.all(np.asarray(primal(free)) > 0):
        raise ShapeError.here(f"np.cov: {count} observations leave no degrees of freedom")
    c = ops.matmul(off if weights is None else off * weights, ops.transpose(off.conj())) / free
    c = c * np.float64(1.0)
    return ops.squeeze(c)


def _variables(m: Any, rowvar: bool) -> Any:
    """One variable in each row."""
    x = ops.reshape(m, (1, -1)) if ndim(m) < 2 else m
    return ops.transpose(x) if not rowvar and ndim(m) == 2 else x


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    c = _cov(x, y, rowvar)
    if ndim(c) == 0:
        return c / c
    spread = ops.sqrt(ops.diagonal(c).real)
    return c / spread[:, None] / spread[None, :]


# -- counts -----------------------------------------------------------------------------------------------------


def _bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    x = np.asarray(primal(x))
    if not holds(weights):
        return np.bincount(x, weights, minlength)
    if shape(weights) != x.shape:
        raise ShapeError.here(f"np.bincount: x has shape {x.shape}, weights {shape(weights)}")
    length = max(int(minlength), len(np.bincount(x)))
    return _totals(weights, x, length) * np.float64(1.0)


def _totals(weights: Any, places: Any, length: int) -> Any:
    """The sum of the weights at each place."""
    return applied(TABLE["scatter"], (weights,), {"index": places, "shape": (length,)})


def _edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """Equal bins reach from the least to the greatest number, and move with them."""
    asked = settled if isinstance(bins, str) else chosen  # of rules for bins the numbers decide how many there are
    plain = asked(np.histogram_bin_edges, as_array(a), _plain(bins), _plain(range), _plain(weights))
    if holds(bins):
        return operand(bins, "")
    if holds(range):
        raise no_setting("np.histogram", ["range"], " with a derivative")
    if np.ndim(bins) == 1 or range is not None or not holds(a) or not math.prod(shape(a)):
        return plain
    low, high = chosen(np.min, a), chosen(np.max, a)
    if settled(lambda low, high: bool(low == high), low, high):
        return ops.min(a) + (plain - low)
    part = (plain - low) / (high - low)
    return ops.min(a) * (1.0 - part) + ops.max(a) * part


def _plain(x: Any) -> Any:
    return primal(operand(x, "")) if holds(x) else x


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    edges = _edges(a, bins, range, weights)

    def counted(values: Any, sides: Any, plain: Any) -> Any:
        return np.histogram(values[0], sides[0], density=density, weights=plain)[0]

    return _counts([a], [edges], density, weights, counted), edges


def _histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    columns = ops.transpose(sample) if ndim(sample) == 2 and not isinstance(sample, (list, tuple)) else sample
    columns = [columns] if ndim(columns) == 1 else list(columns)
    edges = _all_edges(columns, bins, range)

    def counted(values: Any, sides: Any, plain: Any) -> Any:
        return np.histogramdd(values, sides, density=density, weights=plain)[0]

    return _counts(columns, edges, density, weights, counted), edges


def _counts(columns: list[Any], edges: list[Any], density: Any, weights: Any, counted: Callable[..., Any]) -> Any:
    """How many samples are in each cell, as NumPy has `counted` them, or what their weights add up to."""
    columns = [ops.reshape(as_array(c), (-1,)) for c in columns]
    sizes = [shape(e)[0] - 1 for e in edges]
    n = len(sizes)
    if not holds(weights) and not (density and holds(edges)):
        plain = None if weights is None else np.ravel(weights)
        return chosen(lambda *numbers: counted(numbers[:n], numbers[n:], plain), *columns, *edges)
    if weights is not None and math.prod(shape(weights)) != shape(columns[0])[0]:
        raise ValueError("weights should have the same shape as a.")

    def cell(*numbers: Any) -> Any:
        """Where each sample is; one more than there are cells where it is in none."""
        each = list(zip(numbers[:n], numbers[n:], sizes, strict=True))
        inside = np.logical_and.reduce([(v >= s[0]) & (v <= s[-1]) for v, s, _ in each])
        places = [np.clip(np.searchsorted(s, v, "right") - 1, 0, size - 1) for v, s, size in each]
        return np.where(inside, np.ravel_multi_index(tuple(places), sizes), math.prod(sizes))

    heights: Any = np.ones(shape(columns[0])) if weights is None else ops.reshape(weights, (-1,))
    counts = _totals(heights, chosen(cell, *columns, *edges), math.prod(sizes) + 1)[:-1]
    counts = ops.reshape(counts, sizes)
    if density:
        total = ops.sum(counts)
        for k, e in enumerate(edges):
            counts = counts / ops.reshape(ops.diff(e, 1, -1), [-1 if j == k else 1 for j in np.arange(len(sizes))])
        counts = counts / total
    return counts


def _all_edges(columns: list[Any], bins: Any, range: Any) -> list[Any]:
    """The edges along each axis."""
    count = len(columns)
    if not hasattr(bins, "__len__"):
        bins = [bins] * count
    if len(bins) != count:
        raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    ranges = (None,) * count if range is None else range
    if len(ranges) != count:
        raise ValueError("range argument must have one entry per dimension")
    if holds(range):
        raise no_setting("np.histogramdd", ["range"], " with a derivative")
    return [_edges(operand(c, ""), b, r) for c, b, r in zip(columns, bins, ranges, strict=True)]


def _histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    if shape(x) != shape(y):
        raise ValueError("x and y must have the same length.")
    one = hasattr(bins, "__len__") and len(bins) not in (1, 2)
    counts, edges = _histogramdd([x, y], [bins, bins] if one else bins, range, density, weights)
    return counts, *edges


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _histogram2d, _histogramdd, _cov, _corrcoef, _bincount, _histogram),
    np.histogram_bin_edges: _edges,
}
