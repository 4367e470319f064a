"""Only speed: the gradient by floats, where only floats led to the result.

No points are flattened, and the sweep makes no object for a node (see sweeps/floats.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule import trees
from chainrule.numbers import call_level
from chainrule.sweeps.floats import float_pass
from chainrule.transforms.calling import called, settled
from chainrule.transforms.recorded import Recorded
from chainrule.values.arithmetic import float_inputs
from chainrule.values.value import Value


def gradient_of_floats(f: Callable[..., Any], wanted: Sequence[int], args: Sequence[float]) -> Any:
    """(value, gradient by the arguments at the positions `wanted`) of a lifted function of floats, where only floats
    led to its result; otherwise its recording."""
    level = call_level()
    inputs = float_inputs([args[n] for n in wanted], level)
    full: list[Any] = list(args)
    for n, v in zip(wanted, inputs, strict=True):
        full[n] = v
    y = called(f, full, level)
    if type(y) is Value and y.level == level and float_pass(y, 1.0):
        return y.data, [v.grad for v in inputs]
    results, out = trees.in_parts(y)
    recording = Recorded(inputs, [settled(r, level) for r in results], out, level)
    recording.kept = True
    return recording
