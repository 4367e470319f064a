"""Each pass on small programs: what it makes of them, and that they compute the same."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from jit.agreement import agree, by_rows
from jit.programs import SAMPLES, moons_at, moons_loss

import chainrule as cr
from chainrule.jit.passes import optimised
from chainrule.jit.passes.constant_folding import folded
from chainrule.jit.passes.cse import Seen
from chainrule.jit.passes.rewrite import elementwise, rewritten
from chainrule.jit.passes.strength_reduction import reduced
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.replay import Replay

F64 = np.dtype(np.float64)


def given(*shape: int) -> Step:
    return Step(INPUT, (), {}, shape, F64)


def number(value: Any) -> Step:
    return Step(CONSTANT, (), {"value": np.asarray(value, float)[()]}, np.shape(value), F64)


def recorded(f: Any, *args: Any, monkeypatch: Any) -> Program:
    compiled = by_rows(f, monkeypatch)
    compiled(*args)
    return compiled.specialisations[0].versions[0].recorded


def ops(program: Program) -> Counter[str]:
    return Counter(step.op for step in program.steps() if step.op not in (INPUT, CONSTANT))


def test_dead_code_is_not_listed(monkeypatch: Any) -> None:
    def f(x: Any) -> Any:
        np.exp(x)
        return x + 1

    assert ops(recorded(f, np.ones(2), monkeypatch=monkeypatch)) == {"add": 1}


def test_common_subexpressions_are_computed_once(monkeypatch: Any) -> None:
    program = recorded(
        lambda x: np.sin(x) * np.sin(x) + np.sum(x, axis=0) - np.sum(x, axis=0), np.ones(3), monkeypatch=monkeypatch
    )
    assert ops(rewritten(program, Seen().same)) == {"sin": 1, "multiply": 1, "sum": 1, "add": 1, "subtract": 1}


@pytest.mark.parametrize(("a", "b"), [(0.0, -0.0), (1.0, 1.0 + 2**-52), (math.nan, 0.0)])
def test_constants_that_differ_in_a_bit_are_two(a: float, b: float) -> None:
    seen = Seen()
    assert seen.same(number(a)) is seen.same(number(a))
    assert seen.same(number(a)) is not seen.same(number(b))


def test_what_is_constant_is_folded() -> None:
    y = folded(elementwise("add", number(2.0), number([1.0, 2.0])))
    assert y.op == CONSTANT
    np.testing.assert_array_equal(y.settings["value"], [3.0, 4.0])
    x = elementwise("add", given(2), number(1.0))
    assert folded(x) is x


REDUCED = [
    ("power", 2.0, "multiply"), ("power", 1.0, INPUT), ("power", 0.5, "sqrt"), ("power", 2.5, "power"),
    ("divide", 4.0, "multiply"), ("divide", 3.0, "divide"), ("multiply", 1.0, INPUT), ("multiply", -1.0, "negative"),
    ("scale", 2.0, "multiply"), ("scale", math.inf, "scale"), ("scale", math.nan, "scale"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "c", "becomes"), REDUCED)
@pytest.mark.parametrize("strict", [True, False])
def test_strength_reduction_is_exact(op: str, c: float, becomes: str, strict: bool) -> None:
    x = given(8)
    step = elementwise(op, x, number(c))
    simpler = reduced(step, strict)
    assert simpler.op == becomes
    at = np.array([0.0, -0.0, 1.1, -3.3, math.inf, -math.inf, math.nan, 7e-310])
    before, after = (Replay(Program([x], [s])).run([at])[1][0] for s in (step, simpler))
    np.testing.assert_array_equal(before, after)


def test_only_the_strict_passes_keep_cubes_as_powers() -> None:
    cube = elementwise("power", given(3), number(3.0))
    assert reduced(cube, strict=True) is cube
    assert reduced(cube, strict=False).op == "multiply"


@pytest.mark.parametrize("row", ["power_dx", "power_db", "not_negative", "divide_db"])
def test_helper_rows_are_written_out_with_the_same_special_values(row: str) -> None:
    values = [0.0, 1.0, 2.0, -1.0, 0.7, -2.5, 1e10, math.inf, -math.inf, math.nan]
    a, b = (g.ravel() for g in np.meshgrid(values, values))
    x, c = given(a.size), given(a.size)
    y = elementwise("power" if row.startswith("power") else "divide", x, c)
    args = {"not_negative": (x,)}.get(row, (y, x, c))
    step = elementwise(row, *args)
    simpler = reduced(step, strict=False)
    assert simpler.op != row
    before, after = (Replay(Program([x, c], [s])).run([a, b])[1][0] for s in (step, simpler))
    np.testing.assert_allclose(after, before, rtol=1e-15)


def test_numbers_read_from_arrays_are_loads_and_their_gradients_are_stored_at_once(monkeypatch: Any) -> None:
    f = cr.value_and_grad(moons_loss, argnums=tuple(range(6)))
    program = optimised(recorded(f, *moons_at(3), monkeypatch=monkeypatch))
    found = ops(program)
    assert found["scatter"] == 0
    assert found["elements"] == 6
    weights = {id(x) for x in program.inputs[:6]}
    assert sum(s.op == "getitem" and not s.shape and id(s.args[0]) in weights for s in program.steps()) == 337


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[1][2] + x[1, 2],
        lambda x: x[1:, ::2][1][1] + x.T[3, 2] + x.reshape(4, 3)[2, 1] + x.ravel()[7],
        lambda x: np.stack([x[0], x[2]])[1, 3] + np.broadcast_to(x, (2, 3, 4))[1, 2, 3],
        lambda x: np.array([x[0, 0], x[1, 1] * 2, x[0, 0]])[2],
        lambda x: np.array([[x[0, 0], x[1, 1]], [x[2, 2], 3.0]]).reshape(4)[3] * x[0, 0],
        lambda x: sum(w * w for row in x for w in row),
        lambda x: x[-1, -1] + x[::-1][0, 0] + x[..., 0][2],
        lambda x: np.concatenate([np.array([x[0, 0], x[0, 1]]), np.array([x[2, 2]])])[2],
        lambda x: np.sum(x[1:] * x[:-1]) + np.sum(x[1:]) + np.sum(x[1:][1:] ** 2),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_indexing_of_every_kind_keeps_values_and_gradients(f: Any, strict: bool, monkeypatch: Any) -> None:
    x = np.random.default_rng(0).standard_normal((3, 4))
    compiled = by_rows(cr.value_and_grad(f), monkeypatch, strict)
    agree(compiled(x), cr.value_and_grad(f)(x))


@pytest.mark.parametrize("sample", SAMPLES, ids=repr)
def test_passes_never_make_a_program_larger_than_its_recording(sample: Any, monkeypatch: Any) -> None:
    args = sample.at(sample.n) if sample.n else sample.at()
    program = recorded(sample.compiled, *args, monkeypatch=monkeypatch)
    assert sum(ops(optimised(program)).values()) <= 1.1 * sum(ops(program).values())


def test_a_sum_of_a_number_with_itself_many_times_stays_small(monkeypatch: Any) -> None:
    def doubled(x: Any) -> Any:
        for _ in range(60):
            x = x + x
        return np.sum(x)

    assert ops(optimised(recorded(cr.grad(doubled), np.ones(2), monkeypatch=monkeypatch))).total() < 200


TINY_AND_HUGE = np.array([1e-320, 1e-310, 1e-200, 1e-160, 1e-120, 1e-60, 0.5, 3.0, 1e60, 1e120, 1e160, 1e200, 1e300])


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_slopes_of_powers_that_leave_the_range_of_floats(strict: bool, sign: float) -> None:
    """x**b may be 0 or infinite where its slope is an ordinary number."""
    x, b = (g.ravel() for g in np.meshgrid(sign * TINY_AND_HUGE, [3.0, 4.0, 7.0, -2.0, -3.0, 2.5, 0.3, 1e20]))
    with np.errstate(all="ignore"):
        slope = cr.grad(lambda x, b: np.sum(x**b))
        want, got = slope(x, b), cr.jit(slope, strict=strict)(x, b)
        np.testing.assert_allclose(got, want, rtol=2e-13, atol=2e-323)
        for power in (3.0, 4.0, -2.0, 7.0):
            slope = cr.grad(lambda x, power=power: np.sum(x**power))
            got = cr.jit(slope, strict=strict)(sign * TINY_AND_HUGE)
            np.testing.assert_allclose(got, slope(sign * TINY_AND_HUGE), rtol=2e-13, atol=2e-323)
