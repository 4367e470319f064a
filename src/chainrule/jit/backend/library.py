"""What is asked of another library: its arrays, where they lie, its compiler."""

from __future__ import annotations

import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError

Computation = Callable[[Sequence[Any]], tuple[Any, list[Any]]]
"""From a program's inputs to whether each of its guards holds (one array; None without guards), and its results."""

DTYPES = frozenset({"float64", "float32", "int64", "int32", "int16", "int8", "uint8", "bool"})


class Library(ABC):
    """One of the libraries that `jit` hands programs to.

    name      as an argument of `jit`
    title     as it is written
    xp        its namespace, in the spelling of the array API
    lasting   whether an array that was made outside of its transforms may be used inside of them as it is
    """

    name: str
    title: str
    xp: Any
    lasting = False

    @abstractmethod
    def owns(self, x: Any) -> bool:
        """Whether `x` is one of its arrays."""

    @abstractmethod
    def unknown(self, x: Any) -> bool:
        """Whether one of its arrays has a shape and a type only: what its own transforms hand to a function."""

    @abstractmethod
    def device(self, x: Any) -> Any:
        """Where an array lies."""

    @abstractmethod
    def array(self, x: Any, device: Any) -> Any:
        """A number or an array of NumPy's as an array of its own, of the same type."""

    @abstractmethod
    def on_host(self, x: Any) -> Any:
        """One of its arrays as NumPy's."""

    @abstractmethod
    def compiled(self, compute: Computation, inputs: Sequence[Any]) -> tuple[Computation, str]:
        """`compute` by its compiler, and how it runs, in words."""

    def in_double(self) -> contextlib.AbstractContextManager[Any]:
        """While this is entered, float64 is float64."""
        return contextlib.nullcontext()

    def dtype(self, x: Any) -> np.dtype[Any]:
        """The type of an array's elements, as NumPy's. Raises ArgumentError for one that programs do not have."""
        name = str(x.dtype).rpartition(".")[2]
        if name not in DTYPES:
            raise ArgumentError.here(
                f'jit(backend="{self.name}") takes arrays of float64, float32, integers and booleans, got one of {name}'
            )
        return np.dtype(name)

    def cast(self, x: Any, dtype: np.dtype[Any]) -> Any:
        """An array with elements of another type."""
        return x if str(x.dtype).rpartition(".")[2] == dtype.name else self.xp.astype(x, getattr(self.xp, dtype.name))

    def sample(self, x: Any) -> Any:
        """The numbers of an array, on the host, with which a function is recorded. Of one that is unknown, others: they
        differ from each other, and lie between 0.5 and 1.5."""
        if not self.unknown(x):
            found = self.on_host(x)
            return found if found.ndim else found[()]
        dtype, shape = self.dtype(x), tuple(x.shape)
        numbers = 0.5 + (np.arange(math.prod(shape)) + 1) * 0.6180339887498949 % 1.0
        return numbers.reshape(shape).astype(dtype)[()]
