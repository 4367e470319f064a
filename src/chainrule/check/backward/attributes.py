"""The attributes of an object, wherever its class keeps them."""

from __future__ import annotations

from typing import Any


def attributes(thing: Any) -> dict[str, Any]:
    """What an object holds by name, in its dict or in slots; {} for a class and for what holds nothing.

    >>> class Point:
    ...     __slots__ = ("x", "y")
    >>> p = Point()
    >>> p.x = 1.0
    >>> attributes(p)
    {'x': 1.0}
    """
    if isinstance(thing, type):
        return {}
    found: dict[str, Any] = {}
    for cls in reversed(type(thing).__mro__):
        slots = vars(cls).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            inner = f"_{cls.__name__.lstrip('_')}{name}" if name[:2] == "__" and name[-2:] != "__" else name
            if hasattr(thing, inner):
                found[inner] = getattr(thing, inner)
    return found | getattr(thing, "__dict__", {})
