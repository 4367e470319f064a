"""NumPy's factors and norms of complex matrices, and the eigenvalues of any, under NumPy's signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.complexes import elementary, factors
from chainrule.carriers.complexes.factors import adjoint, factor
from chainrule.carriers.complexes.number import Complex, parts
from chainrule.carriers.functions.matrices import _any_norm, _is_lower, _matrix, _square, _vecdot
from chainrule.carriers.functions.products import _vector_norm
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.errors import DomainError, ShapeError
from chainrule.numbers import StandIn, ndim, primal, shape
from chainrule.ops.shape import normal_axis
from chainrule.signatures import in_module


def _found(a: Any) -> tuple[Any, bool, bool]:
    """The matrix, whether it is real, and whether NumPy gives real eigenvalues and vectors of it."""
    _square("np.linalg.eig", a)
    real = parts(a)[1] is None
    plain = primal(a) if real or not isinstance(primal(parts(a)[0]), StandIn) else None
    known = real and not isinstance(plain, StandIn)
    return a, real, known and np.linalg.eigvals(np.asarray(plain)).dtype.kind == "f"


def _eigvals(a: Any) -> Any:
    a, real, both_real = _found(a)
    w = factor(factors.eig_values, a, real=real)
    return w.real if both_real else w


def _eig(a: Any) -> Any:
    a, real, both_real = _found(a)
    w, v = (factor(row, a, real=real) for row in (factors.eig_values, factors.eig_vectors))
    return np.linalg._linalg.EigResult(*((w.real, v.real) if both_real else (w, v)))


def _hermitian(name: str, a: Any, lower: bool = True) -> Any:
    """The Hermitian matrix of which NumPy reads one triangle only, and of its diagonal the real part."""
    _square(name, a)
    half = ops.tril(a) if lower else adjoint(ops.triu(a))
    below = half * np.tril(np.ones(shape(a)[-2:]), -1)
    kept = half - Complex(0.0 * half.real, half.imag * np.eye(shape(a)[-1]))
    return kept + adjoint(below)


def _eigh(a: Any, UPLO: str = "L") -> Any:
    a = _hermitian("np.linalg.eigh", a, _is_lower(UPLO))
    vectors = factor(factors.hermitian_vectors, a)
    return np.linalg._linalg.EighResult(factor(factors.hermitian_values, a).real, vectors)


def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return factor(factors.hermitian_values, _hermitian("np.linalg.eigvalsh", a, _is_lower(UPLO))).real


def _cholesky(a: Any, *, upper: bool = False) -> Any:
    low = factor(factors.complex_cholesky, _hermitian("np.linalg.cholesky", a, not upper))
    return adjoint(low) if upper else low


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    _matrix("np.linalg.svd", a)
    refuse_where("np.linalg.svd", hermitian=hermitian)
    if not compute_uv:
        return _svdvals(a)
    rows, columns = shape(a)[-2:]
    if full_matrices and rows != columns:
        raise no_setting(
            "np.linalg.svd", ["full_matrices"], " (True) of a rectangular matrix: write full_matrices=False"
        )
    tall = a if rows >= columns else adjoint(a)
    u, s, v = (
        factor(row, tall) for row in (factors.complex_svd_left, factors.complex_svd_values, factors.complex_svd_right)
    )
    u, v = (u, v) if rows >= columns else (v, u)
    return np.linalg._linalg.SVDResult(u, s.real, adjoint(v))


def _svdvals(x: Any) -> Any:
    _matrix("np.linalg.svdvals", x)
    return factor(factors.complex_svd_values, x if shape(x)[-2] >= shape(x)[-1] else adjoint(x)).real


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False) -> Any:
    """inv(A^H A) A^H for full rank."""
    _matrix("np.linalg.pinv", a)
    if hermitian:
        a = _hermitian("np.linalg.pinv", a)
    if np.any(np.linalg.matrix_rank(primal(a), rtol=rcond) < min(shape(a)[-2:])):
        raise DomainError.here("np.linalg.pinv: the matrix has not full rank, where its pseudo-inverse jumps")
    turned = adjoint(a)
    if shape(a)[-2] >= shape(a)[-1]:
        return ops.solve(ops.matmul(turned, a), turned)
    return adjoint(ops.solve(ops.matmul(a, turned), a))


def _qr(a: Any, mode: str = "reduced") -> Any:
    _matrix("np.linalg.qr", a)
    rows, columns = shape(a)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and rows <= columns):
        raise no_setting("np.linalg.qr", ["mode"], f" ({mode!r}) of complex numbers; write 'reduced' or 'r'")
    square = a[..., :, :rows] if columns > rows else a
    q, r = factor(factors.complex_qr_q, square), factor(factors.complex_qr_r, square)
    if columns > rows:
        r = ops.concatenate([r, ops.matmul(adjoint(q), a[..., :, rows:])], -1)
    return r if mode == "r" else np.linalg._linalg.QRResult(q, r)


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """For full rank: NumPy's answer and what is left, solved for once more with derivatives."""
    if ndim(a) != 2 or ndim(b) not in (1, 2) or shape(a)[0] != shape(b)[0]:
        raise ShapeError.here(f"np.linalg.lstsq: shapes {shape(a)} and {shape(b)} do not fit")
    rows, columns = shape(a)
    plain = [np.asarray(primal(x)) for x in (a, b)]
    start, _, rank, _ = np.linalg.lstsq(plain[0], plain[1], rcond)
    if rank < min(rows, columns):
        raise DomainError.here("np.linalg.lstsq: the matrix has not full rank, where its solution jumps")
    turned = adjoint(a)
    if rows >= columns:
        left = b - ops.matmul(a, start)
        x = start + ops.solve(ops.matmul(turned, a), ops.matmul(turned, left))
    else:
        x = ops.matmul(turned, ops.solve(ops.matmul(a, turned), b))
    residuals: Any = np.zeros(0)
    if rows > columns:
        off = b - ops.matmul(a, x)
        residuals = ops.sum(ops.square(off.real) + ops.square(off.imag), 0)
        residuals = ops.reshape(residuals, (1,)) if ndim(residuals) == 0 else residuals
    return x, residuals, rank, _svdvals(a)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """By the sizes of the elements, but for the norms that are made of singular values."""
    axes = tuple(range(ndim(x))) if axis is None else tuple(np.ravel(axis).tolist())
    spectral = ord == "nuc" or (len(axes) == 2 and isinstance(ord, (int, float)) and abs(ord) == 2)
    if not spectral or len(axes) != 2 or 0 in shape(x):
        return _any_norm(elementary.absolute(x), ord, axis, keepdims)
    axes = tuple(normal_axis(k, ndim(x)) for k in axes)
    s = _svdvals(ops.moveaxis(x, axes, (-2, -1)))
    y = ops.sum(s, -1) if ord == "nuc" else s[..., 0 if ord > 0 else -1]
    return ops.reshape(y, tuple([1 if k in axes else n for k, n in enumerate(shape(x))])) if keepdims else y


def _cond(x: Any, p: Any = None) -> Any:
    if p not in (None, 2, -2):
        _square("np.linalg.cond", x)
        return _norm(x, p, (-2, -1)) * _norm(ops.inv(x), p, (-2, -1))
    s = _svdvals(x)
    return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]


EIGEN: dict[Any, Callable[..., Any]] = {np.linalg.eig: _eig, np.linalg.eigvals: _eigvals}
"""Rules for real and complex matrices."""
RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np.linalg, _eigh, _eigvalsh, _cholesky, _svd, _svdvals, _pinv, _qr, _lstsq, _norm, _cond),
    np.linalg.matrix_norm: lambda x, *, keepdims=False, ord="fro": _norm(x, ord, (-2, -1), keepdims),
    np.linalg.vector_norm: lambda x, *, axis=None, keepdims=False, ord=2: _vector_norm(
        elementary.absolute(x), axis=axis, keepdims=keepdims, ord=ord
    ),
    np.linalg.vecdot: lambda x1, x2, *, axis=-1: _vecdot(elementary.conj(x1), x2, axis=axis),
}
