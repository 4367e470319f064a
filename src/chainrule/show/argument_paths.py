"""The parameters of a function, and how each number of its arguments is reached from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import optree

from chainrule import trees
from chainrule.signatures import parameters


def parameters_of(f: Callable[..., Any], count: int) -> list[str]:
    """What stands between the parentheses of `f` when it takes `count` arguments.

    >>> parameters_of(lambda a, *rest: a, 3)
    ['a', '*rest']
    """
    names = [re.sub(r"\W", "", name) for name in trees.argument_names(f, count) if "[" not in name]
    many = [p.name for p in parameters(f) or () if p.kind is p.VAR_POSITIONAL]
    return [*names, f"*{many[0]}"] if len(names) < count and many else names


def places_of(at: tuple[Any, ...], parameters: Sequence[str]) -> list[str]:
    """How each number of the arguments is reached from the parameters.

    >>> places_of((1.0, [2.0, 3.0], {"rate": 0.5}), ["x", "w", "p"])
    ['x', 'w[0]', 'w[1]', "p['rate']"]
    """
    roots = [p for p in parameters if not p.startswith("*")]
    many = [p[1:] for p in parameters if p.startswith("*")]
    roots += [f"{many[0]}[{k}]" for k in range(len(at) - len(roots))] if many else []
    return [
        way.codify(root)
        for x, root in zip(at, roots, strict=True)
        for way in optree.tree_accessors(x, none_is_leaf=False)
    ]


def held_fixed(f: Callable[..., Any], count: int) -> str:
    """The arguments left at their defaults.

    >>> held_fixed(lambda x, mu=42.0: x, 1)
    'mu=42.0'
    """
    return ", ".join(f"{p.name}={p.default!r}" for p in (parameters(f) or [])[count:] if p.default is not p.empty)
