"""The recording behind a picture, as the page computes it again for other inputs."""

from __future__ import annotations

import math
from typing import Any

from chainrule.numbers import Number, shape
from chainrule.show.picture.graph import Node, Picture
from chainrule.show.picture.words import Spread

MOST_NODES = 5000


def recording(picture: Picture) -> dict[str, Any] | str:
    """Operators, operands and numbers of an unfolded picture; or why the page cannot compute it.

    >>> from chainrule.show.picture.reading import picture_of
    >>> recording(picture_of(lambda a, b: a * b + a, 2.0, 3.0))["nodes"]
    [[-1, 2.0], [-1, 3.0], [0, 0, 1], [1, 2, 0]]
    """
    if picture.stop is not None:
        return "the function stopped before it had a result, so inputs cannot be moved in the page"
    if any(number(n.value) is None for n in picture.nodes):
        return "values here are arrays, so inputs cannot be moved in the page"
    if len(picture.nodes) > MOST_NODES:
        return f"more than {MOST_NODES:,} values: inputs cannot be moved in the page"
    at = {n.id: k for k, n in enumerate(picture.nodes)}
    ops = list(dict.fromkeys(n.op for n in picture.nodes if n.op))
    return {
        "ops": ops,
        "nodes": [[ops.index(n.op), *arguments(n, at)] if n.op else [-1, number(n.value)] for n in picture.nodes],
        "inputs": [[at[n.id], n.title] for n in picture.nodes if not n.op and n.kind != "constant"],
        "root": at[picture.roots[0].id],
    }


def arguments(node: Node, at: dict[int, int]) -> list[Any]:
    """The operands of a box by their position, a fixed exponent as a list of itself."""
    fixed = [[number(node.settings["exponent"])]] if "exponent" in node.settings else []
    return [*(at[k] for k in node.operands), *fixed]


def number(x: Number) -> Any:
    """A number as JSON can say it; None for what is not a single number."""
    if x is None or isinstance(x, Spread) or shape(x):
        return None
    x = float(x)
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"
