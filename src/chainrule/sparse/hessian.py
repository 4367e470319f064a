"""`sparse_hessian`: the pattern of the gradient's recording, and products with the Hessian in a few directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.sparse.coloring import colored, crowded, without
from chainrule.sparse.jacobian import SparseJacobian, alone
from chainrule.sparse.pattern import dependence
from chainrule.sparse.plan import Filled
from chainrule.transforms.gradient import grad
from chainrule.transforms.hessian import hvp
from chainrule.transforms.recorded import record


def sparse_hessian(
    f: Callable[..., Any], argnums: int = 0, *, compiled: bool = False, verify: bool = True
) -> Callable[..., Any]:
    """The Hessian of f, a number, by one argument, as a SciPy sparse array of shape (size, size).

    As `sparse_jacobian` of the gradient, with products of the Hessian and a direction in place of passes. It is
    symmetric: a variable that meets nearly all others gets a direction of its own, which gives its row and its column,
    and the others are colored without it.

    >>> import numpy as np
    >>> from chainrule import sparse_hessian
    >>> bends = sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2))
    >>> bends(np.array([1.0, 2.0, 3.0])).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    return SparseHessian(f, argnums, compiled, verify)


class Products:
    """Which direction gives which entry of a symmetric matrix.

    directions  of the products, flat
    filled      puts what they give, one after the other, into a sparse array
    layout      of the terms that give the entries without products; None: there are none
    """

    layout: Any = None

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern = (pattern + pattern.T).tocsr()
        alone = crowded(pattern)
        columns = colored(without(pattern, alone, alone) if alone.any() else pattern)
        first = int(columns.max(initial=-1)) + 1
        columns[alone] = first + np.arange(int(alone.sum()))
        whole = colored(pattern)
        if int(whole.max(initial=-1)) < int(columns.max(initial=-1)):
            columns, alone = whole, np.zeros_like(alone)
        self.passes = int(columns.max(initial=-1)) + 1
        entries = pattern.tocoo()
        row, column = entries.row, entries.col
        turned = alone[row] & ~alone[column]  # read as the entry across the diagonal
        of, at = np.where(turned, row, column), np.where(turned, column, row)
        self.directions: Any = [(columns == color) * 1.0 for color in range(self.passes)]
        self.weights: Any = ()
        self.drawn = np.random.default_rng(0).normal(size=pattern.shape[1])
        self.filled = Filled(row, column, columns[of] * pattern.shape[0] + at, pattern.shape)

    def told(self) -> str:
        """What the passes are, in words."""
        return f"{self.passes} products instead of {self.pattern.shape[0]}"


class SparseHessian(SparseJacobian):
    """What `sparse_hessian` returns."""

    verb = "sparse_hessian"

    def _planned(self, recorded: Any) -> Any:
        return Products(dependence(recorded.inputs, recorded.results))

    @staticmethod
    def _recorded(f: Callable[..., Any], x: Any) -> Any:
        return record(grad(f), *trees.numbers([x]))

    @staticmethod
    def _passes_of(f: Callable[..., Any], x: Any, directions: Any, weights: Any) -> list[Any]:
        return [hvp(f, x, direction) for direction in directions]

    def _along(self, direction: Any, x: Any, more: tuple[Any, ...]) -> Any:
        return hvp(alone(self.kept.lifted(), self.argnums, more), x, direction)
