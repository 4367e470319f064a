"""`y.flat` of an array that is recorded: its elements in one row, as NumPy's `flatiter` gives them. What is read is a
copy, what is written changes the array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import shape


class Flat:
    """The elements of `base` in one row."""

    __slots__ = ("base",)

    def __init__(self, base: Any) -> None:
        self.base = base

    def __getitem__(self, key: Any) -> Any:
        found = self.copy()[key]
        return ops.positive(found) if shape(found) else found

    def __setitem__(self, key: Any, value: Any) -> None:
        size = shape(self.base)
        places = np.arange(len(self))[key]
        value = ops.array(value) if isinstance(value, (list, tuple)) else value
        if shape(value):  # it is repeated
            value = ops.reshape(value, (-1,))
            value = value[np.resize(np.arange(shape(value)[0]), np.shape(places))]
        self.base[np.unravel_index(places, size)] = value

    def __len__(self) -> int:
        return int(np.prod(shape(self.base), dtype=int))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.copy())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.copy(), name)

    def copy(self) -> Any:
        """The elements in an array of their own."""
        return ops.ravel(ops.positive(self.base))

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        return function(*map(_opened, args), **{name: _opened(x) for name, x in settings.items()})

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **settings: Any) -> Any:
        return getattr(ufunc, method)(*map(_opened, args), **settings)


def _opened(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(_opened, x))
    return x.copy() if isinstance(x, Flat) else x
