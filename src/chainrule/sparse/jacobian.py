"""`sparse_jacobian`: the pattern from the recording, colored, computed in a few passes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import Lifted
from chainrule.errors import ArgumentError, SparsityError, at_user_line
from chainrule.numbers import late, shape
from chainrule.sparse.coloring import colored, crowded, without
from chainrule.sparse.pattern import dependence
from chainrule.transforms.jvp_vjp import jvp, record, vjp

_jit = late("chainrule.jit.call.compiled.jit")


def sparse_jacobian(f: Callable[..., Any], *, compiled: bool = False, verify: bool = True) -> Callable[..., Any]:
    """The Jacobian of f by its first argument as a SciPy sparse array, of shape (result.size, argument.size).

    f         of an array of any shape, and further arguments; gives an array
    compiled  whether the passes run as machine code (`jit`)
    verify    whether each answer is compared with one more pass in a drawn direction

    Where entries can be other than zero is read off a recording of f at the first point, and used again at other ones.
    Columns without a row in common are computed together, in forward mode; rows in reverse mode where that takes fewer
    passes; rows that are full one by one, the rest in columns. `print` of the result, or `.report()`, says how many
    passes that makes. What a branch, or an index that is computed, makes depend on other numbers at another point is
    found by `verify`: then the pattern is read anew.

    Raises SparsityError where the answer and the drawn direction still differ.

    >>> import numpy as np
    >>> from chainrule import sparse_jacobian
    >>> slopes = sparse_jacobian(lambda x: x[1:] * x[:-1])
    >>> slopes(np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    >>> slopes.report()
    '2 passes instead of 2: columns'
    """
    return SparseJacobian(f, compiled, verify)


class Plan:
    """Which passes give which entries.

    columns  a color for each column, computed forward; -1: by rows
    rows     a color for each row, computed in reverse; -1: by columns
    """

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern
        height, width = pattern.shape
        by_column, by_row = colored(pattern), colored(pattern.T.tocsr())
        nothing_of = np.full(height, -1), np.full(width, -1)
        full = crowded(pattern)
        mixed = colored(without(pattern, full)) if full.any() else by_column
        alone = np.where(full, np.cumsum(full) - 1, -1)
        choices = [(by_column, nothing_of[0]), (nothing_of[1], by_row), (mixed, alone)]
        self.columns, self.rows = min(choices, key=lambda choice: _count(choice[0]) + _count(choice[1]))
        entries = pattern.tocoo()
        self.row, self.column = entries.row, entries.col
        by_rows = self.rows[self.row] >= 0
        self.forward: list[Any] = [(d * 1.0, np.flatnonzero(~by_rows & d[self.column])) for d in _each(self.columns)]
        self.backward: list[Any] = [(w * 1.0, np.flatnonzero(by_rows & w[self.row])) for w in _each(self.rows)]
        self.drawn = np.random.default_rng(0).normal(size=width)
        self.filled = Filled(self.row, self.column, pattern.shape)

    @property
    def passes(self) -> int:
        return _count(self.columns) + _count(self.rows)

    def told(self) -> str:
        """What the passes are, in words."""
        ways = [name for name, of in (("columns", self.columns), ("rows", self.rows)) if _count(of)]
        whole = min(self.pattern.shape)
        return f"{self.passes} passes instead of {whole}: {' and '.join(ways) or 'no entries'}"


def _each(colors: Any) -> list[Any]:
    """For each color a mask of what has it."""
    return [colors == color for color in range(_count(colors))]


def _count(colors: Any) -> int:
    return int(colors.max(initial=-1)) + 1


class Filled:
    """A sparse array of a pattern with other numbers in it, given in the order of its entries."""

    def __init__(self, row: Any, column: Any, size: tuple[int, int]) -> None:
        import scipy.sparse as sp

        numbered = sp.csr_array((np.arange(1, len(row) + 1), (row, column)), shape=size)
        self.order, self.indices, self.starts, self.size = numbered.data - 1, numbered.indices, numbered.indptr, size

    def __call__(self, data: Any) -> Any:
        import scipy.sparse as sp

        return sp.csr_array((data[self.order], self.indices.copy(), self.starts.copy()), shape=self.size)


class SparseJacobian:
    """What `sparse_jacobian` returns."""

    verb = "sparse_jacobian"

    def __init__(self, f: Callable[..., Any], compiled: bool, verify: bool) -> None:
        self.f, self.compiled, self.verify = f, compiled, verify
        self.kept = Lifted(f)
        self.plan: Any = None
        self._of: Any = None
        me: Any = self
        functools.update_wrapper(me, f, updated=())
        kept = self.kept
        self.forward: Any = lambda x, direction, *more: jvp(_first(kept.lifted(), more), (x,), (direction,))[1]
        self.backward: Any = lambda x, weights, *more: vjp(_first(kept.lifted(), more), x)[1](weights)[0]
        if compiled:
            self.forward, self.backward = _jit(self.forward), _jit(self.backward)

    def __call__(self, x: Any, *more: Any) -> Any:
        x = _vector(x)
        of = (shape(x), tuple(map(shape, trees.flatten(more)[0])))
        fresh = self.plan is None or self._of != of
        if fresh:
            self._read(x, more, of)
        found = self._computed(x, more)
        if self.verify and not self._holds(found, x, more):
            if not fresh:
                self._read(x, more, of)
                found = self._computed(x, more)
            if fresh or not self._holds(found, x, more):
                raise SparsityError(
                    at_user_line(
                        "the sparse Jacobian and a drawn direction differ: f gives other results each time, or its\n"
                        "  result depends on numbers by a way that is not recorded. Use cr.jacobian"
                    )
                )
        return found

    def __repr__(self) -> str:
        return f"<{self.verb} of {getattr(self.f, '__qualname__', None) or repr(self.f)}: {self.report()}>"

    def __reduce__(self) -> Any:
        return type(self), (self.f, self.compiled, self.verify)

    def report(self) -> str:
        """How many passes an answer takes; what is known after the first call."""
        return "not called yet" if self.plan is None else self.plan.told()

    def _read(self, x: Any, more: tuple[Any, ...], of: Any) -> None:
        lifted = self.kept.lifted()
        recorded = record(_first(lifted, more), *trees.numbers([x]))
        self.plan, self._of = Plan(dependence(recorded.inputs, recorded.results)), of

    def _computed(self, x: Any, more: tuple[Any, ...]) -> Any:
        plan: Any = self.plan
        data = np.zeros(len(plan.row))
        for direction, entries in plan.forward:
            along = np.reshape(self.forward(x, direction.reshape(shape(x)), *more), -1)
            data[entries] = along[plan.row[entries]]
        size = shape(self.f(x, *more)) if plan.backward else ()
        for weights, entries in plan.backward:
            given = weights.reshape(size) if size else 1.0
            data[entries] = np.reshape(self.backward(x, given, *more), -1)[plan.column[entries]]
        return plan.filled(data)

    def _holds(self, found: Any, x: Any, more: tuple[Any, ...]) -> bool:
        direction = self.plan.drawn
        expected = np.reshape(self.forward(x, direction.reshape(shape(x)), *more), -1)
        size = abs(found) @ np.abs(direction)
        return bool(np.all(np.abs(found @ direction - expected) <= 1e-9 * size + 1e-300))


def _first(f: Callable[..., Any], more: tuple[Any, ...]) -> Callable[..., Any]:
    """`f` of its first argument alone."""
    return (lambda x: f(x, *more)) if more else f


def _vector(x: Any) -> Any:
    x = np.asarray(x)
    if x.dtype.kind not in "iubf":
        raise ArgumentError(at_user_line(f"expected an array of real numbers, got {x.dtype}"))
    return x.astype(float) if x.dtype.kind != "f" else x
