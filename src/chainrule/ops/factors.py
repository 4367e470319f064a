"""Rows of the operator table: factors of matrices (Cholesky, QR, eigenvalues of symmetric matrices, singular values).

Each rule solves the differentiated equation of the factors for theirs. Factors that a small change of the matrix can
turn by any angle (eigenvectors of an eigenvalue that occurs twice) have no derivative: a DomainError says so.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from chainrule.errors import DomainError
from chainrule.libraries import beside, is_foreign, library
from chainrule.numbers import Number, known, primal, shape
from chainrule.ops.contractions import matmul
from chainrule.ops.kinds import Tangent
from chainrule.ops.last_factors import part
from chainrule.ops.linalg import as_stack, inv, solve
from chainrule.ops.reduce import sum
from chainrule.ops.row import applied
from chainrule.ops.shape import expand_dims, matrix_transpose


def _part(name: str, k: int) -> dict[str, Any]:
    """Factor number k."""
    return {"array": lambda xp: lambda a: part(name, getattr(xp.linalg, name), a, k)}


def mask(like: Number, keep: Any) -> Any:
    """`keep` of a matrix of ones, an array of the library and the type of `like`."""
    return as_numbers_of(keep(np.ones(shape(like)[-2:])), like)


def as_numbers_of(found: Any, like: Number) -> Any:
    """An array of NumPy's as one of the library and the type of `like`."""
    plain: Any = known(like)
    plain = primal(like) if plain is None else plain
    if is_foreign(plain):
        return library(plain).xp.asarray(found, dtype=plain.dtype, **beside(plain))
    return found.astype(getattr(plain, "dtype", float))


def _right_solve(x: Number, r: Number) -> Number:
    """x r^-1."""
    return matrix_transpose(solve(matrix_transpose(r), matrix_transpose(x)))


def _columns(w: Number) -> Number:
    return expand_dims(w, -2)


def _distinct(name: str, w: Number) -> None:
    """Raises DomainError if two of the numbers agree up to rounding. `w` may be recorded only."""
    plain = known(w)
    if plain is None or np.shape(plain)[-1] < 2:
        return
    xp = library(plain).xp
    sorted_w = xp.sort(plain, axis=-1)
    gaps, scale = sorted_w[..., 1:] - sorted_w[..., :-1], xp.max(xp.abs(sorted_w), axis=-1, keepdims=True)
    if xp.any(gaps <= 4 * xp.finfo(sorted_w.dtype).eps * sorted_w.shape[-1] * scale):
        raise DomainError.here(
            f"{name}: two of the values agree up to rounding, {sorted_w}, so their vectors can be turned freely "
            "and have no\n  derivative. The values alone have one where the function treats them alike"
        )


# -- Cholesky ---------------------------------------------------------------------------------------------------


def _lower_half(a: Any) -> Any:
    return np.tril(a) - 0.5 * np.eye(a.shape[-1])


def _cholesky_rule(y: Number, args: Any, tangents: Any) -> Number:
    root = inv(y)
    inner = matmul(matmul(root, tangents[0]), matrix_transpose(root))
    return matmul(y, inner * mask(inner, _lower_half))


cholesky: Tangent = Tangent(
    "cholesky",
    _cholesky_rule,
    batched=as_stack("cholesky"),
    kernels={
        "array": lambda xp: lambda a: xp.linalg.cholesky(a),
        "dask.array": lambda a: sys.modules["dask.array"].linalg.cholesky(a, lower=True),  # the upper factor is its own
    },
    public=False,
    kinks="defined for positive definite matrices",
    source="A = L L^T: inv(L) dA inv(L)^T = M + M^T with M = inv(L) dL lower triangular, so M is its lower half",
)

# -- eigenvalues of symmetric matrices --------------------------------------------------------------------------


def _eigh_values_rule(y: Number, args: Any, tangents: Any) -> Number:
    v = eigh_vectors(args[0])
    return sum(v * matmul(tangents[0], v), -2)


def _inverse_gaps(w: Number) -> Number:
    """1 / (w_j - w_i) in row i and column j; 0 on the diagonal."""
    eye = as_numbers_of(np.eye(shape(w)[-1]), w)
    return (1 - eye) / (_columns(w) - expand_dims(w, -1) + eye)


def _eigh_vectors(xp: Any) -> Any:
    """Either sign of a vector is right: those NumPy gives where it reads the `upper` triangle may be the others."""

    def vectors(a: Any, upper: bool = False) -> Any:
        return xp.linalg.eigh(a, "U")[1] if upper else part("eigh", xp.linalg.eigh, a, 1)

    return vectors


def _eigh_vectors_rule(y: Number, args: Any, tangents: Any, upper: bool = False) -> Number:
    w = eigh_values(args[0])
    _distinct("eigh", w)
    return matmul(y, _inverse_gaps(w) * matmul(matmul(matrix_transpose(y), tangents[0]), y))


eigh_values: Tangent = Tangent(
    "eigh_values",
    _eigh_values_rule,
    batched=as_stack("eigh_values"),
    kernels=_part("eigh", 0),
    public=False,
    kinks="where eigenvalues coincide, only what treats them alike has a derivative",
    source="A v = w v with v^T v = 1:  dw = v^T dA v",
)
eigh_vectors: Tangent = Tangent(
    "eigh_vectors",
    _eigh_vectors_rule,
    batched=as_stack("eigh_vectors"),
    kernels={"array": _eigh_vectors},
    public=False,
    kinks="none where eigenvalues coincide",
    source="V^T A V = diag(w): V^T dV is skew, and its elements are (V^T dA V)_ij / (w_j - w_i)",
)

# -- singular values, of matrices with at least as many rows as columns -------------------------------------------


def _svd_part(k: int) -> dict[str, Any]:
    """Part number k. Either sign of a pair of vectors is right: those of a `turned` matrix are those of what it was."""

    def compute(xp: Any) -> Any:
        def factor(a: Any, turned: bool = False) -> Any:
            a = xp.matrix_transpose(a) if turned else a
            found = part("svd", lambda a: xp.linalg.svd(a, full_matrices=False), a, 2 - k if turned else k)
            return xp.matrix_transpose(found) if k == 2 - 2 * turned else found

        return factor

    return {"array": compute}


def _svd_values_rule(y: Number, args: Any, tangents: Any, **turned: bool) -> Number:
    u, v = applied(svd_left, args, turned), applied(svd_right, args, turned)
    return sum(u * matmul(tangents[0], v), -2)


def _parts(
    name: str, args: Any, tangents: Any, turned: dict[str, bool]
) -> tuple[Number, Number, Number, Number, Number]:
    """u, s, v, dP = u^T dA v, and 1 / (s_j^2 - s_i^2)."""
    u, s, v = (applied(row, args, turned) for row in (svd_left, svd_values, svd_right))
    _distinct(name, s)
    plain = known(s)
    tall = plain is not None and shape(u)[-2] > shape(u)[-1]
    xp = library(plain).xp
    if tall and xp.any(plain <= xp.finfo(plain.dtype).eps * xp.max(plain, axis=-1, keepdims=True)):
        raise DomainError.here(f"{name}: a singular value is 0, {plain}: its vectors have no derivative")
    return u, s, v, matmul(matmul(matrix_transpose(u), tangents[0]), v), _inverse_gaps(s * s)


def _svd_left_rule(y: Number, args: Any, tangents: Any, **turned: bool) -> Number:
    u, s, v, dp, gaps = _parts("svd", args, tangents, turned)
    inner = gaps * (dp * _columns(s) + expand_dims(s, -1) * matrix_transpose(dp))
    dy = matmul(u, inner)
    if shape(u)[-2] == shape(u)[-1]:
        return dy
    moved = matmul(tangents[0], v)
    return dy + (moved - matmul(u, matmul(matrix_transpose(u), moved))) / _columns(s)


def _svd_right_rule(y: Number, args: Any, tangents: Any, **turned: bool) -> Number:
    _, s, v, dp, gaps = _parts("svd", args, tangents, turned)
    return matmul(v, gaps * (expand_dims(s, -1) * dp + matrix_transpose(dp) * _columns(s)))


_SVD_SOURCE = "U^T dA V = U^T dU S + dS + S dV^T V, where U^T dU and V^T dV are skew"
svd_values: Tangent = Tangent(
    "svd_values", _svd_values_rule, kernels=_svd_part(1), public=False, kinks="where values coincide or are 0",
    batched=as_stack("svd_values"), source="ds = u^T dA v",
)  # fmt: skip
svd_left: Tangent = Tangent(
    "svd_left", _svd_left_rule, kernels=_svd_part(0), public=False, kinks="none where values coincide",
    batched=as_stack("svd_left"), source=_SVD_SOURCE,
)  # fmt: skip
svd_right: Tangent = Tangent(
    "svd_right", _svd_right_rule, kernels=_svd_part(2), public=False, kinks="none where values coincide",
    batched=as_stack("svd_right"), source=_SVD_SOURCE,
)  # fmt: skip

# -- QR, of matrices with at least as many rows as columns ---------------------------------------------------------


def _triangle(args: Any, tangents: Any) -> tuple[Number, Number, Number, Number]:
    """q, r, dA r^-1, and dR r^-1."""
    q, r = qr_q(args[0]), qr_r(args[0])
    plain = known(r)
    if plain is not None:
        xp = library(plain).xp
        size = xp.abs(xp.linalg.diagonal(plain))
        if xp.any(size <= xp.finfo(plain.dtype).eps * xp.max(size, axis=-1, keepdims=True)):
            raise DomainError.here("qr: the columns depend on each other, so the factors have no derivative")
    moved = _right_solve(tangents[0], r)
    c = matmul(matrix_transpose(q), moved)
    low = c * mask(c, lambda a: np.tril(a, -1))
    return q, r, moved, c - low + matrix_transpose(low)


def _qr_q_rule(y: Number, args: Any, tangents: Any) -> Number:
    q, _, moved, upper = _triangle(args, tangents)
    return moved - matmul(q, upper)


def _qr_r_rule(y: Number, args: Any, tangents: Any) -> Number:
    _, r, _, upper = _triangle(args, tangents)
    return matmul(upper, r)


_QR_SOURCE = "Q^T dA inv(R) = Q^T dQ + dR inv(R): the one skew, the other upper triangular"
qr_q: Tangent = Tangent(
    "qr_q", _qr_q_rule, kernels=_part("qr", 0), public=False, kinks="none where columns depend on each other",
    batched=as_stack("qr_q"), source=_QR_SOURCE,
)  # fmt: skip
qr_r: Tangent = Tangent(
    "qr_r", _qr_r_rule, kernels=_part("qr", 1), public=False, kinks="none where columns depend on each other",
    batched=as_stack("qr_r"), source=_QR_SOURCE,
)  # fmt: skip
