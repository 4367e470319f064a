"""Repetition in programs of short arrays: found, written as loops, and computed as the rows compute it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.jit import compile as compiling
from chainrule.jit.passes import optimised
from chainrule.jit.program import Program
from chainrule.jit.replay import Replay
from chainrule.jit.roll import build
from chainrule.jit.roll.loop import Loop
from chainrule.jit.tracer import new_trace
from chainrule.trees import flatten

RANDOM = np.random.default_rng(0)
W, X, H = RANDOM.uniform(-1, 1, (4, 3)), RANDOM.uniform(-1, 1, (60, 3)), RANDOM.uniform(-1, 1, 3)
SQUARE = RANDOM.uniform(-1, 1, (3, 3))


def recorded(f, *args):
    """The program of a call of f, after the passes."""
    trace = new_trace()
    results, _ = flatten(f(*[trace.input(x) for x in args]))
    trace.over = True
    return optimised(Program(trace.inputs, [y.step for y in results], trace.guards))


def close(found, expected, rtol=1e-11):
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b) and np.asarray(a).dtype == np.asarray(b).dtype
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


def gated(w, x, h):
    """A gated recurrence over the rows of x."""
    total = 0.0
    for row in x:
        gate = cr.sigmoid(row * w[0] + w[1])
        h = gate * h + (1 - gate) * np.tanh(h * w[2] + row * w[3])
        total = total + np.sum(np.exp(h)) * 0.1
    return total


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
    return h, np.sum(h * h)


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


@pytest.mark.parametrize("f", [matrix, leaves(cr.grad(lambda *a: matrix(*a)[1], argnums=(0, 1, 2)))])
def test_a_matrix_times_a_vector_is_rolled(f):
    check(f, SQUARE, X, H)
