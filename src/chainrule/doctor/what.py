"""What an expression of a user's code is, as far as it can be seen without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from chainrule.doctor.names import Function

PLAIN, STEP, RECORDED = 0, 1, 2
"""Does not depend on an input; depends on it and has no derivative; carries a derivative."""


@dataclass(frozen=True)
class What:
    """What is known of a value.

    level      PLAIN, STEP or RECORDED
    path       the dotted name of something imported
    function   a function written in Python, the names it closes over, and the object it is a method of
    instance   the class of the user's that it is an object of
    array      the function call that made it, where it is an array of NumPy's; `home` is the call of a user's function
               in which that happened
    whole      whether that array holds whole numbers
    transform  whether it is the derivative of `function`
    """

    level: int = PLAIN
    path: str = ""
    function: Function | None = None
    names: Any = None
    instance: Any = None
    array: str = ""
    home: int = 0
    whole: bool = False
    transform: bool = False


NOTHING = What()


def joined(parts: Iterable[What]) -> What:
    """What depends on all of these."""
    return What(max((part.level for part in parts), default=PLAIN))


def either(a: What, b: What) -> What:
    """What is one of the two."""
    return replace(b if b.function or b.instance or b.array else a, level=max(a.level, b.level))


@dataclass(eq=False)
class Names:
    """The names that a function's code sees: its own and those of the functions around it; `call` numbers the call."""

    own: dict[str, What] = field(default_factory=dict)
    around: Names | None = None
    call: int = 0
    reader: Any = None  # of the file, at the outermost

    def outermost(self) -> Names:
        return self if self.around is None else self.around.outermost()

    def find(self, name: str) -> What | None:
        scope: Names | None = self
        while scope is not None:
            if name in scope.own:
                return scope.own[name]
            scope = scope.around
        return None

    def join(self, name: str, value: What) -> None:
        self.own[name] = either(self.own[name], value) if name in self.own else value


def parameters(function: Function) -> list[ast.arg]:
    """All parameters, in order."""
    a = function.args
    more = [p for p in (a.vararg, a.kwarg) if p is not None]
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *more]


def returns_something(function: Function) -> bool:
    if isinstance(function, ast.Lambda):
        return True
    found = (node for node in ast.walk(function) if isinstance(node, (ast.Return, ast.Yield)))
    return any(node.value is not None for node in found)
