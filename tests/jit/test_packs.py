"""What is written element by element becomes arrays: the same numbers, and steps as few as those of arrays."""

import math
import random

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.lift import lift
from chainrule.jit.packs import found as finding
from chainrule.jit.packs import packed as rewriting
from chainrule.jit.packs.access import Affine, affine, common, divided, gathered, seen
from chainrule.jit.packs.packed import packed
from chainrule.jit.passes import optimised
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.record.tracer import new_trace
from chainrule.jit.replay import Replay
from chainrule.jit.reroll import Rolled
from chainrule.trees import flatten

N, ROWS = 41, 40
DRAW = np.random.default_rng(0)
X, TABLE = DRAW.normal(size=N), DRAW.normal(size=(ROWS, 5))


def recorded(f, *args):
    """The program of a call of f, after the passes."""
    trace = new_trace()
    results, _ = flatten(lift(f)(*[trace.input(x) for x in args]))
    trace.over = True
    return optimised(Program(trace.inputs, [y.step for y in results], trace.guards))


def computed(program, *args):
    return Replay(program).run(list(args))[1]


# -- places -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_regular_places_are_views(seed):
    draw = random.Random(seed)
    whole = [draw.randint(1, 6) for _ in range(draw.randint(1, 3))]
    x = np.arange(math.prod(whole)).reshape(whole)
    part = x[tuple(slice(draw.randint(0, n - 1), None, draw.choice([1, 1, 2])) for n in whole)]
    part = part[tuple(slice(None, None, draw.choice([1, -1])) for _ in part.shape)]
    part = part.transpose(draw.sample(range(part.ndim), part.ndim))
    if draw.random() < 0.4:
        part = np.broadcast_to(part[..., None], (*part.shape, 3))
    places = part.ravel()
    rule = affine(places)
    assert rule is not None
    assert rule.first + sum(np.multiply.outer(s, np.arange(1)).sum() for s in rule.strides) == places[0]
    step = Step(INPUT, (), {}, x.shape, np.dtype(float))
    for shape in {rule.shape, common([rule.shape, part.shape], places.size)}:
        same = divided(rule, shape)
        view = None if same is None else seen(step, same)
        made = gathered(step, places, shape) if view is None else view
        assert made.shape == shape
        (found,) = computed(Program([step], [made]), x.astype(float))
        np.testing.assert_array_equal(np.ravel(found), places)


def test_irregular_places_have_no_rule():
    assert affine(np.array([0, 1, 3])) is None
    assert seen(Step(INPUT, (), {}, (6,), np.dtype(float)), Affine(0, (3, 3), (1, 1))) is None  # windows that overlap


# -- spellings ------------------------------------------------------------------------------------------------------


def forces(x):
    f = np.zeros(N)
    for i in range(N - 1):
        t = x[i + 1] - x[i] - 1.0
        f[i] += t
        f[i + 1] -= t
    return np.sum(f**2)


def forces_in_a_list(x):
    f = [0.0] * N
    for i in range(N - 1):
        t = x[i + 1] - x[i] - 1.0
        f[i] += t
        f[i + 1] -= t
    return sum(a * a for a in f)


def forces_of_arrays(x):
    t, f = x[1:] - x[:-1] - 1.0, np.zeros(N)
    f[:-1] += t
    f[1:] -= t
    return np.sum(f**2)


def ends(x):
    r = np.zeros(N)
    r[0], r[-1] = x[0] - 1.0, x[-1]
    for i in range(1, N - 1):
        r[i] = x[i - 1] - 2.0 * x[i] + x[i + 1] ** 3
    return np.sum(np.sin(r))


def ends_of_arrays(x):
    return np.sum(np.sin(x[1:-1] * -2.0 + x[:-2] + x[2:] ** 3)) + np.sin(x[0] - 1.0) + np.sin(x[-1])


def appended(x):
    y = []
    for a in x:
        y.append(math.sin(a) * a)
    return np.sum(np.cos(np.array(y)))


WEIGHTS = DRAW.normal(size=(18, N))


def row_sums(x):
    return sum(math.tanh(sum(WEIGHTS[i][j] * x[j] for j in range(N))) for i in range(18))


def table_sums(t):
    return sum(math.tanh(sum(t[i, j] * t[0, j] for j in range(5)) + 0.5) * t[i, 2] for i in range(ROWS))


def stencil(t):
    new = t.copy()
    for i in range(1, ROWS - 1):
        for j in range(1, 4):
            new[i, j] = t[i, j] + 0.1 * (t[i + 1, j] + t[i - 1, j] + t[i, j + 1] + t[i, j - 1] - 4.0 * t[i, j])
    return np.sum(new**2)


def stencil_of_arrays(t):
    around = t[2:, 1:-1] + t[:-2, 1:-1] + t[1:-1, 2:] + t[1:-1, :-2]
    new = t.copy()
    new[1:-1, 1:-1] = t[1:-1, 1:-1] + 0.1 * (around - 4.0 * t[1:-1, 1:-1])
    return np.sum(new**2)


def branches(x):
    y = []
    for a in x:
        y.append(math.sin(a) if a > 0.0 else a * a)
    return np.sum(np.array(y) ** 2)


def sums_so_far(x):
    total, y = 0.0, []
    for a in x:
        total = total + a * a
        y.append(total)
    return np.sum(np.cos(np.stack(y)))


def repeated(x):
    total = sum(math.exp(-a * a) for a in x)
    return np.sum(np.array([total * total if i < 20 else x[i] for i in range(N)]))


def to_one_end(x):
    return sum((x[N - 1 - i] + x[0]) / (2.0 + x[0] * x[0]) for i in range(N))


TURNS = "sums over rows of an argument"

SPELLINGS = {
    "forces": (forces, forces_of_arrays, X),
    "forces in a list": (forces_in_a_list, forces_of_arrays, X),
    "ends apart": (ends, ends_of_arrays, X),
    "appended": (appended, lambda x: np.sum(np.cos(np.sin(x) * x)), X),
    "sums so far": (sums_so_far, lambda x: np.sum(np.cos(np.cumsum(x * x))), X),
    "sums over rows": (row_sums, lambda x: np.sum(np.tanh(WEIGHTS @ x)), X),
    TURNS: (table_sums, lambda t: np.sum(np.tanh(t @ t[0] + 0.5) * t[:, 2]), TABLE),
    "a stencil": (stencil, stencil_of_arrays, TABLE),
    "one number again and again": (repeated, lambda x: 20.0 * np.sum(np.exp(-x * x)) ** 2 + np.sum(x[20:]), X),
    "one slope for all": (to_one_end, lambda x: (np.sum(x) + N * x[0]) / (2.0 + x[0] * x[0]), X),
    "branches": (branches, lambda x: np.sum(np.where(x > 0.0, np.sin(x), x * x) ** 2), X),
}


FEW = ("a stencil", "branches", "one number again and again", "one slope for all")


@pytest.mark.parametrize("name", SPELLINGS)
def test_element_by_element_is_as_with_arrays(name):
    by_elements, with_arrays, x = SPELLINGS[name]
    value, gradient = cr.jit(cr.value_and_grad(by_elements))(x)
    expected, slopes = cr.value_and_grad(with_arrays)(x)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in SPELLINGS if name not in (*FEW, TURNS)])
def test_element_by_element_is_as_few_steps(name):
    by_elements, _, x = SPELLINGS[name]
    program = recorded(cr.value_and_grad(by_elements), x)
    arrays = packed(program)
    assert len(arrays.steps()) < 60 < len(program.steps())
    for a, b in zip(computed(arrays, x), computed(program, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_a_recurrence_stays_as_it_is():
    def walk(x):
        total = 1.0
        for a in x:
            total = math.sin(total * a) + a
        return total

    def steps(x):
        y = [x[0]]
        for a in x:
            y.append(y[-1] + math.sin(y[-1]) * a)
        return np.sum(np.array(y))

    for f in (walk, steps):
        program = recorded(cr.value_and_grad(f), np.ones(200))
        assert packed(program) is program


@pytest.mark.parametrize("seed", range(20))
def test_random_programs(seed, monkeypatch):
    for module, setting, value in (
        (rewriting, "IRREGULAR", 0), (rewriting, "FEWER", 1), (rewriting, "LEAST", 4),
        (finding, "LEAST", 4), (finding, "LEFT", 10_000),
    ):  # fmt: skip  # arrays at any cost
        monkeypatch.setattr(module, setting, value)

    draw = random.Random(seed)

    def term(x, t, i):
        k = min(i + shift, N - 1)
        a = x[i] * factors[0] + x[k]
        if kind > 0:
            a = a * t[i % ROWS, i % 5] - t[(i + shift) % ROWS, 1]
        return np.sin(a) * x[0] if kind > 1 else a / (x[i] * x[i] + factors[1])

    shift, kind, factors = draw.randint(0, 5), draw.randint(0, 2), [draw.choice([0.5, -2.0, 0.1]), 1.5]
    order = draw.sample(range(N), N) if draw.random() < 0.3 else range(N)[:: draw.choice([1, -1])]

    def f(x, t):
        terms = [term(x, t, i) for i in order]
        y = np.zeros((N, 2))
        for i, a in enumerate(terms):
            y[i, i % 2] += a
            y[(i * 3) % N, 0] -= terms[0] * a
        total = sum(a * (1.0 + k % 3) for k, a in enumerate(terms))
        again = np.array([terms[0]] * 20 + terms[20:])
        return total, y, np.stack(terms[:20]), np.sum(y[:, 0] * y[:, 1]), again * x[0]

    program = recorded(f, X, TABLE)
    made = packed(program)
    assert 2 * len(made.steps()) < len(program.steps())
    for a, b in zip(computed(made, X, TABLE), computed(program, X, TABLE), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


def weighted(x):
    return sum(math.exp(-a * a) * (i + 1.0) for i, a in enumerate(x))


def waiting(x):
    total = 0.0
    for a in x:
        total = math.exp(-total * total) + a
    return total


@pytest.mark.parametrize(
    ("f", "loops"), [(weighted, False), (waiting, True), (lambda x: sum(a * a * a + a for a in x), True)]
)
def test_long_sums_of_functions_become_arrays_where_loops_would_be_slower(f, loops):
    x = DRAW.normal(size=1000)
    compiled = cr.jit(cr.value_and_grad(f))
    value, gradient = compiled(x)
    expected, slopes = cr.value_and_grad(f)(x)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-12)
    assert len(compiled.version.recorded.steps()) > 4000
    assert isinstance(compiled.version.executable, Rolled) == loops
