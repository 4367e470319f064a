"""What a report says of a claim that is meant a little otherwise, and the code that a claim's function runs."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

from chainrule.check.backward.attributes import attributes
from chainrule.check.claims.claim import innermost


def read_as(report: Any, words: str) -> Any:
    """A report whose claim was read in a way to be told."""
    return replace(report, reading="; ".join(filter(None, [report.reading, words])))


def codes(function: Any, depth: int = 4) -> list[CodeType]:
    """The code of a function, of those it calls by name, and of the methods of its object."""
    found: dict[CodeType, None] = {}
    for f in functions(function, depth):
        waiting = [f.__code__]
        while waiting:
            code = waiting.pop()
            found[code] = None
            waiting += [c for c in code.co_consts if isinstance(c, CodeType)]
    return list(found)


def functions(function: Any, depth: int = 4) -> list[FunctionType]:
    """A function, those that it calls by name, and methods of its object and of the objects in that, so deep."""
    f = innermost(function)
    f = getattr(f, "__func__", f)
    owners = [type(x) for x in held_by(getattr(function, "__self__", None))]
    found: dict[FunctionType, None] = {}
    waiting = [(f, depth)] if isinstance(f, FunctionType) else []
    globals_: dict[str, Any] = {}
    while waiting:
        f, left = waiting.pop()
        if f in found:
            continue
        found[f] = None
        globals_ = {**f.__globals__, **globals_}
        names: list[str] = []
        pending = [f.__code__]
        while pending:
            code = pending.pop()
            names += code.co_names
            pending += [c for c in code.co_consts if isinstance(c, CodeType)]
        for name in names if left else ():
            for called in map(_getter, (globals_.get(name), *(getattr(owner, name, None) for owner in owners))):
                if isinstance(called, FunctionType):
                    waiting.append((called, left - 1))
    return list(found)


def _getter(x: Any) -> Any:
    """The function below wrappers; that of a property."""
    return innermost(x.fget if isinstance(x, property) else x.func if isinstance(x, cached_property) else x)


def held_by(thing: Any) -> list[Any]:
    """An object and those that it holds, also in lists and dicts: a net and its layers, one of each class."""
    held = list(attributes(thing).values())
    held += [x for part in held if isinstance(part, dict) for x in part.values()]
    held += [x for part in held if isinstance(part, list) for x in part]
    kinds = (type, FunctionType)
    objects = [x for x in (thing, *held) if (hasattr(x, "__dict__") or attributes(x)) and not isinstance(x, kinds)]
    return list({type(x): x for x in reversed(objects)}.values())[::-1]


def read_by(method: Any) -> list[str]:
    """The arrays of its object that a method reads, by the attributes that hold them: others have been left there."""
    from chainrule.check.backward.arrays import arrays_of

    names = {name for code in codes(method) for name in code.co_names}
    asked = {"getattr", "__dict__", "vars", "__getattr__"} & names
    return [path for path in arrays_of(method.__self__) if asked or re.split(r"[.[]", path)[0] in names]


def of_form(report: Any) -> bool:
    """Whether a report blames the form of a claim, which at drawn points says little."""
    return bool(getattr(report, "form", "")) or any(j.fault for j in report.points)
