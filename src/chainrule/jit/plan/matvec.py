"""Products of a matrix and a vector, and of small matrices, as sums of products. The former take as long as to read the
matrix, in BLAS as in a loop (100,000 x 50, or its transpose: 2.0 ms by OpenBLAS, 1.6 and 1.9 by loops), and a loop can
do more with what it reads; the latter take less than a call of NumPy, and leave the work in one function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.plan.lower import Maker
from chainrule.jit.program import CONSTANT, INPUT, Step

SMALL = 4096  # products of numbers in a product of small matrices
ROWS = 32  # of a matrix, from which on they are worth a loop of their own
SKINNY = 32  # columns of such a matrix


def as_sum(step: Step) -> Step | None:
    """A matmul with a single row or column, or of small matrices, as a sum of products; None for other products."""
    a, b = step.args
    if step.dtype.kind != "f" or a.dtype != b.dtype or max(len(a.shape), len(b.shape)) > 2 or 0 in a.shape + b.shape:
        return None
    make = Maker(step.line)
    if len(b.shape) == 1 or b.shape[1] == 1:
        total = _weighted(make, a, make.shaped(b, (b.shape[0],)), 1)
    elif len(a.shape) == 1 or a.shape[0] == 1:
        total = _weighted(make, b, make.shaped(a, (a.shape[-1],)), 0)
    elif a.shape[0] * b.shape[0] * b.shape[1] <= SMALL:
        product = make("multiply", make.shaped(a, (*a.shape, 1)), make.shaped(b, (1, *b.shape)))
        total = Step("sum", (product,), {"axis": (1,), "keepdims": False}, step.shape, step.dtype, step.line)
    else:
        return None
    return make.shaped(total, step.shape)


class RowProducts:
    """Products of matrices with many rows and few columns as sums of products, rows first: x @ w as one over the
    columns of x, and x.T @ y as one over the rows of both. What is given from outside is copied first, once for all
    products: a copy may have its columns where they are wanted."""

    def __init__(self) -> None:
        self._copies: dict[Any, Step] = {}

    def __call__(self, step: Step, a: Step, b: Step) -> Step | None:
        if step.dtype.kind != "f" or a.dtype != b.dtype or len(a.shape) != 2 or len(b.shape) != 2:
            return None
        (m, k), n, make = a.shape, b.shape[1], Maker(step.line)
        if m >= ROWS and 0 < k <= SKINNY and 0 < n <= SKINNY:
            if k == 1:
                return make("multiply", a, b)
            if n == 1:
                return None
            a = self._copied(a)
            product, axis = make("multiply", make.shaped(a, (m, k, 1)), make.shaped(b, (1, k, n))), 1
        elif a.op in ("transpose", CONSTANT) and k >= ROWS and 1 < m <= SKINNY and 1 < n <= SKINNY:
            x, y = self._copied(_transposed(a)), self._copied(b)
            product, axis = make("multiply", make.shaped(x, (k, m, 1)), make.shaped(y, (k, 1, n))), 0
        else:
            return None
        return Step("sum", (product,), {"axis": (axis,), "keepdims": False}, step.shape, step.dtype, step.line)

    def _copied(self, x: Step) -> Step:
        base = x
        while base.op in ("getitem", "transpose", "broadcast_to", "flip", "reshape"):
            (base,) = base.args
        if base.op not in (INPUT, CONSTANT):
            return x
        key = _memory(x.settings["value"]) if x.op == CONSTANT else x
        if key not in self._copies:
            self._copies[key] = Step("positive", (x,), {}, x.shape, x.dtype, x.line)
        return self._copies[key]


def _transposed(x: Step) -> Step:
    if x.op == "transpose":
        return x.args[0]
    return Step(CONSTANT, (), {"value": np.transpose(x.settings["value"])}, x.shape[::-1], x.dtype, x.line)


def _memory(x: NDArray[Any]) -> tuple[object, ...]:
    """What says whether two arrays are one: where and how they lie."""
    return x.ctypes.data, x.shape, x.strides, x.dtype


def is_row_product(step: Step) -> bool:
    """Whether a step is such a sum over two matrices, one at least of which has a row for each of many."""
    if step.op != "sum" or step.args[0].op != "multiply" or len(step.args[0].shape) != 3 or step.settings["keepdims"]:
        return False
    (product,) = step.args
    n, k, m = product.shape
    shapes = tuple(a.shape for a in product.args)
    forward = step.settings["axis"] == (1,) and shapes == ((n, k, 1), (1, k, m))
    backward = step.settings["axis"] == (0,) and shapes == ((n, k, 1), (n, 1, m))
    return (forward or backward) and n >= ROWS and 1 < k <= SKINNY and 1 < m <= SKINNY


def _weighted(make: Maker, matrix: Step, weights: Step, axis: int) -> Step:
    """The sum over an axis of the matrix, its slices weighted. A transposed matrix is read as it lies in memory."""
    if matrix.op == "transpose" and len(matrix.shape) == 2 and matrix.settings["axes"] == (1, 0):
        (matrix,), axis = matrix.args, 1 - axis
    n = len(weights.shape) and weights.shape[0]
    if len(matrix.shape) == 2:
        weights = make.shaped(weights, (n, 1) if axis == 0 else (1, n))
    else:
        axis = 0
    product = make("multiply", matrix, weights)
    shape = product.shape[:axis] + product.shape[axis + 1 :]
    return Step("sum", (product,), {"axis": (axis,), "keepdims": False}, shape, product.dtype, make.line)
