"""numpy.polynomial in lifted functions: plain Python over arrays, so it is lifted as a user's code is.

A function of it that meets numbers with derivatives runs in its lifted form. `Polynomial`, `Chebyshev` and the other
series are of a class of their own there, whose methods are lifted; it counts as the class it is made from.
"""

from __future__ import annotations

import abc
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils

from chainrule.carriers.assignment.creators import creating
from chainrule.carriers.gate import holds
from chainrule.carriers.replaced import SERIES, replacement
from chainrule.libraries import late

MODULES: tuple[Any, ...] = (np.polynomial, polynomial, chebyshev, legendre, hermite, hermite_e, laguerre, polyutils)
CLASSES: tuple[Any, ...] = (
    np.polynomial.Polynomial, np.polynomial.Chebyshev, np.polynomial.Legendre, np.polynomial.Hermite,
    np.polynomial.HermiteE, np.polynomial.Laguerre,
)  # fmt: skip
_lifted = late("chainrule.carriers.lift.lifted_of_library")
_KEPT = frozenset({"__repr__", "__str__", "__format__", "__getstate__", "__setstate__", "__init_subclass__"})


def _seeing(function: Any) -> Callable[..., Any]:
    """A function that runs lifted where it meets numbers with derivatives."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        if holds(args) or any(holds(x) for x in settings.values()):
            return _lifted(function)(*args, **settings)
        return function(*args, **settings)

    return call


class _Kind(abc.ABCMeta):
    """The class of lifted series: those that are not lifted count as its objects too."""

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.__bases__[0])


@functools.lru_cache(maxsize=16)
def _series(kind: type) -> type:
    own: dict[str, Any] = {}
    for base in kind.__mro__[:-1]:
        for name, value in vars(base).items():
            if name not in own and name not in _KEPT:
                new = _method(value)
                if new is not value:
                    own[name] = new
    return _Kind(kind.__name__, (kind,), {**own, "__module__": kind.__module__})


def _method(value: Any) -> Any:
    if isinstance(value, types.FunctionType):
        return _later(value)
    if isinstance(value, staticmethod):
        return staticmethod(_seeing(value.__func__))
    if isinstance(value, classmethod):
        return classmethod(_later(value.__func__))
    return value


def _later(function: Any) -> Callable[..., Any]:
    """A method, lifted when it is first called."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        return _lifted(function)(*args, **settings)

    return call


def seeing_numbers(x: Any) -> Any:
    """A series of the lifted class with the same coefficients, domain and window."""
    kind: Any = type(x)
    new: Any = object.__new__(_series(kind))
    vars(new).update(vars(x))
    return new


class _Module(types.ModuleType):
    """One of the modules, with its functions and classes as they are in a lifted function."""

    def __init__(self, original: types.ModuleType, table: dict[int, tuple[Any, Any]]) -> None:
        super().__init__(original.__name__)
        vars(self).update(_original=original, _table=table)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._original, name)
        found = self._table.get(id(value))
        return value if found is None else found[1]


def register(replaced: dict[int, tuple[Any, Any]]) -> None:
    """Add to what is replaced, by id, the modules, their functions and their classes."""
    table: dict[int, tuple[Any, Any]] = {}
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, types.FunctionType) and value.__module__.startswith("numpy.polynomial"):
                table[id(value)] = (value, _seeing(value))
            elif hasattr(value, "_implementation"):  # NumPy would ask numbers with derivatives for a rule of it
                table[id(value)] = (value, _seeing(value._implementation))
        table[id(module)] = (module, _Module(module, table))
    table.update({id(kind): (kind, _series(kind)) for kind in CLASSES})
    replaced.update(table)
    SERIES.update(dict.fromkeys(CLASSES, seeing_numbers))
    for numpy in (replacement(np), creating(np)):
        vars(numpy)["polynomial"] = table[id(np.polynomial)][1]
