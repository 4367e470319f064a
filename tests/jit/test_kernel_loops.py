"""Fused loops against the rows, one step at a time: every shape of operands, sums, shifts and joins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.jit.emit.build import build
from chainrule.jit.program import CONSTANT, INPUT, Guard, Program, Step
from chainrule.jit.replay import Replay

F64 = np.dtype(np.float64)


def given_array(*shape, dtype=F64):
    return Step(INPUT, (), {}, shape, np.dtype(dtype))


def constant(value, dtype=F64):
    return Step(CONSTANT, (), {"value": value}, np.shape(value), np.dtype(dtype))


def step(op, *args, shape=None, dtype=None, **settings):
    shape = np.broadcast_shapes(*(a.shape for a in args)) if shape is None else shape
    return Step(str(op), args, settings, shape, np.dtype(dtype or args[-1].dtype))


def reduced(op, x, axis=None, keepdims=False):
    shape = np.sum(np.zeros(x.shape), axis=axis, keepdims=keepdims).shape
    return step(op, x, shape=shape, axis=axis, keepdims=keepdims)


def taken(x, index):
    return step("getitem", x, shape=np.empty(x.shape)[index].shape, index=index)


def _put(ct, index, shape):
    return Step("scatter", (ct,), {"index": index, "shape": shape}, shape, ct.dtype)


def sample(steps, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=s.shape).astype(s.dtype) if s.shape else float(random.normal()) for s in steps]


def agrees(inputs, outputs, arrays=None, rtol=1e-13, **options):
    """The executable, once its results are those of the rows."""
    program = Program(inputs, outputs)
    arrays = sample(inputs) if arrays is None else arrays
    executable = build(program, **options)
    holds, got = executable.run(arrays)
    assert holds
    _, want = Replay(program).run(arrays)
    for g, w, s in zip(got, want, outputs, strict=True):
        assert np.shape(g) == s.shape
        assert np.asarray(g).dtype == s.dtype
        np.testing.assert_allclose(g, w, rtol=rtol, atol=rtol)
    return executable


@pytest.mark.parametrize("n", range(41))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_number_of_lanes_left_over(n, dtype):
    x, y = given_array(n, dtype=dtype), given_array(n, dtype=dtype)
    product = step("multiply", step("add", x, y), y)
    agrees([x, y], [product, reduced("sum", product)], rtol=1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((5,), ()),
        ((3, 20), (20,)),
        ((3, 20), (3, 1)),
        ((2, 3, 9), (3, 1)),
        ((17, 1), (1, 19)),
        ((1,), (4, 1)),
        ((4, 3), (3,)),
    ],
)
def test_operands_are_broadcast(a, b):
    x, y = given_array(*a), given_array(*b)
    y2 = step("exp", y)
    agrees([x, y], [step("multiply", x, y2), step("subtract", y2, x)])


@pytest.mark.parametrize("shape", [(7,), (40,), (5, 6), (3, 33), (33, 3), (2, 3, 4), (4, 1, 9), (1, 1)])
@pytest.mark.parametrize("op", ["sum", "max", "min"])
def test_reductions_over_any_axes(op, shape):
    x = given_array(*shape)
    y = step("multiply", x, x)
    axes = [None, (0,), (len(shape) - 1,), tuple(range(len(shape)))]
    agrees([x], [reduced(op, y, axis, keep) for axis in axes for keep in (False, True)])


def test_a_maximum_of_numbers_with_nan_is_nan():
    x = given_array(21)
    numbers = np.arange(21.0)
    numbers[5] = np.nan
    (got,) = build(Program([x], [reduced("max", x)])).run([numbers])[1]
    assert np.isnan(got)


def test_a_loop_that_needs_the_sum_of_another_comes_after_it():
    x = given_array(50, 9)
    top = reduced("max", x, (1,), True)
    e = step("exp", step("subtract", x, top))
    executable = agrees([x], [step("divide", e, reduced("sum", e, (1,), True))])
    assert [len(r.loops) for r in executable.partition.rounds] == [1, 1, 1]


@pytest.mark.parametrize("axis", [None, (0,), (1,)])
@pytest.mark.parametrize("op", ["logsumexp", "log_softmax"])
def test_logarithms_of_sums_of_exponentials_are_fused(op, axis):
    x = given_array(13, 21)
    y = reduced("sum", x, axis).shape if op == "logsumexp" else x.shape
    more = {"keepdims": False} if op == "logsumexp" else {}
    executable = agrees([x], [step(op, step("multiply", x, x), shape=y, axis=axis, **more)])
    assert not any(r.calls for r in executable.partition.rounds)


@pytest.mark.parametrize("n", [2, 3, 9, 10, 17, 100])
def test_shifted_parts_and_their_adjoints_are_one_loop(n):
    x = given_array(n)
    left, right = taken(x, slice(None, -1)), taken(x, slice(1, None))
    d = step("subtract", right, step("multiply", left, left))
    value = reduced("sum", step("multiply", d, d))
    slope = step(
        "add", _put(d, slice(1, None), (n,)), _put(step("negative", step("multiply", d, left)), slice(None, -1), (n,))
    )
    executable = agrees([x], [value, slope])
    assert n < 40 or [len(r.loops) for r in executable.partition.rounds] == [1]


VIEWS = [
    lambda x: taken(x, (slice(None), 1)),
    lambda x: taken(x, (2,)),
    lambda x: taken(x, (slice(1, None, 2), slice(None, None, -1))),
    lambda x: taken(x, (None, Ellipsis, slice(0, 3))),
    lambda x: step("transpose", x, shape=x.shape[::-1], axes=(1, 0)),
    lambda x: step("flip", x, shape=x.shape, axis=(0, 1)),
    lambda x: _reshape(x, (6, 1, 20)),
    lambda x: _reshape(x, (2, 3, 4, 5)),
    lambda x: _reshape(x, (120,)),
]


def _reshape(x, shape):
    return Step("reshape", (x,), {"shape": shape}, shape, x.dtype)


@pytest.mark.parametrize("view", VIEWS)
def test_views_are_read_where_they_lie(view):
    x = given_array(6, 20)
    agrees([x], [step("exp", view(x)), reduced("sum", view(step("square", x)))])


@pytest.mark.parametrize(
    "index", [(slice(1, 4),), (slice(None), 3), (slice(0, None, 2), slice(1, 9)), (2, slice(5, 6))]
)
def test_what_is_put_into_zeros(index):
    whole = (6, 20)
    ct = given_array(*np.empty(whole)[index].shape)
    x = given_array(*whole)
    agrees([ct, x], [_put(step("exp", ct), index, whole), step("add", x, _put(ct, index, whole))])


def test_parts_that_do_not_overlap_are_stored_side_by_side():
    a, b = given_array(40), given_array(40)
    columns = step("add", _put(step("exp", a), (slice(None), 0), (40, 2)), _put(b, (slice(None), 1), (40, 2)))
    executable = agrees([a, b], [columns])
    assert len(executable.partition.rounds[0].loops) == 1


@pytest.mark.parametrize("axis", [0, 1])
def test_stack_and_concatenate(axis):
    a, b = given_array(3, 9), given_array(3, 9)
    wide = [6, 9] if axis == 0 else [3, 18]
    stacked = (2, 3, 9) if axis == 0 else (3, 2, 9)
    agrees(
        [a, b],
        [
            step("concatenate", step("exp", a), b, shape=tuple(wide), axis=axis),
            step("stack", a, step("negative", b), shape=stacked, axis=axis),
        ],
    )


def test_elements_of_an_array_as_numbers_and_back():
    w, x = given_array(2, 2), given_array(30)
    a, b = taken(w, (0, 1)), taken(w, (1, 0))
    y = step("add", step("multiply", a, x), b)
    slopes = [reduced("sum", step("multiply", y, x)), reduced("sum", y)]
    back = Step("elements", tuple(slopes), {"shape": (2, 2), "dtype": F64, "index": [(0, 1), (1, 0)]}, (2, 2), F64)
    agrees([w, x], [reduced("sum", y), back])


def test_more_sums_than_registers():
    x = given_array(100)
    powers = [x]
    for _ in range(39):
        powers.append(step("multiply", powers[-1], step("tanh", x)))
    agrees([x], [reduced("sum", p) for p in powers])


def test_library_calls_between_loops():
    a, b, v = given_array(300, 45), given_array(45, 12), given_array(12)
    product = step("matmul", step("tanh", a), b, shape=(300, 12))
    turned = step("transpose", step("exp", product), shape=(12, 300), axes=(1, 0))
    again = step("matmul", turned, product, shape=(12, 12))
    solved = step("solve", again, v, shape=(12,))
    executable = agrees([a, b, v], [step("add", solved, v), product], rtol=1e-8)
    assert [c.op for r in executable.partition.rounds for c in r.calls] == ["matmul", "matmul", "solve"]


def test_inputs_may_be_strided_reversed_and_read_only():
    x = given_array(20, 6)
    numbers = np.arange(480.0).reshape(40, 12)[::-2, ::2]
    numbers.flags.writeable = False
    agrees([x], [step("exp", step("negative", x)), reduced("sum", x, (0,))], [numbers])


def test_results_are_fresh_arrays():
    x = given_array(5)
    executable = build(Program([x], [x, taken(x, slice(0, 3)), x]))
    numbers = np.arange(5.0)
    _, (first, part, second) = executable.run([numbers])
    first[0] = 7
    assert part[0] == second[0] == numbers[0] == 0
    assert executable.run([numbers])[1][0][0] == 0


def test_numbers_alone():
    a, b = given_array(), given_array()
    y = a
    for _ in range(50):
        y = step("sin", step("add", step("multiply", y, b), a))
    agrees([a, b], [y, step("less", a, b, dtype=bool)])


def test_many_numbers_are_split_into_functions():
    a = given_array()
    y, early = a, None
    for k in range(9000):
        y = step("multiply", step("add", y, a), constant(0.5))
        early = y if k == 10 else early
    agrees([a], [step("add", y, early)])


def test_the_guard_that_does_not_hold():
    a = given_array()
    guards = [Guard(step("greater", a, constant(k), dtype=bool), True) for k in (0.0, 1.0, 2.0)]
    executable = build(Program([a], [a], guards))
    assert executable.run([3.0]) == (True, [3.0])
    assert executable.run([1.5]) == (False, [])
    assert executable.failed == 2


def test_a_zero_cotangent_wins_over_what_it_meets():
    ct, x = given_array(20), given_array(20)
    program = Program([ct, x], [step("scale", ct, step("log", x))])
    cts, xs = np.ones(20), np.linspace(0.0, 1.0, 20)
    cts[0] = 0.0
    (got,) = build(program).run([cts, xs])[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_allclose(got, np.where(cts == 0, 0.0, cts * np.log(xs)))


def test_a_hidden_nan_is_not_taken_for_a_result():
    ct, x = given_array(20), given_array(20)
    y = step("where", step("greater", step("scale", ct, x), constant(-1.0), dtype=bool), x, ct)
    program = Program([ct, x], [y])
    cts, xs = np.zeros(20), np.full(20, np.inf)
    assert np.array_equal(build(program).run([cts, xs])[1][0], Replay(program).run([cts, xs])[1][0])


@pytest.mark.parametrize("op", ["scale", "strong_zero_product"])
def test_a_strict_zero_has_the_sign_it_has_in_numpy(op):
    ct, x, a = given_array(4), given_array(4), given_array()
    zero = step("subtract", a, a)
    outputs = [step(op, ct, x), step(op, zero, x), step(op, constant(0.0), x), step(op, zero, a)]
    program = Program([ct, x, a], [step("divide", constant(1.0), y) for y in outputs])
    arrays = [np.array([0.0, -0.0, 2.0, 0.0]), np.array([-1.0, 3.0, -1.0, np.inf]), -1.5]
    _, want = Replay(program).run(arrays)
    for g, w in zip(build(program, strict=True).run(arrays)[1], want, strict=True):
        assert np.array_equal(g, w)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_strict_programs_agree_to_the_last_bit(seed):
    random = np.random.default_rng(seed)
    x, y, a = given_array(random.integers(1, 300)), given_array(1), given_array()
    known = [x, y, a]
    for _ in range(12):
        op = random.choice(["add", "subtract", "multiply", "divide", "maximum", "scale", "strong_zero_product"])
        known.append(step(op, *(known[k] for k in random.integers(0, len(known), 2))))
    known.append(reduced("sum", step("add", x, known[-1])))
    program = Program([x, y, a], known[3:])
    arrays = sample(program.inputs, seed)
    _, want = Replay(program).run(arrays)
    for g, w in zip(build(program, strict=True).run(arrays)[1], want, strict=True):
        assert np.array_equal(g, w, equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_random_programs(seed):
    random = np.random.default_rng(seed)
    n, m = (int(k) for k in random.integers(1, 30, 2))
    known = [given_array(n, m), given_array(m), given_array(n, 1), given_array()]
    inputs = list(known)
    for _ in range(int(random.integers(5, 30))):
        a, b = (known[k] for k in random.integers(0, len(known), 2))
        kind = random.integers(0, 6)
        if kind == 0 and a.shape:
            axis = (int(random.integers(0, len(a.shape))),)
            known.append(reduced(str(random.choice(["sum", "max"])), a, axis, keepdims=True))
        elif kind == 1:
            known.append(step(str(random.choice(["tanh", "sin", "sigmoid"])), a))
        elif kind == 2 and len(a.shape) == 2 and a.shape[0] > 2:
            part = taken(a, slice(1, None))
            known.append(_put(part, slice(0, -1), a.shape))
        else:
            known.append(step(str(random.choice(["add", "multiply", "subtract", "maximum"])), a, b))
    agrees(inputs, known[-3:], rtol=1e-9)


def test_zeros_that_begin_in_many_places_are_stored():
    x = given_array(8, 8)
    flat = _reshape(x, (64,))
    total = x
    for k in range(1, 7):
        part = taken(x, (slice(k, None), slice(None, -k)))
        total = step("add", total, _put(part, (slice(None, -k), slice(k, None)), (8, 8)))
    shifted = _put(taken(flat, slice(1, None)), slice(None, -1), (64,))
    agrees([x], [total, step("exp", _reshape(shifted, (8, 8)))])
