"""What a module's names stand for while objects of its classes compute with traced numbers.

A lifted function has globals of its own. But what constructors, properties and operators compute (`p.norm`, `a * b`),
and functions that objects hold, is reached without a look-up that could be lifted: it reads the globals of its module.
While a function runs that reaches such objects, these hold what `replacement` gives for math's and NumPy's functions,
and an `isinstance` that answers as for plain numbers. For plain numbers all of it computes what the original computes,
so that other threads may go on.
"""

from __future__ import annotations

import threading
import types
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from chainrule.carriers.questions import QUESTIONS
from chainrule.carriers.reads import reads_of
from chainrule.carriers.replaced import replacement

Pairs = dict[str, tuple[Any, Any]]
_ABSENT = object()
_LOCK = threading.Lock()
ENTERED: dict[int, Namespace] = {}
"""The modules whose names stand for other forms now, by the identity of their globals."""


def plain(names: dict[str, Any], name: str, default: Any = None) -> Any:
    """What the user has put into a module's globals under that name."""
    found = names.get(name, default)
    entered = ENTERED.get(id(names))
    if entered is not None:
        old, new = entered.pairs.get(name, (None, _ABSENT))
        if found is new:
            return default if old is _ABSENT else old
    return found


class Namespace:
    """The globals of a module, and what some of them stand for while a function runs."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.pairs: Pairs = {}
        self._size, self._running = -1, 0

    def changes(self) -> bool:
        """Whether anything in it has another form."""
        if id(self.names) not in ENTERED and not self._holds():
            self._size, self.pairs = len(self.names), _pairs(self.names)
        return bool(self.pairs) or id(self.names) in ENTERED

    def _holds(self) -> bool:
        return len(self.names) == self._size and all(
            self.names.get(name, _ABSENT) is old for name, (old, _) in self.pairs.items()
        )

    def enter(self) -> Namespace:
        """Put the other forms in; returns what is to be left."""
        with _LOCK:
            entered = ENTERED.get(id(self.names))
            if entered is None:
                self.changes()
                for name, (_, new) in self.pairs.items():
                    self.names[name] = new
                entered = ENTERED[id(self.names)] = self
            entered._running += 1
            return entered

    def leave(self) -> None:
        """Put back what was there, unless the user has put something else there meanwhile."""
        with _LOCK:
            self._running -= 1
            if self._running == 0:
                del ENTERED[id(self.names)]
                for name, (old, new) in self.pairs.items():
                    if self.names.get(name) is new:
                        if old is _ABSENT:
                            del self.names[name]
                        else:
                            self.names[name] = old


def _pairs(names: dict[str, Any]) -> Pairs:
    found: Pairs = {}
    for name, value in list(names.items()):
        if not isinstance(value, (types.FunctionType, type)) and (new := replacement(value)) is not value:
            found[name] = (value, new)
    if "isinstance" not in names and any(_asks(x) for x in list(names.values()) if isinstance(x, type)):
        found["isinstance"] = (_ABSENT, QUESTIONS["isinstance"])
    return found


def _asks(kind: type) -> bool:
    """Whether a method of a class asks what kind of number it is given."""
    return any("isinstance" in f.__code__.co_names for _, f in functions_of(kind))


def functions_of(kind: type) -> list[tuple[str, types.FunctionType]]:
    """The functions that a class is made of: methods, and what properties call."""
    found = []
    for name, value in list(vars(kind).items()):
        if isinstance(value, property):
            parts: tuple[Any, ...] = (value.fget, value.fset)
        else:  # methods of classes and of none, cached properties, partial methods, methods by type
            parts = (value, *(getattr(value, part, None) for part in ("__func__", "func", "__wrapped__")))
        found += [(name, f) for f in parts if type(f) is types.FunctionType]
    return found


def namespaces_of(kinds: Iterable[type], needs: Callable[[types.FunctionType], bool]) -> list[Namespace]:
    """The modules of classes in which code is reached without a look-up by name and `needs` other forms."""
    found: dict[int, Namespace] = {}
    for kind in kinds:
        known = _KNOWN.get(kind)
        if known is None:
            known = _KNOWN[kind] = _of_class(kind, needs)
        found.update((id(space.names), space) for space in known)
    return list(found.values())


_KNOWN: weakref.WeakKeyDictionary[type, list[Namespace]] = weakref.WeakKeyDictionary()


def _of_class(kind: type, needs: Callable[[types.FunctionType], bool]) -> list[Namespace]:
    all_of_it = [(owner, *found) for owner in kind.__mro__[:-1] for found in functions_of(owner)]
    needing = {name for _, name, f in all_of_it if needs(f)}
    found = {}
    for owner, name, f in all_of_it:
        unseen = name[:2] == "__" or vars(owner)[name] is not f
        reads = reads_of(f.__code__) if unseen else None
        if reads is not None and (
            name in needing or any(n in needing for n, _ in (*reads.of_objects, *reads.attributes))
        ):
            found[id(f.__globals__)] = f.__globals__
    return [Namespace(names) for names in found.values()]


def within(f: Callable[..., Any], spaces: tuple[Namespace, ...]) -> Callable[..., Any]:
    """`f`, while whose calls run the names of these modules stand for other forms."""

    def call(*args: Any, **settings: Any) -> Any:
        entered = [space.enter() for space in spaces]
        try:
            return f(*args, **settings)
        finally:
            for space in entered:
                space.leave()

    call.__module__, call.__qualname__, call.__doc__ = f.__module__, f.__qualname__, f.__doc__
    call.__dict__ = f.__dict__  # shared: f may count its calls there
    return call
