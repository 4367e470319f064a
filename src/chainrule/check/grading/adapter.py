"""The names a user's engine gives to a number, its gradient and its backward pass."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numbers import primal

DATA = ("data", "val", "value", "_data", "_value", "x", "v", "item", "number", "array", "primal")
GRAD = ("grad", "gradient", "g", "_grad", "adjoint", "derivative", "deriv", "d", "grad_value", "dv", "bar")
BACKWARD = ("backward", "backprop", "back_prop", "backward_pass", "backpropagate", "back", "run_backward", "autograd")
SPELLINGS = {
    "arcsin": ("arcsin", "asin"), "arccos": ("arccos", "acos"), "arctan": ("arctan", "atan"),
    "log": ("log", "ln"), "absolute": ("abs", "absolute"), "power": ("pow", "power"),
}  # fmt: skip


class Missing(Exception):
    """The engine does not offer something."""


class Adapter:
    """A class of numbers that remember how they were computed.

    Raises ArgumentError where the class has no number, gradient or backward pass under a known name.
    """

    def __init__(self, kind: Any, functions: Mapping[str, Any] | None = None) -> None:
        if not isinstance(kind, type):
            raise ArgumentError(f"grade expects a class of numbers such as Value, got {kind!r}")
        self.kind, self.name = kind, kind.__name__
        own = vars(sys.modules[kind.__module__]) if kind.__module__ in sys.modules else {}
        self.functions = own if functions is None else functions
        self.codes = self._own_code()
        try:
            leaf = self.leaf(2.0)
        except Exception as error:
            raise ArgumentError(f"grade: {self.name}(2.0) raises {type(error).__name__}: {error}") from error
        self.data = self._named(leaf, DATA, lambda x: _number(_called(x)) == 2.0, "the number it was made from")
        self.grad = self._gradient(leaf)
        self.backward = self._named(leaf, BACKWARD, callable, "a method that runs the backward pass")

    def leaf(self, x: Any) -> Any:
        """A number of the engine's."""
        settings = {}
        try:
            parameters = inspect.signature(self.kind).parameters
            settings = {"requires_grad": True} if "requires_grad" in parameters else {}
        except (TypeError, ValueError):
            pass
        return self.kind(x, **settings)

    def value(self, y: Any) -> Any:
        return _plain(_called(getattr(y, self.data)))

    def gradient(self, x: Any) -> Any:
        """The gradient; 0 where there is none yet."""
        found = getattr(x, self.grad)
        found = getattr(found, self.data, found) if isinstance(found, self.kind) else found
        return 0.0 if found is None else _plain(_called(found))

    def sweep(self, y: Any) -> None:
        getattr(y, self.backward)()

    def call(self, name: str, *args: Any) -> Any:
        """A function by its name: a method, else a function of the engine's module. Raises Missing."""
        for spelled in SPELLINGS.get(name, (name,)):
            method = getattr(self.kind, spelled, None)
            if callable(method):
                return method(*args)
            function = self.functions.get(spelled)
            if inspect.isfunction(function) and function.__module__ == self.kind.__module__:
                return function(*args)
        raise Missing(f"no {name}")

    def line_of(self, names: tuple[str, ...]) -> str:
        """ "file.py:24" of the first of these methods that the class or its module writes itself; "" when none."""
        for name in names:
            found = inspect.getattr_static(self.kind, name, None) or self.functions.get(name)
            found = getattr(found, "__func__", found)
            code = getattr(found, "__code__", None)
            if code is not None:
                return f"{code.co_filename.rpartition('/')[2]}:{code.co_firstlineno}"
        return ""

    def watch(self, compute: Callable[[], Any]) -> tuple[Any, frozenset[str]]:
        """What `compute` gives, and the engine's own methods and functions that ran; "graph" when more than one did."""
        calls: list[str] = []

        def note(frame: Any, event: str, _: Any) -> None:
            if event == "call" and frame.f_code in self.codes:
                calls.append(self.codes[frame.f_code])

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            result = compute()
        finally:
            sys.setprofile(before)
        return result, frozenset(calls) | ({"graph"} if len(calls) > 1 else set())

    def _own_code(self) -> dict[Any, str]:
        """The names of the engine's methods and functions, by their code."""
        own = [
            (n, f) for c in reversed(self.kind.__mro__) for n, f in vars(c).items() if n not in ("__init__", "__new__")
        ]
        beside = [(n, f) for n, f in self.functions.items() if getattr(f, "__module__", "") == self.kind.__module__]
        return {f.__code__: n for n, f in [*own, *beside] if hasattr(f, "__code__")}

    def _named(self, leaf: Any, names: tuple[str, ...], fits: Callable[[Any], Any], what: str) -> str:
        for name in names:
            try:
                if hasattr(leaf, name) and fits(getattr(leaf, name)):
                    return name
            except Exception:  # an attribute of another meaning
                continue
        known = ", ".join(names)
        raise ArgumentError(f"grade: found no attribute of {self.name} that is {what}; expected one of {known}")

    def _gradient(self, leaf: Any) -> str:
        for name in GRAD:
            if hasattr(leaf, name) and name != self.data:
                return name
        raise ArgumentError(f"grade: found no gradient of {self.name}; expected an attribute {', '.join(GRAD)}")


def _called(x: Any) -> Any:
    return x() if callable(x) and not isinstance(x, type) and not hasattr(x, "shape") else x


def _number(x: Any) -> float:
    return float(np.asarray(_plain(x), dtype=float).reshape(()))


def _plain(x: Any) -> Any:
    x = primal(x)
    for name in ("data", "value"):  # a gradient that is a number of the engine's own
        if not isinstance(x, (float, int, np.ndarray, np.generic)) and hasattr(x, name):
            x = getattr(x, name)
    return x
