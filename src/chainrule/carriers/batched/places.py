"""Elements at places that differ from example to example: x[i] where i is one index for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.batched.rules import repeated
from chainrule.errors import NeedsExamples
from chainrule.numbers import Number, StandIn, ndim
from chainrule.ops.row import Operator, applied
from chainrule.ops.shape import behind_axis


def moved(
    operator: Operator, x: Number, held: bool, parts: Sequence[Any], ours: Sequence[bool], count: int, settings: Any
) -> Number | None:
    """`getitem` or `scatter` with an index whose parts `ours` have the axis of the batch in front. None where the
    parts that are no slices do not stand side by side."""
    for part, mine in zip(parts, ours, strict=True):
        if mine and part.dtype.kind == "b":
            raise NeedsExamples.here("a computed mask as an index gives results of different shapes")
    whole = [isinstance(part, slice) and part == slice(None) for part in parts]
    known = [w or isinstance(p, (int, np.integer, np.ndarray, StandIn)) for w, p in zip(whole, parts, strict=True)]
    places = [k for k, w in enumerate(whole) if not w]
    if not all(known) or places[-1] - places[0] >= len(places):
        return None
    if any(
        isinstance(part, (np.ndarray, StandIn)) and getattr(part, "dtype", np.dtype(float)).kind == "b"
        for part in parts
    ):
        return None
    lead, wide = places[0], len(places)
    most = max([ndim(parts[k]) - ours[k] for k in places])
    index: list[Any] = [behind_axis(parts[k], most) if ours[k] else parts[k] for k in places]
    numbers: Any = np.arange(count).reshape(count, *(1,) * most)
    if operator.name == "getitem":
        first = (numbers,) if held else ()
        moved = _rolled(x, held, lead, wide, True)
        return _rolled(applied(operator, (moved,), {"index": (*first, *index)}), True, lead, most, False)
    size = settings["shape"]
    ct = _rolled(x if held else repeated(x, count), True, lead, most, True)
    shaped = (count, *size[lead : lead + wide], *size[:lead], *size[lead + wide :])
    made = applied(operator, (ct,), {"index": (numbers, *index), "shape": shaped})
    return _rolled(made, True, lead, wide, False)


def _rolled(x: Number, held: bool, lead: int, wide: int, forth: bool) -> Number:
    """`x` with `wide` axes behind the first `lead` ones moved before these, or back."""
    if not lead or not wide:
        return x
    source = tuple(range(held + lead, held + lead + wide))
    target = tuple(range(held, held + wide))
    return ops.moveaxis(x, source, target) if forth else ops.moveaxis(x, target, source)


def fits(shape_of_x: tuple[int, ...], parts: Sequence[Any]) -> tuple[Any, ...]:
    """The parts of an index with an ellipsis written out."""
    if not any(part is Ellipsis for part in parts):
        return tuple(parts)
    k = next(k for k, part in enumerate(parts) if part is Ellipsis)
    missing = len(shape_of_x) - (len(parts) - 1)
    return (*parts[:k], *(slice(None),) * missing, *parts[k + 1 :])
