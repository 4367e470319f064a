"""NumPy's polynomials given by their coefficients."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import kind_of, settled
from chainrule.carriers.functions.products import _convolve
from chainrule.carriers.gate import FUNCTIONS, holds, operand
from chainrule.errors import ShapeError
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.factors import as_numbers_of
from chainrule.signatures import in_module


def _polyval(p: Any, x: Any) -> Any:
    if shape(p)[:1] == (0,):
        return np.zeros_like(primal(x))
    y: Any = x * 0.0
    for c in p:
        y = y * x + c
    return y


def _combined(combine: Callable[..., Any]) -> Callable[..., Any]:
    def combined(a1: Any, a2: Any) -> Any:
        a1, a2 = (ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in (a1, a2))
        n = max(shape(a1)[0], shape(a2)[0])
        a1, a2 = (ops.pad(x, (n - shape(x)[0], 0)) if shape(x)[0] < n else x for x in (a1, a2))
        return combine(a1, a2)

    return combined


def _without_leading_zeros(p: Any) -> Any:
    p = ops.reshape(p, (1,)) if ndim(p) == 0 else p
    found = settled(np.flatnonzero, p)
    return p[found[0] if len(found) else shape(p)[0] - 1 :]


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
    added = ops.reshape(operand(added, ""), (-1,)) if holds(added) else np.ravel(added)
    if shape(added) == (1,) and m > 1:
        added = [added[0]] * m
    if len(added) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for step in range(int(m)):
        p = ops.concatenate([p / np.arange(shape(p)[0], 0, -1), ops.reshape(added[step], (1,))], 0)
    return p


def _poly(seq_of_zeros: Any) -> Any:
    roots = operand(seq_of_zeros, "")
    if ndim(roots) == 2 and shape(roots)[0] == shape(roots)[1] != 0:
        return _characteristic(roots)
    if ndim(roots) != 1:
        raise ShapeError.here(f"np.poly: expected roots or a square matrix, got shape {shape(roots)}")
    if not shape(roots)[0]:
        return 1.0
    one = np.ones(1, getattr(roots, "dtype", float))
    return functools.reduce(
        _convolve, [ops.concatenate([one, -roots[k : k + 1]], 0) for k in range(shape(roots)[0])], one
    )


def _characteristic(a: Any) -> Any:
    """The characteristic polynomial of a matrix by Faddeev and LeVerrier's recurrence (Householder, The Theory of
    Matrices in Numerical Analysis, 1964, 6.7): smooth where eigenvalues coincide, as they themselves are not."""
    n = shape(a)[0]
    step, found = np.eye(n), [np.ones(1)]
    for k in range(1, n + 1):
        product = ops.matmul(a, step)
        c = ops.trace(product) / -float(k)
        found.append(ops.reshape(c, (1,)))
        step = product + c * np.eye(n)
    return ops.concatenate(found, 0)


def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    if ndim(x) != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    powers: list[Any] = [as_numbers_of(np.ones(shape(x)), x)]
    for _ in range((shape(x)[0] if N is None else N) - 1):
        powers.append(x if len(powers) == 1 else powers[-1] * x)
    if N == 0 or not shape(x)[0]:
        return np.vander(primal(x), N, increasing)
    return ops.stack(powers if increasing else powers[::-1], -1)


def _polydiv(u: Any, v: Any) -> Any:
    """Long division, one coefficient of the quotient after the other."""
    u, v = (ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in (u, v))
    if ndim(u) != 1 or ndim(v) != 1 or not shape(u)[0] or not shape(v)[0]:
        raise ShapeError.here(f"np.polydiv: expected coefficients, got shapes {shape(u)} and {shape(v)}")
    m, n = shape(u)[0] - 1, shape(v)[0] - 1
    quotient, rest = [], u
    for k in range(m - n + 1):
        factor = rest[k] / v[0]
        quotient.append(factor)
        rest = ops.concatenate([rest[:k], rest[k : k + n + 1] - factor * v, rest[k + n + 1 :]], 0)
    first = 0
    small = settled(lambda value: [np.allclose(c, 0, rtol=1e-14) for c in value], rest)
    while first < m and small[first]:
        first += 1
    q = ops.stack(quotient, 0) if quotient else np.zeros(1, kind_of(rest))
    return q, rest[first:]


def _roots(p: Any) -> Any:
    """The eigenvalues of the companion matrix, as NumPy computes them."""
    p = ops.reshape(p, (1,)) if ndim(p) == 0 else p
    if ndim(p) != 1:
        raise ValueError("Input must be a rank-1 array.")
    found = settled(np.flatnonzero, p)
    if not len(found):
        return np.zeros(0)
    behind = shape(p)[0] - found[-1] - 1
    p = p[found[0] : found[-1] + 1]
    size = shape(p)[0] - 1
    if not size:
        return np.zeros(behind)
    below = np.eye(size, k=-1, dtype=kind_of(p))
    top = ops.reshape(-p[1:] / p[0], (1, size))
    companion = ops.concatenate([top, below[1:]], 0) if size > 1 else top
    roots = FUNCTIONS[np.linalg.eigvals](companion)
    return ops.concatenate([roots, np.zeros(behind)], 0) if behind else roots


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _polyder, _polyint, _poly, _vander, _polyval, _polydiv, _roots),
    np.polymul: lambda a1, a2: _convolve(_without_leading_zeros(a1), _without_leading_zeros(a2)),
    np.polyadd: _combined(ops.add),
    np.polysub: _combined(ops.subtract),
}
