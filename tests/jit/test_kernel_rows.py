"""Each row's machine code against the row itself, also where numbers are not at their best."""

import itertools

import numpy as np
import pytest

from chainrule.jit.emit.build import build
from chainrule.jit.emit.rows import EMITTERS
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.replay import computation

NASTY = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 0.1, -0.7, 7.25, 1e-5, 25.0, -25.0, 100.0, -1e3, 1e10, 1e300,
    -1e300, 1e-300, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308, np.inf, -np.inf, np.nan, 709.0, -744.0,
    0.9999999, 1.0000001,
]  # fmt: skip
ARITY = {"where": 3, "clip": 3, "in_interval": 3, "power_dx": 3, "power_db": 3, "divide_db": 3, "over_or_zero": 2}
BOOLEAN = {
    "less", "less_equal", "greater", "greater_equal", "equal", "nearly_equal", "as_many", "not_equal", "isnan", "isinf",
    "isfinite", "logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor",
    "invert",
}  # fmt: skip
OF_BOOLEANS = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert"}
TRANSCENDENTAL = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh",
    "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "cbrt", "erf", "erfc", "arctan2", "hypot", "fmod", "sech2",
    "gaussian",
    "gaussian_slope", "sigmoid", "softplus", "exp_difference", "sigmoid_difference", "logaddexp", "power", "power_dx",
    "power_db", "direction_cosine", "over_squares",
}  # fmt: skip
ROWS = sorted(set(EMITTERS) - {"identity", "astype"})


def arity(name):
    if name in ARITY:
        return ARITY[name]
    row = computation(Step(name, (), {}, (), np.dtype(float)))
    known = getattr(row, "arity", None) or getattr(row, "nin", None)
    return known or row.body.__code__.co_argcount


def operands(name, dtype):
    count = arity(name)
    points = np.array(NASTY, dtype)
    if name in ("power_dx", "power_db", "divide_db"):  # the first is the row's own result
        x, b = map(np.ravel, np.meshgrid(points, points))
        with np.errstate(all="ignore"):
            y = computation(Step("divide" if name == "divide_db" else "power", (), {}, (), np.dtype(float)))(x, b)
        return [y, x, b]
    if count == 1:
        return [np.concatenate([points, np.random.default_rng(0).normal(0, 3, 200).astype(dtype)])]
    grids = [np.array(g, dtype) for g in zip(*itertools.product(NASTY, repeat=2), strict=True)]
    third = [np.roll(grids[0], 7)] if count == 3 else []
    return [*grids, *third]


def program(name, args, result):
    inputs = [Step(INPUT, (), {}, a.shape, a.dtype) for a in args]
    return Program(inputs, [Step(name, tuple(inputs), {}, result.shape, result.dtype)])


def units(got, want):
    """The distance in units of the last digit of `want`."""
    with np.errstate(all="ignore"):
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        return np.where(same, 0.0, np.abs(got - want) / np.spacing(np.abs(want)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ROWS)
def test_a_kernel_computes_its_row(name, dtype):
    with np.errstate(all="ignore"):
        args = operands(name, dtype)
        if name == "where":
            args[0] = args[0] > 0
        if name in OF_BOOLEANS:
            args = [a > 0 for a in args]
        row = computation(Step(name, (), {}, (), np.dtype(dtype)))
        want = np.asarray(row(*args))
    exact = name not in TRANSCENDENTAL
    holds, (got,) = build(program(name, args, want), strict=exact).run(args)
    assert holds
    assert got.dtype == want.dtype
    if name in BOOLEAN:
        assert np.array_equal(got, want)
        return
    error = units(got, want)
    if name in ("divide_db", "power_db"):  # promised for quotients and powers in the normal range only
        error = np.where(np.abs(args[0]) >= np.finfo(dtype).tiny, error, 0.0)
    if name == "logaddexp":  # a result near 0 is the difference of numbers that are not
        error = units(got + 1.0, want + 1.0)
    limit = 0 if exact else 4
    error = np.where(np.isnan(error), np.inf, error)
    worst = np.argmax(error)
    assert error.max() <= limit, (
        f"{name}{tuple(float(a[worst]) for a in args)} = {want[worst]!r}, the kernel says {got[worst]!r}"
    )
