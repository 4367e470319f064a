"""Which results may depend on which inputs, read off a recording.

Each node has a boolean matrix: a row for every element of the node, a column for every input. What kind of row an
operator has says how the matrices of its operands combine: elementwise ones take their union, rows that move elements
move rows, reductions unite those of a line. Entries are never missing; where a row says too little there are too many.

Griewank and Walther, Evaluating Derivatives (2008), section 7.1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.numbers import primal, shape
from chainrule.ops.kinds import Elementwise, PiecewiseConstant, Reduction
from chainrule.ops.row import Operator
from chainrule.recording import order
from chainrule.values.value import Value

Matrix = Any
"""A scipy.sparse.csr_array of booleans."""

MOVES = frozenset({"reshape", "transpose", "broadcast_to", "flip", "roll", "getitem", "concatenate", "stack"})
"""Rows that only say of elements where they come to stand."""
LINES = frozenset({"sum", "cumsum"})


def dependence(inputs: list[Any], outputs: list[Any]) -> Matrix:
    """The matrix of all elements of the outputs by all elements of the inputs, values of one recording. An output of
    another kind depends on none."""
    import scipy.sparse as sp

    sizes = [math.prod(shape(x)) for x in inputs]
    width = sum(sizes)
    found: dict[int, Matrix] = {}
    start = 0
    for x, size in zip(inputs, sizes, strict=True):
        places = np.arange(size)
        found[id(x)] = sp.csr_array((np.ones(size, bool), (places, start + places)), shape=(size, width))
        start += size
    recorded = [y for y in outputs if isinstance(y, Value) and y.level == inputs[0].level]
    for node in order(*recorded):
        if id(node) in found:
            continue
        count = math.prod(shape(node))
        parents = dict(zip(node.active, node.parents, strict=True))
        if node.op is None:
            found[id(node)] = sp.csr_array((count, width), dtype=bool)
        else:
            combined = _combined(node, count, {i: found[id(parent)] for i, parent in parents.items()})
            found[id(node)] = sp.csr_array(combined, dtype=bool)
    nothing = [sp.csr_array((math.prod(shape(y)), width), dtype=bool) for y in outputs]
    return sp.vstack([found.get(id(y), none) for y, none in zip(outputs, nothing, strict=True)], format="csr")


def _combined(node: Any, count: int, held: dict[int, Matrix]) -> Matrix:
    """The matrix of a node, from those of its operands."""
    op, sizes = node.op, [shape(x) for x in node.operands]
    if isinstance(op, PiecewiseConstant):
        import scipy.sparse as sp

        return sp.csr_array((count, next(iter(held.values())).shape[1]), dtype=bool)
    if isinstance(op, Elementwise) or op.name in ("where", "scale", "strong_zero_product"):
        return _union([m[_spread(sizes[i], shape(node))] for i, m in held.items()])
    if op.name in MOVES:
        return _moved(op, node, held)
    if op.name == "scatter":
        return _put(node, count, held)
    if isinstance(op, Reduction) or op.name in LINES:
        return _lines(node, count, sizes[0], held[0]) if len(held) == 1 and 0 in held else _all(count, held)
    if op.name == "matmul":
        return _product(node, count, sizes, held)
    return _all(count, held)


def _union(parts: list[Matrix]) -> Matrix:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _spread(size: tuple[int, ...], wanted: tuple[int, ...]) -> Any:
    """For each element of the result the element of an operand that it is computed from."""
    places = np.arange(math.prod(size)).reshape(size)
    return np.broadcast_to(places, wanted).ravel()


def _moved(op: Operator, node: Any, held: dict[int, Matrix]) -> Matrix:
    """The row itself is asked, on the numbers of the elements."""
    import scipy.sparse as sp

    numbered, start, parts = [], 1, []
    for i, x in enumerate(node.operands):
        size = shape(x)
        n = math.prod(size)
        if i in held:
            numbered.append(np.arange(start, start + n, dtype=float).reshape(size))
            parts.append(held[i])
            start += n
        else:
            numbered.append(np.zeros(size))
    places = np.asarray(op(*numbered, **node.settings)).ravel().astype(int)
    nothing = sp.csr_array((1, parts[0].shape[1]), dtype=bool)
    return sp.vstack([nothing, *parts], format="csr")[places]


def _put(node: Any, count: int, held: dict[int, Matrix]) -> Matrix:
    """The adjoint of taking elements: each goes where it was taken from."""
    import scipy.sparse as sp

    from_where = np.arange(count).reshape(shape(node))[node.settings["index"]]
    places = np.broadcast_to(from_where, shape(node.operands[0])).ravel()
    n = len(places)
    moves = sp.csr_array((np.ones(n, bool), (places, np.arange(n))), shape=(count, n))
    return moves @ held[0]


def _lines(node: Any, count: int, size: tuple[int, ...], held: Matrix) -> Matrix:
    """Each result depends on all elements of its line."""
    import scipy.sparse as sp

    axis = node.settings.get("axis")
    kept = list(size)
    for k in range(len(size)) if axis is None else [axis] if isinstance(axis, int) else axis:
        kept[k] = 1
    lines = math.prod(kept)
    goes = np.broadcast_to(np.arange(lines).reshape(kept), size).ravel()
    n = len(goes)
    united = sp.csr_array((np.ones(n, bool), (goes, np.arange(n))), shape=(lines, n)) @ held
    return united if count == lines else united[goes]  # a cumulative one has a result for each element


def _product(node: Any, count: int, sizes: list[tuple[int, ...]], held: dict[int, Matrix]) -> Matrix:
    """Of a constant matrix and a vector or a matrix: its zeros count. Otherwise rows by columns."""
    import scipy.sparse as sp

    left, right = sizes
    if len(left) > 2 or len(right) > 2:
        return _all(count, held)
    rows, columns = (left[0] if len(left) == 2 else 1), (right[1] if len(right) == 2 else 1)
    inner = left[-1]
    parts = []
    for i, m in held.items():
        other = node.operands[1 - i]
        known = np.ones(sizes[1 - i], bool) if 1 - i in held else np.asarray(primal(other)) != 0
        if i == 1:  # the sum over k of a[r, k] b[k, c]
            a = sp.csr_array(np.reshape(known, (rows, inner)))
            parts.append(sp.kron(a, sp.eye_array(columns, dtype=bool), format="csr") @ m)
        else:
            b = sp.csr_array(np.reshape(known, (inner, columns)).T)
            parts.append(sp.kron(sp.eye_array(rows, dtype=bool), b, format="csr") @ m)
    return _union(parts)


def _all(count: int, held: dict[int, Matrix]) -> Matrix:
    """Every result depends on all that any element of an operand depends on."""
    import scipy.sparse as sp

    columns = np.unique(np.concatenate([m.indices for m in held.values()]))
    width = next(iter(held.values())).shape[1]
    line = sp.csr_array((np.ones(len(columns), bool), (np.zeros(len(columns), int), columns)), shape=(1, width))
    return line[np.zeros(count, dtype=int)]
