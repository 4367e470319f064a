"""Which numbers of the arguments are shown and differentiated, and what is held as it was given: labels, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.complex_numbers import is_complex
from chainrule.errors import ArgumentError
from chainrule.inputs import as_number
from chainrule.show.printable import printable

LONGEST = 40


class Split:
    """The arguments `at`, apart: the leaves at the places `moving` become numbers to be shown, the others are held.

    >>> split = Split((2.0, {"mode": "train"}, 3))
    >>> split.moving, split.whole
    ([0, 2], [2])
    >>> split.filled([5.0, 7.0])
    (5.0, {'mode': 'train'}, 7.0)
    """

    def __init__(self, at: tuple[Any, ...], argnums: int | Sequence[int] | None = None) -> None:
        self.at = at
        self.leaves, self.structure = trees.flatten(at)
        self.owners = [path[0] for path in self.structure.paths()] if self.leaves else []
        asked = range(len(at)) if argnums is None else trees.positions(argnums, len(at), "argnums")
        self.moving = [k for k, x in enumerate(self.leaves) if self.owners[k] in asked and _is_number(x)]
        self.whole = [k for k in self.moving if argnums is None and _is_whole(self.leaves[k])]
        if self.leaves and not self.moving:
            raise ArgumentError.here(f"expected at least one real number among the arguments, got {at!r:.200}")

    def without(self, places: Iterable[int]) -> Split:
        """The function with these leaves held as well."""
        other: Split = object.__new__(Split)
        other.__dict__.update(self.__dict__)
        other.moving = [k for k in self.moving if k not in set(places)]
        return other

    def numbers(self) -> list[Any]:
        """What is shown, each something that can be differentiated. Raises ArgumentError for complex numbers."""
        for k in self.moving:
            if is_complex(self.leaves[k]):
                said = "what is shown is a function of real numbers; pass the real and the imaginary part of"
                raise ArgumentError.here(f"{said} {self.leaves[k]!r}")
        return trees.numbers([self.leaves[k] for k in self.moving])[0]

    def filled(self, numbers: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with these in place of what is shown."""
        leaves = list(self.leaves)
        for k, x in zip(self.moving, numbers, strict=True):
            leaves[k] = x
        whole: tuple[Any, ...] = trees.unflatten(self.structure, leaves)
        return whole

    def of(self, places: Sequence[str]) -> list[str]:
        """The names of what is shown, of those of all leaves."""
        return [places[k] for k in self.moving]

    def held(self, places: Sequence[str]) -> str:
        """`y=1, p['mode']='train'`: what is held."""
        kept = (k for k in range(len(self.leaves)) if k not in self.moving)
        return ", ".join(f"{places[k]}={printable(_brief(self.leaves[k]))}" for k in kept)


def settled(split: Split, runs: Callable[[Split], bool]) -> Split | None:
    """The split by which a function runs that does not take all numbers as they are shown: whole numbers that index,
    count or label are held, each list or entry of a dict together, the others are shown. None where nothing helps.

    First all whole numbers are held, then each is given back if the function still runs.
    """
    held = list(split.whole)
    if not held or not runs(split.without(held)):
        return None
    for group in _groups(split):
        fewer = [k for k in held if k not in group]
        if runs(split.without(fewer)):
            held = fewer
    found = split.without(held)
    return found if found.moving else None


def _groups(split: Split) -> list[set[int]]:
    """The whole numbers that are of one sort: of an argument, and of an entry where it is a dict."""
    paths = split.structure.paths()
    groups: dict[Any, set[int]] = {}
    for k in split.whole:
        first, *inner = paths[k]
        groups.setdefault((first, *(key for key in inner if isinstance(key, str))), set()).add(k)
    return list(groups.values())


def _is_whole(x: Any) -> bool:
    return isinstance(x, (int, np.integer)) or (isinstance(x, np.ndarray) and x.dtype.kind in "iu")


def _is_number(x: Any) -> bool:
    if isinstance(x, (bool, np.bool_)) or (isinstance(x, np.ndarray) and x.dtype.kind not in "fiucO"):
        return False
    try:
        as_number(x)
    except ArgumentError:
        return False
    return True


def _brief(x: Any) -> str:
    text = " ".join(repr(x).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
