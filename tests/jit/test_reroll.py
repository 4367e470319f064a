"""Repetition in programs of single numbers: found, written as loops, and computed as the rows compute it."""

import math
import re
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.jit.loops.find import roll
from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Streamed
from chainrule.jit.passes import optimised
from chainrule.jit.plan.strong_zeros import by_branches
from chainrule.jit.program import CONSTANT, INPUT, Guard, Program, Step
from chainrule.jit.record.tracer import new_trace
from chainrule.jit.replay import Replay
from chainrule.jit.reroll import build, rolling, writer
from chainrule.jit.run import mathlib
from chainrule.trees import flatten

F64, F32, BOOL = np.dtype(np.float64), np.dtype(np.float32), np.dtype(bool)


def recorded(f, *args):
    """The program of a call of f."""
    trace = new_trace()
    results, _ = flatten(f(*[trace.input(x) for x in args]))
    trace.over = True
    return Program(trace.inputs, [y.step for y in results], trace.guards)


def computed(program):
    return [s for s in program.steps() if s.op not in (INPUT, CONSTANT)]


def loops(parts):
    return [part for part in parts if isinstance(part, Loop)]


def size(parts):
    return sum(part.period if isinstance(part, Loop) else 1 for part in parts)


def same(a, b):
    """Whether an argument is that step: of constants, one of these bits."""
    if a is b or CONSTANT not in (a.op, b.op):
        return a is b
    bits = [np.asarray(x.settings["value"], x.dtype).tobytes() for x in (a, b)]
    return a.op == b.op and a.dtype == b.dtype and a.shape == b.shape and bits[0] == bits[1]


def check_parts(parts, steps):
    """Every step once, after its arguments, and each loop's rules give the arguments."""
    done, own = set(), {id(s) for s in steps}
    for part in parts:
        turns = part.steps if isinstance(part, Loop) else [part]
        for step in turns:
            assert all(id(a) in done or id(a) not in own for a in step.args)
            done.add(id(step))
        if isinstance(part, Loop):
            for k, step in enumerate(turns):
                iteration, place = divmod(k, part.period)
                assert step.op == part.body[place].op
                assert all(same(part.argument(iteration, place, slot), a) for slot, a in enumerate(step.args))
    assert done == own
    assert sum(len(p.steps) if isinstance(p, Loop) else 1 for p in parts) == len(steps)


def check(program, inputs, *, strict=True):
    """Rolled machine code agrees with the rows; in strict mode to the last bit."""
    made, replay = build(program, strict=strict), Replay(program)
    expected, found = replay.run(list(inputs)), made.run(list(inputs))
    assert found[0] == expected[0]
    for a, b in zip(found[1], expected[1], strict=True):
        if strict:
            np.testing.assert_array_equal(a, b, strict=isinstance(b, np.ndarray))
        else:
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
    return made


# -- programs people write ------------------------------------------------------------------------------------


def lotka_volterra(x, y, a, b, c, d, *, turns):
    def slope(x, y):
        return a * x - b * x * y, d * x * y - c * y

    h = 0.05
    for _ in range(turns):
        k1 = slope(x, y)
        k2 = slope(x + h / 2 * k1[0], y + h / 2 * k1[1])
        k3 = slope(x + h / 2 * k2[0], y + h / 2 * k2[1])
        k4 = slope(x + h * k3[0], y + h * k3[1])
        x = x + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        y = y + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return x * x + y


def gradient(turns):
    return cr.value_and_grad(lambda *a: lotka_volterra(*a, turns=turns), argnums=(0, 1, 2, 3, 4, 5))


POINT = (1.0, 0.5, 1.1, 0.4, 0.4, 0.1)


def test_an_integrator_and_its_gradient_become_two_loops():
    program = recorded(gradient(60), *POINT)
    parts = roll(computed(program))
    check_parts(parts, computed(program))
    forward, backward = loops(parts)
    assert min(forward.count, backward.count) > 50
    kinds = {type(operand) for row in backward.operands for operand in row}
    assert kinds == {Invariant, Local, LoopCarried, Streamed}
    check(program, POINT)
    check(program, POINT, strict=False)


def test_machine_code_does_not_grow_with_the_number_of_turns():
    sizes = [size(roll(computed(recorded(gradient(turns), *POINT)))) for turns in (40, 80, 160)]
    assert sizes[0] == sizes[1] == sizes[2]


def test_what_a_loop_keeps_of_all_iterations_lies_side_by_side():
    code = build(recorded(gradient(60), *POINT))._made.code
    assert set(re.findall(r"mul nsw i64 \S+ (-?\d+)", code)) == {"1", "-1"}


def fibonacci(x, y):
    for _ in range(100):
        x, y = y, cr.sin(x) + 0.5 * y
    return x, y


def three_back(x, y, z):
    for _ in range(80):
        x, y, z = y, z, 0.25 * cr.sin(x) * y + 0.5 * z
    return x


def with_data(w, b):
    total = 0.0
    for k in range(60):
        e = w * math.sin(k) + b - math.cos(3 * k)
        total = total + e * e
    return total


def growing_time(x, t, h):
    for _ in range(50):
        x = x + h * cr.sin(x * t)
        t = t + h
    return x, t


def all_states(x):
    states = []
    for _ in range(70):
        x = x + 0.1 * cr.cos(x * 3.0)
        states.append(x)
    return np.stack(states)


def two_phases(x, y):
    for _ in range(40):
        x = x * 0.99 + 0.01 * cr.exp(-x)
    for _ in range(40):
        y = cr.sin(y + x) * 0.7
    return x * y


def nested(x, a):
    for _ in range(20):
        y = x
        for _ in range(6):
            y = y - (y * y - a) / (2.0 * y)
        x = y + 0.1 * x
    return x


def choices(x, a):
    for _ in range(50):
        x = np.where(x > a, x * 0.5, x + 0.7)
    return x


PROGRAMS = {
    "a recurrence two turns back": (fibonacci, (0.3, 0.4)),
    "a recurrence three turns back": (three_back, (0.3, 0.4, 0.1)),
    "its gradient": (cr.value_and_grad(three_back, argnums=(0, 1, 2)), (0.3, 0.4, 0.1)),
    "a loop over data": (with_data, (0.3, 0.4)),
    "the gradient of a loop over data": (cr.value_and_grad(with_data, argnums=(0, 1)), (0.3, 0.4)),
    "a second chain": (growing_time, (0.3, 0.4, 0.01)),
    "its slopes": (cr.grad(lambda *a: growing_time(*a)[0], argnums=(0, 1, 2)), (0.3, 0.4, 0.01)),
    "a result of each turn": (all_states, (0.3,)),
    "two loops": (two_phases, (0.3, 0.4)),
    "the gradient of two loops": (cr.grad(two_phases, argnums=(0, 1)), (0.3, 0.4)),
    "nested loops": (nested, (1.5, 2.0)),
    "the gradient of nested loops": (cr.grad(nested, argnums=(0, 1)), (1.5, 2.0)),
    "choices": (choices, (0.3, 0.4)),
    "second derivatives": (cr.hessian(lambda w, b: with_data(w, b) ** 2, argnums=(0, 1)), (0.3, 0.4)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_their_replay(name):
    f, args = PROGRAMS[name]
    program = recorded(f, *args)
    steps = computed(program)
    parts = roll(steps)
    check_parts(parts, steps)
    assert loops(parts)
    assert size(parts) < len(steps) / 2
    transcendental = any(s.op in ("sin", "cos", "exp") for s in steps)
    check(program, args, strict=not transcendental)


@pytest.mark.parametrize("name", ["its gradient", "the gradient of nested loops", "the gradient of two loops"])
def test_functions_may_be_split_anywhere(name, monkeypatch):
    f, args = PROGRAMS[name]
    program = recorded(f, *args)
    for most in (1, 7, 40):
        monkeypatch.setattr(writer, "CHUNK", most)
        check(program, args, strict=False)


# -- arrays, guards, types ------------------------------------------------------------------------------------


def control(x, u):
    """A car that is steered at each moment."""
    cost = 0.0
    for k in range(50):
        x = x + 0.1 * u[k] - 0.01 * x * x
        cost = cost + x * x + 0.1 * u[k] * u[k]
    return cost


@pytest.mark.parametrize("form", ["contiguous", "strided", "reversed", "other type"])
def test_elements_of_arrays_are_read_where_they_lie(form):
    u = np.linspace(-1, 1, 100)
    u = {"contiguous": u[:50], "strided": u[::2], "reversed": u[49::-1], "other type": u[:50].astype("f4")}[form]
    program = recorded(control, 1.0, np.ascontiguousarray(u, float))
    made = check(program, (1.0, u.astype(float)))
    assert any("loop of" in line for line in made.partition.splitlines())
    assert made.run([1.0, u])[1] == pytest.approx(control(1.0, u.astype(float)), rel=1e-12)


def elements(parts, shape):
    index = tuple(np.ndindex(shape))
    return Step("elements", tuple(parts), {"shape": shape, "dtype": F64, "index": index}, shape, F64)


def test_results_are_stored_where_they_belong():
    x, a = (Step(INPUT, (), {}, (), F64) for _ in range(2))
    states, now = [], x
    for _ in range(64):
        now = Step("multiply", (Step("add", (now, a), {}, (), F64), a), {}, (), F64)
        states.append(now)
    turned = elements(reversed(states), (4, 16))
    program = Program([x, a], [elements(states, (64,)), turned, now, x, elements([a, now], (2,)), states[5]])
    check(program, (0.3, 0.9))


def test_inputs_and_constants_may_be_results():
    x = Step(INPUT, (), {}, (), F64)
    array = Step(INPUT, (), {}, (3,), F64)
    constant = Step(CONSTANT, (), {"value": 2.5}, (), F64)
    program = Program([x, array], [x, constant, array, elements([constant, x], (2,))])
    check(program, (0.3, np.arange(3.0)))


def chain(n, x, op="multiply"):
    steps = [x]
    for _ in range(n):
        steps.append(Step(op, (steps[-1], x), {}, (), x.dtype))
    return steps


def test_guards_inside_loops_are_checked():
    x, limit = (Step(INPUT, (), {}, (), F64) for _ in range(2))
    states = chain(80, x, "add")
    guards = [Guard(Step("less", (s, limit), {}, (), BOOL), True) for s in states[1:]]
    program = Program([x, limit], [states[-1]], guards)
    made = check(program, (0.5, 1000.0))
    for turns, limit_now in ((0, 0.0), (17, 18.5), (79, 80.5)):
        assert made.run([1.0, limit_now]) == (False, [])
        assert made.failed == turns
    assert made.run([1.0, 81.5])[0]


def test_guards_outside_loops_are_checked():
    program = recorded(lambda x: fibonacci(x, x)[0] if x > 0.1 else x, 0.3)
    made = build(program)
    assert made.run([0.3])[0]
    assert made.run([0.05]) == (False, [])
    assert made.failed == 0


def test_numbers_of_32_bits():
    x = Step(INPUT, (), {}, (), F32)
    y = Step("astype", (chain(100, x, "add")[-1],), {"dtype": F64}, (), F64)
    program = Program([x], [y, chain(100, x, "add")[-1]])
    made = check(program, (np.float32(0.1),))
    assert made.run([np.float32(0.1)])[1][0] == float(sum([np.float32(0.1)] * 100, np.float32(0.1)))


@pytest.mark.parametrize("results", ["numbers", "an array"])
def test_strong_zeros_hold_where_plain_products_are_nan(results):
    """0 * inf: the gradient of a part that does not count is 0, though its slope is infinite."""
    x, w = (Step(INPUT, (), {}, (), F64) for _ in range(2))
    total = x
    for _ in range(60):
        slope = Step("reciprocal", (x,), {}, (), F64)
        total = Step(
            "add", (Step("multiply", (total, x), {}, (), F64), Step("scale", (w, slope), {}, (), F64)), {}, (), F64
        )
    program = Program([x, w], [total] if results == "numbers" else [elements([total, w], (2,))])
    made = check(program, (0.5, 0.25), strict=False)
    for point in ((0.0, 0.0), (0.0, 1.0), (math.nan, 0.0), (0.5, 0.0)):
        (found,), (expected,) = made.run(list(point))[1], Replay(program).run(list(point))[1]
        np.testing.assert_allclose(found, expected)


def test_programs_on_arrays_are_left_to_others():
    array = Step(INPUT, (), {}, (3,), F64)
    assert build(Program([array], [Step("exp", (array,), {}, (3,), F64)])) is None
    assert build(Program([array], [Step("sum", (array,), {"axis": None, "keepdims": False}, (), F64)])) is None


def test_threads_have_memory_of_their_own():
    made = build(recorded(gradient(50), *POINT))
    points = [[p * (1 + 0.01 * k) for p in POINT] for k in range(4)]
    expected = [made.run(point)[1] for point in points]
    wrong = []

    def work(k):
        for _ in range(200):
            if made.run(points[k])[1] != expected[k]:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_too_many_different_operations_are_refused_with_advice(monkeypatch):
    monkeypatch.setattr(rolling, "MOST", 20)
    with pytest.raises(ArgumentError, match=r"compiles 20 at most\. Compute with arrays"):
        build(recorded(gradient(50), *POINT))


def test_it_says_what_it_found():
    x = Step(INPUT, (), {}, (), F64)
    assert (
        build(Program([x], [chain(200, x)[-1]])).partition
        == "a loop of 200 iterations of 1 operations\n0 single operations"
    )


# -- any repetition -------------------------------------------------------------------------------------------

OPS = {"add": 2, "multiply": 2, "subtract": 2, "negative": 1, "maximum": 2, "absolute": 1}


@st.composite
def repetitive(draw):
    """A program that repeats a random body, with arguments from the same turn, turns before, fixed steps, constants
    and earlier turns in either direction; single steps between; and random results."""
    inputs = [Step(INPUT, (), {}, (), F64) for _ in range(3)]
    known, histories = list(inputs), []
    for _ in range(draw(st.integers(1, 3))):
        turns, period = draw(st.integers(3, 40)), draw(st.integers(1, 6))
        body = [draw(st.sampled_from(sorted(OPS))) for _ in range(period)]
        rules = [[draw(_rules(k, period)) for _ in range(OPS[op])] for k, op in enumerate(body)]
        first = [draw(st.sampled_from(known[-6:])) for _ in range(4)]
        past = []
        for b in range(turns):
            now = []
            for op, sources in zip(body, rules, strict=True):
                args = tuple(_argument(*rule, b, now, past, first, known, histories) for rule in sources)
                now.append(Step(op, args, {}, (), F64))
            past.append(now)
        histories.append(past)
        known += past[-1]
        for _ in range(draw(st.integers(0, 3))):
            known.append(Step("add", (draw(st.sampled_from(known)), draw(st.sampled_from(known))), {}, (), F64))
    every = [step for past in histories for now in past for step in now]
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, max_size=4))
    return Program(inputs, [known[-1], *histories[-1][-1], *chosen])


def _rules(k, period):
    return st.one_of(
        st.tuples(st.just("fixed"), st.integers(0, 3)),
        st.tuples(st.just("constant"), st.integers(0, 2)),
        st.tuples(st.just("forward"), st.integers(0, 8)),
        st.tuples(st.just("backward"), st.integers(0, 8)),
        st.tuples(st.sampled_from(["before", "long before"]), st.integers(0, period - 1)),
        st.tuples(st.just("here"), st.integers(0, max(k - 1, 0))),
    )


def _argument(kind, number, b, now, past, first, known, histories):
    if kind == "here" and number < len(now):
        return now[number]
    if kind == "before" and past:
        return past[-1][number]
    if kind == "long before" and len(past) > 1:
        return past[-2][number]
    if kind == "constant":
        return Step(CONSTANT, (), {"value": 0.25 + number * (b % 7) / 10}, (), F64)
    if kind in ("forward", "backward") and histories:
        earlier = histories[number % len(histories)]
        iteration = b % len(earlier) if kind == "forward" else -1 - b % len(earlier)
        return earlier[iteration][number % len(earlier[iteration])]
    return first[number % len(first)]


@settings(deadline=None, max_examples=40)
@given(repetitive(), st.integers(1, 60))
def test_any_repetition_is_computed_as_it_stands(program, chunk):
    check_parts(roll(computed(program)), computed(program))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "CHUNK", chunk)
        check(program, (0.5, -0.25, 1.125))


OF_THE_C_LIBRARY = {
    "exp": lambda e: np.exp(-e),
    "log": np.log,
    "sin": lambda e: np.sin(3.0 * e),
    "cos": lambda e: np.cos(3.0 * e),
    "pow": lambda e: e**1.7,
    "atan2": lambda e: np.arctan2(e, 1.0 - e),
}


@pytest.mark.parametrize("dtype", [F64, F32])
@pytest.mark.parametrize("name", OF_THE_C_LIBRARY)
def test_iterations_side_by_side_call_functions_of_vectors(name, dtype):
    f, lanes = OF_THE_C_LIBRARY[name], mathlib.widest(dtype)
    x = np.linspace(0.1, 0.9, 300).astype(dtype)
    program = recorded(lambda x: [f(e) * e for e in x], x)
    for strict in (False, True):
        made = build(program, strict=strict)
        several = not strict and mathlib.vector(name, dtype, lanes) is not None
        assert bool(re.search(r"call .*> @_ZGV", made.llvm())) == several
        _, found = made.run([x])
        np.testing.assert_allclose(found, f(x) * x, rtol=8 * np.finfo(dtype).eps)


def running(x):
    total, found = 0.0, 0.0
    for e in x:
        total = total + e
        found = found + np.sin(total)
    return found


def decaying(x, kept=1.0):
    total, found = x[0], 1.0
    for e in x:
        total = 0.5 * total + np.exp(-e)
        found = kept * found + np.cos(total) * e
    return found * total


def decaying_twice(x):
    return decaying(x, 0.75)


def logistic(x):
    total = 0.25
    for e in x:
        total = np.sin(total * e) + e
    return total


RECURRENCES = {running: [1, 2], decaying: [2, 2, 3], decaying_twice: [2, 6], logistic: [3]}
"""Steps of the loops that each becomes: before, in and behind a recurrence."""


@pytest.mark.parametrize("f", RECURRENCES)
def test_what_does_not_wait_for_a_recurrence_is_computed_in_loops_of_its_own(f):
    x = np.linspace(0.1, 0.9, 200)
    for g in (f, cr.grad(f), cr.value_and_grad(lambda x: f(x) * np.exp(f(x)))):
        program = optimised(by_branches(recorded(g, x), whole=False))
        found = rolling.partitioned(program, False, None)
        parts = found.parts
        check_parts(parts, found.layout.numbers)
        if g is f:
            assert [loop.period for loop in loops(parts)] == RECURRENCES[f]
        _, found = build(program).run([x])
        for a, b in zip(found, flatten(g(x))[0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)
