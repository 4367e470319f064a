"""What a user's function reaches by name: its globals, objects of the user's classes, the code of other functions."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.lifting.namespaces import ENTERED, plain
from chainrule.carriers.lifting.objects import OURS, Globals, contents, foreign, foreign_function
from chainrule.carriers.reads import Reads, reads_of
from chainrule.carriers.replaced import of_scipy

NUMBERS = frozenset({float, int, bool, str, type(None), np.ndarray})
CACHED = type(functools.lru_cache(lambda: None))


def globals_of(f: types.FunctionType) -> dict[str, Any]:
    """The user's globals of `f`, also for a function that was defined inside a lifted one."""
    found = f.__globals__
    return found.original if isinstance(found, Globals) else found


def looked_up(scope: dict[str, Any], name: str, default: Any = None) -> Any:
    """What the user has put under a name among globals."""
    return plain(scope, name, default) if ENTERED else scope.get(name, default)


def is_users(x: Any) -> bool:
    """Whether `x` is of a class, or a class, that is none of Python's, NumPy's and the like."""
    kind = x if isinstance(x, type) else type(x)
    module = getattr(kind, "__module__", None)  # types of ctypes have none
    if not isinstance(module, str) or kind in NUMBERS or module == "builtins" or isinstance(x, types.ModuleType):
        return False
    return not foreign(module) and module.partition(".")[0] != "chainrule"


def is_object_with_call(x: Any) -> bool:
    """Whether `x` is an object of a class of the user's that defines `__call__` in Python. What transforms and jit
    return lifts its function itself."""
    call = getattr(type(x), "__call__", None)  # noqa: B004  (which function it is)
    return (
        not isinstance(x, type)
        and isinstance(call, types.FunctionType)
        and not call.__code__.co_filename.startswith(OURS)
        and not of_scipy(x)
    )


def known_to(f: types.FunctionType, reads: Reads, *more: Any) -> list[Any]:
    """What a function finds under the names that it looks up, in its cells and as its defaults."""
    scope = globals_of(f)
    found = [looked_up(scope, name) for name in (*reads.names, *reads.in_classes)]
    found += [contents(cell) for cell in f.__closure__ or ()]
    return [*found, *(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values(), *more]


class Seen:
    """What a function looked up, by which it was lifted."""

    __slots__ = ("cells", "code", "defaults", "keywords", "names")

    def __init__(self, f: types.FunctionType, reads: Reads) -> None:
        scope = globals_of(f)
        self.code, self.defaults, self.keywords = f.__code__, f.__defaults__, tuple((f.__kwdefaults__ or {}).items())
        self.names = tuple((name, looked_up(scope, name)) for name in dict.fromkeys((*reads.names, *reads.in_classes)))
        self.cells = tuple((cell, contents(cell)) for cell in f.__closure__ or ())

    def holds(self, f: types.FunctionType) -> bool:
        """Whether all of that is still the same."""
        if f.__code__ is not self.code or f.__defaults__ is not self.defaults:
            return False
        if f.__kwdefaults__ is not None and tuple(f.__kwdefaults__.items()) != self.keywords:
            return False
        scope = globals_of(f)
        for name, value in self.names:
            if scope.get(name) is not value and looked_up(scope, name) is not value:
                return False
        for cell, value in self.cells:  # noqa: SIM110  (compiled, a loop needs no generator)
            if contents(cell) is not value:
                return False
        return True


def assigns(f: Any) -> bool:
    """Whether `f`, or a function of the user's that it reaches by name, assigns to elements of arrays."""
    return some(f, lambda reads: reads.assigns)


def some(f: Any, holds: Callable[[Reads], bool]) -> bool:
    """Whether that holds for the code of `f`, or of a function of the user's that it reaches by name."""
    pending, known = [f], set()
    while pending:
        x = pending.pop()
        if id(x) in known:
            continue
        known.add(id(x))
        if isinstance(x, functools.partial):
            pending += [x.func, *x.args, *x.keywords.values()]
        elif type(x) is types.MethodType:
            pending += [x.__func__, *methods(x.__self__, x.__func__)]
        elif type(x) is CACHED:
            pending.append(x.__wrapped__)
        elif isinstance(x, tuple):
            pending += x
        elif type(x) is types.FunctionType:
            if foreign_function(x):
                continue
            reads = reads_of(x.__code__)
            if holds(reads):
                return True
            scope = globals_of(x)
            found = [looked_up(scope, name) for name in (*reads.names, *reads.in_classes)]
            found += [contents(cell) for cell in x.__closure__ or ()]
            pending += found
            pending += [m for y in found if is_users(y) for m in methods(y, x)]
            pending += [*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
        elif type(x) is types.ModuleType and not foreign(x.__name__) and x.__name__.partition(".")[0] != "chainrule":
            pending += [y for y in vars(x).values() if type(y) is types.FunctionType and y.__module__ == x.__name__]
        elif is_object_with_call(x):
            pending += [type(x).__call__, *methods(x, type(x).__call__)]
    return False


def methods(x: Any, f: Any) -> list[Any]:
    """The methods of an object that a method of it may call."""
    names = f.__code__.co_names if isinstance(f, types.FunctionType) else ()
    kind = x if isinstance(x, type) else type(x)
    return [y for name in names if isinstance(y := getattr(kind, name, None), types.FunctionType)]
