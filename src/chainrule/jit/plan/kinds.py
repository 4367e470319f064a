"""What a step is to a kernel."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.emit.rows import writable
from chainrule.jit.plan.affine import Index, Place, basic, identity, inside, through
from chainrule.jit.plan.places import OPS
from chainrule.jit.program import CONSTANT, INPUT, Step

FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
TYPES = (*FLOATS, np.dtype(bool))


class Kind(Enum):
    """How a step's value comes about.

    LEAF         given: an input or a constant
    ELEMENTWISE  computed element by element wherever it is needed
    VIEW         elements of its operand at other places
    PAD          zeros around its operand
    REDUCTION    accumulated by a loop over its operand
    JOIN         parts stored into one array
    ALIAS        its operand's memory in another shape
    SCAN         running sums along an axis of its operand, or a move by a list of places, in one loop after the other
    LIBRARY      computed by the row itself, with NumPy
    """

    LEAF, ELEMENTWISE, VIEW, PAD, REDUCTION, JOIN, ALIAS, SCAN, LIBRARY = range(9)


INLINE = (Kind.ELEMENTWISE, Kind.VIEW, Kind.PAD)
_VIEWS = ("getitem", "transpose", "broadcast_to", "flip", "reshape")
_JOINS = ("elements", "join", "stack", "concatenate")
REDUCTIONS = ("sum", "max", "min")
SIMPLE = frozenset((
    "add", "subtract", "multiply", "divide", "negative", "square", "scale", "reciprocal", "sqrt", "abs", "maximum",
    "minimum", "where", "logical_and", "logical_or", "logical_not", "isfinite", "getitem", "greater", "less", "equal",
    "greater_equal", "less_equal", "not_equal",
))  # fmt: skip
"""What a loop of machine code computes several at a time, too."""


def kind_of(step: Step, strict: bool, pads: bool = True) -> Kind:
    """`strict` leaves sums to NumPy, whose order of additions is part of its answer; without `pads` arrays of zeros
    around something are always stored."""
    if step.op in (INPUT, CONSTANT):
        return Kind.LEAF
    if step.op in OPS:
        return Kind.SCAN
    if step.dtype not in TYPES or any(a.dtype not in TYPES for a in step.args):
        return Kind.LIBRARY
    if step.op in _VIEWS:
        if through(step, identity(step.shape)) is not None:
            return Kind.VIEW
        return Kind.ALIAS if step.op == "reshape" else Kind.LIBRARY
    if step.op == "scatter":
        index = step.settings["index"]
        if not step.shape:
            return Kind.LIBRARY
        return Kind.PAD if pads and inside(index, step.shape) else Kind.JOIN if basic(index) else Kind.LIBRARY
    if step.op in _JOINS:
        return Kind.JOIN
    if step.op in REDUCTIONS and step.args[0].shape:
        return Kind.LIBRARY if (strict and step.op == "sum") or step.dtype not in FLOATS else Kind.REDUCTION
    if step.op == "cumsum" and step.shape and step.dtype in FLOATS and step.args[0].dtype == step.dtype:
        return Kind.SCAN
    return Kind.ELEMENTWISE if writable(step) else Kind.LIBRARY


def parts(step: Step) -> list[tuple[Step, tuple[int, ...], Place]]:
    """The parts of a JOIN: a step, the shape that it is broadcast to, and where each of its elements is stored."""
    ndim = len(step.shape)
    if step.op == "elements":
        places = [tuple(Index((), k) for k in key) for key in step.settings["index"]]
        return [(a, (), place) for a, place in zip(step.args, places, strict=True)]
    if step.op == "join":
        keys = [k if isinstance(k, tuple) else (k,) for k in step.settings["index"]]
    elif step.op == "scatter":
        keys = [step.settings["index"]]
    else:
        axis, keys, at = step.settings["axis"] % ndim, [], 0
        for a in step.args:
            n = a.shape[axis] if step.op == "concatenate" else 1
            own = slice(at, at + n) if step.op == "concatenate" else at
            keys.append((slice(None),) * axis + (own,))
            at += n
    found = []
    for a, key in zip(step.args, keys, strict=True):
        shape = _selected(key, step.shape)
        view = Step("getitem", (step,), {"index": key}, shape, step.dtype)
        place = through(view, identity(shape))
        assert place is not None
        found.append((a, shape, place))
    return found


def _selected(key: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    chosen: NDArray[Any] = np.broadcast_to(np.empty(()), shape)[key]
    return chosen.shape


def covers(step: Step) -> bool:
    """Whether the parts of a JOIN fill it, so that no zeros are left."""
    if step.op in ("stack", "concatenate"):
        return True
    if step.op == "elements":
        return len(set(step.settings["index"])) == int(np.prod(step.shape))
    places = 0
    for _, shape, _ in parts(step):
        places += int(np.prod(shape))
    return places == int(np.prod(step.shape))
