"""Jacobians with many columns and Hessians with many rows, in blocks of them on many workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.cluster.tasks import each
from chainrule.errors import ShapeError
from chainrule.transforms.hessian import hvp
from chainrule.transforms.jvp_vjp import jvp
from chainrule.transforms.vmap import vmap

BLOCK = 64
"""Columns that a task computes at once."""


def jacobian(f: Callable[..., Any], *, block: int = BLOCK, **settings: Any) -> Callable[..., Any]:
    """The Jacobian of f by its first argument, an array: of shape (*result.shape, *argument.shape), a block of columns
    for each task, in forward mode. Settings as for `one_by_one`.

    >>> import numpy as np
    >>> from chainrule import cluster
    >>> cluster.jacobian(lambda x: x * x[::-1], block=1, client="here")(np.array([2.0, 3.0]))
    array([[3., 2.],
           [3., 2.]])
    """

    def of(x: Any, *rest: Any) -> Any:
        x = _vector(x, "jacobian")
        parts = each(_Columns(f, x, rest, block), _starts(x.size, block), **settings)
        whole = np.concatenate(parts)  # a row for each column
        return np.moveaxis(whole.reshape(*x.shape, *whole.shape[1:]), range(x.ndim), range(-x.ndim, 0))

    return of


def hessian(f: Callable[..., Any], *, block: int = BLOCK, **settings: Any) -> Callable[..., Any]:
    """The Hessian of f by its first argument, an array: of shape (*argument.shape, *argument.shape), a block of rows
    for each task, by Hessian-vector products. Settings as for `one_by_one`.

    >>> import numpy as np
    >>> from chainrule import cluster
    >>> cluster.hessian(lambda x: np.sum(x**3), client="here")(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """

    def of(x: Any, *rest: Any) -> Any:
        x = _vector(x, "hessian")
        parts = each(_Products(f, x, rest, block), _starts(x.size, block), **settings)
        return np.concatenate(parts).reshape(*x.shape, *x.shape)

    return of


class _Columns:
    """Called with the number of the first column of a block: f's derivatives in its directions, one below the other."""

    __name__ = "jacobian"

    def __init__(self, f: Callable[..., Any], x: Any, rest: tuple[Any, ...], block: int) -> None:
        self.f, self.x, self.rest, self.block = f, x, rest, block

    def directions(self, start: int) -> Any:
        stop = min(start + self.block, self.x.size)
        found = np.zeros((stop - start, self.x.size))
        found[np.arange(stop - start), np.arange(start, stop)] = 1.0
        return found.reshape(-1, *self.x.shape)

    def __call__(self, start: int) -> Any:
        return vmap(lambda v: jvp(lambda x: self.f(x, *self.rest), (self.x,), (v,))[1])(self.directions(start))


class _Products(_Columns):
    """Called with the number of the first row of a block of a Hessian."""

    __name__ = "hessian"

    def __call__(self, start: int) -> Any:
        return vmap(lambda v: hvp(lambda x: self.f(x, *self.rest), self.x, v))(self.directions(start))


def _starts(size: int, block: int) -> list[int]:
    return list(range(0, size, block))


def _vector(x: Any, name: str) -> Any:
    x = np.asarray(x, dtype=np.float64)
    if not x.size or not x.ndim:
        raise ShapeError.here(f"cluster.{name} expects an array to differentiate by, got the shape {x.shape}")
    return x
