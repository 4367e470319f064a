"""SciPy's sparse arrays of recorded numbers: made, added, scaled and multiplied in lifted functions.

Where the entries stand does not move; the entries are one recorded vector.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_complex, no_rule
from chainrule.errors import ShapeError
from chainrule.numbers import StandIn, primal, shape
from chainrule.ops.index import scattered
from chainrule.scipy.called import number
from chainrule.scipy.sparse import seeing

Rule = Callable[..., Any]


class Entries:
    """A sparse array of recorded numbers: data[k] is added at (row[k], col[k]). `stars` says that `*` is a product, as
    it is of SciPy's matrices."""

    leaves_products_to_me = True
    ndim = 2

    def __init__(self, data: Any, row: Any, col: Any, size: tuple[int, int], stars: bool = False) -> None:
        self.data, self.row, self.col, self.shape, self._stars = data, row, col, (int(size[0]), int(size[1])), stars

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise no_rule(f"scipy.sparse: {name} of an array of recorded numbers")

    def plain(self) -> Any:
        """The array of plain numbers below, by columns."""
        data = np.asarray(primal(self.data))
        if data.dtype.kind == "c":
            raise no_complex("scipy.sparse: a system with an array of recorded numbers")
        data = data.astype(float)
        return scipy.sparse.csc_array((data, (self.row, self.col)), shape=self.shape)

    def _with(self, data: Any) -> Entries:
        return Entries(data, self.row, self.col, self.shape, self._stars)

    @property
    def T(self) -> Entries:
        """The transposed array."""
        return Entries(self.data, self.col, self.row, self.shape[::-1], self._stars)

    def transpose(self) -> Entries:
        """The transposed array."""
        return self.T

    def _itself(self, *args: Any, **settings: Any) -> Entries:
        return self

    tocsr = tocsc = tocoo = copy = asformat = _itself

    def toarray(self) -> Any:
        """The array with its zeros."""
        places = self.row * self.shape[1] + self.col
        return ops.reshape(scattered(self.data, places, (self.shape[0] * self.shape[1],)), self.shape)

    todense = toarray

    def diagonal(self) -> Any:
        """The elements on the diagonal."""
        on = np.flatnonzero(self.row == self.col)
        return scattered(self.data[on], self.row[on], (min(self.shape),))

    def sum(self, axis: Any = None) -> Any:
        """The sum of the entries, of all or of each column or row."""
        if axis is None:
            return ops.sum(self.data)
        return scattered(self.data, self.col if axis % 2 == 0 else self.row, (self.shape[1 - axis % 2],))

    def dot(self, other: Any) -> Any:
        """The product with a vector or matrix."""
        return self @ other

    def __matmul__(self, other: Any) -> Any:
        x = number(other)
        if isinstance(other, Entries) or scipy.sparse.issparse(other):
            raise no_rule("scipy.sparse: the product of two sparse arrays of recorded numbers")
        if len(shape(x)) not in (1, 2) or shape(x)[0] != self.shape[1]:
            raise ShapeError.here(f"a sparse array of shape {self.shape} does not fit what has shape {shape(x)}")
        data = self.data if len(shape(x)) == 1 else ops.reshape(self.data, (-1, 1))
        return scattered(x[self.col] * data, self.row, (self.shape[0], *shape(x)[1:]))

    def __rmatmul__(self, other: Any) -> Any:
        x = number(other)
        found = self.T @ (ops.transpose(x) if len(shape(x)) > 1 else x)
        return ops.transpose(found) if len(shape(x)) > 1 else found

    def __mul__(self, other: Any) -> Any:
        if len(shape(number(other))):
            if self._stars:
                return self @ other
            raise no_rule("scipy.sparse: an array of recorded numbers times another, element by element,")
        return self._with(self.data * other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(self.data * other)

    def __truediv__(self, other: Any) -> Any:
        return self._with(self.data / other)

    def __neg__(self) -> Entries:
        return self._with(-self.data)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, (int, float)) and other == 0:
            return self
        other = entries(other)
        if other is None or other.shape != self.shape:
            raise no_rule("scipy.sparse: an array of recorded numbers and one that is dense, or of another shape,")
        parts = ((self.data, other.data), (self.row, other.row), (self.col, other.col))
        data, row, col = ops.concatenate(parts[0]), np.concatenate(parts[1]), np.concatenate(parts[2])
        return Entries(data, row, col, self.shape, self._stars)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other


def entries(x: Any) -> Entries | None:
    """A sparse array, of plain or of recorded numbers, as entries; None for what is not sparse."""
    if isinstance(x, Entries):
        return x
    if not scipy.sparse.issparse(x):
        return None
    coo = x.tocoo()
    row, col = coo.coords
    stars = isinstance(x, scipy.sparse.spmatrix)
    return Entries(coo.data * 1.0, row.astype(np.intp), col.astype(np.intp), coo.shape, stars)


# -- how they are made --------------------------------------------------------------------------------------------


def _made(format: str, stars: bool, title: str, given: Any, size: Any) -> Entries:
    """What a class of SciPy's makes of (data, (row, col)), (data, indices, indptr), a dense or a sparse array."""
    if isinstance(given, Entries):
        return given
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], tuple):
        row, col = (np.asarray(k, dtype=np.intp) for k in given[1])
        size = (row.max() + 1, col.max() + 1) if size is None else size
        return Entries(ops.ravel(number(given[0])), row, col, size, stars)
    if isinstance(given, tuple) and len(given) == 3 and format in ("csr", "csc"):
        inner, starts = np.asarray(given[1], dtype=np.intp), np.asarray(given[2])
        outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        row, col = (outer, inner) if format == "csr" else (inner, outer)
        if size is None:
            size = (len(starts) - 1, inner.max() + 1) if format == "csr" else (inner.max() + 1, len(starts) - 1)
        return Entries(ops.ravel(number(given[0])), row, col, size, stars)
    if isinstance(given, tuple):
        raise no_rule(f"{title} of {len(given)} arrays of recorded numbers")
    dense = number(given)
    if len(shape(dense)) != 2:
        raise no_rule(f"{title} of what has not two axes")
    rows, columns = shape(dense)
    known = not isinstance(primal(dense), StandIn)
    row, col = np.nonzero(np.asarray(primal(dense)) != 0) if known else np.indices((rows, columns)).reshape(2, -1)
    return Entries(dense[row, col], row, col, (rows, columns), stars)


def _class(name: str, original: type) -> Any:
    """A class of sparse arrays in a lifted function: what it makes sees recorded numbers, or holds them."""
    format, stars = name.partition("_")[0], name.endswith("_matrix")
    title = f"scipy.sparse.{name}"

    class Kind(type(original)):  # type: ignore[misc]
        def __instancecheck__(cls, x: Any) -> bool:
            return isinstance(x, original)

        def __call__(cls, arg1: Any, shape: Any = None, *args: Any, **settings: Any) -> Any:
            parts = list(arg1) if isinstance(arg1, tuple) else [arg1]
            if isinstance(arg1, Entries) or any(map(holds, parts)):
                return _made(format, stars, title, arg1, shape)
            return seeing(original(arg1, shape, *args, **settings))

    return Kind(name, (original,), {"__module__": original.__module__, "__doc__": original.__doc__})


def _diagonals(diagonals: Any, offsets: Any = 0, shape: Any = None, stars: bool = False) -> Entries:
    one = np.ndim(offsets) == 0 and not (isinstance(diagonals, (list, tuple)) and len(diagonals) == 1 and
                                         _length(diagonals[0]) != 1)  # fmt: skip
    lines = [diagonals] if one else list(diagonals)
    places = [int(k) for k in np.atleast_1d(offsets)]
    lines = [ops.ravel(number(line)) for line in lines]
    if shape is None:
        n = _length(lines[0]) + abs(places[0])
        shape = (n, n)
    parts, rows, cols = [], [], []
    for line, k in zip(lines, places, strict=True):
        count = min(shape[0] + min(k, 0), shape[1] - max(k, 0))
        if _length(line) == 1 and count != 1:
            line = ops.repeat(line, count)
        at = np.arange(count)
        parts.append(line[:count])
        rows.append(at - min(k, 0))
        cols.append(at + max(k, 0))
    return Entries(ops.concatenate(parts), np.concatenate(rows), np.concatenate(cols), shape, stars)


def _length(x: Any) -> int:
    size = shape(number(x))
    return size[0] if size else 0


def diags_array(
    diagonals: Any, /, *, offsets: Any = 0, shape: Any = None, format: Any = None, dtype: Any = None
) -> Any:
    return _diagonals(diagonals, offsets, shape)


def diags(diagonals: Any, offsets: Any = 0, shape: Any = None, format: Any = None, dtype: Any = None) -> Any:
    return _diagonals(diagonals, offsets, shape, True)


def _joined(name: str) -> Rule:
    """`hstack vstack block_diag` with arrays of recorded numbers among others."""

    def join(blocks: Any, format: Any = None, dtype: Any = None) -> Any:
        parts = [entries(x if not holds([x]) else _made("coo", False, f"scipy.sparse.{name}", x, None)) for x in blocks]
        if any(p is None for p in parts):
            raise no_rule(f"scipy.sparse.{name} of dense arrays")
        rows, cols, size = [], [], [0, 0]
        for part in parts:
            assert part is not None
            down, along = (0 if name == "hstack" else size[0]), (0 if name == "vstack" else size[1])
            rows.append(part.row + down)
            cols.append(part.col + along)
            size = [max(size[0], down + part.shape[0]), max(size[1], along + part.shape[1])]
        data = ops.concatenate([p.data for p in parts if p is not None])
        return Entries(data, np.concatenate(rows), np.concatenate(cols), (size[0], size[1]))

    return join


def kron(A: Any, B: Any, format: Any = None) -> Any:
    a, b = entries(A), entries(B)
    if a is None or b is None:
        raise no_rule("scipy.sparse.kron of dense arrays")
    data = ops.ravel(ops.outer(a.data, b.data))
    row = np.ravel(a.row[:, None] * b.shape[0] + b.row)
    col = np.ravel(a.col[:, None] * b.shape[1] + b.col)
    return Entries(data, row, col, (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


_WITH_RECORDED: dict[str, Rule] = {
    "diags_array": diags_array, "diags": diags, "kron": kron,
    **{name: _joined(name) for name in ("hstack", "vstack", "block_diag")},
}  # fmt: skip


def _function(name: str, original: Rule) -> Rule:
    rule = _WITH_RECORDED.get(name)

    def call(*args: Any, **settings: Any) -> Any:
        inner = [v for x in args for v in (x if isinstance(x, (list, tuple)) else [x])]
        if any(isinstance(v, Entries) for v in inner) or holds(args) or any(map(holds, inner)):
            if rule is None:
                raise no_rule(f"scipy.sparse.{name}")
            return rule(*args, **settings)
        return seeing(original(*args, **settings))

    return call


def _all() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for name in scipy.sparse.__all__:
        original = getattr(scipy.sparse, name)
        if isinstance(original, type) and name.endswith(("_array", "_matrix")):
            found[name] = _class(name, original)
        elif isinstance(original, types.FunctionType) and not name.startswith(("is", "get_", "find", "save")):
            found[name] = _function(name, original)
    return found


RULES: dict[str, Rule] = _all()
