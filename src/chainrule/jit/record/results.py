"""How what a program computes becomes what the function returned: the same containers; a single number of float64
is a Python float."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.jit.program import CONSTANT, INPUT, Step
from chainrule.jit.record.trace import Recorded


class Results:
    """`steps` are the computed ones among the leaves of a result; `put(numbers)` is the result with these numbers.

    Containers of Python's are built by an expression made for them: a jitted call has some microseconds only.
    """

    def __init__(self, structure: Any, leaves: list[Any]) -> None:
        self.steps: list[Step] = []
        self.values: list[Any] = []  # of the steps, in the call that was recorded
        self._known: set[Step] = set()
        self._names: dict[str, Any] = {"copied": _copied}
        written = [self._written(leaf) for leaf in leaves]
        try:
            source = _source(trees.unflatten(structure, [_Leaf(text) for text in written]))
        except TypeError:
            self._names |= {"unflatten": trees.unflatten, "structure": structure}
            source = f"unflatten(structure, [{', '.join(written)}])"
        self._source = source
        self.put: Callable[[list[Any]], Any] = eval(f"lambda computed: {source}", self._names)

    def alike(self, other: Results) -> bool:
        """Whether the numbers are the same that no step computes."""
        mine, theirs = self._constants(), other._constants()
        return len(mine) == len(theirs) and all(
            type(a) is type(b) and np.array_equal(a, b, equal_nan=np.result_type(a).kind in "fc")
            for a, b in zip(mine, theirs, strict=True)
        )

    def the_same(self, other: Results) -> bool:
        """Whether they are put together in the same way."""
        return self._source == other._source and "structure" not in self._names and self.alike(other)

    def _constants(self) -> list[Any]:
        return [x for name, x in self._names.items() if name.startswith("constant_")]

    def _written(self, leaf: Any) -> str:
        """The expression for one leaf."""
        if not isinstance(leaf, Recorded):
            name = f"constant_{len(self._names)}"
            self._names[name] = leaf = _single(leaf)
            return f"copied({name})" if isinstance(leaf, np.ndarray) else name
        again = leaf.step in self._known
        self._known.add(leaf.step)
        place = f"computed[{len(self.steps)}]"
        self.steps.append(leaf.step)
        self.values.append(leaf.value)
        if leaf.step.shape:
            given = leaf.step.op in (INPUT, CONSTANT)
            return f"copied({place})" if given or again else place
        kind = type(_single(leaf.value))
        if kind is float and leaf.step.dtype == np.float64:
            return place  # it is one
        self._names[kind.__name__] = kind
        return f"{kind.__name__}({place})"


def _single(x: Any) -> Any:
    """A single number as jit returns it: float64 as a Python float, other types as NumPy's scalars."""
    if isinstance(x, np.ndarray) and not x.shape:
        x = x[()]
    return float(x) if isinstance(x, np.float64) else x


class _Leaf(str):
    """The text of an expression, as a leaf of containers."""

    __slots__ = ()


def _source(tree: Any) -> str:
    """A nested container of expressions as one expression; TypeError for containers of other kinds."""
    if type(tree) is _Leaf:
        return tree
    if tree is None:
        return "None"
    if type(tree) in (tuple, list) and (span := _in_a_row(tree)) is not None:
        return f"tuple({span})" if type(tree) is tuple else span
    if type(tree) is tuple:
        return f"({''.join(_source(part) + ', ' for part in tree)})"
    if type(tree) is list:
        return f"[{', '.join(map(_source, tree))}]"
    if type(tree) is dict and all(type(key) in (str, int) for key in tree):
        return "{" + ", ".join(f"{key!r}: {_source(part)}" for key, part in tree.items()) + "}"
    raise TypeError(type(tree).__name__)


FEW = 8
"""Results that are as quick to take one by one as together."""


def _in_a_row(tree: Any) -> str | None:
    """Many results that follow each other, as a slice of them."""
    if len(tree) <= FEW or type(tree[0]) is not _Leaf or not tree[0].startswith("computed["):
        return None
    first = int(tree[0][len("computed[") : -1])
    if any(part != f"computed[{first + k}]" for k, part in enumerate(tree)):
        return None
    return f"computed[{first}:{first + len(tree)}]"


def _copied(x: Any) -> Any:
    return np.array(x)


def finite(numbers: Sequence[Any]) -> bool:
    """Whether all floats among numbers and arrays are finite."""
    return all(np.isfinite(x).all() for x in numbers)


def like(result: Any, other: Any) -> Any:
    """Another result with the types of one that a program computed."""
    leaves, structure = trees.flatten(result)
    others, _ = trees.flatten(other)
    if len(leaves) != len(others):
        return result
    return trees.unflatten(structure, [_typed(a, b) for a, b in zip(leaves, others, strict=True)])


def near(a: Any, b: Any) -> bool:
    """Whether results of one structure agree, but for rounding and what is subnormal."""
    return all(map(_near, trees.flatten(a)[0], trees.flatten(b)[0]))


def _near(a: Any, b: Any) -> bool:
    x, y = np.asarray(a), np.asarray(b)
    if x.dtype.kind not in "fc":
        return True
    kind = np.finfo(x.dtype)
    size = np.max(np.abs(y), initial=0.0, where=np.isfinite(y))
    bar = 1e4 * kind.eps * np.abs(y) + 64 * kind.eps * size + 4096 * float(kind.smallest_subnormal)
    return bool(np.all((np.abs(x - y) <= bar) | (x == y) | (np.isnan(x) & np.isnan(y))))


def _typed(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray):
        return np.array(b, a.dtype) if np.shape(b) == a.shape else a
    return type(a)(b) if isinstance(a, (float, np.floating)) else a
