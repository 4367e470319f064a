"""Constants of a recording: equal ones are one step, however they are spelled; zeros of two signs are two."""

import math

import numpy as np
import pytest

from chainrule.jit.record.tracer import new_trace

DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


@pytest.mark.parametrize("number", [1.0, -2.5, 1e300, math.inf, math.nan, 0.0])
@pytest.mark.parametrize("dtype", [DOUBLE, SINGLE])
def test_a_number_is_one_step_in_each_type(number, dtype):
    trace = new_trace()
    with np.errstate(over="ignore"):
        first = trace.constant(number, dtype)
        assert trace.constant(float(str(number)), dtype) is first
        assert np.array_equal(first.settings["value"], dtype.type(number), equal_nan=True)
    assert first.dtype is dtype


def test_spellings_of_a_number_are_one_step():
    trace = new_trace()
    assert len({trace.constant(x, DOUBLE) for x in (3.0, 3, np.float64(3.0), np.array(3.0))}) == 1


def test_zeros_of_two_signs_are_two_steps():
    trace = new_trace()
    steps = [trace.constant(x, DOUBLE) for x in (0.0, -0.0)]
    assert [math.copysign(1.0, step.settings["value"]) for step in steps] == [1.0, -1.0]
