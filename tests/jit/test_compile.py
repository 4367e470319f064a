"""How a program is compiled: what is rolled, and what becomes kernels."""

import numpy as np

from chainrule.jit import compile as module
from chainrule.jit.compile import LONG, build
from chainrule.jit.kernel.executable import Executable
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.roll import Rolled

F64 = np.dtype(np.float64)


def doubled(n, shape=()):
    x = y = Step(INPUT, (), {}, shape, F64)
    for _ in range(n):
        y = Step("add", (y, x), {}, shape, F64)
    return Program([x], [y])


def test_long_programs_of_numbers_are_rolled():
    made = build(doubled(LONG))
    assert isinstance(made, Rolled)
    assert made.run([0.5]) == (True, [0.5 * (LONG + 1)])


def test_short_ones_and_arrays_become_kernels(monkeypatch):
    assert isinstance(build(doubled(20)), Executable)
    monkeypatch.setattr(module, "LONG", 5)
    made = build(doubled(20, (3,)))
    assert isinstance(made, Executable)
    np.testing.assert_array_equal(made.run([np.arange(3.0)])[1][0], 21 * np.arange(3.0))
