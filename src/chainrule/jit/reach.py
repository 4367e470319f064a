"""What a function can look up by a name besides its arguments: in globals, closures, defaults, and the objects that it
finds there or is a method of."""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.carriers.lift import Lifted, foreign, outside_names
from chainrule.jit.signature import RANDOM

PLAIN = (float, int, np.generic, str, bytes)
Look = Callable[[], Any]
Found = tuple[str, Any, Look | None]
"""A name, what it stands for, and what looks it up anew; None for numbers and strings inside of containers."""

_DEPTH = 6  # of containers, functions and objects within each other


def reachable(f: Any) -> Iterator[Found]:
    """Every array, number, string and generator of random numbers that `f` and the functions it calls can look up. Of
    objects that is what one of the functions names."""
    return _Walk().function(f, functools.partial(_itself, f), 0)


class _Walk:
    """One walk; nothing is met twice."""

    def __init__(self) -> None:
        self.seen: dict[int, Any] = {}

    def function(self, f: Any, look: Look, depth: int) -> Iterator[Found]:
        if not self._new(f, depth):
            return
        if isinstance(f, functools.partial):
            yield from self.function(f.func, functools.partial(_attribute, look, "func"), depth + 1)
            yield from self.value("an argument of a partial", [f.args, f.keywords], None, (), depth)
        elif isinstance(f, types.MethodType):
            yield from self.function(f.__func__, functools.partial(_itself, f.__func__), depth + 1)
            yield from self.attributes("self", f.__self__, _weakly(f.__self__), _names(f.__func__), depth)
        elif isinstance(f, types.FunctionType):
            for name, now in outside_names(f):
                yield from self.value(name, now(), now, _names(f), depth)
        elif hasattr(f, "__wrapped__"):  # what a transform returned: compiled, it has no closure to look into
            yield from self.function(f.__wrapped__, functools.partial(_attribute, look, "__wrapped__"), depth + 1)
        elif not isinstance(f, type) and isinstance(getattr(type(f), "__call__", None), types.FunctionType):  # noqa: B004
            call = type(f).__call__
            yield from self.function(call, functools.partial(_itself, call), depth + 1)
            yield from self.attributes("self", f, look, _names(call), depth)

    def value(self, name: str, x: Any, look: Look | None, names: tuple[str, ...], depth: int) -> Iterator[Found]:
        """`x`, known as `name` to a function that reads attributes of these `names`."""
        if isinstance(x, (np.ndarray, *PLAIN, *RANDOM)):
            yield name, x, look
        elif type(x) in (list, tuple, dict):
            if self._new(x, depth):
                for key, part in x.items() if type(x) is dict else enumerate(x):
                    of_array = isinstance(part, np.ndarray) or type(part) in (list, tuple, dict)
                    inner = functools.partial(_part, look or functools.partial(_itself, x), key) if of_array else None
                    yield from self.value(f"{name}[{key!r}]", part, inner, names, depth + 1)
        elif callable(x) or isinstance(x, Lifted):
            found = look or functools.partial(_itself, x)
            if isinstance(x, Lifted):
                x, found = x.f, functools.partial(_attribute, found, "f")
            yield from self.function(x, found, depth + 1)
        elif not (isinstance(x, types.ModuleType) and _library(x)) and self._new(x, depth):
            yield from self.attributes(name, x, look or functools.partial(_itself, x), names, depth)

    def attributes(self, name: str, x: Any, look: Look, names: tuple[str, ...], depth: int) -> Iterator[Found]:
        """Those that are read, also by the object's own methods where these are."""
        pending, known = list(names), set(names)
        while pending:
            attribute = pending.pop()
            found = inspect.getattr_static(x, attribute, None)
            function = _function(found)
            if function is not None:
                more = set(_names(function)) - known
                known |= more
                pending += sorted(more)
                yield from self.function(function, functools.partial(_itself, function), depth + 1)
                continue
            now = functools.partial(_attribute, look, attribute)
            if isinstance(found, types.MemberDescriptorType):  # a slot
                found = now()
            if found is not None:
                yield from self.value(f"{name}.{attribute}", found, now, tuple(known), depth + 1)

    def _new(self, x: Any, depth: int) -> bool:
        """Whether `x` was not met before; it is kept, as another object could be given its place in memory."""
        new = id(x) not in self.seen and depth <= _DEPTH
        if new:
            self.seen[id(x)] = x
        return new


def _library(module: types.ModuleType) -> bool:
    return foreign(module.__name__) or module.__name__.partition(".")[0] == "chainrule"


def _names(f: Any) -> tuple[str, ...]:
    """The attributes that a function names, and the functions in it."""
    found: dict[str, None] = {}
    pending = [getattr(inspect.unwrap(f), "__code__", None)]
    while pending:
        code = pending.pop()
        if code is not None:
            found |= dict.fromkeys(code.co_names)
            pending += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return tuple(found)


def _function(x: Any) -> Any:
    """The function behind what a class has under the name of a method or a property; None for other things."""
    if isinstance(x, property):
        return x.fget
    if isinstance(x, (staticmethod, classmethod)):
        return x.__func__
    return x if isinstance(x, types.FunctionType) else getattr(x, "__wrapped__", None)


def _weakly(x: Any) -> Look:
    """What looks up an object as long as something else keeps it."""
    try:
        return weakref.ref(x)
    except TypeError:
        return functools.partial(_itself, x)


def _attribute(look: Look, name: str) -> Any:
    return getattr(look(), name, None)


def _part(look: Look, key: Any) -> Any:
    try:
        return look()[key]
    except (LookupError, TypeError):
        return None


def _itself(x: Any) -> Any:
    return x
