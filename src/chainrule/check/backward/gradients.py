"""Which of the gradients that a backward pass gives belongs to which number among the arguments."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.backward.passes import is_number
from chainrule.numbers import shape
from chainrule.records import record

_AFFIXES = re.compile(
    r"^(?:d(?:loss|cost|[LJEC])_?d_?|grads?_?(?:of_)?|d_?|g_|delta_?|nabla_?)|(?:_?grads?|_?gradients?|_delta|_d)$"
)


@record
class Matched:
    """The gradients that were found.

    leaves   the positions of the numbers, among all leaves of the arguments, that have one
    values   the gradients, in that order
    names    the numbers, as they are written: "w", "params['W1']"
    notes    what was left aside
    fault    why none could be matched; "" otherwise
    aside    the entries of a dict that were left aside
    """

    leaves: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fault: str = ""
    aside: dict[Any, Any] = field(default_factory=dict)

    def add(self, leaf: int, name: str, value: Any) -> None:
        self.leaves.append(leaf)
        self.names.append(name)
        self.values.append(value)


def leaves_of(args: tuple[Any, ...], names: list[str]) -> list[tuple[str, Any]]:
    """All leaves of the arguments, each with the way it is written."""
    found = []
    for name, arg in zip(names, args, strict=True):
        leaves, structure = trees.flatten(arg)
        paths = [a.codify("") if len(a) else "" for a in structure.accessors()]
        found += [(f"{name}{path}", x) for path, x in zip(paths, leaves, strict=True)]
    return found


def matched(returned: Any, args: tuple[Any, ...], names: list[str]) -> Matched:
    """Gradients by name (of dict entries), else in order: one array is that of the first argument it fits.

    returned   an array, a tuple or list with one entry for each argument or for the first ones, or a dict
    """
    leaves = leaves_of(args, names)
    found = Matched()
    if returned is None:
        found.fault = "backward returns None (is a return missing?)"
    elif isinstance(returned, dict):
        _by_name(returned, leaves, found, range(len(leaves)))
    elif isinstance(returned, (tuple, list)) and not is_number_list(returned):
        _in_order(list(returned), args, names, leaves, found)
    else:
        _single(np.asarray(returned) if isinstance(returned, list) else returned, leaves, found)
    order = sorted(range(len(found.leaves)), key=found.leaves.__getitem__)
    found.leaves = [found.leaves[k] for k in order]
    found.values = [found.values[k] for k in order]
    found.names = [found.names[k] for k in order]
    if not found.leaves and not found.fault:
        found.fault = "none of the gradients that backward gives belongs to an argument that holds real numbers"
    return found


def is_number_list(x: Any) -> bool:
    """Whether a list is a vector or matrix of Python floats, and not a list of gradients."""
    if not isinstance(x, list) or not x:
        return False
    return all(is_number_list(v) if isinstance(v, list) else type(v) is float for v in x) and isinstance(x[0], list)


def bare(name: str) -> str:
    """The number that a gradient of that name belongs to: dW1, grad_W1, W1_grad -> W1."""
    last = re.findall(r"\w+", name)[-1] if re.findall(r"\w+", name) else name
    stripped = _AFFIXES.sub("", last)
    return stripped or last


def _by_name(returned: dict[Any, Any], leaves: list[tuple[str, Any]], found: Matched, among: range) -> None:
    own = {k: re.findall(r"\w+", leaves[k][0])[-1] for k in among if is_number(leaves[k][1])}
    aside = []
    for key, value in returned.items():
        wanted = [str(key), bare(str(key))]
        places = [k for k in own if leaves[k][0] == key]
        places = places or [k for w in wanted for k, name in own.items() if name == w]
        places = places or [k for w in wanted for k, name in own.items() if name.lower() == w.lower()]
        if places and places[0] not in found.leaves:
            found.add(places[0], leaves[places[0]][0], value)
        else:
            aside.append(repr(key))
            found.aside[key] = value
    if aside and found.leaves:
        found.notes.append(f"left aside, as no argument has that name: {', '.join(aside)}")


def _in_order(
    returned: list[Any], args: tuple[Any, ...], names: list[str], leaves: list[tuple[str, Any]], found: Matched
) -> None:
    """One entry for each argument (None where it has no gradient), or one for each that holds real numbers."""
    spans = _spans(args)
    real = [k for k, (first, last) in enumerate(spans) if any(is_number(x) for _, x in leaves[first:last])]
    places = list(range(len(args))) if len(returned) == len(args) else real[: len(returned)]
    if len(returned) > len(args):
        floats = [k for k, (_, x) in enumerate(leaves) if is_number(x)]
        if len(returned) == len(floats):
            for k, value in zip(floats, returned, strict=True):
                found.add(k, leaves[k][0], value)
            return
        found.notes.append(f"backward gives {len(returned)} gradients where forward has {len(args)} arguments")
    for k, value in zip(places, returned, strict=False):
        first, last = spans[k]
        if value is None or k not in real:
            continue
        if isinstance(value, dict):
            _by_name(value, leaves, found, range(first, last))
            continue
        values = value if isinstance(value, (list, tuple)) and last - first > 1 else [value]
        numbers = [i for i in range(first, last) if is_number(leaves[i][1])]
        for i, v in zip(numbers, values, strict=False):
            found.add(i, leaves[i][0], v)


def _spans(args: tuple[Any, ...]) -> list[tuple[int, int]]:
    spans, start = [], 0
    for arg in args:
        count = len(trees.flatten(arg)[0])
        spans.append((start, start + count))
        start += count
    return spans


def _single(value: Any, leaves: list[tuple[str, Any]], found: Matched) -> None:
    numbers = [k for k, (_, x) in enumerate(leaves) if is_number(x)]
    fitting = [k for k in numbers if shape(leaves[k][1]) == shape(value)] or numbers
    if fitting:
        found.add(fitting[0], leaves[fitting[0]][0], value)
        if len(numbers) > 1:
            others = ", ".join(leaves[k][0] for k in numbers if k != fitting[0])
            found.notes.append(f"the gradient is read as that by {leaves[fitting[0]][0]}; not checked: by {others}")
