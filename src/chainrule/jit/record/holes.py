"""Settings that hold computed numbers: each is moved to the arguments of its step, and a Hole stays behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

Part = TypeVar("Part")


class Hole(NamedTuple):
    """The place of argument number `k` inside a setting."""

    k: int


def emptied(tree: Any, kind: type[Part]) -> tuple[Any, list[Part]]:
    """`tree` with a Hole in place of each part that is a `kind`, and those parts.

    >>> emptied(("a", [1, "b"]), str)
    ((Hole(k=0), [1, Hole(k=1)]), ['a', 'b'])
    """
    parts: list[Part] = []
    return _emptied(tree, kind, parts), parts


def _emptied(tree: Any, kind: type[Part], parts: list[Part]) -> Any:
    if isinstance(tree, kind):
        parts.append(tree)
        return Hole(len(parts) - 1)
    if type(tree) in (tuple, list):
        return type(tree)([_emptied(part, kind, parts) for part in tree])
    if type(tree) is dict:
        return {name: _emptied(part, kind, parts) for name, part in tree.items()}
    if type(tree) is slice:
        return slice(*[_emptied(part, kind, parts) for part in (tree.start, tree.stop, tree.step)])
    return tree


def filled(tree: Any, parts: Sequence[Any]) -> Any:
    """`tree` with the parts back in their slots.

    >>> filled((Hole(0), [1, Hole(1)]), ["a", "b"])
    ('a', [1, 'b'])
    """
    if type(tree) is Hole:
        return parts[tree.k]
    if type(tree) in (tuple, list):
        return type(tree)([filled(part, parts) for part in tree])
    if type(tree) is dict:
        return {name: filled(part, parts) for name, part in tree.items()}
    if type(tree) is slice:
        return slice(filled(tree.start, parts), filled(tree.stop, parts), filled(tree.step, parts))
    return tree
