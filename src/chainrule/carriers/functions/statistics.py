"""NumPy's covariances, counts with weights, and polynomials given by their coefficients."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.products import _convolve
from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_rule, no_setting
from chainrule.errors import ShapeError, at_user_line
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.row import TABLE, applied


def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
         fweights: Any = None, aweights: Any = None) -> Any:  # fmt: skip
    if ndim(m) > 2 or (y is not None and ndim(y) > 2):
        raise ValueError("m has more than 2 dimensions")
    x = _variables(m, rowvar)
    if y is not None:
        x = ops.concatenate([x, _variables(y, rowvar or ndim(y) < 2 or shape(y)[0] == 1)], 0)
    if 0 in shape(x):
        raise ShapeError(at_user_line(f"np.cov: no observations in an array of shape {shape(m)}"))
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
        raise ShapeError(at_user_line(f"np.cov: {count} observations leave no degrees of freedom"))
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
        raise ShapeError(at_user_line(f"np.bincount: x has shape {x.shape}, weights {shape(weights)}"))
    length = max(int(minlength), len(np.bincount(x)))
    return _totals(weights, x, length) * np.float64(1.0)


def _totals(weights: Any, places: Any, length: int) -> Any:
    """The sum of the weights at each place."""
    return applied(TABLE["scatter"], (weights,), {"index": places, "shape": (length,)})


def _edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """Equal bins reach from the least to the greatest number, and move with them."""
    plain = np.histogram_bin_edges(np.asarray(primal(a)), _plain(bins), _plain(range), _plain(weights))
    if holds(bins):
        return operand(bins, "")
    if holds(range):
        raise no_setting("np.histogram", ["range"], " with a derivative")
    fixed = np.ndim(bins) == 1 or range is not None or not holds(a) or not np.size(primal(a))
    low, high = (np.min(primal(a)), np.max(primal(a))) if not fixed else (0, 1)
    if fixed:
        return plain
    if low == high:
        return ops.min(a) + (plain - low)
    part = (plain - low) / (high - low)
    return ops.min(a) * (1.0 - part) + ops.max(a) * part


def _plain(x: Any) -> Any:
    return primal(operand(x, "")) if holds(x) else x


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    if any(isinstance(primal(x), StandIn) for x in (a, weights)):
        raise no_rule("np.histogram of numbers that are recorded only")
    edges = _edges(a, bins, range, weights)
    sides, value = np.asarray(primal(edges)), np.ravel(primal(a))
    if not holds(weights) and not (density and holds(edges)):
        return np.histogram(value, sides, density=density, weights=None if weights is None else np.ravel(weights))[
            0
        ], edges
    inside = (value >= sides[0]) & (value <= sides[-1])
    bin = np.minimum(np.searchsorted(sides, value[inside], "right") - 1, len(sides) - 2)
    heights = np.ones(len(value)) if weights is None else ops.reshape(weights, (-1,))
    counts = _totals(heights[inside], bin, len(sides) - 1)
    return (counts / ops.diff(edges, 1, -1) / ops.sum(counts) if density else counts), edges


# -- polynomials ------------------------------------------------------------------------------------------------


def _combined(combine: Callable[..., Any]) -> Callable[..., Any]:
    def combined(a1: Any, a2: Any) -> Any:
        a1, a2 = (ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in (a1, a2))
        n = max(shape(a1)[0], shape(a2)[0])
        a1, a2 = (ops.pad(x, (n - shape(x)[0], 0)) if shape(x)[0] < n else x for x in (a1, a2))
        return combine(a1, a2)

    return combined


def _without_leading_zeros(p: Any) -> Any:
    p = ops.reshape(p, (1,)) if ndim(p) == 0 else p
    found = np.flatnonzero(np.asarray(primal(p)) != 0)
    return p[found[0] if len(found) else shape(p)[0] - 1 :]


def _polymul(a1: Any, a2: Any) -> Any:
    return _convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


def _polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(int(m)):
        n = shape(p)[0] - 1
        p = p[:-1] * np.arange(n, 0, -1)
    return p


def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    added = [0.0] * m if k is None else k
    added = operand(added, "") if holds(added) else np.ravel(added)
    if shape(added) == (1,) and m > 1:
        added = [added[0]] * m
    if len(added) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for step in range(int(m)):
        p = ops.concatenate([p / np.arange(shape(p)[0], 0, -1), ops.reshape(added[step], (1,))], 0)
    return p


def _poly(seq_of_zeros: Any) -> Any:
    roots = operand(seq_of_zeros, "")
    if ndim(roots) != 1:
        raise ShapeError(at_user_line("np.poly: expected the roots, a vector; that of a matrix has no rule here"))
    if not shape(roots)[0]:
        return 1.0
    one = np.ones(1)
    return functools.reduce(
        _convolve, [ops.concatenate([one, -roots[k : k + 1]], 0) for k in range(shape(roots)[0])], one
    )


def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    if ndim(x) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    powers: list[Any] = [np.ones(shape(x), x.dtype)]
    for _ in range((shape(x)[0] if N is None else N) - 1):
        powers.append(x if len(powers) == 1 else powers[-1] * x)
    if N == 0 or not shape(x)[0]:
        return np.vander(primal(x), N, increasing)
    return ops.stack(powers if increasing else powers[::-1], -1)


RULES: dict[Any, Callable[..., Any]] = {
    np.cov: _cov,
    np.corrcoef: _corrcoef,
    np.bincount: _bincount,
    np.histogram: _histogram,
    np.histogram_bin_edges: _edges,
    np.polyadd: _combined(ops.add),
    np.polysub: _combined(ops.subtract),
    np.polymul: _polymul,
    np.polyder: _polyder,
    np.polyint: _polyint,
    np.poly: _poly,
    np.vander: _vander,
}
