"""Data classes whose methods are written here once. Those of `dataclasses` are written as text and compiled for each
class, six of them, when its module is imported: half a millisecond a class, a third of what `chainrule check` imported.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from typing import TYPE_CHECKING, Any, NoReturn, cast

__all__ = ["record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import replace
else:

    def record(cls: type | None = None, *, frozen: bool = False, eq: bool = True, repr: bool = True) -> Any:
        """A data class: `dataclasses.fields` and `dataclasses.replace` know it.

        >>> @record(frozen=True)
        ... class Point:
        ...     x: float
        ...     y: float = 0.0
        >>> Point(1.0), dataclasses.replace(Point(1.0), y=2.0), Point(1.0) == Point(x=1.0, y=0.0)
        (Point(x=1.0, y=0.0), Point(x=1.0, y=2.0), True)
        """
        if cls is None:
            return lambda decorated: _record(decorated, frozen, eq, repr)
        return _record(cls, frozen, eq, repr)

    def replace(thing: Any, /, **changes: Any) -> Any:
        """A copy of a record with other numbers in some fields, in a fifth of the time of `dataclasses.replace`, which
        calls the class; a judgement at a point is copied a dozen times.

        >>> @record(frozen=True)
        ... class Point:
        ...     x: float
        ...     y: float = 0.0
        >>> replace(Point(1.0), y=2.0)
        Point(x=1.0, y=2.0)
        """
        kind = type(thing)
        places = kind.__layout__.places
        if not changes.keys() <= places.keys() or hasattr(kind, "__post_init__"):
            return dataclasses.replace(thing, **changes)
        copied = object.__new__(kind)
        held = thing.__dict__
        copied.__dict__.update({name: held[name] for name in places})
        copied.__dict__.update(changes)
        return copied


class Layout:
    """The fields of a record: the place of each, those that must be given, and what the others hold."""

    __slots__ = ("factories", "places", "required", "values")

    def __init__(self, cls: type) -> None:
        fields = dataclasses.fields(cls)
        self.places = {f.name: k for k, f in enumerate(fields)}
        self.values = {f.name: f.default for f in fields}
        self.factories = {f.name: f.default_factory for f in fields if f.default_factory is not MISSING}
        self.required = [f.name for f in fields if f.default is MISSING and f.default_factory is MISSING]


class LayoutWhenAsked:
    """Stands in a class for its layout until the first of its records is made: many that are imported never are."""

    def __get__(self, _: Any, cls: type) -> Layout:
        layout, made = Layout(cls), cast("Any", cls)
        made.__layout__ = layout
        return layout


def _record(cls: type, frozen: bool, eq: bool, repr: bool) -> type:
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    made.__layout__ = LayoutWhenAsked()
    methods: dict[str, Any] = {"__init__": _init, "__signature__": _Signature()}
    if repr:
        methods["__repr__"] = _repr
    if eq:
        methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
    if frozen:
        methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
    for name, method in methods.items():
        if name not in vars(cls) or vars(cls)[name] is None:  # a class with __eq__ has None for __hash__
            setattr(made, name, method)
    return cls


def _init(self: Any, *args: Any, **named: Any) -> None:
    layout, values, given = self.__layout__, self.__dict__, len(args)
    places = layout.places
    if given == len(places) and not named and not layout.factories:
        values.update(zip(places, args, strict=True))
        if hasattr(self, "__post_init__"):
            self.__post_init__()
        return
    values.update(layout.values)
    values.update(zip(places, args, strict=False))
    values.update(named)
    for name in named:
        if places.get(name, -1) < given:
            raise _wrong_fields(self, args, named)
    for name in layout.required[given:]:
        if name not in named:
            raise _wrong_fields(self, args, named)
    if given > len(places):
        raise _wrong_fields(self, args, named)
    for name, make in layout.factories.items():
        if values[name] is MISSING:
            values[name] = make()
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _wrong_fields(self: Any, args: tuple[Any, ...], named: dict[str, Any]) -> TypeError:
    expected = ", ".join(self.__layout__.places)
    got = f"{len(args)} without a name and {', '.join(named)}" if named else str(len(args))
    return TypeError(f"{type(self).__name__} expects the fields {expected}, got {got}")


def _repr(self: Any) -> str:
    shown = [f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: Any) -> bool:
    return _compared(self) == _compared(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, f.name) for f in dataclasses.fields(self) if f.compare])


def _refuse_to_set(self: Any, name: str, value: Any) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


class _Signature:
    """What `help` and `inspect.signature` say of a record: its fields."""

    def __get__(self, _: Any, cls: type) -> inspect.Signature:
        return inspect.Signature([_parameter(f) for f in dataclasses.fields(cls)])


def _parameter(field: dataclasses.Field[Any]) -> inspect.Parameter:
    made: Callable[[], Any] | Any = field.default_factory
    default: Any = field.default if field.default is not MISSING else made() if made is not MISSING else MISSING
    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    return inspect.Parameter(field.name, kind, default=empty if default is MISSING else default, annotation=field.type)
