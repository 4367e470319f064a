"""Elements moved by a list of places that is known: loops over the list, in place of calls of NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.plan.affine import basic
from chainrule.jit.plan.lower import rebuilt
from chainrule.jit.program import CONSTANT, Program, Step

OPS = ("take_places", "add_places")
"""`getitem` and `scatter` by a list: (x, places). Settings: shape; block, how many elements lie at each place."""

MOST = 1 << 22
"""Elements of the arrays, at most: beyond, memory takes the time."""

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


def by_places(program: Program) -> Program:
    """The program with such moves as loops."""
    return rebuilt(program, _moved)


def _moved(step: Step, args: tuple[Step, ...]) -> Step | None:
    if step.op not in ("getitem", "scatter") or step.dtype not in _FLOATS or args[0].dtype != step.dtype:
        return None
    index, (x,) = step.settings["index"], args
    whole, part = (x.shape, step.shape) if step.op == "getitem" else (step.shape, x.shape)
    if basic(index) or not whole or 0 in part or max(np.prod(whole), np.prod(part)) > MOST:
        return None
    at: NDArray[np.int64] = np.arange(np.prod(whole), dtype=np.int64).reshape(whole)[index]
    if at.shape != part or not part:
        return None
    block = _block(at)
    places = np.ascontiguousarray(at.reshape(-1, block)[:, 0])
    table = Step(CONSTANT, (), {"value": places}, places.shape, places.dtype)
    op = OPS[step.op == "scatter"]
    return Step(op, (x, table), {"shape": step.shape, "block": block}, step.shape, step.dtype, step.line, step.at)


def _block(at: NDArray[np.int64]) -> int:
    """How many elements lie one after the other at each place."""
    found = 1
    for axis in reversed(range(at.ndim)):
        block = found * at.shape[axis]
        rows = at.reshape(-1, block)
        if not np.array_equal(rows, rows[:, :1] + np.arange(block)):
            break
        found = block
    return found
