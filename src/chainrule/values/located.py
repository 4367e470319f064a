"""`Located`: a Value that knows the user's line it was computed on. For drawings, explanations and diagnoses."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import file_name, user_line
from chainrule.numbers import Number, new_level
from chainrule.values.value import Value


class Located(Value):
    """A recorded value with `where`, the file and line of the user's code that computed it."""

    __slots__ = ("where",)
    where: tuple[str, int]

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        new = super().apply(operator, args, settings)
        new.where = user_line()
        return new


def place(node: Value) -> str:
    """`file.py:12` for a located node, "" for others.

    >>> place(Value(1.0))
    ''
    """
    path, line = getattr(node, "where", ("", 0))
    return f"{file_name(path)}:{line}" if path else ""


def source_line(node: Value) -> str:
    """The text of the user's line that computed the node; "" when unknown."""
    path, line = getattr(node, "where", ("", 0))
    return linecache.getline(path, line).strip() if path else ""


def trace(f: Callable[..., Any], *args: Any, names: list[str] | None = None) -> tuple[Any, list[Located]]:
    """Run `f` on located Values: (what f returned, the input Values in the order of the flattened arguments).

    names   labels for the inputs; by default the names in f's signature, with positions for containers

    >>> y, (x,) = trace(lambda x: x * x, 3.0)
    >>> y.data, x.label
    (9.0, 'x')
    """
    leaves, structure = trees.numbers(args)
    labels = names or _labels(f, args)
    level = new_level()
    inputs = [Located.leaf(x, level, label) for x, label in zip(leaves, labels, strict=True)]
    for v in inputs:
        v.where = ("", 0)  # type: ignore[attr-defined]
    return lift(f)(*trees.unflatten(structure, inputs)), inputs  # type: ignore[return-value]


def _labels(f: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    labels: list[str] = []
    for name, x in zip(trees.argument_names(f, len(args)), args, strict=True):
        count = len(trees.flatten(x)[0])
        labels += (
            [name] if count == 1 and not isinstance(x, (list, tuple, dict)) else [f"{name}[{k}]" for k in range(count)]
        )
    return labels
