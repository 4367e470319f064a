"""What a function reads besides its arguments, and whether it is still the same.

A program holds the arrays and numbers that the function found in its globals, closure and defaults. When one of
them changes afterwards, the program's answer would be an old one.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.carriers.lift import Lifted, outside_names
from chainrule.errors import StaleRecording, at_user_line

_DEPTH = 6  # of containers and functions within each other


@dataclass(eq=False, slots=True)
class Captured:
    """An array or a number under a name: `now()` looks it up, `was` is what it was, `contents` what it held."""

    name: str
    now: Callable[[], Any]
    was: Any
    contents: np.ndarray[Any, Any] | None

    def check(self) -> None:
        """Raises StaleRecording when it is another number, or an array of other contents."""
        now = self.now()
        if now is self.was and self.contents is None:
            return
        if self.contents is None or not isinstance(now, np.ndarray):
            if type(now) is type(self.was) and (now == self.was or now != now):
                return
        elif same(now, self.contents):
            return
        raise StaleRecording(
            at_user_line(
                f"{self.name!r}, which a jitted function reads besides its arguments, has changed since it was "
                "recorded. Pass it as an argument; or call .forget() on the jitted function to record it again"
            )
        )


def same(a: Any, b: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays agree bit by bit, so that nan equals itself."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.nbytes <= 4096:
        return bool(a.tobytes() == b.tobytes())
    if a.dtype.itemsize == 8 and a.strides[-1] == 8:
        return bool(np.array_equal(a.view(np.int64), b.view(np.int64)))
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def captured(f: Any) -> list[Captured]:
    """Every array and number that `f` and the functions it calls can look up by a name."""
    return list({(c.name, id(c.was)): c for c in _of_function(f, set(), 0)}.values())


def array(name: str, x: np.ndarray[Any, Any]) -> Captured:
    """An array that was met while recording."""
    return Captured(name, lambda: x, x, np.array(x))


def _of_function(f: Any, seen: set[int], depth: int) -> Iterator[Captured]:
    if id(f) in seen or depth > _DEPTH:
        return
    seen.add(id(f))
    if isinstance(f, functools.partial):
        yield from _of_function(f.func, seen, depth + 1)
        yield from _of_value("an argument of a partial", [f.args, f.keywords], None, seen, depth)
    elif isinstance(f, types.MethodType):
        yield from _of_function(f.__func__, seen, depth + 1)
        yield from _of_value("self", getattr(f.__self__, "__dict__", None), None, seen, depth)
    elif isinstance(f, types.FunctionType):
        for name, now in outside_names(f):
            yield from _of_value(name, now(), now, seen, depth)
    elif not isinstance(f, type) and isinstance(getattr(type(f), "__call__", None), types.FunctionType):  # noqa: B004
        yield from _of_function(type(f).__call__, seen, depth + 1)
        yield from _of_value("self", getattr(f, "__dict__", None), None, seen, depth)


def _of_value(name: str, value: Any, now: Callable[[], Any] | None, seen: set[int], depth: int) -> Iterator[Captured]:
    """`value` if it is an array or a number, and those inside of it."""
    if isinstance(value, np.ndarray):
        yield Captured(name, now or (lambda: value), value, np.array(value))
    elif isinstance(value, (float, int, np.generic)):
        if now is not None:
            yield Captured(name, now, value, None)
    elif depth > _DEPTH or id(value) in seen:
        return
    elif type(value) in (list, tuple, dict):
        seen.add(id(value))
        parts = value.items() if type(value) is dict else enumerate(value)
        for key, part in parts:
            yield from _of_value(f"{name}[{key!r}]", part, None, seen, depth + 1)
    elif callable(value) or isinstance(value, Lifted):
        yield from _of_function(value.f if isinstance(value, Lifted) else value, seen, depth + 1)
