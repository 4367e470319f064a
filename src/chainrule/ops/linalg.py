"""Rows of the operator table: systems of equations, inverses and determinants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import ShapeError
from chainrule.libraries import zeros_like
from chainrule.numbers import Number, StandIn, ndim, primal, shape
from chainrule.ops.broadcasting import unbroadcast
from chainrule.ops.composite import Composite
from chainrule.ops.contractions import matmul
from chainrule.ops.kinds import PiecewiseConstant, Tangent
from chainrule.ops.reduce import sum
from chainrule.ops.row import TABLE, applied
from chainrule.ops.shape import as_array, behind_axis, concatenate, expand_dims, matrix_transpose, squeeze, stack


def as_stack(name: str) -> Callable[..., Number]:
    """What is `batched` of a row that computes stacks of its operands as they are."""
    return lambda args, held, **settings: applied(TABLE[name], args, settings) if all(held) else None


def _linalg(name: str) -> dict[str, Any]:
    return {"array": lambda xp: getattr(xp.linalg, name)}


def _square(name: str, a: Any) -> Number:
    """`a` as a square matrix, or a stack of them; a ShapeError where it is none."""
    a = as_array(a)
    if ndim(a) < 2 or shape(a)[-1] != shape(a)[-2]:
        raise ShapeError.here(f"{name}: expected a square matrix, got shape {shape(a)}")
    return a


def _solve_rule(y: Number, args: Any, tangents: Any) -> Number:
    (a, _), (da, db) = args, tangents
    return solve(a, db - matmul(da, y))


def _solve_batched(args: tuple[Number, ...], held: tuple[bool, ...]) -> Number | None:
    """A stack of systems; one system with many right-hand sides where the matrix is the same for all."""
    a, b = args
    square, right = ndim(a) - held[0], ndim(b) - held[1]
    if not held[0] and square == 2 and right == 1:
        return matrix_transpose(_solve(a, matrix_transpose(b)))
    columns = expand_dims(b, -1) if right == 1 else b
    found = _solve(
        behind_axis(a, max(right, 2)) if held[0] else a, behind_axis(columns, square) if held[1] else columns
    )
    return squeeze(found, -1) if right == 1 else found


_solve: Tangent = Tangent(
    "solve",
    _solve_rule,
    batched=_solve_batched,
    adjoints={1: lambda ct, a, b: unbroadcast(solve(matrix_transpose(a), ct), shape(b))},
    kernels=_linalg("solve"),
    source="differentiate A x = b:  A dx = db - dA x",
    python={"numpy": "np.linalg.solve({}, {})"},
)


def solve(a: Number, b: Number) -> Number:
    """x with a @ x = b, for a vector or a matrix b, and stacks of them. A vector is one for all matrices."""
    a, b = _square("solve", a), as_array(b)
    if ndim(b) == 1 and ndim(a) > 2:
        return squeeze(_solve(a, expand_dims(b, -1)), -1)
    return _solve(a, b)


_inv: Tangent = Tangent(
    "inv",
    lambda y, args, tangents: -matmul(matmul(y, tangents[0]), y),
    batched=as_stack("inv"),
    kernels=_linalg("inv"),
    source="differentiate A Y = I:  dY = -Y dA Y",
    python={"numpy": "np.linalg.inv({})"},
)


def inv(a: Number) -> Number:
    """The inverse matrix."""
    return _inv(_square("inv", a))


def _det_rule(y: Number, args: Any, tangents: Any) -> Number:
    """Jacobi: d det A = tr(adj(A) dA)."""
    cofactors = zeros_like(args[0]) if 0 in shape(args[0]) else _cofactors(args[0])
    return sum(sum(cofactors * tangents[0], -1), -1)


def _cofactors_numpy(a: Any) -> Any:
    """The matrix of cofactors by singular values: right for singular matrices too, where det(A) inv(A)^T
    is 0 * inf. cof(U S V) = det(U) det(V) U diag(products of the other singular values) V."""
    u, s, vt = np.linalg.svd(a)
    others = np.stack([np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(s.shape[-1])], axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return np.round(sign)[..., None, None] * np.matmul(u * others[..., None, :], vt)


def _cofactors_by_powers(a: Number) -> Number:
    """Faddeev and LeVerrier: the adjugate as a polynomial in A, so that it can be differentiated where A is
    singular."""
    eye = np.eye(shape(a)[-1])
    power: Number = eye
    for k in range(1, shape(a)[-1]):
        product = matmul(a, power)
        trace = sum(sum(product * eye, -1), -1) / -k
        power = product + (trace if ndim(trace) == 0 else expand_dims(expand_dims(trace, -1), -1)) * eye
    return (-1.0) ** (shape(a)[-1] - 1) * matrix_transpose(power)


def _cofactors_by_rule(a: Number) -> Number:
    plain: Any = primal(a)
    numeric = isinstance(plain, StandIn) or (isinstance(plain, np.ndarray) and plain.dtype != object)
    if numeric and not np.all(np.linalg.cond(plain) < 1e8):
        return _cofactors_by_powers(a)
    d = _det(a)
    return (d if ndim(d) == 0 else expand_dims(expand_dims(d, -1), -1)) * matrix_transpose(inv(a))


_cofactors = Composite("cofactors", _cofactors_by_rule, kernels={"numpy": _cofactors_numpy})

_det: Tangent = Tangent(
    "det",
    _det_rule,
    batched=as_stack("det"),
    kernels=_linalg("det"),
    source="Jacobi's formula",
    python={"numpy": "np.linalg.det({})"},
)


def det(a: Number) -> Number:
    """The determinant; its derivative is right for singular matrices too."""
    return _det(_square("det", a))


def _complex_det_rule(y: Number, args: Any, tangents: Any) -> Number:
    """With inv(A) = P + iQ: d det A = det A tr((P + iQ)(dR + i dI))."""
    (re, im), (dre, dim) = args, tangents
    n = shape(re)[-1]
    both = inv(concatenate([concatenate([re, -im], -1), concatenate([im, re], -1)], -2))
    p, q = matrix_transpose(both[..., :n, :n]), matrix_transpose(both[..., n:, :n])
    t = sum(sum(p * dre - q * dim, -1), -1), sum(sum(p * dim + q * dre, -1), -1)
    u, v = y[..., 0], y[..., 1]
    return stack([u * t[0] - v * t[1], u * t[1] + v * t[0]], -1)


def _complex_det_kernel(re: Any, im: Any) -> Any:
    y = np.asarray(np.linalg.det(re + 1j * im))
    return np.stack([y.real, y.imag], -1)


complex_det: Tangent = Tangent(
    "complex_det",
    _complex_det_rule,
    batched=as_stack("complex_det"),
    kernels={"array": lambda xp: _complex_det_kernel},
    public=False,
    kinks="not where the matrix is singular",
    source="Jacobi's formula; the operands are real and imaginary part, the result has both along its last axis",
)

_logdet: Tangent = Tangent(
    "logdet",
    lambda y, args, tangents: sum(sum(matrix_transpose(inv(args[0])) * tangents[0], -1), -1),
    batched=as_stack("logdet"),
    kernels={"array": lambda xp: lambda a: xp.linalg.slogdet(a)[1]},
    kinks="-inf for singular matrices",
    source="d log |det A| = tr(inv(A) dA)",
    python={"numpy": "np.linalg.slogdet({})[1]"},
)
_sign_det = PiecewiseConstant(
    "sign_det",
    batched=as_stack("sign_det"),
    elementwise=False,
    kernels={"array": lambda xp: lambda a: xp.linalg.slogdet(a)[0]},
    kinks="jumps where det A is 0",
    public=False,
    python={"numpy": "np.linalg.slogdet({})[0]"},
)


class SignAndLog(NamedTuple):
    """The sign of a determinant and the logarithm of its size, under NumPy's names."""

    sign: Number
    logabsdet: Number


def slogdet(a: Number) -> SignAndLog:
    """The sign of the determinant, and the logarithm of its size."""
    a = _square("slogdet", a)
    return SignAndLog(_sign_det(a), _logdet(a))


def matrix_power(a: Number, n: int) -> Number:
    """A matrix multiplied by itself n times; by its inverse for negative n.

    >>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 5)
    array([[1., 5.],
           [0., 1.]])
    """
    a = _square("matrix_power", a)
    if n == 0:
        kind = getattr(primal(a), "dtype", None)
        return a * 0 + np.eye(shape(a)[-1], dtype=kind if isinstance(kind, np.dtype) else None)
    factor = inv(a) if n < 0 else a
    result, n = None, abs(n)
    while n:
        if n & 1:
            result = factor if result is None else matmul(result, factor)
        n >>= 1
        factor = matmul(factor, factor) if n else factor
    return result


__all__ = ["det", "inv", "matrix_power", "slogdet", "solve"]
