"""Numbers that remember which Value they belong to, so that a comparison of them leaves a trace.

A recording holds no comparisons: `x > 0` asks the plain numbers. When these are a `ComparedFloat` or a
`ComparedArray`, the question is kept: in the log of the run where the answer steers the program, and in the
answer itself (a `Mask`) where it is an array that goes on into `where`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from chainrule.libraries import Observed
from chainrule.numbers import Carrier
from chainrule.ops.row import TABLE


class Comparison(NamedTuple):
    """`left sign right` turned out `answer` (an array of answers for arrays). Sides are Values, masks or numbers;
    the sign may also be &, | and ~ (whose right side does not count)."""

    left: Any
    sign: str
    right: Any
    answer: Any


class ComparedFloat(float):
    """A float that remembers the Value it belongs to."""

    node: Any

    def __new__(cls, x: float, node: Any = None) -> ComparedFloat:
        self = super().__new__(cls, x)
        self.node = node
        return self


class ComparedArray(Observed, np.ndarray[Any, Any]):
    """An array that notes what it is compared with; comparing it gives a `Mask`."""

    node: Any = None


class Mask(Observed, np.ndarray[Any, Any]):
    """An array of answers that remembers the question. Choosing by it is recorded, also between two constants;
    whatever else is done with it is logged, as an assumption."""

    question: Comparison | None = None

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(kind, Carrier) for kind in types):
            return NotImplemented  # theirs to do
        if function is np.where and len(args) == 3 and self is args[0] and self.question is not None:
            return _chosen(self, *args[1:])
        self.assume()
        return function(*map(bare, args), **{name: bare(x) for name, x in kwargs.items()})

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if any(isinstance(x, Carrier) for x in inputs):
            return NotImplemented
        answer = getattr(ufunc, method)(*map(bare, inputs), **settings)
        joint = _LOGIC.get(ufunc)
        if joint and method == "__call__" and all(isinstance(x, Mask) and x.question for x in inputs):
            return asked(Comparison(inputs[0], joint, inputs[-1], answer))
        for x in inputs:
            if isinstance(x, Mask):
                x.assume()
        return answer

    def assume(self) -> None:
        """Log that the answers, as they are, went into the result."""
        node = next(self.nodes(), None)
        if node is not None and self.question is not None:
            node.trail.comparisons.append(self.question)

    def nodes(self) -> Iterator[Any]:
        """The Values that were compared."""
        pending: list[Any] = [self.question]
        while pending:
            x = pending.pop()
            if isinstance(x, Comparison):
                pending += [x.left, x.right]
            elif isinstance(x, Mask):
                pending.append(x.question)
            elif isinstance(x, Carrier):
                yield x


_LOGIC = {
    np.logical_and: "&", np.bitwise_and: "&", np.logical_or: "|", np.bitwise_or: "|", np.logical_not: "~",
    np.invert: "~",
}  # fmt: skip


def asked(question: Comparison) -> Mask:
    """The answer to `question`, remembering it."""
    mask: Mask = question.answer.view(Mask)
    mask.question = question
    return mask


def _chosen(mask: Mask, a: Any, b: Any) -> Any:
    """np.where(mask, a, b) of constants, as a Value that hangs on what was compared."""
    node = next(mask.nodes())
    new = type(node).leaf(np.where(bare(mask), a, b), node.level)
    new.op, new.parents, new.active, new.operands = TABLE["where"], (node,), (0,), (mask, a, b)
    new.where, new.trail = ("", 0), node.trail
    return new


def _compared(sign: str, compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def decide(self: Any, other: Any) -> Any:
        answer = compare(plain(self), plain(other))
        sides = [x if getattr(x, "node", None) is None else x.node for x in (self, other)]
        node: Any = next((x for x in sides if isinstance(x, Carrier)), None)
        if node is None or answer is NotImplemented:
            return answer
        question = Comparison(sides[0], sign, sides[1], answer)
        if isinstance(answer, np.ndarray):
            return asked(question)
        node.trail.comparisons.append(question)
        return answer

    return decide


for _name, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
    for _kind in (ComparedFloat, ComparedArray):
        setattr(_kind, f"__{_name}__", _compared(_sign, getattr(operator, _name)))
ComparedFloat.__hash__ = float.__hash__  # type: ignore[method-assign]


def plain(x: Any) -> Any:
    """`x` without its memory of a Value."""
    if isinstance(x, ComparedFloat):
        return float(x)
    return x.view(np.ndarray) if isinstance(x, ComparedArray) else x


def bare(x: Any) -> Any:
    """`x` without any memory, also of a question."""
    return x.view(np.ndarray) if isinstance(x, Mask) else plain(x)
