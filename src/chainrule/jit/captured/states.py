"""Objects whose state is no attribute and no element: what says whether it is still the same."""

from __future__ import annotations

import _abc  # type: ignore[import-not-found]
import contextvars
import itertools
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.jit.captured.watch import equal

State = Callable[[Any], Any]
"""Of an object: something to be compared with =="""


def state_of(name: str, x: Any) -> State | None:
    """The function that tells the state of `x`; None for an object that is looked into otherwise.

    Raises ArgumentError for an iterator that cannot be asked where it stands.

    >>> count = itertools.count(3)
    >>> state_of("count", count)(count)
    'count(3)'
    """
    if isinstance(x, weakref.ref):
        return _referent
    if isinstance(x, contextvars.ContextVar):
        return _of_context
    if isinstance(x, itertools.count):
        return repr
    if isinstance(x, types.GeneratorType):
        return _of_generator
    if isinstance(x, Iterator) and type(x).__module__ in ("builtins", "itertools"):
        if type(x).__name__.endswith("_iterator") and not isinstance(x, tuple):
            return _position
        raise unwatchable(
            f"reads {name!r}, an iterator ({type(x).__name__})",
            "make it a list, or draw from it outside and pass the number as an argument",
        )
    try:
        memoryview(x)
    except (TypeError, BufferError, ValueError):
        return None
    return _buffer


def _referent(x: Any) -> bool:
    return x() is None


class SameState:
    """Equal to another one of the same object only."""

    __slots__ = ("x",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameState) and (other.x is self.x or equal(other.x, self.x))


def _of_context(x: Any) -> tuple[Any, ...]:
    return (SameState(x.get(None)),)


def _of_generator(x: Any) -> tuple[Any, ...]:
    frame = x.gi_frame
    if frame is None:
        return ()
    return (frame.f_lasti, *map(repr, frame.f_locals.items()))


def _position(x: Any) -> Any:
    return x.__length_hint__() if hasattr(x, "__length_hint__") else repr(x.__reduce__()[2:])


def _buffer(x: Any) -> tuple[str, bytes]:
    seen = memoryview(x)
    return seen.format, seen.tobytes()


def form(x: Any) -> Any:
    """What may change of an array whose numbers cannot."""
    return x.shape, x.strides, x.dtype


def masked(x: Any) -> Any:
    return as_bytes(np.asarray(x)), np.ma.getmaskarray(x).tobytes()


def as_bytes(x: Any) -> Any:
    """The numbers of an object that turns into an array, or of a table of such, as something to compare."""
    if hasattr(x, "data_vars"):
        return tuple((name, as_bytes(column)) for name, column in x.variables.items())
    array = np.asarray(x)
    if array.dtype.hasobject:
        return (array.shape, tuple(map(repr, array.ravel().tolist())))
    return (array.shape, array.dtype, array.tobytes())


def relatives(cls: type) -> tuple[int, ...]:
    """What `register` has made a subclass of an abstract class."""
    return tuple(sorted(id(registered()) for registered in _abc._get_dump(cls)[0]))


def number_of(x: Any) -> Any:
    """Of a Value: its number, which an optimiser may set anew."""
    return as_bytes(x.data)


def unwatchable(what: str, instead: str) -> ArgumentError:
    return ArgumentError.here(
        f"a jitted function {what}: nothing tells when that changes, and answers would be old; {instead}"
    )
