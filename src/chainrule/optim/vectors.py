"""Nested containers of numbers as one vector, which is what SciPy's minimisers know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops, trees
from chainrule.errors import ShapeError
from chainrule.numbers import Number, StandIn, shape


def ravel(params: Any) -> tuple[Any, Callable[[Number], Any]]:
    """All numbers of `params` as one vector, and the function that makes such a vector into containers like `params`.
    Both ways can be differentiated: inside of a function that is, `ravel(params)[0]` carries its derivative.

    >>> from chainrule import optim
    >>> vector, rebuilt = optim.ravel({"w": np.array([[1.0, 2.0]]), "b": 3.0})
    >>> vector
    array([3., 1., 2.])
    >>> rebuilt(2 * vector)
    {'w': array([[2., 4.]]), 'b': 6.0}
    """
    leaves, structure = trees.numbers(params)
    shapes = [shape(x) for x in leaves]
    plain = [type(x) is float for x in leaves]
    ends = np.cumsum([0, *(int(np.prod(s)) for s in shapes)])
    vector: Any
    if any(isinstance(x, StandIn) for x in leaves):
        vector = ops.concatenate([ops.reshape(x, shape=(-1,)) for x in leaves])
    else:
        vector = np.concatenate([np.zeros(0), *(np.ravel(np.asarray(x, dtype=np.float64)) for x in leaves)])
    count = int(ends[-1])

    def rebuilt(v: Number) -> Any:
        if shape(v) != (count,):
            raise ShapeError.here(f"expected a vector of {count} numbers, got the shape {shape(v)}")
        pieces = []
        for k, s in enumerate(shapes):
            if s == ():
                x = v[int(ends[k])]
                pieces.append(float(x) if plain[k] and isinstance(x, np.floating) else x)
            else:
                pieces.append(ops.reshape(v[int(ends[k]) : int(ends[k + 1])], shape=s))
        return trees.unflatten(structure, pieces)

    return vector, rebuilt
