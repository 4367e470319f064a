"""NumPy's linear algebra: factors, least squares, norms of matrices, systems of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import chosen
from chainrule.carriers.functions.products import _cross, _norm
from chainrule.carriers.questions import plain_number
from chainrule.carriers.refusals import no_setting
from chainrule.errors import DomainError, ShapeError
from chainrule.libraries import late
from chainrule.numbers import StandIn, known, ndim, primal, shape
from chainrule.ops import factors
from chainrule.ops.row import applied
from chainrule.ops.shape import normal_axis
from chainrule.signatures import in_module


def _square(name: str, a: Any) -> None:
    if ndim(a) < 2 or shape(a)[-1] != shape(a)[-2]:
        raise ShapeError.here(f"{name}: expected a square matrix, got shape {shape(a)}")


def _matrix(name: str, a: Any) -> None:
    if ndim(a) < 2 or 0 in shape(a):
        raise ShapeError.here(f"{name}: expected a matrix with elements, got shape {shape(a)}")


def _symmetric(name: str, a: Any, lower: bool = True) -> Any:
    """The symmetric matrix of which NumPy reads one triangle only."""
    _square(name, a)
    half = ops.tril(a) if lower else matrix_transpose(ops.triu(a))
    return half + matrix_transpose(half * factors.mask(half, lambda ones: np.tril(ones, -1)))


matrix_transpose = ops.matrix_transpose
completion = late("chainrule.carriers.functions.completion.completion")


def _cholesky(a: Any, *, upper: bool = False) -> Any:
    low = factors.cholesky(_symmetric("np.linalg.cholesky", a, not upper))
    return matrix_transpose(low) if upper else low


def _eigh(a: Any, UPLO: str = "L") -> Any:
    a = _symmetric("np.linalg.eigh", a, _is_lower(UPLO))
    settings = {} if _is_lower(UPLO) else {"upper": True}
    return np.linalg._linalg.EighResult(factors.eigh_values(a), applied(factors.eigh_vectors, (a,), settings))


def _is_lower(uplo: str) -> bool:
    if uplo.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return uplo.upper() == "L"


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    _matrix("np.linalg.svd", a)
    if hermitian:
        return _svd_hermitian(a, compute_uv)
    if not compute_uv:
        return _svdvals(a)
    wide = shape(a)[-1] > shape(a)[-2]
    tall = matrix_transpose(a) if wide else a
    settings = {"turned": True} if wide else {}
    u, s, v = (applied(row, (tall,), settings) for row in (factors.svd_left, factors.svd_values, factors.svd_right))
    u, v = (v, u) if wide else (u, v)
    if full_matrices and shape(a)[-1] != shape(a)[-2]:
        plain = plain_number(a)
        made = np.linalg.svd(plain)[2 if wide else 0] if isinstance(plain, np.ndarray) else None
        rows, columns = shape(tall)[-2:]
        ways = ("by_bidiagonalisation", "by_qr") if rows < 11 * columns // 6 else ("by_qr", "by_bidiagonalisation")
        if made is not None:
            made = np.swapaxes(made, -1, -2)[..., columns:] if wide else made[..., columns:]
        more = completion("np.linalg.svd", tall, made, ways)
        u, v = (u, ops.concatenate([v, more], -1)) if wide else (ops.concatenate([u, more], -1), v)
    return np.linalg._linalg.SVDResult(u, s, matrix_transpose(v))


def _svd_hermitian(a: Any, compute_uv: bool) -> Any:
    """By eigenvalues: their sizes, from the largest on."""
    w, v = _eigh(a)
    order = np.argsort(np.abs(np.asarray(primal(w))), -1)[..., ::-1]
    w = ops.take_along_axis(w, order, -1)
    if not compute_uv:
        return ops.absolute(w)
    u = ops.take_along_axis(v, order[..., None, :], -1)
    return np.linalg._linalg.SVDResult(
        u, ops.absolute(w), matrix_transpose(u * np.sign(np.asarray(primal(w)))[..., None, :])
    )


def _svdvals(x: Any) -> Any:
    _matrix("np.linalg.svdvals", x)
    return factors.svd_values(matrix_transpose(x) if shape(x)[-1] > shape(x)[-2] else x)


def _qr(a: Any, mode: str = "reduced") -> Any:
    _matrix("np.linalg.qr", a)
    rows, columns = shape(a)[-2:]
    if mode not in ("reduced", "r", "complete"):
        raise no_setting("np.linalg.qr", ["mode"], f" ({mode!r}); write 'reduced', 'complete' or 'r'")
    square = a[..., :, :rows] if columns > rows else a
    q, r = factors.qr_q(square), factors.qr_r(square)
    if columns > rows:
        r = ops.concatenate([r, ops.matmul(matrix_transpose(q), a[..., :, rows:])], -1)
    if mode == "complete" and rows > columns:
        plain = plain_number(a)
        made = np.linalg.qr(plain, "complete")[0][..., columns:] if isinstance(plain, np.ndarray) else None
        q = ops.concatenate([q, completion("np.linalg.qr", a, made, ("by_qr",))], -1)
        r = ops.concatenate([r, np.zeros((*shape(r)[:-2], rows - columns, columns), a.dtype)], -2)
    return r if mode == "r" else np.linalg._linalg.QRResult(q, r)


# -- least squares ------------------------------------------------------------------------------------------------


def _full_rank(name: str, a: Any, rcond: Any = None) -> None:
    value = primal(a)
    while hasattr(value, "whole"):  # of all examples of a batch
        value = primal(value.whole)
    value = plain_number(value)  # under jit that of the recording
    if isinstance(value, np.ndarray) and np.any(np.linalg.matrix_rank(value, rtol=rcond) < min(value.shape[-2:])):
        raise DomainError.here(f"{name}: the matrix has not full rank, where its pseudo-inverse jumps")


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False) -> Any:
    """For full rank. P0 + inv(A^T A) A^T (I - A P0) is inv(A^T A) A^T whatever P0 is, and with NumPy's answer for P0
    the second term is rounding: its digits with all derivatives."""
    _matrix("np.linalg.pinv", a)
    if hermitian:
        a = _symmetric("np.linalg.pinv", a)
    _full_rank("np.linalg.pinv", a, rcond)
    if shape(a)[-1] > shape(a)[-2]:
        return matrix_transpose(_pinv(matrix_transpose(a)))
    eye = factors.as_numbers_of(np.eye(shape(a)[-2]), a)
    start = chosen(np.linalg.pinv, a) if isinstance(known(a), np.ndarray) else _normal(a, eye)
    left = eye - ops.matmul(a, start)
    return start + _normal(a, left)


def _normal(a: Any, right: Any) -> Any:
    """inv(A^T A) A^T right."""
    turned = matrix_transpose(a)
    return ops.solve(ops.matmul(turned, a), ops.matmul(turned, right))


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """For full rank, by the same correction of NumPy's answer as `_pinv`."""
    if ndim(a) != 2 or ndim(b) not in (1, 2) or shape(a)[0] != shape(b)[0]:
        raise ShapeError.here(f"np.linalg.lstsq: shapes {shape(a)} and {shape(b)} do not fit")
    _matrix("np.linalg.lstsq", a)
    _full_rank("np.linalg.lstsq", a)
    rows, columns = shape(a)
    plain, start, rank = (primal(a), primal(b)), None, min(rows, columns)
    if not any(isinstance(x, StandIn) for x in plain):
        start, _, rank, _ = np.linalg.lstsq(np.asarray(plain[0]), np.asarray(plain[1]), rcond)
    elif rows >= columns:  # recorded only: the correction below is then a step of refinement
        start = _normal(a, b)
    if rows >= columns:
        x = start + _normal(a, b - ops.matmul(a, start))
    else:
        turned = matrix_transpose(a)
        x = ops.matmul(turned, ops.solve(ops.matmul(a, turned), b))
    residuals: Any = np.zeros(0, x.dtype)
    if rows > columns:
        residuals = ops.sum(ops.square(b - ops.matmul(a, x)), 0)
        residuals = ops.reshape(residuals, (1,)) if ndim(residuals) == 0 else residuals
    return x, residuals, rank, _svdvals(a)


def _polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    powers = range(int(deg), -1, -1) if np.ndim(deg) == 0 else None
    if powers is None:
        raise no_setting("np.polyfit", ["deg"], " (several)")
    if shape(x)[0] <= int(deg):
        raise ShapeError.here(f"np.polyfit: {shape(x)[0]} points do not determine a polynomial of degree {deg}")
    x, y = x * np.float64(1.0), y * np.float64(1.0)
    a, b = ops.stack([x**k if k else x * 0.0 + 1.0 for k in powers], -1), y
    if w is not None:
        w = w if hasattr(w, "shape") else ops.array(w)
        a, b = a * w[:, None], b * (w[:, None] if ndim(b) == 2 else w)
    scale = ops.sqrt(ops.sum(ops.square(a), 0))
    rcond = shape(x)[0] * np.finfo(np.float64).eps if rcond is None else rcond
    fit, residuals, rank, values = _lstsq(a / scale, b, rcond)
    fit = fit / (scale[:, None] if ndim(fit) == 2 else scale)
    if full:
        return fit, residuals, rank, values, rcond
    if not cov:
        return fit
    base = ops.inv(ops.matmul(matrix_transpose(a), a))
    if cov == "unscaled":
        return fit, base if ndim(b) == 1 else base[:, :, None]
    free = shape(x)[0] - len(powers)
    if free <= 0:
        raise ValueError("the number of data points must exceed order to scale the covariance matrix")
    return fit, (base if ndim(b) == 1 else base[:, :, None]) * (residuals / free)


# -- norms, products, tensors -----------------------------------------------------------------------------------


def _cond(x: Any, p: Any = None) -> Any:
    if p not in (None, 2, -2):
        _square("np.linalg.cond", x)
        return _matrix_norm(x, ord=p) * _matrix_norm(ops.inv(x), ord=p)
    s = _svdvals(x)
    return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]


def _matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    if ndim(x) < 2:
        raise ShapeError.here(f"np.linalg.matrix_norm: expected a matrix, got shape {shape(x)}")
    return _any_norm(x, ord, (-2, -1), keepdims)


def _any_norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norms of matrices that need singular values; the others as they were."""
    axes = tuple(range(ndim(x))) if axis is None else tuple(np.ravel(axis).tolist())
    if len(axes) == 2 and isinstance(ord, (int, float)) and abs(ord) in (1, np.inf):
        return _sums_norm(x, ord, tuple([normal_axis(k, ndim(x)) for k in axes]), keepdims)
    spectral = ord == "nuc" or (len(axes) == 2 and isinstance(ord, (int, float)) and abs(ord) == 2)
    if not spectral or len(axes) != 2 or 0 in shape(x):
        return _norm(x, ord, axis, keepdims)
    axes = tuple(normal_axis(k, ndim(x)) for k in axes)
    s = _svdvals(ops.moveaxis(x, axes, (-2, -1)))
    y = ops.sum(s, -1) if ord == "nuc" else s[..., 0 if ord > 0 else -1]
    return ops.reshape(y, tuple([1 if k in axes else n for k, n in enumerate(shape(x))])) if keepdims else y


def _sums_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """The largest or smallest sum of the sizes in a column, or in a row."""
    row, column = axes
    if 0 in shape(x):
        raise ShapeError.here(f"np.linalg.norm: nothing to measure, the array has shape {shape(x)}")
    if row == column:
        raise ValueError("Duplicate axes given.")
    summed, other = (row, column) if abs(ord) == 1 else (column, row)
    sums = ops.sum(ops.absolute(x), summed, True)
    y = (ops.max if ord > 0 else ops.min)(sums, other, True)
    return y if keepdims else ops.squeeze(y, axes)


def _vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return ops.sum(ops.moveaxis(x1, axis, -1) * ops.moveaxis(x2, axis, -1), -1)


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        moved = [normal_axis(k, ndim(a)) for k in np.ravel(axes)]
        a = ops.transpose(a, (*[k for k in range(ndim(a)) if k not in moved], *moved))
    old = shape(a)[-(ndim(a) - ndim(b)) :]
    size = int(np.prod(old, dtype=int))
    return ops.reshape(ops.solve(ops.reshape(a, (-1, size)), ops.ravel(b)), old)


def _tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    size = int(np.prod(shape(a)[ind:], dtype=int))
    return ops.reshape(ops.inv(ops.reshape(a, (size, -1))), shape(a)[ind:] + shape(a)[:ind])


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np.linalg, _cholesky, _eigh, _svd, _svdvals, _qr, _pinv, _lstsq, _cond, _matrix_norm),
    np.linalg.eigvalsh: lambda a, UPLO="L": factors.eigh_values(_symmetric("np.linalg.eigvalsh", a, _is_lower(UPLO))),
    **in_module(np.linalg, _vecdot, _tensorsolve, _tensorinv),
    np.polyfit: _polyfit,
    np.linalg.norm: _any_norm,
    np.linalg.cross: lambda x1, x2, *, axis=-1: _cross(x1, x2, axis=axis),
    np.linalg.matmul: lambda x1, x2: ops.matmul(x1, x2),
    np.linalg.tensordot: lambda x1, x2, *, axes=2: ops.tensordot(x1, x2, axes),
    np.linalg.matrix_rank: lambda A, tol=None, hermitian=False, *, rtol=None: np.linalg.matrix_rank(
        primal(A), tol, hermitian, rtol=rtol
    ),
}
