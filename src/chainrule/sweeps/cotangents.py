"""What a sweep asks of cotangents: their type, whether they are nan, left the range of floats, or may be differentiated
again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import chainrule.carriers.node as graph
import chainrule.native.dense as dense
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
from chainrule.carriers.node import Node
from chainrule.libraries import is_foreign, library, without_warnings
from chainrule.numbers import Carrier, Number, StandIn, differentiated, primal, shape
from chainrule.ops.slopes import multiplied
from chainrule.sweeps.adjoints import Adjoints

NOTED = [0]
"""How often NumPy has noticed in a sweep that an element left the range of floats."""


def _note(what: str, flag: int) -> None:
    NOTED[0] += 1


_NOTING: dict[str, Any] = {"under": "call", "over": "call", "call": _note}


def noting() -> Any:
    """A state of NumPy's in which NOTED counts, and there are no warnings."""
    return np.errstate(all="ignore", **_NOTING)


def noted(function: Any) -> Any:
    """`noting()(function)`, which is quicker than a block of its own."""
    return without_warnings(function, **_NOTING)


def missing(x: Number) -> bool:
    """Whether a number is nan, or an array holds one; also of the numbers below carriers."""
    x = primal(x)
    if type(x) is ndarray:
        return x.dtype.char != "O" and bool(dense.has_nan(x) and np.isnan(x).any())
    if isinstance(x, StandIn):
        return x.missing()
    return multiplied(x, x) and bool(x != x)


def nested(found: Adjoints, cotangent: Number) -> bool:
    """Whether the result or its cotangent is a carrier, of floats or arrays, that may be differentiated again."""
    data = graph.number_of(memory.sure(found.nodes[len(found.nodes) - 1]))
    return (differentiated(data) or differentiated(cotangent)) and multiplied(data, cotangent)


def spoiled(found: Adjoints) -> bool:
    """Whether the adjoint of an input holds nan."""
    for k in range(len(found.nodes)):
        node: Node = memory.sure(found.nodes[k])
        if node.code == opcodes.LEAF and found.state[k] and missing(found.at(k)):
            return True
    return False


def as_of(ct: Number, data: Number) -> Number:
    """`ct` in the floating type of `data`: float32 stays float32, a Python float a Python float."""
    kind = type(data)
    if type(ct) is kind:
        if kind is np.ndarray and ct.dtype != data.dtype and data.dtype.kind == "f" and ct.dtype.kind == "f":
            return ct.astype(data.dtype)
        if kind is not float and kind is not np.float64 and kind is not np.ndarray and is_foreign(ct):
            return _foreign_as_of(ct, data)
        return _recorded_as_of(ct, data) if isinstance(ct, StandIn) and not isinstance(ct, Carrier) else ct
    if isinstance(ct, Carrier) or isinstance(data, Carrier):
        return ct
    if isinstance(ct, StandIn) or isinstance(data, StandIn):
        return _recorded_as_of(ct, data)
    if kind is float and isinstance(ct, (np.generic, int)):
        return float(ct)
    if isinstance(data, np.ndarray) and isinstance(ct, (float, int, np.generic)):
        return np.full(shape(data), ct, dtype=data.dtype)
    if isinstance(data, np.generic) and data.dtype.kind == "f":
        return data.dtype.type(ct) if np.ndim(ct) == 0 else ct
    return ct


def _foreign_as_of(ct: Number, data: Number) -> Number:
    """`ct` in the floating type of `data`, both arrays of another library."""
    xp, both = library(ct).xp, (ct.dtype, data.dtype)
    if both[0] == both[1] or not all(xp.isdtype(kind, "real floating") for kind in both):
        return ct
    return xp.astype(ct, data.dtype)


def _recorded_as_of(ct: Number, data: Number) -> Number:
    """`ct` in the type of `data` where either is recorded: arrays have a type, Python's floats follow."""
    wanted, have = getattr(data, "dtype", None), getattr(ct, "dtype", None)
    if wanted is None or have is None or wanted == have or wanted.kind != "f" or have.kind != "f":
        return ct
    return ct.astype(wanted)


dense.start()
memory.start()
