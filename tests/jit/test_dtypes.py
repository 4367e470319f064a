"""Compiled derivatives do not depend on the type in which an operand comes: a part of all rows and types at each run.

`STRIDE=1 pytest tests/jit/test_dtypes.py` goes through all of them, which takes minutes.
"""

import os

import numpy as np
import pytest
from ops import dtypes

import chainrule as cr

pytest.importorskip("llvmlite")
STRIDE = int(os.environ.get("STRIDE", "40"))
CASES = list(dtypes.cases())[::STRIDE]


def compiled(strict):
    def mode(f, operands, active, direction):
        return [cr.jit(cr.grad(lambda *xs: cr.sum(f(*xs) * 0.75), active), strict=strict)(*operands)]

    return mode


def refused(fault):
    """Whether jit says that it does not take such arguments (float16, long double), or cannot record them."""
    return all(": ArgumentError: jit takes" in line or ": CannotRecord: " in line for line in fault.splitlines())


@pytest.mark.parametrize("strict", [False, True])
def test_compiled_derivatives_are_those_of_float64(strict):
    faults = [found for case in CASES if (found := dtypes.fault(case, compiled(strict))) and not refused(found)]
    assert not faults, f"{len(faults)} of {len(CASES)}\n" + "\n".join(faults[:40])


CHOOSING = [
    lambda t: np.maximum(t - 1.0, 0), lambda t: np.minimum(0, t), lambda t: np.clip(t, 0, 5), lambda t: np.fmax(0, t),
    lambda t: np.where(t > 1, t, 0), lambda t: cr.where(t > 1, 0, t), lambda t: np.sum(np.where(t > 1, 0, [t, t])),
]  # fmt: skip
"""Functions that give a number or a whole one, by the number they are given."""


@pytest.mark.parametrize("f", CHOOSING)
def test_a_whole_number_that_was_chosen_while_recording_makes_no_whole_numbers_of_others(f):
    points = (-0.3, 0.4, 1.3, 2.75)
    for first in points:
        compiled = cr.jit(f)
        compiled(first)
        assert [float(compiled(t)) for t in points] == pytest.approx([float(f(t)) for t in points])
