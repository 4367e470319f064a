"""Matrices of a structure: banded, tridiagonal, companion, Toeplitz, circulant; and factors of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.linalg import cho_solve, cholesky, circulant, eigh, mirrored, qr, toeplitz
from chainrule.signatures import by_name

Rule = Callable[..., Any]
_T = ops.transpose


def _from_bands(ab: Any, lower: bool, symmetric: bool) -> Any:
    """The matrix whose diagonals are the rows of `ab`."""
    ab = number(ab)
    m, n = shape(ab)
    row, column = np.indices((n, n))
    apart = row - column if lower else column - row
    inside = (apart >= 0) & (apart < m)
    place = apart if lower else m - 1 - apart
    half = ops.where(inside, ab[np.clip(place, 0, m - 1), column], 0.0)
    return half + _T(half) - ops.tril(ops.triu(half)) if symmetric else half


def _to_bands(a: Any, m: int, lower: bool) -> Any:
    n = shape(a)[0]
    k, column = np.indices((m, n))
    row = column + k if lower else column - (m - 1 - k)
    return ops.where((row >= 0) & (row < n), a[np.clip(row, 0, n - 1), column], 0.0)


def cholesky_banded(ab: Any, lower: bool = False) -> Any:
    ab = number(ab)
    inside = _to_bands(np.ones((shape(ab)[1],) * 2), shape(ab)[0], lower)
    found = _to_bands(cholesky(_from_bands(ab, lower, True), lower), shape(ab)[0], lower)
    return ops.where(inside > 0, found, ab)  # LAPACK leaves the corners as they are


def cho_solve_banded(cb_and_lower: Any, b: Any) -> Any:
    cb, lower = cb_and_lower
    return cho_solve((_from_bands(cb, lower, False), lower), b)


def _spectrum(a: Any, values: bool, select: Any, name: str) -> Any:
    refuse_where(f"scipy.linalg.{name}", select=select not in ("a", "all", 0))
    return eigh(a, eigvals_only=values)


def eig_banded(a_band: Any, lower: bool = False, eigvals_only: bool = False, select: Any = "a") -> Any:
    return _spectrum(_from_bands(a_band, lower, True), eigvals_only, select, "eig_banded")


def eigvals_banded(a_band: Any, lower: bool = False, select: Any = "a") -> Any:
    return _spectrum(_from_bands(a_band, lower, True), True, select, "eigvals_banded")


def _tridiagonal(d: Any, e: Any) -> Any:
    d, e = number(d), number(e)
    return ops.diag(d) + ops.diag(e, 1) + ops.diag(e, -1)


def eigh_tridiagonal(d: Any, e: Any, eigvals_only: bool = False, select: Any = "a") -> Any:
    return _spectrum(_tridiagonal(d, e), eigvals_only, select, "eigh_tridiagonal")


def eigvalsh_tridiagonal(d: Any, e: Any, select: Any = "a") -> Any:
    return _spectrum(_tridiagonal(d, e), True, select, "eigvalsh_tridiagonal")


def eig(a: Any, b: Any = None, left: bool = False, right: bool = True) -> Any:
    if b is not None or left:
        raise no_setting("scipy.linalg.eig", ["b"] if b is not None else ["left"])
    found = FUNCTIONS[np.linalg.eig](number(a))
    return tuple(found) if right else found[0]


def eigvals(a: Any, b: Any = None) -> Any:
    refuse_where("scipy.linalg.eigvals", b=b is not None)
    return FUNCTIONS[np.linalg.eigvals](number(a))


def companion(a: Any) -> Any:
    a = number(a)
    n = shape(a)[0] - 1
    return ops.concatenate([ops.reshape(-a[1:] / a[0], (1, n)), np.eye(n - 1, n)])


def leslie(f: Any, s: Any) -> Any:
    f, s = number(f), number(s)
    return ops.concatenate([ops.reshape(f, (1, -1)), ops.concatenate([ops.diag(s), np.zeros((shape(s)[0], 1))], 1)])


def fiedler(a: Any) -> Any:
    a = number(a)
    return ops.absolute(ops.reshape(a, (-1, 1)) - a)


def convolution_matrix(a: Any, n: int, mode: str = "full") -> Any:
    a = number(a)
    size = shape(a)[0]
    kept = {"full": (0, size + n - 1), "same": ((min(size, n) - 1) // 2, None), "valid": (min(size, n) - 1, None)}
    if mode not in kept:
        raise ValueError("'mode' argument must be one of ('full', 'valid', 'same')")
    row, column = np.indices((size + n - 1, n))
    whole = ops.where((row >= column) & (row - column < size), a[np.clip(row - column, 0, size - 1)], 0.0)
    first = kept[mode][0]
    count = {"full": size + n - 1, "same": max(size, n), "valid": abs(size - n) + 1}[mode]
    return whole[first : first + count]


def diagsvd(s: Any, M: int, N: int) -> Any:
    s = number(s)
    square = ops.diag(s)
    if N > M:
        return ops.concatenate([square, np.zeros((M, N - M))], 1)
    return ops.concatenate([square, np.zeros((M - N, N))]) if M > N else square


def khatri_rao(a: Any, b: Any) -> Any:
    a, b = number(a), number(b)
    both = ops.reshape(a, (shape(a)[0], 1, -1)) * ops.reshape(b, (1, shape(b)[0], -1))
    return ops.reshape(both, (-1, shape(a)[1]))


def _of_lines(c_or_cr: Any) -> Any:
    return toeplitz(*c_or_cr) if isinstance(c_or_cr, tuple) else toeplitz(c_or_cr)


def matmul_toeplitz(c_or_cr: Any, x: Any) -> Any:
    return _of_lines(c_or_cr) @ number(x)


def solve_toeplitz(c_or_cr: Any, b: Any) -> Any:
    return ops.solve(_of_lines(c_or_cr), number(b))


def solve_circulant(c: Any, b: Any, singular: str = "raise", tol: Any = None, caxis: int = -1, baxis: int = 0,
                    outaxis: int = 0) -> Any:  # fmt: skip
    if singular != "raise" or len(shape(number(c))) != 1 or (caxis, baxis, outaxis) != (-1, 0, 0):
        raise no_setting("scipy.linalg.solve_circulant", ["singular" if singular != "raise" else "caxis"])
    return ops.solve(circulant(c), number(b))


def qr_multiply(a: Any, c: Any, mode: str = "right", pivoting: bool = False, conjugate: bool = False) -> Any:
    q, r = qr(a, mode="economic", pivoting=pivoting)
    c = number(c)
    return (c @ q if mode == "right" else q @ c), r


def rq(a: Any, lwork: Any = None, mode: str = "full") -> Any:
    """By the QR factors of the matrix turned upside down and transposed, with the signs that LAPACK gives."""
    a = number(a)
    if shape(a)[0] != shape(a)[1]:
        raise no_rule("scipy.linalg.rq of a matrix that is not square")
    q, r = qr(_T(ops.flip(a, 0)))
    upper, across = ops.flip(ops.flip(_T(r), 0), 1), ops.flip(_T(q), 0)
    signs = np.sign(np.diag(scipy.linalg.rq(primal(a))[0])) * np.sign(np.diag(primal(upper)))
    upper = upper * signs
    return (upper,) if mode == "r" else (upper, across * signs[:, None])


def orth(A: Any, rcond: Any = None) -> Any:
    a = number(A)
    rank = scipy.linalg.orth(primal(a), rcond).shape[1]
    return FUNCTIONS[np.linalg.svd](a, full_matrices=False)[0][:, :rank]


def pinvh(a: Any, lower: bool = True) -> Any:
    return FUNCTIONS[np.linalg.pinv](mirrored(number(a), lower))


def subspace_angles(A: Any, B: Any) -> Any:
    """Knyazev and Argentati, SIAM J. Sci. Comput. 23 (2002): small angles by their sines."""
    first, second = orth(A), orth(B)
    product = _T(first) @ second
    cosines = FUNCTIONS[np.linalg.svdvals](product)
    wide = shape(first)[1] >= shape(second)[1]
    rest = second - first @ product if wide else first - second @ _T(product)
    sines = FUNCTIONS[np.linalg.svdvals](rest)
    small = np.asarray(primal(cosines))[::-1] ** 2 >= 0.5
    by_sine = ops.arcsin(ops.where(small, ops.clip(sines, -1.0, 1.0), 0.0))
    by_cosine = ops.arccos(ops.where(small, 0.0, ops.clip(cosines[::-1], -1.0, 1.0)))
    return ops.where(small, by_sine, by_cosine)


RULES: dict[str, Rule] = by_name(
    cholesky_banded, cho_solve_banded, eig_banded, eigvals_banded, eigh_tridiagonal, eigvalsh_tridiagonal, eig,
    eigvals, companion, leslie, fiedler, convolution_matrix, diagsvd, khatri_rao, matmul_toeplitz, solve_toeplitz,
    solve_circulant, qr_multiply, rq, orth, pinvh, subspace_angles,
)  # fmt: skip
