"""Products of a matrix and a vector, and of small matrices, as sums of products. The former take as long as to read the
matrix, in BLAS as in a loop (100,000 x 50, or its transpose: 2.0 ms by OpenBLAS, 1.6 and 1.9 by loops), and a loop can
do more with what it reads; the latter take less than a call of NumPy, and leave the work in one function."""

from __future__ import annotations

from chainrule.jit.plan.lower import Maker
from chainrule.jit.program import Step

SMALL = 4096  # products of numbers in a product of small matrices


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
