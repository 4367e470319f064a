"""`y += v` on recorded arrays. Numbers with derivatives cannot be written to: y becomes another array, and whoever else
holds the old one, or a part of it, would not see the change that NumPy makes. So this is refused where somebody does.

Python tells how many references there are to an object. How many there are when only one name holds an array depends
on the interpreter and on how this package was compiled, so it is counted once for each class of carrier.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import DroppedDerivative, ShapeError, at_user_line
from chainrule.numbers import primal, shape
from chainrule.ops.index import is_basic

VIEWS = frozenset({"reshape", "transpose", "getitem", "flip", "broadcast_to"})
"""The rows whose results share memory with their operand in NumPy."""
_alone: dict[type, tuple[int, int]] = {}
_counting: list[tuple[int, int]] | None = None
_namespace: dict[str, Any] = {}
exec("def changed(box):\n    y = box.pop()\n    y += 0.0\n", _namespace)  # as the interpreter runs it, not compiled


def refuse_shared(x: Any, other: Any, references: int, product: bool = False) -> None:
    """Before the carrier `x`, an array with so many references, is changed by `other` in place.

    Raises DroppedDerivative where somebody else may hold it, or where it would not keep its type, and ShapeError where
    `other` does not fit into it."""
    data = _data(x)
    counted = references, 0 if data is None else sys.getrefcount(data)
    if _counting is not None:
        _counting.append(counted)
        return
    size = shape(other)
    if not product and size != x.shape and np.broadcast_shapes(size, x.shape) != x.shape:
        raise ShapeError(at_user_line(f"an in-place operator cannot make an array of shape {x.shape} one of {size}"))
    kind = type(x)
    if kind not in _alone:
        _alone[kind] = _counted_alone(x)
    if any(n > usual for n, usual in zip(counted, _alone[kind], strict=True)) or _is_part(x, data):
        raise DroppedDerivative(
            at_user_line(
                "an in-place operator (such as +=) on an array with a derivative that something else may hold, too: "
                "another name,\n  a list, a view, the caller of a helper, or what was computed from it. NumPy would "
                "change it there as well.\n  Write y = y + x in place of y += x"
            )
        )
    if not isinstance(other, (float, int)) and np.result_type(x.dtype, getattr(other, "dtype", float)) != x.dtype:
        raise DroppedDerivative(
            at_user_line(f"an in-place operator cannot give an array of {x.dtype} another type; write y = y + x")
        )


def _counted_alone(x: Any) -> tuple[int, int]:
    """The references to an array of that class, and to its numbers, when one name holds it."""
    global _counting
    found: list[tuple[int, int]] = []
    _counting = found
    try:
        _namespace["changed"]([ops.positive(x)])
    finally:
        _counting = None
    return found[0]


def _data(x: Any) -> Any:
    """The numbers of a carrier that does not know what it was computed from; None for one that does."""
    if hasattr(x, "parents"):
        return None
    return x.value if hasattr(x, "value") else primal(x)


def _is_part(x: Any, data: Any) -> bool:
    """Whether `x` is a view of an array that somebody holds."""
    if data is not None:
        root = data.base if isinstance(data, np.ndarray) else None
        return isinstance(root, np.ndarray) and sys.getrefcount(root) > 3
    while x.op is not None and x.op.name in VIEWS and (x.op.name != "getitem" or is_basic(x.settings["index"])):
        if not x.parents or sys.getrefcount(x.parents[0]) > 2:
            return True
        x = x.parents[0]
    return x.op is None


__all__ = ["VIEWS", "refuse_shared"]
