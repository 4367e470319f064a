"""Arrays that are assigned to: random programs against NumPy and differences, in every mode."""

import os

import numpy as np
import pytest
from carriers.assignments import POINT, Program, slopes

import chainrule as cr

SEEDS = range(int(os.environ.get("CHAINRULE_ASSIGNMENTS", "240")))
DIRECTION = np.array([1.0, -0.5, 0.25, 2.0])


def reverse(f):
    return cr.value_and_grad(f)(POINT)


def forward(f):
    return cr.jvp(f, (POINT,), (DIRECTION,))


def taylor(f):
    value, (slope, *_) = cr.jet(f, (POINT,), ((DIRECTION, np.zeros(4)),))
    return value, slope


def compiled(f):
    return cr.jit(cr.value_and_grad(f))(POINT)


def second(f):
    return f(POINT.copy()), cr.jvp(cr.grad(f), (POINT,), (DIRECTION,))[1]


MODES = {
    "reverse": (reverse, 1),
    "forward": (forward, 2),
    "taylor": (taylor, 6),
    "jit": (compiled, 12),
    "second": (second, 3),
}


@pytest.mark.parametrize("mode", MODES)
def test_programs_that_assign(mode):
    run, stride = MODES[mode]
    compared = 0
    for seed in SEEDS[::stride]:
        program = Program(seed)
        f = program.function()
        value = f(POINT.copy())
        found, derivative = run(f)
        expected = slopes(cr.grad(f)) @ DIRECTION if mode == "second" else slopes(f)
        if mode in ("forward", "taylor"):
            expected = expected @ DIRECTION
        if not np.isfinite(expected).all() or np.abs(expected).max() > 1e4:
            continue
        assert found == pytest.approx(value, rel=1e-10, abs=1e-10), program.source
        np.testing.assert_allclose(derivative, expected, rtol=2e-4, atol=2e-4, err_msg=program.source)
        compared += 1
    assert compared > len(SEEDS) / stride / 2
