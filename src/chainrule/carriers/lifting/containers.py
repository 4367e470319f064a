"""Lists and dicts of functions, as `ACTIVATIONS = {"tanh": math.tanh}`, whose functions are lifted.

What a lifted function meets in their place is a list or dict of its own with the lifted functions. What is changed in
it is changed in the original.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chainrule.carriers.lifting.objects import FUNCTIONS

_LIST = ("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "__setitem__", "__delitem__")
_DICT = ("__setitem__", "__delitem__", "update", "setdefault", "pop", "popitem", "clear")


class _Functions:
    """What a list and a dict of lifted functions have in common."""

    _original: Any
    _lift: Callable[[Any], Any]

    copy: Callable[[], Any]

    def __copy__(self) -> Any:
        return self.copy()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._original.__reduce_ex__(protocol)


class FunctionList(_Functions, list[Any]):
    """A list in which functions are lifted."""

    def __init__(self, original: list[Any], lift: Callable[[Any], Any]) -> None:
        self._original, self._lift = original, lift
        list.__init__(self, [lift(v) if isinstance(v, FUNCTIONS) else v for v in original])

    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]
        self.extend(other)
        return self


class FunctionDict(_Functions, dict[Any, Any]):
    """A dict in which functions are lifted."""

    def __init__(self, original: dict[Any, Any], lift: Callable[[Any], Any]) -> None:
        self._original, self._lift = original, lift
        dict.__init__(self, {k: lift(v) if isinstance(v, FUNCTIONS) else v for k, v in original.items()})

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        self.update(other)
        return self


def _changing(kind: type, name: str) -> Callable[..., Any]:
    """A method that changes the original, and this list or dict as it is then."""
    change = getattr(kind, name)

    @functools.wraps(change)
    def changed(self: Any, *args: Any, **settings: Any) -> Any:
        found = change(self._original, *args, **settings)
        kind.clear(self)  # type: ignore[attr-defined]
        type(self).__init__(self, self._original, self._lift)
        return self._lift(found) if isinstance(found, FUNCTIONS) else found

    return changed


for _kind, _base, _names in ((FunctionList, list, _LIST), (FunctionDict, dict, _DICT)):
    for _name in _names:
        setattr(_kind, _name, _changing(_base, _name))


def lifted(x: Any, lift: Callable[[Any], Any]) -> Any:
    """`x`, a list or dict, with its functions lifted; `x` itself where none of them has another form."""
    made: Any = FunctionDict(x, lift) if isinstance(x, dict) else FunctionList(x, lift)
    both = (made.values(), x.values()) if isinstance(x, dict) else (made, x)
    return made if any(new is not old for new, old in zip(*both, strict=True)) else x
