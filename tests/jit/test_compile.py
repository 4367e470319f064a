"""How a program is compiled: what is rolled, and what becomes kernels."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.jit.call import compile as module
from chainrule.jit.call.compile import LONG, build
from chainrule.jit.emit import lanes
from chainrule.jit.emit.executable import Executable
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.reroll import Rolled

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


def test_the_hessian_of_a_product_takes_code_that_grows_with_its_entries():
    """It once took twice the code for each element more, and never came to an end for seven."""
    x = np.linspace(0.5, 1.5, 9)
    lines = []
    for n in (4, 6, 9):
        fast = cr.jit(cr.hessian(np.prod))
        np.testing.assert_allclose(fast(x[:n]), cr.hessian(np.prod)(x[:n]), rtol=1e-12)
        lines.append(fast.specialisations[0].versions[0].executable._loaded.code.count("\n"))
    assert lines[2] < 6 * lines[1] < 36 * lines[0]


def test_a_program_that_would_compile_for_minutes_is_refused(monkeypatch):
    monkeypatch.setattr(lanes, "MOST", 30)
    with pytest.raises(ArgumentError, match="more than 30 instructions"):
        cr.jit(lambda x: np.sin(x) * np.cos(x) / np.exp(x) + np.arctan2(x, x + 1) * np.hypot(x, 2.0))(np.ones(3))
