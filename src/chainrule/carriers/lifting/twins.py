"""Objects with `__call__` that a function is given as arguments: it may call them, as any function, and look at what
else they are."""

from __future__ import annotations

import abc
import functools
import types
from typing import Any

from chainrule.carriers.lifting.objects import LIFT


def twin(x: Any) -> Any:
    """An object that shares what `x` holds, of a class like its own whose `__call__` is lifted; `x` itself where such a
    class could do more than that: where subclasses are told of, objects made in a way of their own, or cleaned up."""
    kind: Any = type(x)
    if not _is_plain(kind):
        return x
    made: Any = object.__new__(_class(kind))
    object.__setattr__(made, "__dict__", x.__dict__)
    return made


def _is_plain(kind: type) -> bool:
    own = {name for c in kind.__mro__[:-1] for name in vars(c)}
    return type(kind) in (type, abc.ABCMeta) and _SPECIAL.isdisjoint(own)


_SPECIAL = frozenset({"__new__", "__init_subclass__", "__del__", "__slots__"})


@functools.lru_cache(maxsize=64)
def _class(kind: Any) -> type:
    own: Any = kind

    def call(self: Any, *args: Any, **settings: Any) -> Any:
        return LIFT[0](own.__call__)(self, *args, **settings)

    made: type = types.new_class(kind.__name__, (kind,), {}, lambda names: names.update({"__call__": call}))
    made.__module__, made.__qualname__ = kind.__module__, kind.__qualname__
    return made
