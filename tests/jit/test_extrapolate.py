"""Long programs compiled by what becomes of short ones: the code is that of the whole program, letter by letter."""

import os
from itertools import pairwise

import numpy as np
import pytest
from jit.recurrences import gated

import chainrule as cr
from chainrule.jit.call import compile as compiling
from chainrule.jit.extrapolate import Known, build, iterated
from chainrule.jit.passes import optimised
from chainrule.jit.plan.strong_zeros import by_branches, derived
from chainrule.jit.program import Program, alike
from chainrule.jit.record.tracer import new_trace
from chainrule.jit.replay import Replay
from chainrule.jit.reroll.code import written
from chainrule.jit.reroll.rolling import partitioned
from chainrule.jit.run.alike import Alike
from chainrule.jit.run.machine import SHARED
from chainrule.trees import flatten

TURNS = 116
RANDOM = np.random.default_rng(0)
W, X, H = RANDOM.uniform(-1, 1, (4, 3)), RANDOM.uniform(-1, 1, (TURNS, 3)), RANDOM.uniform(-1, 1, 3)


@pytest.fixture(autouse=True)
def _short_programs_too(monkeypatch):
    monkeypatch.setattr(iterated, "GAIN", 1)


def recorded(f, *args):
    trace = new_trace()
    results, _ = flatten(f(*[trace.input(x) for x in args]))
    trace.ended()
    return Program(trace.inputs, [y.step for y in results if hasattr(y, "step")], trace.guards)


def passed(program, strict=False):
    return optimised(by_branches(program, whole=strict), strict)


def whole(program, strict=False):
    """The code of a program that is compiled as it is."""
    found = partitioned(passed(program, strict), strict, lambda parts, steps: True, finite=derived(program))
    return written(found.layout, found.parts, strict)


def repeated(program, strict=False, **settings):
    return build(
        program,
        lambda short: passed(short, strict),
        strict=strict,
        pays=lambda parts, steps: True,
        careful=lambda: optimised(by_branches(program, whole=True), strict),
        finite=derived(program),
        **settings,
    )


def check(f, *args, strict=False, rtol=1e-11, same=True):
    """Whether the program is compiled by shorter ones. It is then computed, by the code of the whole where that is the
    `same`: it is not where the whole has a loop of several iterations each, and the others one of single ones."""
    program = recorded(f, *args)
    made = repeated(program, strict)
    if made is None:
        return False
    if same:
        expected = whole(program, strict)
        assert (made._made.code, made._made.slots) == (expected.code, expected.slots)
    inputs = [np.asarray(x)[()] * np.asarray(x).dtype.type(0.875) for x in args]
    (holds, found), (still, results) = made.run(inputs), Replay(program).run(inputs)
    assert holds == still
    for a, b in zip(found, results, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol / 10)
    return True


def numbers(w, x, h):
    a, b = w[0, 0], h[0]
    for t in range(TURNS):
        a, b = a + 0.01 * (b - a * b) * x[t, 0], b - 0.01 * np.sin(a * b) + w[1, 1]
    return a * b


def matrix(w, x, h):
    for t in range(TURNS):
        h = np.tanh(w[:3] @ h + x[t] * w[3])
    return np.sum(h * h)


def backwards(w, x, h):
    """Rows are read from the end, and slices that overlap."""
    for t in reversed(range(TURNS)):
        h = np.tanh(h * w[0] + x[t]) * w[1] + np.sum(h) * w[2]
    return np.sum(h)


def descent(w, x, h):
    slope = cr.grad(lambda h: np.sum(np.cos(h * w[0]) * w[1] + h * h))
    for _ in range(TURNS):
        h = h - 0.01 * slope(h)
    return np.sum(h**2)


def gates(w, x, h):
    """A gate and what it lets through, by matrices: sums of terms that two steps of an iteration give by turns."""
    total = 0.0
    for t in range(TURNS):
        gate = cr.sigmoid(w[:3] @ x[t] + w[1:] @ h)
        h = gate * h + (1.0 - gate) * np.tanh(w[:3] @ (gate * h) + x[t])
        total = total + np.sum(h * h)
    return total


def stages(w, x, h):
    """Two stages of a method of Runge and Kutta, with a matrix that is made anew each time."""

    def rate(y):
        return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.1], [0.0, 0.2, 0.0]]) @ y * w[0] - np.exp(w[1]) * y**3

    for _ in range(TURNS):
        h = h + 0.01 * rate(h + 0.005 * rate(h))
    return np.sum(h * h)


def slopes(f, argnums):
    return lambda *args: flatten(cr.value_and_grad(f, argnums=argnums)(*args))[0]


PROGRAMS = {
    "a gated recurrence": gated,
    "its gradient by weights and rows": slopes(gated, (0, 1)),
    "the gradient of single numbers": slopes(numbers, (0, 2)),
    "the gradient of products with a matrix": slopes(matrix, (0, 2)),
    "the gradient of rows from the end": slopes(backwards, (0, 1)),
    "the gradient of descent by gradients": slopes(descent, (0, 2)),
    "the gradient of gates by matrices": slopes(gates, 0),
    "the gradient of stages with constants": slopes(stages, (0, 2)),
}
WHOLE = {"its gradient by weights and rows"}
"""Compiled whole: a sum that is put off behind its loop is taken up by another one."""

OTHERWISE = {"the gradient of products with a matrix", "the gradient of gates by matrices"}
"""Of the same loops, but for one whose iterations the whole takes several at a time."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_code_is_that_of_the_whole_program(name):
    assert check(PROGRAMS[name], W, X, H, same=name not in OTHERWISE) or name in WHOLE


def of_length(name, turns, monkeypatch):
    monkeypatch.setitem(globals(), "TURNS", turns)
    return recorded(PROGRAMS[name], W, X[:turns], H)


@pytest.mark.parametrize("name", ["a gated recurrence", "the gradient of single numbers"])
def test_other_lengths_are_compiled_from_one_sample(name, monkeypatch):
    """When two of them have told by how much the code grows with each iteration. It is the one of three samples."""
    known, lengths = Known(), (116, 113, 115)
    for turns in lengths:
        alike, program = Alike(), of_length(name, turns, monkeypatch)
        alike.lengths = frozenset(lengths)
        made, alone = repeated(program, alike=alike, known=known), repeated(program, alike=alike)
        assert made._made == alone._made
    assert len(known._samples) == 2


def test_strict_programs_and_those_of_32_bits():
    assert check(PROGRAMS["the gradient of single numbers"], W, X, H, strict=True, rtol=1e-13)
    f = PROGRAMS["the gradient of rows from the end"]
    assert check(f, *(x.astype(np.float32) for x in (W, X, H)), rtol=2e-4)


def test_a_program_with_all_iterations_is_the_program_itself():
    program = recorded(PROGRAMS["the gradient of rows from the end"], W, X, H)
    found = iterated.iterated(program)
    assert found.iterations >= TURNS - 2
    assert alike(found.shortened(0), program)
    assert len(found.shortened(50).steps()) < len(program.steps())


def once(a, t):
    return 0.9 * a if a < 9.0 else a


def by_different_ways(a, t):
    if a > 9.0:
        return a * a
    return 0.9 * a if a + 0.1 < 9.0 else np.exp(a)


FAR = H * [1.0, 1.0, 0.0] + [0.0, 0.0, 1.0]
BRANCHES = {"once": once, "by different ways": by_different_ways}


def branching(way):
    """A path whose steps have branches, until it is somewhere: guards in every iteration, and one way out."""

    def path(w, x, h):
        a, b, c, far, t = h[0], w[0, 0], w[1, 1], 0.0, 0
        while far < 0.99 * h[2]:
            a, far, t = way(np.sin(a * b) + c, t), far + 1.0 / TURNS + 1e-6 * a, t + 1
        return np.exp(a)

    return path


@pytest.mark.parametrize("name", BRANCHES)
def test_guards_of_every_iteration(name):
    f = branching(BRANCHES[name])
    for g in (f, slopes(f, (0, 2))):
        assert check(g, W, X, FAR, rtol=1e-9)
        program = recorded(g, W, X, FAR)
        made, other = repeated(program), W + 20.0 * np.eye(4, 3)  # another way in all iterations
        for w, h, holds in (
            (W, FAR, True),
            (other, FAR, False),
            (W, FAR * [1e9, 1.0, 1.0], False),
        ):  # in the last ones only
            assert made.run([w, X, h])[0] == Replay(program).run([w, X, h])[0] == holds


@pytest.mark.parametrize("name", BRANCHES)
def test_other_ways_are_compiled_as_the_first_one(name, monkeypatch):
    """With another number of iterations: by its samples, and from the third way on in its machine code."""
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    f, known, origins = slopes(branching(BRANCHES[name]), (0, 2)), Known(), []
    for slow in (1.0, 0.99, 1.05, 0.97):
        h = FAR * [1.0, 1.0, slow]
        program = recorded(f, W, X, h)
        made, alone = repeated(program, known=known), repeated(program)
        assert made._made == alone._made
        for a, b in zip(made.run([W, X, h])[1], alone.run([W, X, h])[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13)
        origins.append(made.origin)
    assert len(known._samples) == 1
    assert origins == ["", "", SHARED, SHARED]


def test_guards_of_some_iterations_are_left_to_the_whole_program():
    jumps = RANDOM.integers(0, 2, TURNS + 9).tolist()
    assert repeated(recorded(branching(lambda a, t: 0.9 * a if jumps[t] or a < 9.0 else a), W, X, H)) is None


LISTED = RANDOM.uniform(-1, 1, TURNS * 4).tolist()
ROUND = 4

IN_TURN = {
    "numbers of a list": lambda w, x, h, t: h * w[0, 1] + LISTED[t],
    "numbers computed anew": lambda w, x, h, t: h * w[0] / (1.0 - 0.9 ** (t + 1)) - 0.01 * t * w[1],
    "numbers that are 0 or 1 at times": lambda w, x, h, t: np.sin(h * float(t % 7) + LISTED[-t] * w[1]) ** (1 + t % 2),
    "rows of an array": lambda w, x, h, t: np.tanh(h * w[0] + X[t]) * X[-t - 1],
    "inputs of a list, over and over": lambda w, x, h, t: np.tanh(h * x[t % ROUND] + x[(2 * t + 1) % ROUND] * w[1]),
}
"""What an iteration reads of a list: another constant each time, or one of a few by turns."""


@pytest.mark.parametrize("name", IN_TURN)
def test_lists_that_are_read_in_turn(name):
    def f(w, x, h):
        x, total = [x[k] * w[2] for k in range(ROUND)], 0.0
        for t in range(4 * TURNS):
            h = IN_TURN[name](w, x, h, t % TURNS if "rows" in name else t)
            total = total + np.sum(h * h)
        return total

    assert check(f, W, X, H, same=False)
    assert check(slopes(f, (0, 2)), W, X, H, same=False, rtol=1e-9)


WIDTH = 3


def rows_and_labels(w, b, data):
    """A loss over rows of numbers, in a list of their own, and their labels behind them."""
    total, rows = 0.0, data[: WIDTH * TURNS]
    for t in range(TURNS):
        z = b + sum(c * x for c, x in zip(w, rows[WIDTH * t :], strict=False))
        total = total + (cr.sigmoid(z) - data[WIDTH * TURNS + t]) ** 2
    return total / TURNS


LISTS = {
    "rows and labels": rows_and_labels,
    "pairs side by side": lambda w, b, data: sum(
        (w[0] * x + w[1] * np.tanh(b * x) - y) ** 2 for x, y in zip(data[::2], data[1::2], strict=True)
    ),
    "from the end": lambda w, b, data: sum((w[0] * np.sin(x * b) - w[1]) ** 2 for x in data[::-1]),
    "neighbours": lambda w, b, data: sum((w[0] * x - np.exp(w[1] * y) * b) ** 2 for x, y in pairwise(data)),
    "both ways": lambda w, b, data: sum((w[0] * x - np.cos(y * b)) ** 2 for x, y in zip(data, data[::-1], strict=True)),
}


@pytest.mark.parametrize("name", LISTS)
def test_numbers_among_the_arguments_are_read_in_turn(name):
    def f(*numbers):
        return LISTS[name](numbers[:WIDTH], numbers[WIDTH], numbers[WIDTH + 1 :])

    numbers = RANDOM.uniform(-1, 1, WIDTH + 1 + (WIDTH + 1) * TURNS).tolist()
    assert check(f, *numbers)
    assert check(slopes(f, tuple(range(WIDTH + 1))), *numbers, same=False, rtol=1e-9)
    if name in ("neighbours", "rows and labels"):
        assert check(slopes(f, tuple(range(len(numbers)))), *numbers, same=False, rtol=1e-9)


def path(x, *kicks):
    places = []
    for kick in kicks:
        x = np.sin(x) + 0.5 * kick
        places.append(x)
    return places


def test_results_of_every_iteration():
    numbers = RANDOM.uniform(-1, 1, TURNS).tolist()
    assert check(path, *numbers)
    assert check(slopes(lambda *x: sum(y * y for y in path(*x)), tuple(range(TURNS))), *numbers)
    program = recorded(lambda *x: [y for k, y in enumerate(path(*x)) if k % 3 or k > 60], *numbers)
    assert repeated(program) is None


STEPS = (
    lambda a, b, x, y, first, w: np.tanh(a * w + b),
    lambda a, b, x, y, first, w: 0.5 * a + x,
    lambda a, b, x, y, first, w: a * y + 0.1 * b,
    lambda a, b, x, y, first, w: a / (1.0 + np.sum(b * b)),
    lambda a, b, x, y, first, w: np.concatenate([b[1:], a[:1] * 0.5]),
    lambda a, b, x, y, first, w: np.where(a > b, a, 0.5 * b),
    lambda a, b, x, y, first, w: np.sin(a) * w[1],
    lambda a, b, x, y, first, w: np.exp(-a * a) + first * b,
)


def random_program(seed):
    """Iterations of random operations on three vectors; what they read moves, stays, or goes back."""
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(STEPS) + 1, 7).tolist()
    readers = random.integers(0, 3, 7).tolist()

    def f(w, x, h):
        state, total = [h, h * w[0], w[1]], 0.0
        for t in range(TURNS - 1):
            for op, k in zip(chosen, readers, strict=True):
                a, b = state[k], state[k - 1]
                if op == len(STEPS):
                    total = total + np.sum(a * x[t + 1])
                    continue
                rows = x[t], x[TURNS - 1 - t], x[0], w[k]
                state[k] = STEPS[op](a, b, *rows)
            state = [state[2], state[0], state[1]]
        return total + np.sum(state[0] * state[1] + state[2])

    return f if seed % 3 == 0 else slopes(f, [(0, 2), (0, 1, 2)][seed % 2])


SEEDS = 300 if os.environ.get("CHAINRULE_TESTS") == "all" else 5


def test_random_programs():
    made = [check(random_program(seed), W, X, H, rtol=1e-9, same=False) for seed in range(SEEDS)]
    assert sum(made) >= SEEDS // 3


def test_what_follows_no_rule_is_left_to_the_whole_program():
    jumps = RANDOM.integers(0, TURNS, TURNS).tolist()

    def jumping(w, x, h):
        for t in jumps:
            h = np.tanh(h * w[0] + x[t])
        return h

    def from_the_middle(w, x, h):
        kept = []
        for row in x:
            h = np.tanh(h * w[0] + row) * w[1]
            kept.append(h)
        return kept[50] * h

    def from_a_place(w, x, h):
        """Gradients of rows are added in a loop, and once more at a place on its way."""
        return gated(w, x, h) + np.sum(x[60] ** 2)

    for f in (jumping, from_the_middle, slopes(from_a_place, (0, 1))):
        assert repeated(recorded(f, W, X, H)) is None


def test_long_functions_are_compiled_by_shorter_ones(monkeypatch):
    """Through `jit`: results, a result that is nan, the report, and the program."""
    monkeypatch.setattr(compiling, "MANY", 1000)
    monkeypatch.setattr(compiling, "pays", lambda parts, steps: True)
    made = []
    monkeypatch.setattr(compiling.extrapolate, "build", lambda *a, **k: made.append(build(*a, **k)) or made[-1])

    def root(w, x, h):
        for row in x:
            h = np.sqrt(h) * w[0] + row**2 * w[1] * 0.0
        return np.sum(h * w[1])

    f, expected = cr.jit(cr.grad(root, argnums=(0, 2))), cr.grad(root, argnums=(0, 2))
    for args in ((np.abs(W), X, np.abs(H)), (np.zeros((4, 3)), X, np.zeros(3))):
        for a, b in zip(f(*args), expected(*args), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)
    assert made[0] is not None
    assert "a loop of" in f.report()
    assert alike(f.program, passed(f.version.recorded))
