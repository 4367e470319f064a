"""What a function reads besides its arguments, and whether it is still the same.

A program holds the arrays and numbers that the function found in its globals, closure and defaults. When one of
them changes afterwards, the program's answer would be an old one.
"""

from __future__ import annotations

import functools
import pickle
import random
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.carriers.lift import Lifted, outside_names
from chainrule.errors import StaleRecording, at_user_line
from chainrule.jit.signature import RANDOM

_NUMBERS = (float, int, np.generic)
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


def unchanged(outside: list[Captured]) -> Callable[[], bool]:
    """Whether all of them are still the same objects of the same contents, as one expression: every call asks. Where it
    says no, `check` looks more closely."""
    names: dict[str, Any] = {"same": same}
    tests = []
    for k, x in enumerate(outside):
        names |= {f"now{k}": x.now, f"was{k}": x.was, f"contents{k}": x.contents}
        tests.append(f"now{k}() is was{k}" + (f" and same(was{k}, contents{k})" if x.contents is not None else ""))
    found: Callable[[], bool] = eval(f"lambda: {' and '.join(tests) or True}", names)
    return found


def captured(f: Any) -> list[Captured]:
    """Every array and number that `f` and the functions it calls can look up by a name."""
    found = {}
    for name, value, now in _of_function(f, set(), 0):
        if isinstance(value, np.ndarray):
            found[name, id(value)] = Captured(name, now or functools.partial(_itself, value), value, np.array(value))
        elif isinstance(value, _NUMBERS) and now is not None:
            found[name, id(value)] = Captured(name, now, value, None)
    return list(found.values())


def random_state(f: Any) -> dict[str, Any]:
    """Where the generators of random numbers stand that `f` can reach, each under a name."""
    shared = np.random.get_state(legacy=False)  # noqa: NPY002 - the one that np.random's functions draw from
    states: dict[str, Any] = {"random": random.getstate(), "np.random": pickle.dumps(shared)}
    for name, value, _ in _of_function(f, set(), 0):
        if isinstance(value, RANDOM):
            states[name] = pickle.dumps(value)
    return states


def array(name: str, x: np.ndarray[Any, Any]) -> Captured:
    """An array that was met while recording."""
    return Captured(name, lambda: x, x, np.array(x))


Found = tuple[str, Any, Callable[[], Any] | None]
"""A name, what it stands for, and what looks it up anew; None inside of containers."""


def _of_function(f: Any, seen: set[int], depth: int) -> Iterator[Found]:
    if id(f) in seen or depth > _DEPTH:
        return
    seen.add(id(f))
    if isinstance(f, functools.partial):
        yield from _of_function(f.func, seen, depth + 1)
        yield from _of_value("an argument of a partial", [f.args, f.keywords], None, seen, depth)
    elif isinstance(f, types.MethodType):
        yield from _of_function(f.__func__, seen, depth + 1)
        yield from _of_self(f.__self__, f.__func__, seen, depth)
    elif isinstance(f, types.FunctionType):
        for name, now in outside_names(f):
            yield from _of_value(name, now(), now, seen, depth)
    elif hasattr(f, "__wrapped__"):  # what a transform returned: compiled, it has no closure to look into
        yield from _of_function(f.__wrapped__, seen, depth + 1)
    elif not isinstance(f, type) and isinstance(getattr(type(f), "__call__", None), types.FunctionType):  # noqa: B004
        yield from _of_function(type(f).__call__, seen, depth + 1)
        yield from _of_self(f, type(f).__call__, seen, depth)


def _of_self(x: Any, method: Any, seen: set[int], depth: int) -> Iterator[Found]:
    """The attributes of an object: arrays, and those numbers whose names the method reads."""
    attributes = getattr(x, "__dict__", {})
    for name in getattr(getattr(method, "__code__", None), "co_names", ()):
        if isinstance(attributes.get(name), _NUMBERS):
            yield f"self.{name}", attributes[name], functools.partial(attributes.get, name)
    yield from _of_value("self", attributes, None, seen, depth)


def _of_value(name: str, value: Any, now: Callable[[], Any] | None, seen: set[int], depth: int) -> Iterator[Found]:
    """`value` if it is an array, a number or a generator of random ones, and those inside of it."""
    if isinstance(value, (np.ndarray, *_NUMBERS, *RANDOM)):
        yield name, value, now
    elif depth > _DEPTH or id(value) in seen:
        return
    elif type(value) in (list, tuple, dict):
        seen.add(id(value))
        parts = value.items() if type(value) is dict else enumerate(value)
        for key, part in parts:
            yield from _of_value(f"{name}[{key!r}]", part, None, seen, depth + 1)
    elif callable(value) or isinstance(value, Lifted):
        yield from _of_function(value.f if isinstance(value, Lifted) else value, seen, depth + 1)


def _itself(x: Any) -> Any:
    return x
