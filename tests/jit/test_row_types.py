"""Every row that has machine code with operands of every type, beside the same rows computed by NumPy."""

import itertools

import numpy as np
import pytest
from jit.test_kernel_rows import OF_BOOLEANS, ROWS, arity

from chainrule.jit.emit.build import build
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.replay import computation

TYPES = ("bool", "int8", "uint16", "float32", "float64")


def cases(name):
    row = computation(Step(name, (), {}, (), np.dtype(float)))
    for dtypes in itertools.product(TYPES, repeat=arity(name)):
        if name in OF_BOOLEANS and set(dtypes) & {"float32", "float64"}:
            continue
        xs = [np.array([[1, 0, 2], [3, 1, 0]][k % 2]).astype(t) for k, t in enumerate(dtypes)]
        try:
            with np.errstate(all="ignore"):
                want = np.asarray(row(*xs))
        except (TypeError, OverflowError):  # NumPy has no loop for these
            continue
        if want.dtype.kind in "fbiu":
            yield xs, want


@pytest.mark.parametrize("name", sorted(set(ROWS) - {"divide_db", "power_dx", "power_db"}))
def test_a_row_of_any_types_is_its_row(name):
    """A step whose operands have its own type, and one whose operands have others, which NumPy then converts."""
    met = 0
    for xs, want in cases(name):
        numbers = [x[0].item() if x.dtype == float else x[0] for x in xs]
        arrays, singles = ([Step(INPUT, (), {}, shape, x.dtype) for x in xs] for shape in ((3,), ()))
        steps = [Step(name, tuple(of), {}, of[0].shape, want.dtype) for of in (arrays, singles)]
        holds, got = build(Program([*arrays, *singles], steps), strict=True).run([*xs, *numbers])
        assert holds
        for y, due in zip(got, (want, want[0]), strict=True):
            assert np.result_type(y) == due.dtype
            rtol = 1e-3 if want.dtype.itemsize < 4 else 1e-5
            assert np.allclose(np.asarray(y, float), np.asarray(due, float), rtol=rtol, equal_nan=True), (xs, y, due)
        met += 1
    assert met
