"""Which methods of the user's objects have to be lifted where a function calls them.

Of most methods nothing would change, and a call that stays as it is takes no time. So they are looked for by name in
the classes that a function can know: that of its own object and of what this holds, of the objects and classes in its
globals and cells.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chainrule.carriers.lifting.objects import FUNCTIONS, FUNCTIONS_OF_CLASSES, with_functions
from chainrule.carriers.reads import Reads, reads_of

Call = tuple[str, str | None]


def classes_of(x: Any, is_users: Callable[[Any], bool]) -> tuple[set[type], set[str]]:
    """The user's classes of an object and of what it holds, and the names under which it holds functions, also in lists
    and dicts."""
    if isinstance(x, type):
        return {x}, _holding(vars(x), FUNCTIONS_OF_CLASSES)
    found, functions = {type(x)}, classes_of(type(x), is_users)[1]
    held = getattr(x, "__dict__", {})
    functions |= _holding(held, FUNCTIONS)
    for value in held.values():
        parts = value if isinstance(value, (list, tuple)) else value.values() if isinstance(value, dict) else (value,)
        for part in list(parts)[:16]:
            if is_users(part):
                found.add(part if isinstance(part, type) else type(part))
    return found, functions


def _holding(held: Mapping[str, Any], kinds: tuple[type, ...]) -> set[str]:
    return {
        name
        for name, value in held.items()
        if isinstance(value, kinds) or (isinstance(value, (list, tuple, dict)) and with_functions(value))
    }


class Needed:
    """The names of methods that need it, among classes."""

    def __init__(self, needs: Callable[[types.FunctionType, Reads], bool]) -> None:
        self.needs = needs
        self.classes: set[type] = set()
        self.names: set[str] = set()

    def add(self, things: Iterable[Any], is_users: Callable[[Any], bool]) -> None:
        """Look also in the classes of these objects."""
        for x in things:
            if is_users(x):
                classes, functions = classes_of(x, is_users)
                self.classes |= classes
                self.names |= functions

    def among(self, calls: frozenset[Call], attributes: frozenset[str]) -> tuple[frozenset[Call], frozenset[str]]:
        """The calls of methods that need it, themselves or by what they call; the attributes of which what they hold
        does."""
        held = self._methods()
        need: set[str] = set(self.names)
        need.update(name for name, _ in calls if name not in held)  # of an object that is not known, or held by one
        called: dict[str, set[str]] = {}
        waiting = [*(name for name, _ in calls), *(name for name in attributes if name in held)]
        while waiting:
            name = waiting.pop()
            if name in called:
                continue
            called[name] = set()
            for f in held.get(name, ()):
                reads = reads_of(f.__code__)
                names = {n for n, _ in reads.attributes}
                if self.needs(f, reads) or not names.isdisjoint(self.names):
                    need.add(name)
                called[name].update([n for n, _ in reads.of_objects], names & held.keys())
            waiting.extend(called[name])
        more = True
        while more:
            more = False
            for name, others in called.items():
                if name not in need and not need.isdisjoint(others):
                    need.add(name)
                    more = True
        return frozenset(call for call in calls if call[0] in need), frozenset(need & attributes)

    def _methods(self) -> dict[str, list[types.FunctionType]]:
        held: dict[str, list[types.FunctionType]] = {}
        for kind in self.classes:
            for owner in kind.__mro__[:-1]:
                for name, value in vars(owner).items():
                    f = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
                    if type(f) is types.FunctionType:
                        held.setdefault(name, []).append(f)
        return held
