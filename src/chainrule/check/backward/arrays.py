"""The arrays that an object holds: where each stands, and how another one is put in its place."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chainrule.check.backward.attributes import attributes

DEEPEST = 4
Path = tuple[tuple[str, Any], ...]
"""How an array is reached from the object: ("attribute", name) and ("item", key) in turn."""


def arrays_of(layer: Any) -> dict[str, Path]:
    """The arrays of floats that the object holds, and the containers and objects in it, by the way they are written."""
    found: dict[str, Path] = {}
    seen: set[int] = set()

    def look(x: Any, name: str, path: Path, depth: int) -> None:
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            if id(x) not in seen:
                seen.add(id(x))
                found[name] = path
        elif isinstance(x, dict):
            for key, part in x.items():
                look(part, f"{name}[{key!r}]", (*path, ("item", key)), depth)
        elif isinstance(x, (list, tuple)) and depth:
            for key, part in enumerate(x):
                look(part, f"{name}[{key}]", (*path, ("item", key)), depth - 1)
        elif depth and not callable(getattr(x, "__code__", None)) and (held := attributes(x)):
            if id(x) in seen or type(x).__module__.partition(".")[0] in ("numpy", "builtins", "random"):
                return
            seen.add(id(x))
            for key, part in held.items():
                look(part, f"{name}.{key}" if name else key, (*path, ("attribute", key)), depth - 1)

    look(layer, "", (), DEEPEST)
    return found


def every_way(layer: Any, array: Any) -> list[Path]:
    """All ways to one array: parameters often stand in an attribute and in a list."""
    found: list[Path] = []
    seen: set[int] = set()

    def look(x: Any, path: Path) -> None:
        if x is array:
            found.append(path)
        elif isinstance(x, (dict, list, tuple)):
            for key, part in x.items() if isinstance(x, dict) else enumerate(x):
                look(part, (*path, ("item", key)))
        elif id(x) not in seen and len(path) < 2 * DEEPEST and (held := attributes(x)):
            seen.add(id(x))
            for key, part in held.items():
                look(part, (*path, ("attribute", key)))

    look(layer, ())
    return found


def array_at(x: Any, path: Path) -> Any:
    for kind, key in path:
        x = getattr(x, key) if kind == "attribute" else x[key]
    return x


def put_at(x: Any, path: Path, new: Any) -> None:
    holder = array_at(x, path[:-1])
    kind, key = path[-1]
    if kind == "attribute":
        setattr(holder, key, new)
    elif isinstance(holder, tuple):
        parts = (*holder[:key], new, *holder[key + 1 :])
        put_at(x, path[:-1], type(holder)._make(parts) if hasattr(holder, "_make") else parts)  # a named tuple
    else:
        holder[key] = new


def with_arrays(thing: Any, originals: list[Any], new: list[Any]) -> Any:
    """A copy of an object that holds other arrays in all the places where these stand."""
    made = copy.deepcopy(thing)
    for original, array in zip(originals, new, strict=True):
        for path in every_way(thing, original):
            put_at(made, path, array)
    return made
