"""The user's line of each recorded step: that of a whole walk along the frames, also where the walk is cut short."""

import os

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.record import lines
from chainrule.jit.record.tracer import new_trace


@cr.custom_vjp
def halved(x):
    return x * 0.5


def _backward(x, ct):
    ct = ct * np.cos(x * 0.0)
    return (ct * 0.5,)


halved.defvjp(lambda x: (x * 0.5, x), _backward)


def loss(w, x):
    for _ in range(3):
        x = np.tanh(w * x)
        x = halved(x) + w[:2].sum()
    return np.sum(x * x)


def twice(w, x):
    """Two backward passes, each from its own line, and one through another."""
    first = cr.grad(loss)(w, x)
    second = cr.grad(loss)(w, x * 2.0)
    return first + second + cr.grad(lambda w: np.sum(cr.grad(loss)(w, x) * x))(w)


def lines_of(f, *args):
    """The operators and lines of all steps in the order in which they were recorded."""
    trace = new_trace()
    pending, steps = [f(*[trace.input(x) for x in args]).step], {}
    while pending:
        step = pending.pop()
        if step not in steps:
            steps[step] = None
            pending += step.args
    remembered = len(trace.lines._frames)
    trace.ended()
    assert not trace.lines._frames  # nor what they hold
    return remembered, [(step.op, step.line) for step in sorted(steps, key=lambda step: step.at)]


@pytest.mark.skipif("CHAINRULE_PURE" in os.environ, reason="uncompiled no frames are remembered")
def test_lines_are_those_of_whole_walks(monkeypatch):
    args = np.array([0.3, -0.2, 0.5]), np.array([1.0, 0.5, 0.25])
    remembered, found = lines_of(twice, *args)
    assert remembered
    monkeypatch.setattr(lines, "LONG", 1000)
    remembered, expected = lines_of(twice, *args)
    assert not remembered
    assert found == expected
    assert len({line for _, line in found}) > 6
