"""Attributes of objects, looked up without running any code of their classes."""

from __future__ import annotations

import functools
import types
from typing import Any

from chainrule.jit.captured.owners import ours
from chainrule.jit.captured.watch import MISSING


def static_attribute(x: Any, name: str) -> Any:
    """What an object has under a name, without running code of its class; MISSING where it has nothing.

    >>> class C: rate = 2.0
    >>> static_attribute(C(), "rate"), static_attribute(C, "rate"), static_attribute(C(), "none") is MISSING
    (2.0, 2.0, True)
    """
    cls = type(x)
    if isinstance(x, type):
        for c in (*x.__mro__, *cls.__mro__):
            if name in vars(c):
                return vars(c)[name]
        return MISSING
    of_class = MISSING
    for c in cls.__mro__:
        if name in vars(c):
            of_class = vars(c)[name]
            break
    if isinstance(of_class, (property, types.MemberDescriptorType)):
        return of_class
    own = own_dict(x)
    return own[name] if own is not None and name in own else of_class


def own_dict(x: Any) -> dict[str, Any] | None:
    try:
        own = object.__getattribute__(x, "__dict__")
    except (AttributeError, TypeError):
        return None
    return own if isinstance(own, dict) else None


def behind(found: Any) -> list[Any] | None:
    """The functions behind what a class has under the name of a method or a property; None for other things."""
    if isinstance(found, property):
        return [g for g in (found.fget,) if g is not None]
    if isinstance(found, functools.cached_property):
        return [found.func]
    if isinstance(found, (staticmethod, classmethod)):
        return [found.__func__]
    if isinstance(found, functools.partialmethod):
        return [functools.partial(found.func, *found.args, **found.keywords)]
    if isinstance(found, types.FunctionType):
        return [found]
    wrapped = getattr(found, "__wrapped__", None)
    if wrapped is not None and hasattr(type(found), "__get__"):
        return [found]
    own = getattr(type(found), "__get__", None)  # a descriptor written in Python
    if isinstance(own, types.FunctionType) and not ours(type(found)):
        return [own, found]
    return None
