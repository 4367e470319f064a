"""Rows of the operator table: products of arrays, and sums along their diagonals and edges."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import ShapeError
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.arithmetic import multiply
from chainrule.ops.broadcasting import unbroadcast
from chainrule.ops.index import diagonal
from chainrule.ops.kinds import Multilinear
from chainrule.ops.reduce import sum
from chainrule.ops.row import applied
from chainrule.ops.shape import (
    as_array,
    behind_axis,
    expand_dims,
    matrix_transpose,
    moveaxis,
    normal_axis,
    ravel,
    reshape,
    squeeze,
    stack,
    transpose,
)

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What names an axis in the subscripts of `einsum`."""

BEYOND_CACHES = 32 << 20
"""Bytes of a matrix that is read from memory each time."""


def _matmul_adjoint(i: int, ct: Number, a: Number, b: Number) -> Number:
    if ndim(a) == 2 and ndim(b) == 2:
        return _matmul(ct, b.T) if i == 0 else _matmul(a.T, ct)
    if ndim(a) == 2 and ndim(b) == 1:
        if i == 0:
            return multiply(reshape(ct, (-1, 1)), b)
        return np.einsum("i,ij->j", ct, a) if _row_by_row(ct, a) else _matmul(a.T, ct)
    if ndim(a) == 1 and ndim(b) == 1:
        return ct * (b if i == 0 else a)
    if ndim(a) == 1:
        row = expand_dims(ct, -2)
        if i == 0:
            return unbroadcast(squeeze(matmul(row, matrix_transpose(b)), -2), shape(a))
        return unbroadcast(expand_dims(a, -1) * row, shape(b))
    if ndim(b) == 1:
        column = expand_dims(ct, -1)
        if i == 0:
            return unbroadcast(column * b, shape(a))
        return unbroadcast(squeeze(matmul(matrix_transpose(a), column), -1), shape(b))
    product = matmul(ct, matrix_transpose(b)) if i == 0 else matmul(matrix_transpose(a), ct)
    return unbroadcast(product, shape((a, b)[i]))


def _row_by_row(ct: Number, a: Number) -> bool:
    """Whether the rows of a matrix, each times a number, are added up as they lie. Of one that no cache holds libraries
    read several rows at once, which takes twice as long."""
    if type(a) is not np.ndarray or type(ct) is not np.ndarray or a.nbytes < BEYOND_CACHES:
        return False
    return a.dtype == ct.dtype == np.float64 and a.flags.c_contiguous and 24 <= a.shape[1] <= 512


def _matmul_batched(args: tuple[Number, ...], held: tuple[bool, ...]) -> Number | None:
    """Many products at once; as one where one factor is the same for all."""
    (a, b), (of_a, of_b) = args, held
    if of_a and of_b:
        row, column = ndim(a) == 2, ndim(b) == 2
        if row and column:
            return sum(multiply(a, b), -1)
        product = _matmul(
            behind_axis(expand_dims(a, 1) if row else a, ndim(b) - 1),
            behind_axis(expand_dims(b, -1) if column else b, ndim(a) - 1),
        )
        return squeeze(product, -2) if row else squeeze(product, -1) if column else product
    if of_a:
        if ndim(b) <= 2:  # the rows of all examples below each other
            return _matmul(a, b) if ndim(a) == 2 else _joined(a, b)
        return None if ndim(a) == 2 else _matmul(behind_axis(a, ndim(b)), b)
    if ndim(b) == 2:
        return _matmul(b, matrix_transpose(a)) if 1 < ndim(a) < 3 else _matmul(b, a) if ndim(a) == 1 else None
    return _matmul(a, b) if ndim(a) == 1 else _matmul(a, behind_axis(b, ndim(a)))


def _joined(a: Number, b: Number) -> Number:
    size = shape(a)
    product = _matmul(reshape(a, (-1, size[-1])), b)
    return reshape(product, (*size[:-1], *shape(b)[1:]))


_matmul: Multilinear = Multilinear(
    "matmul",
    _matmul_adjoint,
    batched=_matmul_batched,
    wider=lambda xs: {} if ndim(xs[0]) == ndim(xs[1]) == 3 else None,
    kernels={"array": lambda xp: xp.matmul, "object": np.matmul},
    symbol="@",
    printed="{} @ {}",
)


def matmul(a: Number, b: Number) -> Number:
    """The matrix product, batched over leading axes.

    >>> matmul(np.eye(2), np.array([1.0, 2.0]))
    array([1., 2.])
    """
    left, right = shape(a), shape(b)
    if not left or not right:
        a, b = as_array(a), as_array(b)
        left, right = shape(a), shape(b)
    if not left or not right:
        raise ShapeError.here("matmul expects arrays, got a number; multiply with *")
    inner = left[-1], right[-2 if len(right) > 1 else 0]
    if inner[0] != inner[1]:
        raise ShapeError.here(f"matmul: {shape(a)} @ {shape(b)} sums over axes of {inner[0]} and {inner[1]} elements")
    return applied(_matmul, (a, b), {})


def dot(a: Number, b: Number) -> Number:
    """NumPy's dot: the sum over the last axis of `a` and the last but one of `b`.

    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    a, b = as_array(a), as_array(b)
    if ndim(a) == 0 or ndim(b) == 0:
        return multiply(a, b)
    if ndim(a) <= 2 and ndim(b) <= 2:
        return matmul(a, b)
    return tensordot(a, b, (ndim(a) - 1, _summed_axis(b)))


def _summed_axis(b: Number) -> int:
    return ndim(b) - 2 if ndim(b) > 1 else 0


def vdot(a: Number, b: Number) -> Number:
    """The sum of the products of all elements."""
    a, b = as_array(a), as_array(b)
    return matmul(ravel(a), ravel(b)) if ndim(a) or ndim(b) else multiply(a, b)


def inner(a: Number, b: Number) -> Number:
    """The sum over the last axis of both."""
    a, b = as_array(a), as_array(b)
    if ndim(a) == 0 or ndim(b) == 0:
        return multiply(a, b)
    return tensordot(a, b, (ndim(a) - 1, ndim(b) - 1))


def outer(a: Number, b: Number) -> Number:
    """Every element of `a` times every element of `b`."""
    a, b = as_array(a), as_array(b)
    return expand_dims(ravel(a), 1) * ravel(b)


def tensordot(a: Number, b: Number, axes: Any = 2) -> Number:
    """The sum over pairs of axes of `a` and `b`, done as one matrix product."""
    a, b = as_array(a), as_array(b)
    if np.ndim(axes) == 0:
        axes = operator.index(axes)
        left, right = list(range(ndim(a) - axes, ndim(a))), list(range(axes))
    else:
        left, right = ([k] if np.ndim(k) == 0 else list(k) for k in axes)
    left, right = [k % ndim(a) for k in left], [k % ndim(b) for k in right]
    if [shape(a)[k] for k in left] != [shape(b)[k] for k in right]:
        raise ShapeError.here(f"tensordot: axes {left} of {shape(a)} and {right} of {shape(b)} differ in length")
    rows = [k for k in range(ndim(a)) if k not in left]
    columns = [k for k in range(ndim(b)) if k not in right]
    count = int(np.prod([shape(a)[k] for k in left], dtype=int))
    size = [shape(a)[k] for k in rows] + [shape(b)[k] for k in columns]
    flat_rows = int(np.prod([shape(a)[k] for k in rows], dtype=int))
    flat_columns = int(np.prod([shape(b)[k] for k in columns], dtype=int))
    product = matmul(
        reshape(transpose(a, (*rows, *left)) if ndim(a) else a, (flat_rows, count)),
        reshape(transpose(b, (*right, *columns)) if ndim(b) else b, (count, flat_columns)),
    )
    return reshape(product, tuple(size))


def _einsum_adjoint(i: int, ct: Number, *operands: Number, subscripts: str) -> Number:
    """The operand's place and the output's exchanged; axes that only operand i has are spread again."""
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    mine, others = terms[i], [t for k, t in enumerate(terms) if k != i]
    seen = set(output).union(*others) if others else set(output)
    reachable = "".join(dict.fromkeys(c for c in mine if c in seen))
    result = einsum(",".join([output, *others]) + "->" + reachable, ct, *(x for k, x in enumerate(operands) if k != i))
    size = dict(zip(mine, shape(operands[i]), strict=True))
    full = "".join(dict.fromkeys(mine))
    for position, c in enumerate(full):
        if c not in reachable:
            result = expand_dims(result, position)
    result = unbroadcast(multiply(result, np.ones([size[c] for c in full])), tuple([size[c] for c in full]))
    return _spread_diagonals(result, full, mine)


def _spread_diagonals(x: Number, letters: str, target: str) -> Number:
    """`x` indexed by distinct `letters` put on the diagonals of an array indexed by `target`, where a letter
    may occur twice."""
    if letters == target:
        return x
    size = dict(zip(letters, shape(x), strict=True))
    mask = np.ones([size[c] for c in target])
    grids = np.indices(mask.shape)
    for c in letters:
        places = [k for k, t in enumerate(target) if t == c]
        for other in places[1:]:
            mask = mask * (grids[places[0]] == grids[other])
    first = [target.index(c) for c in letters]
    order = tuple(int(k) for k in np.argsort(first))
    x = transpose(x, order) if ndim(x) > 1 else x
    for position in range(len(target)):
        if position not in first:
            x = expand_dims(x, position)
    return x * mask


def _einsum_batched(args: tuple[Number, ...], held: tuple[bool, ...], *, subscripts: str) -> Number | None:
    """One more letter, for the axis in front."""
    spare = next((c for c in LETTERS if c not in subscripts), "")
    terms, output = subscripts.split("->")
    if not spare or (not output and not any(terms.split(","))):
        return None
    named = [spare + term if h else term for term, h in zip(terms.split(","), held, strict=True)]
    return _einsum(*args, subscripts=",".join(named) + "->" + spare + output)


_einsum: Multilinear = Multilinear(
    "einsum",
    _einsum_adjoint,
    batched=_einsum_batched,
    kernels={
        "array": lambda xp: (
            lambda *xs, subscripts: (
                np.einsum(subscripts, *xs, optimize=len(xs) > 2) if xp is np else xp.einsum(subscripts, *xs)
            )
        ),
        "object": lambda *xs, subscripts: np.einsum(subscripts, *xs),
    },
)


def einsum(subscripts: str, *operands: Number) -> Number:
    """Sums of products named by index letters, NumPy's `einsum` with string subscripts.

    >>> einsum("ij,j->i", np.eye(2), np.array([1.0, 2.0]))
    array([1., 2.])
    """
    if not isinstance(subscripts, str):
        raise ShapeError.here("einsum: give the subscripts as a string, such as 'ij,j->i'")
    operands = tuple([as_array(x) for x in operands])
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        raise ShapeError.here(f"einsum: {subscripts!r} names {len(terms)} operands, got {len(operands)}")
    if "." in text:
        terms, output = _name_ellipses(terms, output if arrow else None, operands)
    elif not arrow:
        letters = "".join(terms)
        output = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    for term, x in zip(terms, operands, strict=True):
        if len(term) != ndim(x):
            raise ShapeError.here(f"einsum: {term!r} names {len(term)} axes, the operand has shape {shape(x)}")
    return applied(_einsum, tuple(operands), {"subscripts": ",".join(terms) + "->" + output})


def _name_ellipses(terms: list[str], output: str | None, operands: Sequence[Number]) -> tuple[list[str], str]:
    """Subscripts with every `...` written out in unused letters."""
    used = set("".join(terms) + (output or ""))
    spare = [c for c in LETTERS if c not in used]
    widths = [ndim(x) - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
    most = max((w for w, t in zip(widths, terms, strict=True) if "..." in t), default=0)
    names = "".join(spare[:most])
    named = [t.replace("...", names[most - w :]) for t, w in zip(terms, widths, strict=True)]
    if output is None:
        letters = "".join(terms).replace(".", "")
        return named, names + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return named, output.replace("...", names)


def trace(x: Number, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Number:
    """The sum of a diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def kron(a: Number, b: Number) -> Number:
    """The Kronecker product: every element of `a` times the whole of `b`, side by side."""
    a, b = as_array(a), as_array(b)
    n = max(ndim(a), ndim(b))
    left, right = ((1,) * (n - ndim(x)) + shape(x) for x in (a, b))
    each = reshape(a, tuple([m for k in left for m in (k, 1)])) * reshape(b, tuple([m for k in right for m in (1, k)]))
    return reshape(each, tuple([p * q for p, q in zip(left, right, strict=True)]))


def cross(a: Number, b: Number, axis: int = -1) -> Number:
    """The cross product of vectors of three components."""
    a, b = as_array(a), as_array(b)
    a, b = moveaxis(a, axis, 0), moveaxis(b, axis, 0)
    if shape(a)[0] != 3 or shape(b)[0] != 3:
        raise ShapeError.here(f"cross: expected vectors of 3 components, got {shape(a)[0]} and {shape(b)[0]}")
    parts = [a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3] for i in range(3)]
    return moveaxis(stack(parts), 0, axis)


def diff(x: Number, n: int = 1, axis: int = -1) -> Number:
    """Differences of neighbours along an axis, n times."""
    if type(x) is np.ndarray:
        return np.diff(x, n, axis)
    x = moveaxis(x, axis, -1)
    for _ in range(n):
        x = x[..., 1:] - x[..., :-1]
    return moveaxis(x, -1, axis)


def trapezoid(y: Number, x: Any = None, dx: float = 1.0, axis: int = -1) -> Number:
    """The integral of sampled values along an axis by the trapezoidal rule; `x` are the places."""
    y = as_array(y)
    place = normal_axis(axis, ndim(y))
    widths: Number = dx
    if x is not None:
        x = as_array(x)
        widths = diff(x, 1, axis) if ndim(x) > 1 else reshape(diff(x), (-1,) + (1,) * (ndim(y) - 1 - place))
    lead = (slice(None),) * place
    return sum(widths * (y[(*lead, slice(1, None))] + y[(*lead, slice(None, -1))]) / 2.0, axis)


__all__ = [
    "cross", "diff", "dot", "einsum", "inner", "kron", "matmul", "outer", "tensordot", "trace", "trapezoid", "vdot",
]  # fmt: skip
