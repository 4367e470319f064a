"""Constant folding: what is computed from constants only is computed once."""

from __future__ import annotations

import numpy as np

from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.replay import computation

LARGEST = 1 << 16
"""Elements: a larger array is rather computed than stored."""


def folded(step: Step) -> Step:
    """`step` as a constant, if it is one."""
    args = step.args
    if not args or args[0].op != CONSTANT or any(a.op != CONSTANT for a in args) or np.prod(step.shape) > LARGEST:
        return step
    with np.errstate(all="ignore"):
        value = computation(step)(*(a.settings["value"] for a in step.args))
    value = np.asarray(np.broadcast_to(value, step.shape), step.dtype)[()]
    return Step(CONSTANT, (), {"value": value}, step.shape, step.dtype, step.line)
