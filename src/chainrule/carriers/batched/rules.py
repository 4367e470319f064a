"""What a row of the operator table computes for operands of which some have one more axis in front.

Each kind of row says it: an elementwise one broadcasts, one that knows its settings for a `wider` operand gets those,
and some say themselves what computes them (`batched`). Every other row is asked once for each example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import NeedsExamples
from chainrule.libraries import is_foreign
from chainrule.numbers import Number, shape
from chainrule.ops.kinds import Linear, Reduction
from chainrule.ops.row import Operator, applied
from chainrule.ops.shape import aligned

Held = Sequence[bool]
"""Which of the operands have the axis of the batch."""


def batched(operator: Operator, args: tuple[Number, ...], held: Held, count: int, settings: dict[str, Any]) -> Number:
    """The result, with the axis of the batch in front."""
    if operator.batched is not None:
        found = operator.batched(args, held, **settings)
        if found is not None:
            return found
    if operator.elementwise:
        return applied(operator, aligned(args, held), settings)
    if isinstance(operator, (Linear, Reduction)) and operator.wider is not None:
        wide = tuple([x if h else repeated(x, count) for x, h in zip(args, held, strict=True)])
        more = operator.wider(wide, **settings)
        if more is not None:
            return applied(operator, wide, more)
    return each(lambda *xs: applied(operator, xs, settings), args, held, count)


def repeated(x: Number, count: int) -> Number:
    """An operand without the axis of the batch, with it."""
    return ops.broadcast_to(x, (count, *shape(x)))


def each(function: Callable[..., Any], args: Sequence[Any], held: Held, count: int) -> Any:
    """`function` of one example after the other, the results along a new axis in front."""
    if not count:
        raise NeedsExamples.here("a batch without examples, of a function that is computed one by one")
    results = [function(*[example(x, k) if h else x for x, h in zip(args, held, strict=True)]) for k in range(count)]
    return stacked(results)


def example(x: Number, k: int) -> Number:
    """One of many examples."""
    return ops.getitem(x, k) if is_foreign(x) else x[k]


def stacked(results: list[Any]) -> Any:
    """Numbers or arrays of one shape along a new axis in front; of integers, truth values and complex numbers as well.

    Raises NeedsExamples for others."""
    if len({shape(y) for y in results}) > 1:
        raise NeedsExamples.here("the examples of a batch have results of different shapes")
    if all(isinstance(y, (np.ndarray, np.generic, float, int, complex)) for y in results):
        return np.stack(results)
    return ops.stack(results)
