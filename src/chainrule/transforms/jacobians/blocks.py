"""The Jacobian of one result by several arguments: a tuple of blocks, and one matrix where an array is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import optree
from optree.registry import __GLOBAL_NAMESPACE as GLOBAL


class Blocks(tuple[Any, ...]):
    """A tuple with a block for each argument, of shape result.shape + argument.shape. Where an array is asked for it is
    the whole Jacobian, the numbers of all arguments along the last axis: so `curve_fit` takes it.

    >>> from chainrule import jacobian
    >>> found = jacobian(lambda a, b: np.array([a * b, a, b]), argnums=(0, 1))(2.0, 3.0)
    >>> found
    (array([3., 1., 0.]), array([2., 0., 1.]))
    >>> np.asarray(found)
    array([[3., 2.],
           [1., 0.],
           [0., 1.]])
    """

    rows: tuple[int, ...]

    def __new__(cls, rows: tuple[int, ...], blocks: Iterable[Any]) -> Blocks:
        made = super().__new__(cls, blocks)
        made.rows = rows
        return made

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if any(np.shape(block)[: len(self.rows)] != self.rows for block in self):  # something else was filled in
            return np.array(tuple(self), dtype=dtype)
        columns = [np.reshape(block, (*self.rows, -1)) for block in self]
        return np.concatenate(columns, axis=-1, dtype=dtype)

    def __reduce__(self) -> Any:
        return Blocks, (self.rows, tuple(self))


def _apart(blocks: Any) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    return tuple(blocks), blocks.rows


def _again(rows: Any, blocks: Iterable[Any]) -> Blocks:
    return Blocks(rows, blocks)


optree.register_pytree_node(Blocks, _apart, _again, namespace=GLOBAL)  # a node, as a tuple is
