"""Repetition in programs of short arrays: found, written as loops, and computed as the rows compute it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit.recurrences import gated

import chainrule as cr
from chainrule.jit.call import compile as compiling
from chainrule.jit.loops.loop import Loop
from chainrule.jit.passes import optimised
from chainrule.jit.program import Program
from chainrule.jit.record.tracer import new_trace
from chainrule.jit.replay import Replay
from chainrule.jit.reroll import Rolled, build
from chainrule.trees import flatten

RANDOM = np.random.default_rng(0)
W, X, H = RANDOM.uniform(-1, 1, (4, 3)), RANDOM.uniform(-1, 1, (60, 3)), RANDOM.uniform(-1, 1, 3)
SQUARE = RANDOM.uniform(-1, 1, (3, 3))


def recorded(f, *args):
    """The program of a call of f, after the passes."""
    trace = new_trace()
    results, _ = flatten(f(*[trace.input(x) for x in args]))
    trace.over = True
    steps = [y.step for y in results if hasattr(y, "step")]  # without what is the same for all arguments
    return optimised(Program(trace.inputs, steps, trace.guards))


def close(found, expected, rtol=1e-11):
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert not np.shape(a) or a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol / 10)


def check(f, *args, rtol=1e-11):
    """Rolled machine code agrees with the rows."""
    program = recorded(f, *args)
    made = build(program)
    assert made is not None
    assert any(isinstance(part, Loop) for part in made.parts)
    for inputs in (args, [np.asarray(x)[()] * np.asarray(x).dtype.type(0.875) for x in args]):
        expected, found = Replay(program).run(list(inputs)), made.run(list(inputs))
        assert found[0] == expected[0]
        close(found[1], expected[1], rtol)
    return made


def turns(made):
    return [(part.count, part.period) for part in made.parts if isinstance(part, Loop)]


# -- programs people write ------------------------------------------------------------------------------------


def states(w, x, h):
    kept = []
    for row in x:
        h = np.tanh(h * w[0] + row * w[1])
        kept.append(h)
    return np.stack(kept)


def states_and_after(w, x, h):
    """A second loop reads what the first has kept, forward, and a third one backward."""
    kept, after, total = states(w, x, h), w[2], 0.0
    for t in range(len(x)):
        after = np.tanh(after * 0.5 + kept[t] * w[3])
    for t in reversed(range(len(x))):
        total = total + np.sum(np.exp(kept[t] * after)) * 0.01
    return total


def matrix(w, x, h):
    """A product of a matrix and a vector in each turn."""
    for row in x:
        h = np.tanh(w @ h + row)
    return np.sum(h * h)


def columns(w, x, h):
    x = x.T
    for t in range(60):
        h = h * 0.5 + np.sin(x[:, t] + w[0])
    return h


def scattered(w, x, h):
    """Slices, sums, and vectors put together from pieces."""
    for row in x:
        head, tail = h[:2] * row[0], h[1:] * w[0, 1:]
        h = np.concatenate([tail - 0.25 * head, np.sum(head, keepdims=True)]) * 0.5
    return h


def adam(w, x, h):
    """Descent with momentum; constants that differ from turn to turn."""
    m, v = 0.0 * h, 0.0 * h
    for t in range(1, 41):
        slope = 2 * h + np.cos(h * w[0])
        m, v = 0.9 * m + 0.1 * slope, 0.99 * v + 0.01 * slope**2
        h = h - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
    return h


def three_back(w, x, h):
    a, b, c = h, h * w[0], h * w[1]
    for row in x:
        a, b, c = b, c, 0.25 * np.sin(a) * b + 0.5 * c + row
    return a, c


def from_the_middle(w, x, h):
    kept = []
    for row in x:
        h = np.tanh(h * w[0] + row)
        kept.append(h)
    return kept[7] * kept[30] + kept[-1], kept[12], kept[-2], kept[-1]


def sums(w, x, h):
    """Each turn needs the sum of the one before."""
    for row in x:
        h = h / (1.0 + np.sum(h * h)) + row * w[0]
    return h


def leaves(f):
    return lambda *args: flatten(f(*args))[0]


PROGRAMS = {
    "a gated recurrence": gated,
    "its gradient by weights, rows and state": leaves(cr.value_and_grad(gated, argnums=(0, 1, 2))),
    "a result of each turn": states,
    "the gradient of something of each turn": cr.grad(lambda *a: np.sum(states(*a) ** 2)),
    "states read by later loops": states_and_after,
    "their gradient": leaves(cr.value_and_grad(states_and_after, argnums=(0, 1, 2))),
    "columns of an array": columns,
    "the gradient by columns": cr.grad(lambda *a: np.sum(columns(*a)), argnums=1),
    "slices and pieces": scattered,
    "the gradient of slices": leaves(cr.grad(lambda *a: np.sum(scattered(*a)), argnums=(0, 1, 2))),
    "constants that differ": adam,
    "its gradient": cr.grad(lambda *a: np.sum(adam(*a)), argnums=2),
    "a recurrence three turns back": three_back,
    "values from the middle": from_the_middle,
    "the gradient of values from the middle": cr.grad(lambda *a: sum(map(np.sum, from_the_middle(*a)))),
    "sums that the next turn needs": sums,
    "the gradient of sums": leaves(cr.grad(lambda *a: np.sum(sums(*a)), argnums=(0, 1, 2))),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_their_replay(name):
    made = check(PROGRAMS[name], W, X, H)
    assert sum(count * period for count, period in turns(made)) > 100


def batch(w, x, h):
    """Products of small matrices: a batch in each turn."""
    h = np.stack([h, h * 0.5])
    for row in x:
        h = np.tanh(h @ w + row)
    return np.sum(h * h)


@pytest.mark.parametrize("f", [matrix, batch])
@pytest.mark.parametrize("derivative", [False, True])
def test_products_of_small_matrices_are_rolled(f, derivative):
    check(leaves(cr.value_and_grad(f, argnums=(0, 1, 2))) if derivative else f, SQUARE, X, H)


# -- machine code ---------------------------------------------------------------------------------------------


def test_machine_code_does_not_grow_with_the_number_of_turns():
    f = PROGRAMS["its gradient by weights, rows and state"]
    lines = []
    for length in (60, 120, 240):
        made = build(recorded(f, W, RANDOM.uniform(-1, 1, (length, 3)), H))
        lines.append(len(made.llvm().splitlines()))
    assert max(lines) < 1.25 * min(lines)  # the turns beside the loops differ


def test_long_programs_over_short_arrays_are_rolled_and_short_ones_are_not():
    f = cr.jit(PROGRAMS["its gradient by weights, rows and state"])
    f(W, X, H)
    assert "iterations" not in str(f.partition)
    long = RANDOM.uniform(-1, 1, (200, 3))
    expected = leaves(cr.value_and_grad(gated, argnums=(0, 1, 2)))(W, long, H)
    close(f(W, long, H), expected)
    assert "a loop of 196 iterations" in str(f.partition)
    assert "a loop of" in f.report()


def test_many_small_loops_pay_less_than_one_kernel():
    """Two layers on single numbers, for a batch: each neuron could be a loop over its inputs."""

    def network(first, second, x):
        x = [x[:, 0], x[:, 1], x[:, 2]]
        for weights in (first, second):
            x = [np.tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in weights]
        return np.mean(sum(x))

    random = np.random.default_rng(3)
    args = random.uniform(-1, 1, (24, 3)), random.uniform(-1, 1, (24, 24)), random.uniform(-1, 1, (50, 3))
    f = cr.grad(network, argnums=(0, 1))
    program = recorded(leaves(f), *args)
    assert len(program.steps()) > compiling.MANY
    assert not isinstance(compiling.build(program), Rolled)


def test_what_carries_no_loop_is_left_to_one_kernel():
    """A random graph, and a program that looks alike in each turn but reads its arguments without a rule."""
    ops = [np.tanh, np.sin, lambda x: x * 0.5, lambda x: x + 1.0]
    order = np.random.default_rng(1).integers(0, 4, 200)

    def irregular(w, x, h):
        values = [h, w[0]]
        for k in order:
            values.append(ops[k](values[-1]) * values[-1 - int(k) % 2])
        return values[-1]

    assert build(recorded(irregular, W, X, H)) is None
    jumps = np.random.default_rng(2).integers(0, 60, 60)

    def jumping(w, x, h):
        values = [h]
        for k, j in enumerate(jumps):
            values.append(np.tanh(values[-1] * x[k]) + values[j % (k + 1)])
        return values[-1]

    program = recorded(jumping, W, X, H)
    made = build(program)
    if made is not None:
        close(made.run([W, X, H])[1], Replay(program).run([W, X, H])[1])


def test_large_arrays_stay_in_one_kernel():
    x = np.ones(5000)

    def powers(x):
        for _ in range(100):
            x = np.sin(x) * 0.5 + x
        return x

    assert build(recorded(powers, x)) is None


def test_rows_that_numpy_computes_stand_between_loops():
    def projected(w, x, h):
        """A large product before the loop, an equation between two loops, and another product behind them."""
        rows, kept = np.tanh(x) @ w, []
        for row in rows:
            h = np.tanh(h * 0.5 + row)
            kept.append(h)
        h = np.linalg.solve(w[:20] @ w[:20].T + np.eye(20), kept[10])
        for row in rows[::-1]:
            h = np.sin(h * row)
        return np.sum(np.stack(kept) @ w.T), h

    w, x, h = RANDOM.uniform(-1, 1, (30, 20)), RANDOM.uniform(-1, 1, (60, 30)), RANDOM.uniform(-1, 1, 20)
    made = check(projected, w, x, h)
    assert "NumPy: solve [20]" in made.partition
    check(leaves(cr.grad(lambda *a: sum(map(np.sum, projected(*a))), argnums=(0, 1, 2))), w, x, h, rtol=1e-9)


def test_guards_are_checked_before_numpy_computes_what_they_are_for():
    def guarded(w, x, h):
        for row in x:
            h = np.tanh(h * 0.5 + row)
        if np.sum(w * w) > 0.5:
            h = np.linalg.solve(w, h)
        for row in x:
            h = np.sin(h * row)
        return h

    program = recorded(guarded, SQUARE, X, H)
    made = build(program)
    close(made.run([SQUARE, X, H])[1], Replay(program).run([SQUARE, X, H])[1])
    for _ in range(2):
        assert made.run([np.zeros((3, 3)), X, H]) == (False, [])  # and not that the matrix is singular
        assert made.failed == 0
    close(made.run([SQUARE, X, H])[1], Replay(program).run([SQUARE, X, H])[1])


def test_turns_of_a_loop_may_leave_rows_to_numpy():
    def network(w, x, h):
        """A product too large for a kernel, and an equation, in each turn."""
        for row in x:
            h = np.tanh(h @ w + row)
            h = h - 0.5 * np.linalg.solve(np.eye(20) * 3.0 + h.T @ h, np.cos(h.T)).T
        return np.sum(h * h)

    w, x, h = (RANDOM.uniform(-0.5, 0.5, shape) for shape in ((20, 20), (40, 20), (12, 20)))
    made = check(network, w, x, h)
    assert "NumPy: solve [20, 12]" in made.partition
    check(leaves(cr.value_and_grad(network, argnums=(0, 1, 2))), w, x, h, rtol=1e-9)


def test_a_branch_is_another_way_also_where_numpy_would_raise():
    def branching(w, x, h):
        for row in x:
            h = np.linalg.solve(w, h + row) if np.sum(h) > -1000.0 else h
        return h

    x = np.zeros((40, 3))
    program = recorded(branching, np.eye(3), x, H)
    made = build(program)
    assert made.run([np.eye(3), x, H])[0]
    with pytest.raises(np.linalg.LinAlgError):
        made.run([np.zeros((3, 3)), x, H])
    assert made.run([np.zeros((3, 3)), x, H - 1e6]) == (False, [])
    assert made.failed == 0


# -- guards, types, edges -------------------------------------------------------------------------------------


def test_guards_inside_loops_are_checked_and_the_first_to_fail_is_named():
    def branching(w, x, h):
        for row in x:
            h = h * 0.5 + row if np.sum(h) > w[0, 0] else h * w[1]
        return h

    program = recorded(branching, np.full((4, 3), -100.0), X, H)
    made = build(program)
    assert len(program.guards) == 60
    assert made.run([np.full((4, 3), -100.0), X, H])[0]
    for late in (0, 17, 59):
        x = X.copy()
        if late:
            x[late - 1] = -1000.0
        else:
            x[0] = X[0]
        h = H if late else np.full(3, -1000.0)
        inputs = [np.full((4, 3), -100.0), x, h]
        replay = Replay(program)
        assert made.run(inputs) == replay.run(inputs) == (False, [])
        assert made.failed == replay.failed == late


def test_branches_of_long_programs_are_recorded_one_by_one():
    def branching(w, x, h):
        for row in x:
            h = np.tanh(h * w[0] + row * w[1]) * cr.sigmoid(row * w[2] + h) + w[3] * row
            h = h * 0.5 if h[0] > -50.0 else h
        return np.sum(h * h)

    f = cr.jit(cr.grad(branching))
    x = RANDOM.uniform(-1, 1, (200, 3))
    np.testing.assert_allclose(f(W, x, H), cr.grad(branching)(W, x, H), rtol=1e-10)
    assert "iterations" in str(f.partition)
    x[100] = -1000.0
    np.testing.assert_allclose(f(W, x, H), cr.grad(branching)(W, x, H), rtol=1e-10)


@pytest.mark.parametrize("name", ["its gradient by weights, rows and state", "states read by later loops"])
def test_arrays_of_32_bits(name):
    check(PROGRAMS[name], *(x.astype(np.float32) for x in (W, X, H)), rtol=2e-4)


@pytest.mark.parametrize("derivative", [False, True])
def test_strict_programs_agree_bit_by_bit(derivative):
    f = leaves(cr.grad(lambda *a: np.sum(sums(*a)), argnums=(0, 1, 2))) if derivative else sums
    program = recorded(f, W, X, H)
    made = build(program, strict=True)
    assert any(isinstance(part, Loop) for part in made.parts)
    for a, b in zip(made.run([W, X, H])[1], Replay(program).run([W, X, H])[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_arrays_without_elements():
    made = check(lambda w, x, h: (states(w, x, h), np.sum(h)), np.ones((4, 0)), np.ones((60, 0)), np.ones(0))
    assert made.run([np.ones((4, 0)), np.ones((60, 0)), np.ones(0)])[1][0].shape == (60, 0)


def test_strong_zeros_hold_where_plain_products_are_nan():
    def root(w, x, h):
        for row in x:
            h = np.sqrt(h) * w[0] + row**2 * 0.0
        return np.sum(h * w[1])

    f = leaves(cr.grad(root, argnums=(0, 2)))
    made = check(f, np.abs(W), X, np.abs(H))
    inputs = [np.zeros((4, 3)), X, np.zeros(3)]
    close(made.run(inputs)[1], Replay(recorded(f, np.abs(W), X, np.abs(H))).run(inputs)[1])


def test_results_share_no_memory_with_anything():
    def several(w, x, h):
        kept = states(w, x, h)
        return kept, kept, kept[59], x, x * 1.0, w[1:3], kept[3:5]

    program = recorded(several, W, X, H)
    made = build(program)
    first, second = (made.run([W, X, H])[1] for _ in range(2))
    for k, a in enumerate(first):
        assert a.base is None or not isinstance(a.base, np.ndarray)
        for b in [*first[:k], *first[k + 1 :], *second, W, X, H]:
            assert not np.shares_memory(a, b)
    close(first, Replay(program).run([W, X, H])[1])


def test_a_number_carried_along_with_arrays():
    def annealed(w, x, h):
        rate, total = 1.0, 0.0
        for row in x:
            h = h - rate * np.tanh(h * w[0] - row)
            rate, total = rate * 0.9 + 0.001 * np.sum(h), total + rate
        return h, rate, total

    check(annealed, W, X, H)
    check(leaves(cr.grad(lambda *a: annealed(*a)[2] + np.sum(annealed(*a)[0]), argnums=(0, 1, 2))), W, X, H)


# -- any repetition -------------------------------------------------------------------------------------------

BODIES = {
    "tanh": lambda a, b, row: np.tanh(a + b * row),
    "product": lambda a, b, row: np.sin(a * b) * 0.5 + row,
    "sum": lambda a, b, row: a * 0.5 + np.sum(b * row) * 0.1,
    "slices": lambda a, b, row: np.concatenate([a[1:], b[:1] * row[2]]),
    "mixed": lambda a, b, row: np.stack([a[0] * row[1], b[1], a[2]]),
    "where": lambda a, b, row: np.where(row > 0.1, a * 0.9, b),
    "matrix": lambda a, b, row: np.tanh(np.outer(a, b) @ row),
    "max": lambda a, b, row: a - np.max(b) * 0.1 + row * 0.1,
}


@st.composite
def repetitive(draw):
    """Loops of random bodies over vectors: (bodies, turns, how far back) of each."""
    loops = []
    for _ in range(draw(st.integers(1, 3))):
        bodies = draw(st.lists(st.sampled_from(sorted(BODIES)), min_size=1, max_size=3))
        loops.append((bodies, draw(st.integers(20, 40)), draw(st.integers(1, 4)), draw(st.booleans())))
    return loops, draw(st.integers(0, 19)), draw(st.booleans())


@settings(deadline=None, max_examples=40)
@given(repetitive())
def test_any_repetition_is_computed_as_it_stands(drawn):
    loops, picked, derivative = drawn

    def f(w, x, h):
        past, kept = [w[0], w[1], w[2], h], []
        for bodies, count, back, backward in loops:
            rows = x[:count] if not kept else np.stack(kept[:count]) * 0.5 if len(kept) >= count else x[20:]
            for t in range(min(count, len(rows))):
                row = rows[len(rows) - 1 - t] if backward else rows[t]
                for body in bodies:
                    past.append(BODIES[body](past[-1], past[-back], row))
                kept.append(past[-1])
        return past[-1], kept[picked], np.stack(kept)

    g = leaves(cr.grad(lambda *a: sum(map(np.sum, f(*a))), argnums=(0, 1, 2))) if derivative else f
    program = recorded(g, W, X, H)
    made = build(program)
    expected = Replay(program).run([W, X, H])
    if made is not None:
        found = made.run([W, X, H])
        assert found[0] == expected[0]
        close(found[1], expected[1], rtol=1e-9)
