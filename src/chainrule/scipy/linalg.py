"""`scipy.linalg` in lifted functions, over the rows of linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from chainrule import ops
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.functions.decided import chosen
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, no_setting, refuse_where
from chainrule.complex_numbers import is_complex
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import ndim, primal, shape
from chainrule.scipy.called import number
from chainrule.signatures import by_name

Rule = Callable[..., Any]


def solve(a: Any, b: Any, lower: bool = False, *, assume_a: Any = None, transposed: bool = False) -> Any:
    a = number(a)
    if assume_a in ("sym", "pos", "her", "symmetric", "positive definite", "hermitian"):
        a = mirrored(a, lower, assume_a not in ("sym", "symmetric"))
    return ops.solve(ops.swapaxes(a, -1, -2) if transposed else a, number(b))


def conjugate(a: Any) -> Any:
    """The complex conjugate; real numbers as they are."""
    return np.conj(a) if isinstance(a, Complex) or is_complex(a) else a


def mirrored(a: Any, lower: bool, hermitian: bool = True) -> Any:
    """The Hermitian (or symmetric) matrix of which one triangle is read."""
    half = ops.tril(a, -1) if lower else ops.triu(a, 1)
    other = ops.swapaxes(half, -1, -2)
    return half + (conjugate(other) if hermitian else other) + ops.tril(ops.triu(a))


def across(a: Any, trans: Any) -> Any:
    """The matrix of a system that LAPACK's `trans` describes: as it is, transposed, or transposed and conjugate."""
    if trans in (0, "N"):
        return a
    turned = ops.swapaxes(a, -1, -2)
    return conjugate(turned) if trans in (2, "C") else turned


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    half = ops.tril(number(a)) if lower else ops.triu(number(a))
    if unit_diagonal:
        half = half - ops.tril(ops.triu(half)) + np.eye(shape(half)[-1])
    return ops.solve(across(half, trans), number(b))


def cholesky(a: Any, lower: bool = False) -> Any:
    factor = FUNCTIONS[np.linalg.cholesky](mirrored(number(a), lower))
    return factor if lower else ops.swapaxes(factor, -1, -2)


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: Any, b: Any) -> Any:
    c, lower = c_and_lower
    half = ops.tril(number(c)) if lower else ops.triu(number(c))
    other = ops.swapaxes(half, -1, -2)
    first, second = (half, other) if lower else (other, half)
    return ops.solve(second, ops.solve(first, number(b)))


def solve_banded(l_and_u: Any, ab: Any, b: Any) -> Any:
    below, above = l_and_u
    ab = number(ab)
    n = shape(ab)[1]
    row, column = np.indices((n, n))
    band = above + row - column
    inside = (band >= 0) & (band <= below + above)
    return ops.solve(ops.where(inside, ab[np.clip(band, 0, below + above), column], 0.0), number(b))


def solveh_banded(ab: Any, b: Any, lower: bool = False) -> Any:
    ab = number(ab)
    m, n = shape(ab)
    row, column = np.indices((n, n))
    apart = abs(row - column)
    inside, least = apart < m, np.minimum(row, column)
    read = (apart, least) if lower else (m - 1 - apart, least + apart)
    held = ab[np.clip(read[0], 0, m - 1), np.clip(read[1], 0, n - 1)]
    return ops.solve(ops.where(inside, held, 0.0), number(b))


def toeplitz(c: Any, r: Any = None) -> Any:
    c = number(c)
    r = conjugate(c) if r is None else number(r)
    if ndim(c) > 1 or ndim(r) > 1:
        raise no_rule("scipy.linalg.toeplitz of arrays with several axes")
    c, r = ops.ravel(c), ops.ravel(r)
    line = ops.concatenate([ops.flip(c), r[1:]])
    return line[len(c) - 1 - np.arange(len(c))[:, None] + np.arange(len(r))]


def circulant(c: Any) -> Any:
    c = number(c)
    n = shape(c)[-1]
    return c[..., (np.arange(n)[:, None] - np.arange(n)) % n]


def hankel(c: Any, r: Any = None) -> Any:
    c = ops.ravel(number(c))
    r = c * 0.0 if r is None else ops.ravel(number(r))
    return ops.concatenate([c, r[1:]])[np.arange(len(c))[:, None] + np.arange(len(r))]


def block_diag(*arrays: Any) -> Any:
    blocks = [number(x) for x in arrays]
    blocks = [ops.reshape(x, (1,) * (2 - len(shape(x))) + shape(x)) for x in blocks]
    width = sum(shape(x)[1] for x in blocks)
    rows, start = [], 0
    for x in blocks:
        height, own = shape(x)
        rows.append(ops.concatenate([np.zeros((height, start)), x, np.zeros((height, width - start - own))], axis=1))
        start += own
    return ops.concatenate(rows)


_PADE = np.array([
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
], dtype=float)  # fmt: skip
"""Coefficients of the diagonal approximant of degree 13 to exp (Higham, SIAM J. Matrix Anal. Appl. 26, 2005)."""


def expm(A: Any) -> Any:
    """By scaling and squaring, so that every order follows from products and one solution."""
    a = number(A)
    n = shape(a)[-1]
    size = np.abs(primal(a)).sum(axis=-2).max(initial=0.0)
    turns = max(0, int(np.ceil(np.log2(size / 5.37)))) if size > 0 else 0
    a = a / 2.0**turns
    unit = np.eye(n)
    second = a @ a
    fourth = second @ second
    sixth = fourth @ second
    b = _PADE
    odd = a @ (
        sixth @ (b[13] * sixth + b[11] * fourth + b[9] * second)
        + b[7] * sixth + b[5] * fourth + b[3] * second + b[1] * unit
    )  # fmt: skip
    even = (
        sixth @ (b[12] * sixth + b[10] * fourth + b[8] * second)
        + b[6] * sixth + b[4] * fourth + b[2] * second + b[0] * unit
    )  # fmt: skip
    found = ops.solve(even - odd, even + odd)
    for _ in range(turns):
        found = found @ found
    return found


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    a, b, q = number(a), number(b), number(q)
    (m, n) = shape(q)
    system = ops.kron(a, np.eye(n)) + ops.kron(np.eye(m), ops.transpose(b))
    return ops.reshape(ops.solve(system, ops.ravel(q)), (m, n))


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    return solve_sylvester(a, ops.transpose(number(a)), q)


def solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    a, q = number(a), number(q)
    n = shape(a)[0]
    return ops.reshape(ops.solve(np.eye(n * n) - ops.kron(a, a), ops.ravel(q)), (n, n))


def lu(a: Any, permute_l: bool = False, p_indices: bool = False) -> Any:
    """The rows exchanged as SciPy does it; the factors by elimination without further exchanges."""
    a = number(a)
    order = scipy.linalg.lu(primal(a), p_indices=True)[0]
    m, n = shape(a)
    rest, columns, rows = ops.positive(a)[np.argsort(order)], [], []
    for k in range(min(m, n)):
        row = rest[k]
        column = rest[:, k] / rest[k, k] * (np.arange(m) >= k)
        columns.append(column)
        rows.append(row * (np.arange(n) >= k))
        rest = rest - ops.outer(column, row)
    left, upper = ops.stack(columns, axis=1), ops.stack(rows)
    if p_indices:
        return order, left, upper
    return (left[order], upper) if permute_l else (np.eye(m)[order], left, upper)


RULES: dict[str, Rule] = by_name(
    solve, solve_triangular, cholesky, cho_factor, cho_solve, solve_banded, solveh_banded, toeplitz, circulant,
    hankel, block_diag, expm, solve_sylvester, solve_continuous_lyapunov, solve_discrete_lyapunov, lu,
)  # fmt: skip


def eigh(
    a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False, subset_by_index: Any = None,
    subset_by_value: Any = None, driver: Any = None,
) -> Any:  # fmt: skip
    """By NumPy's, whose eigenvectors may have the other sign: that of SciPy's own is taken."""
    refuse_where("scipy.linalg.eigh", subset_by_value=subset_by_value is not None)
    given = number(a)
    a, half = mirrored(given, lower), None
    if b is not None:  # A x = w B x with B = L L': the matrix L^-1 A L'^-1
        half = FUNCTIONS[np.linalg.cholesky](mirrored(number(b), lower))
        a = ops.solve(half, ops.swapaxes(ops.solve(half, a), -1, -2))
        a = 0.5 * (a + ops.swapaxes(a, -1, -2))
    low, high = (0, shape(a)[-1] - 1) if subset_by_index is None else subset_by_index
    kept = slice(int(low), int(high) + 1)
    if eigvals_only:
        return FUNCTIONS[np.linalg.eigvalsh](a)[..., kept]
    w, v = FUNCTIONS[np.linalg.eigh](a)
    v = (v if half is None else ops.solve(ops.swapaxes(half, -1, -2), v))[..., kept]
    if not holds([given, b]):
        return w[..., kept], v

    def signs(v: Any, *matrices: Any) -> Any:
        theirs = scipy.linalg.eigh(*matrices, lower=lower, subset_by_index=subset_by_index, driver=driver)[1]
        return np.where(np.sum(v * theirs, axis=-2, keepdims=True) < 0, -1.0, 1.0)

    return w[..., kept], v * chosen(signs, v, given, *([] if b is None else [number(b)]))


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, lapack_driver: str = "gesdd") -> Any:
    a = number(a)
    square = shape(a)[-2] == shape(a)[-1]
    if not compute_uv:
        return FUNCTIONS[np.linalg.svdvals](a)
    return tuple(FUNCTIONS[np.linalg.svd](a, full_matrices=full_matrices and not square))


def qr(a: Any, mode: str = "full", pivoting: bool = False) -> Any:
    a = number(a)
    if mode not in ("full", "economic", "r"):
        raise no_setting("scipy.linalg.qr", ["mode"], f" ({mode!r})")
    if pivoting:  # the columns exchanged as SciPy does it
        order = scipy.linalg.qr(primal(a), mode="r", pivoting=True)[1]
        return (*qr(a[:, order], mode), order)
    if mode == "r":
        return (FUNCTIONS[np.linalg.qr](a, mode="r"),)
    return tuple(FUNCTIONS[np.linalg.qr](a, mode="reduced" if shape(a)[0] <= shape(a)[1] else _QR[mode]))


_QR = {"full": "complete", "economic": "reduced"}


def lu_factor(a: Any) -> tuple[Any, Any]:
    order, left, upper = lu(a, p_indices=True)
    pivots, rows = [], list(range(len(order)))
    for k, row in enumerate(np.argsort(order).tolist()):
        at = rows.index(row)
        rows[k], rows[at] = rows[at], rows[k]
        pivots.append(at)
    n = shape(left)[0]
    return left - np.eye(n) + upper, np.array(pivots, dtype=np.int32)


def lu_solve(lu_and_piv: Any, b: Any, trans: int = 0) -> Any:
    both, pivots = lu_and_piv
    both, b = number(both), number(b)
    n = shape(both)[0]
    rows = np.arange(n)
    for k, at in enumerate(np.asarray(pivots).tolist()):
        rows[[k, at]] = rows[[at, k]]
    left, upper = ops.tril(both, -1) + np.eye(n), ops.triu(both)
    if trans:
        y = ops.solve(across(left, trans), ops.solve(across(upper, trans), b))
        return y[np.argsort(rows)]
    return ops.solve(upper, ops.solve(left, b[rows]))


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return FUNCTIONS[np.linalg.norm](number(a), ord=ord, axis=axis, keepdims=keepdims)


def lstsq(a: Any, b: Any, cond: Any = None, lapack_driver: Any = None) -> Any:
    if cond is not None:
        raise UnsupportedFunction.here("scipy.linalg.lstsq: its derivative is known without cond=")
    return tuple(FUNCTIONS[np.linalg.lstsq](number(a), number(b)))


RULES |= by_name(eigh, svd, qr, lu_factor, lu_solve, norm, lstsq)
RULES |= {name: FUNCTIONS[getattr(np.linalg, name)] for name in ("inv", "det", "pinv")}
RULES |= {"eigvalsh": lambda a, b=None, *, lower=True: eigh(a, b, lower=lower, eigvals_only=True)}
RULES |= {"svdvals": lambda a: svd(a, compute_uv=False)}
