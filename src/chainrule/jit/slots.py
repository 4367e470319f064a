"""Settings that hold computed numbers: each is moved to the arguments of its step, and a Slot stays behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Slot(NamedTuple):
    """The place of argument number `k` inside a setting."""

    k: int


def emptied(tree: Any, take: Callable[[Any], Slot | None]) -> Any:
    """`tree` with a Slot in place of each part for which `take` gives one."""
    slot = take(tree)
    if slot is not None:
        return slot
    if type(tree) in (tuple, list):
        return type(tree)([emptied(part, take) for part in tree])
    if type(tree) is dict:
        return {name: emptied(part, take) for name, part in tree.items()}
    if type(tree) is slice:
        return slice(emptied(tree.start, take), emptied(tree.stop, take), emptied(tree.step, take))
    return tree


def filled(tree: Any, parts: Sequence[Any]) -> Any:
    """`tree` with the parts back in their slots.

    >>> filled((Slot(0), [1, Slot(1)]), ["a", "b"])
    ('a', [1, 'b'])
    """
    if type(tree) is Slot:
        return parts[tree.k]
    if type(tree) in (tuple, list):
        return type(tree)([filled(part, parts) for part in tree])
    if type(tree) is dict:
        return {name: filled(part, parts) for name, part in tree.items()}
    if type(tree) is slice:
        return slice(filled(tree.start, parts), filled(tree.stop, parts), filled(tree.step, parts))
    return tree
