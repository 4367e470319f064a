"""The columns that complete an orthonormal factor, with derivatives: those LAPACK makes, by Householder's reflections.

Any orthonormal basis of what is left would do, so it depends on how they are made whether they have one. LAPACK makes
them as products of reflections I - tau v v^T, which are smooth in the matrix; so they are made here again.
Golub and Van Loan, Matrix Computations, 5.2 (QR) and 5.4 (bidiagonalisation, for singular vectors).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.questions import plain_number
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import Number, shape
from chainrule.ops.cast import type_of

Reflection = tuple[Number, Number]


def _reflection(x: Number, k: int) -> Reflection:
    """v and tau of the reflection that leaves of x[k:] the first element only; LAPACK's dlarfg."""
    first, rest = x[..., k : k + 1], x[..., k + 1 :]
    size = ops.sqrt(ops.sum(ops.square(x[..., k:]), -1, True))
    beta = -ops.copysign(size, first)
    front = np.zeros((*shape(x)[:-1], k), type_of(x))
    one = np.ones((*shape(x)[:-1], 1), type_of(x))
    return ops.concatenate([front, one, rest / (first - beta)], -1), (beta - first) / beta


def _reflected(reflection: Reflection, a: Number) -> Number:
    v, tau = reflection
    return a - (tau * v)[..., :, None] * ops.matmul(v[..., None, :], a)


def _product(reflections: list[Reflection], rows: int, columns: int) -> Number:
    """The columns from number `columns` on of the product of reflections."""
    y: Number = np.eye(rows, dtype=type_of(reflections[0][0]))[:, columns:]
    for reflection in reversed(reflections):
        y = _reflected(reflection, y)
    return y


def _completed(a: Number, bidiagonal: bool) -> Number:
    """The columns that complete the factor Q of A = Q R, or U of A = U B V^T with a bidiagonal B."""
    rows, columns = shape(a)[-2:]
    left = []
    work = a
    for k in range(columns):
        left.append(_reflection(work[..., :, k], k))
        work = _reflected(left[-1], work)
        if bidiagonal and k < columns - 2:
            right = _reflection(work[..., k, :], k + 1)
            work = ops.matrix_transpose(_reflected(right, ops.matrix_transpose(work)))
    return _product(left, rows, columns)


_WAYS: dict[str, Callable[[Number], Number]] = {
    "by_qr": lambda a: _completed(a, False),
    "by_bidiagonalisation": lambda a: _completed(a, True),
}


def completion(name: str, a: Number, made: Any, ways: tuple[str, ...]) -> Number:
    """What one of the ways gives for `a`: that which gives what NumPy `made`.

    Raises UnsupportedFunction where none does."""
    for way in ways:
        with np.errstate(all="ignore"):
            found = _WAYS[way](a)
        plain = plain_number(found)
        if made is None or not isinstance(plain, np.ndarray) or np.allclose(plain, made, rtol=0, atol=1e-6):
            return found
    raise UnsupportedFunction.here(
        f"{name}: the columns that complete the factor are made in a way that has no rule here; ask for the factor "
        "without them:\n  full_matrices=False, or mode='reduced'"
    )
