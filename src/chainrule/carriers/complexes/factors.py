"""Factors of complex matrices, and eigenvalues of any: rows whose operands are the real and the imaginary part of the
matrix, and whose result has both along its last axis.

Vectors are defined up to a factor of size 1. Those of `eig` are LAPACK's, of length 1 with a real largest element;
those of `eigh` and `svd` turn as little as they can, so only what does not depend on their phase is meant by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment import in_place
from chainrule.carriers.complexes.elementary import conj
from chainrule.carriers.complexes.number import Complex, of_parts, whole
from chainrule.errors import DomainError
from chainrule.numbers import Number, StandIn, primal, shape
from chainrule.ops.kinds import Tangent
from chainrule.ops.last_factors import part
from chainrule.ops.row import applied


def adjoint(a: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return ops.matrix_transpose(conj(a))


def _kernel(factor: Callable[..., Any]) -> dict[str, Any]:
    def compute(re: Any, im: Any, **settings: Any) -> Any:
        y = np.asarray(factor(re + 1j * im, **settings))
        return np.stack([y.real, y.imag], -1)

    return {"array": lambda xp: compute}


def _row(name: str, factor: Callable[..., Any], rule: Callable[..., Any], source: str) -> Tangent:
    """`rule(y, a, da, **settings)` is the tangent of the complex factor y of a."""

    def tangent(y: Number, args: Any, tangents: Any, **settings: Any) -> Number:
        re, im = whole(rule(_joined(y), Complex(*args), Complex(*tangents), **settings))
        return ops.stack([in_place.now(re), in_place.now(im)], -1)

    return Tangent(name, tangent, kernels=_kernel(factor), public=False, source=source)


def _joined(y: Any) -> Any:
    return of_parts(y[..., 0], y[..., 1])


def factor(row: Tangent, a: Any, **settings: Any) -> Any:
    """A complex factor of a matrix of any numbers."""
    return _joined(applied(row, whole(a), settings))


def _gaps(name: str, w: Any) -> Any:
    """1 / (w_j - w_i) in row i and column j, 0 on the diagonal. Raises DomainError where two agree up to rounding."""
    n = shape(w)[-1]
    eye = np.eye(n)
    apart = w[..., None, :] - w[..., :, None]
    plain = primal(w) if not isinstance(primal(w.real), StandIn) else None
    if plain is not None and n > 1:
        between = np.abs(plain[..., None, :] - plain[..., :, None]) + np.where(eye, np.inf, 0.0)
        if np.any(np.min(between, -1) <= 4 * n * np.finfo(plain.dtype).eps * np.max(np.abs(plain), -1, keepdims=True)):
            raise DomainError.here(
                f"{name}: two values agree up to rounding, {plain}, so their vectors have no derivative"
            )
    return (1 - eye) / (apart + eye)


# -- any square matrix: A V = V diag(w) --------------------------------------------------------------------------------


def _eig(k: int) -> Callable[..., Any]:
    def compute(a: Any, real: bool) -> Any:
        return part("eig", np.linalg.eig, a.real if real else a, k)

    return compute


def _turned(a: Any, da: Any, real: bool) -> tuple[Any, Any]:
    v = factor(eig_vectors, a, real=real)
    if not isinstance(primal(v.real), StandIn) and not np.all(np.linalg.cond(primal(v)) < 1e12):
        raise DomainError.here("eig: the matrix has not enough eigenvectors, so its eigenvalues have no slope")
    return v, ops.matmul(ops.inv(v), ops.matmul(da, v))


def _eig_values_rule(y: Any, a: Any, da: Any, real: bool) -> Any:
    return ops.diagonal(_turned(a, da, real)[1], 0, -2, -1)


def _eig_vectors_rule(y: Any, a: Any, da: Any, real: bool) -> Any:
    gaps = _gaps("eig", factor(eig_values, a, real=real))
    v, inner = _turned(a, da, real)
    moved = ops.matmul(v, gaps * inner)
    along = ops.sum((conj(v) * moved).real, -2, True)
    size = primal(v.real) ** 2 + primal(v.imag) ** 2
    largest = np.equal(size, np.max(size, axis=-2, keepdims=True)).astype(float)
    largest = largest / np.sum(largest, axis=-2, keepdims=True)
    phase = ops.sum(largest * moved.imag, -2, True) / ops.sum(largest * v.real, -2, True)
    return moved - v * Complex(along, phase)


eig_values = _row("eig_values", _eig(0), _eig_values_rule, "A v = w v:  dw = diag(inv(V) dA V)")
eig_vectors = _row(
    "eig_vectors", _eig(1), _eig_vectors_rule, "the same, with |v| = 1 and the largest element of v real"
)

# -- Hermitian matrices -----------------------------------------------------------------------------------------------


def _eigh_values_rule(y: Any, a: Any, da: Any) -> Any:
    v = factor(hermitian_vectors, a)
    return ops.sum((conj(v) * ops.matmul(da, v)).real, -2)


def _eigh_vectors_rule(y: Any, a: Any, da: Any) -> Any:
    gaps = _gaps("eigh", factor(hermitian_values, a).real)
    return ops.matmul(y, gaps * ops.matmul(adjoint(y), ops.matmul(da, y)))


hermitian_values = _row(
    "hermitian_values",
    lambda a: part("eigh", np.linalg.eigh, a, 0),
    _eigh_values_rule,
    "A v = w v with |v| = 1: dw = v^H dA v",
)
hermitian_vectors = _row(
    "hermitian_vectors",
    lambda a: part("eigh", np.linalg.eigh, a, 1),
    _eigh_vectors_rule,
    "V^H dV is skew, with a diagonal of 0",
)


def _cholesky_rule(y: Any, a: Any, da: Any) -> Any:
    inner = ops.solve(y, adjoint(ops.solve(y, da)))
    return ops.matmul(y, inner * (np.tril(np.ones(shape(a)[-2:])) - 0.5 * np.eye(shape(a)[-1])))


complex_cholesky = _row(
    "complex_cholesky", np.linalg.cholesky, _cholesky_rule, "A = L L^H: inv(L) dA inv(L)^H is M + M^H with M lower"
)

# -- QR, of matrices with at least as many rows as columns; LAPACK makes the diagonal of R real ------------------------


def _qr(k: int) -> Callable[..., Any]:
    return lambda a: part("qr", np.linalg.qr, a, k)


def _triangle(a: Any, da: Any) -> tuple[Any, Any, Any]:
    """r, dA inv(R), and dR inv(R)."""
    q, r = factor(complex_qr_q, a), factor(complex_qr_r, a)
    moved = adjoint(ops.solve(adjoint(r), adjoint(da)))
    c = ops.matmul(adjoint(q), moved)
    ones = np.ones(shape(c)[-2:])
    low, across = c * np.tril(ones, -1), c.imag * np.eye(shape(c)[-1])
    return r, moved, c - low + adjoint(low) - Complex(0.0 * across, across)


def _qr_q_rule(y: Any, a: Any, da: Any) -> Any:
    _, moved, upper = _triangle(a, da)
    return moved - ops.matmul(y, upper)


def _qr_r_rule(y: Any, a: Any, da: Any) -> Any:
    r, _, upper = _triangle(a, da)
    return ops.matmul(upper, r)


_OF_QR = "Q^H dA inv(R) = Q^H dQ + dR inv(R): the one skew, the other upper triangular with a real diagonal"
complex_qr_q = _row("complex_qr_q", _qr(0), _qr_q_rule, _OF_QR)
complex_qr_r = _row("complex_qr_r", _qr(1), _qr_r_rule, _OF_QR)

# -- singular values, of matrices with at least as many rows as columns ------------------------------------------------


def _svd(k: int) -> Callable[..., Any]:
    def compute(a: Any) -> Any:
        found = part("svd", lambda a: np.linalg.svd(a, full_matrices=False), a, k)
        return np.conj(np.swapaxes(found, -1, -2)) if k == 2 else found

    return compute


def _svd_values_rule(y: Any, a: Any, da: Any) -> Any:
    u, v = factor(complex_svd_left, a), factor(complex_svd_right, a)
    return ops.sum((conj(u) * ops.matmul(da, v)).real, -2)


def _svd_parts(a: Any, da: Any) -> tuple[Any, Any, Any, Any, Any]:
    u, s, v = factor(complex_svd_left, a), factor(complex_svd_values, a).real, factor(complex_svd_right, a)
    return u, s, v, ops.matmul(adjoint(u), ops.matmul(da, v)), _gaps("svd", s * s)


def _svd_left_rule(y: Any, a: Any, da: Any) -> Any:
    u, s, v, dp, gaps = _svd_parts(a, da)
    inner = gaps * (dp * s[..., None, :] + s[..., :, None] * adjoint(dp))
    phase = ops.diagonal(dp, 0, -2, -1).imag / s
    dy = ops.matmul(u, inner) + u * Complex(0.0 * phase, phase)[..., None, :]
    if shape(u)[-2] == shape(u)[-1]:
        return dy
    moved = ops.matmul(da, v)
    return dy + (moved - ops.matmul(u, ops.matmul(adjoint(u), moved))) / s[..., None, :]


def _svd_right_rule(y: Any, a: Any, da: Any) -> Any:
    _, s, v, dp, gaps = _svd_parts(a, da)
    return ops.matmul(v, gaps * (s[..., :, None] * dp + adjoint(dp) * s[..., None, :]))


_SOURCE = "U^H dA V = U^H dU S + dS + S dV^H V, where U^H dU and V^H dV are skew"
complex_svd_values = _row("complex_svd_values", _svd(1), _svd_values_rule, "ds = Re(u^H dA v)")
complex_svd_left = _row("complex_svd_left", _svd(0), _svd_left_rule, _SOURCE)
complex_svd_right = _row("complex_svd_right", _svd(2), _svd_right_rule, _SOURCE)
