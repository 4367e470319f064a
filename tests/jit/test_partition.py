"""How a program is divided: places, rounds, loops and memory."""

import numpy as np
import pytest

from chainrule.jit.plan.affine import identity, through
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.lower import lowered
from chainrule.jit.plan.memory import Memory
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import CONSTANT, INPUT, Program, Step

F64 = np.dtype(np.float64)


def array(*shape):
    return Step(INPUT, (), {}, shape, F64)


def step(op, *args, shape=None, **settings):
    return Step(op, args, settings, np.broadcast_shapes(*(a.shape for a in args)) if shape is None else shape, F64)


def total(x):
    return step("sum", x, shape=(), axis=None, keepdims=False)


def read(place, point):
    """The element that a place names at one point of the loop."""
    return tuple(i.start + sum(k * point[a] for a, k in i.terms) for i in place)


VIEWS = [
    ("getitem", {"index": (slice(1, None, 2), slice(None, None, -1))}),
    ("getitem", {"index": (Ellipsis, None, 3)}),
    ("getitem", {"index": 2}),
    ("transpose", {"axes": (1, 0)}),
    ("flip", {"axis": (0,)}),
    ("reshape", {"shape": (4, 1, 3, 2)}),
    ("broadcast_to", {"shape": (5, 4, 6)}),
]


@pytest.mark.parametrize(("op", "setting"), VIEWS)
def test_a_view_reads_what_numpy_reads(op, setting):
    numbers = np.arange(24).reshape(4, 6)
    numpy = {"getitem": lambda x, index: x[index], "flip": np.flip, "transpose": np.transpose, "reshape": np.reshape}
    want = {**numpy, "broadcast_to": np.broadcast_to}[op](numbers, **setting)
    place = through(Step(op, (array(4, 6),), setting, want.shape, F64), identity(want.shape))
    assert all(numbers[read(place, point)] == want[point] for point in np.ndindex(want.shape))


def test_a_reshape_that_joins_axes_is_no_view():
    assert through(step("reshape", array(4, 6), shape=(24,)), identity((24,))) is None


def test_elementwise_steps_and_their_sums_are_one_loop():
    x, w = array(1000), array(1000)
    y = step("exp", step("multiply", x, w))
    plan = Plan(Program([x, w], [total(y), y, step("tanh", y)]))
    assert [len(r.loops) for r in plan.rounds if r.loops] == [1]


def test_what_is_cheap_is_computed_again_and_what_is_costly_is_stored():
    x = array(1000)
    cheap, costly = step("multiply", x, x), step("multiply", step("exp", x), step("sin", x))
    for y, stored in ((cheap, False), (costly, True)):
        plan = Plan(Program([x], [step("multiply", y, total(y))]))
        assert (y in plan.stored) is stored


def test_arrays_take_turns_in_scratch_memory():
    x = array(1000)
    y = x
    for _ in range(10):
        y = step("multiply", step("multiply", step("exp", y), step("sin", y)), total(y))
    one = 1000 * 8
    assert Memory(Plan(Program([x], [total(y)]))).scratch < 4 * one


def test_a_constant_array_of_one_number_is_that_number():
    ones = Step(CONSTANT, (), {"value": np.ones(9)}, (9,), F64)
    (product,) = lowered(Program([], [step("multiply", ones, ones)])).outputs
    assert product.args[0].op == "broadcast_to"


def test_products_replace_strong_zeros_where_a_nan_would_show():
    ct, x = array(9), array(9)
    product = step("scale", ct, x)
    shown = Plan(Program([ct, x], [product]))
    hidden = Plan(Program([ct, x], [step("fmax", product, x)]))
    assert not any(s.op == "scale" for s in shown.steps)
    assert any(s.op == "scale" for s in hidden.steps)
    assert any(s.op == "where" for s in Plan(Program([ct, x], [product]), strict=True).steps)


def test_rows_without_machine_code_are_left_to_numpy():
    a, b = array(5, 5), array(5)
    plan = Plan(Program([a, b], [step("exp", step("solve", a, b, shape=(5,)))]))
    assert [plan.kinds[c] for r in plan.rounds for c in r.calls] == [Kind.LIBRARY]


def test_numbers_that_are_results_keep_their_memory():
    x = array(100)
    first = total(x)
    y = step("multiply", x, step("exp", first))
    for _ in range(4):
        y = step("multiply", step("multiply", step("exp", y), step("sin", y)), total(y))
    memory = Memory(Plan(Program([x], [first, total(y)])))
    at = memory.home(first).at
    assert all(h.at != at for s, h in memory.homes.items() if h.area == "scratch" and s.shape)


def test_parts_of_a_stacked_gradient_are_stored_where_they_belong():
    """Zeros, and sums of rows placed into zeros, stacked: one loop, nothing added, nothing copied."""
    rows = [array(50) for _ in range(4)]
    zeros = step("broadcast_to", Step(CONSTANT, (), {"value": 0.0}, (), F64), shape=(2, 50))

    def placed(x, k):
        return step("scatter", x, shape=(2, 50), index=k)

    halves = [step("add", zeros, step("add", placed(a, 0), placed(b, 1))) for a, b in (rows[:2], rows[2:])]
    plan = Plan(Program(rows, [step("stack", *halves, shape=(2, 2, 50), axis=0)]))
    (loop,) = [loop for work in plan.rounds for loop in work.loops]
    assert loop.shape == (50,)
    assert [read(r.place, (7,)) for r in loop.roots] == [(0, 0, 7), (0, 1, 7), (1, 0, 7), (1, 1, 7)]


def test_sums_are_computed_in_the_array_that_collects_them():
    x = [array(100) for _ in range(4)]
    sums = [total(step("multiply", a, a)) for a in x]
    made = Step("elements", tuple(sums), {"shape": (4,), "index": [(2,), (0,), (1,), (3,)]}, (4,), F64)
    memory = Memory(Plan(Program(x, [made])))
    assert [memory.home(s).offset for s in sums] == [16, 0, 8, 24]
    assert {memory.home(s).at for s in sums} == {memory.home(made).at}
