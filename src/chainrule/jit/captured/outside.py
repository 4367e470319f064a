"""What a function reads besides its arguments: as it is when it is recorded, and what is different later.

A program holds the arrays and numbers that the function found in its globals, closure and objects. When one of
them changes afterwards, the program's answer would be an old one.
"""

from __future__ import annotations

import pickle
import random
import types
import weakref
from typing import Any

import numpy as np

from chainrule.jit.captured import places
from chainrule.jit.captured.states import SameState
from chainrule.jit.captured.walk import IMMUTABLE, Walk
from chainrule.jit.captured.watch import PLAIN, Watch, equal

CAUGHT_OPERATORS = frozenset(
    {None, "ZeroDivisionError", "OverflowError", "ArithmeticError", "ValueError", "Exception", "BaseException"}
)
Place = tuple[int, int, Any]


class Outside:
    """What `roots` can look up now, and what was `met` while a function ran: arrays, results of its
    caches.

    watch    asks whether all of it is still the same
    names    of numbers, arrays and strings in it
    drawn    names of functions that tell the time, or draw from the system, by what they do
    catches  whether a function catches what Python's operators and functions of math raise
    states   where generators of random numbers stand, by name
    """

    def __init__(self, roots: list[Any], met: list[Any]) -> None:
        walk = Walk(roots, met)
        self.watch, self.names = walk.watch(), list(walk.data)
        self.drawn = {what: list(names) for what, names in walk.drawn.items()}
        self.catches = not CAUGHT_OPERATORS.isdisjoint(walk.caught)
        self._named = walk.names
        shared = np.random.get_state(legacy=False)  # noqa: NPY002 - the one that np.random's functions draw from
        self.states: dict[str, Any] = {"random": random.getstate(), "np.random": pickle.dumps(shared)}
        self.states |= {name: pickle.dumps(x) for name, x in walk.generators.items()}

    def differs(self, other: Outside) -> str | None:
        """The name of the first thing that is another one there; None if all is alike."""
        mine, theirs = self.watch, other.watch
        for k, name in enumerate(self._named):
            if k >= theirs.count or mine.kinds[k] != theirs.kinds[k] or other._named[k] != name:
                return name
            if not _alike(mine.were[k], theirs.were[k]):
                return _part(name, mine.kinds[k], mine.were[k], theirs.were[k])
        return other._named[len(self._named)] if theirs.count > len(self._named) else None

    def changed_since(self, before: Outside) -> dict[Place, str]:
        """Places of the same objects that hold something else now, or that were not there, with their names."""
        then = {_place(before.watch, k): before.watch.were[k] for k in range(before.watch.count)}
        found = {}
        for k, name in enumerate(self._named):
            place = _place(self.watch, k)
            if place not in then or not _alike(then[place], self.watch.were[k]):
                found[place] = name
        return found

    def unnamed(self, met: list[Any]) -> list[Any]:
        """What was met and is not watched already."""
        known = {id(x) for x in self.watch.holders}
        return [x for x in met if id(x) not in known]

    def without(self, given_up: dict[Place, str]) -> None:
        """No longer watch these places."""
        if not given_up:
            return
        old = self.watch
        kept = [k for k in range(old.count) if _place(old, k) not in given_up]
        self._named = [self._named[k] for k in kept]
        self.watch = Watch(
            bytes(old.kinds[k] for k in kept),
            [old.holders[k] for k in kept],
            [old.keys[k] for k in kept],
            [old.were[k] for k in kept],
        )


def _place(watch: Watch, k: int) -> Place:
    holder, key = watch.holders[k], watch.keys[k]
    held = holder() if type(holder) is weakref.ref else holder
    return watch.kinds[k], id(held), key if isinstance(key, str) else id(key)


def _part(name: str, kind: int, was: Any, now: Any) -> str:
    """The name of the element in which two containers differ."""
    if kind == places.ELEMENTS and len(was) == len(now):
        return next(f"{name}[{k}]" for k, (a, b) in enumerate(zip(was, now, strict=True)) if not _alike(a, b))
    if kind == places.MODULE and len(was) == len(now):
        return next(f"{name}.{was[k]}" for k in range(0, len(was), 2) if was[k + 1] is not now[k + 1])
    if kind == places.PAIRS and len(was) == len(now) and all(map(_alike, was[::2], now[::2])):
        pairs = zip(was[::2], was[1::2], now[1::2], strict=True)
        return next(f"{name}[{key!r:.40}]" for key, a, b in pairs if not _alike(a, b))
    return name


def _alike(a: Any, b: Any) -> bool:
    """Whether one may stand for the other: what is inside of lists, functions and arrays is compared by itself."""
    if a is b or equal(a, b):
        return True
    if type(a) is not type(b) or type(a) in PLAIN:
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    if isinstance(a, np.ndarray):
        return bool(a.shape == b.shape and a.dtype == b.dtype and (a.dtype.hasobject or a.tobytes() == b.tobytes()))
    if isinstance(a, (list, dict, set, frozenset)):
        return len(a) == len(b)
    if isinstance(a, np.generic):
        return bool(a.tobytes() == b.tobytes())
    if isinstance(a, types.FunctionType):
        return _same_code(a.__code__, b.__code__)
    if isinstance(a, types.CodeType):
        return _same_code(a, b)
    if isinstance(a, weakref.ref):
        return a() is b()
    return isinstance(a, (SameState, *IMMUTABLE)) and bool(a == b)


def _same_code(a: types.CodeType, b: types.CodeType) -> bool:
    """Whether two functions do the same, wherever their text stands."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_exceptiontable")
    return (
        all(getattr(a, part) == getattr(b, part) for part in parts)
        and len(a.co_consts) == len(b.co_consts)
        and all(map(_alike, a.co_consts, b.co_consts))
    )
