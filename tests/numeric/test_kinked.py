"""Functions whose first or second derivative jumps: at the break and at every distance from it."""

import math
import random

import pytest

from chainrule import numeric

# What breaks at t = 0, its slope, and whether it has one there.
PIECES = {
    "relu": (lambda t: max(t, 0.0), lambda t: float(t > 0), False),
    "step": (lambda t: float(t > 0), lambda t: 0.0, False),
    "relu squared": (lambda t: max(t, 0.0) ** 2, lambda t: 2 * max(t, 0.0), True),
    "x |x|": (lambda t: t * abs(t), lambda t: 2 * abs(t), True),
    "relu cubed": (lambda t: max(t, 0.0) ** 3, lambda t: 3 * max(t, 0.0) ** 2, True),
    "|x|^1.5": (lambda t: abs(t) ** 1.5, lambda t: 1.5 * math.copysign(abs(t) ** 0.5, t), True),
    "huber": (
        lambda t: 0.5 * (t + 1) ** 2 if abs(t + 1) <= 1 else abs(t + 1) - 0.5,
        lambda t: max(-1.0, min(1.0, t + 1)),
        True,
    ),
}


@pytest.mark.parametrize("budget", ["default", "cheap"])
@pytest.mark.parametrize("name", PIECES)
def test_the_bar_holds_beside_and_at_the_break(name, budget):
    piece, slope, exists = PIECES[name]
    source = random.Random(name)
    missed, trusted = [], 0
    for _ in range(60):
        at, phase = source.choice([0.0, 1.0, source.uniform(-3, 3)]), source.uniform(-2, 2)
        size = source.choice([1.0, -1.0, 0.1, 10.0, 1e-3])
        x = at + source.choice([0.0, *(source.choice([1, -1]) * 10 ** source.uniform(-12, 0) for _ in range(4))])
        found = numeric.derivative(
            lambda x, at=at, phase=phase, size=size: math.sin(0.7 * x + phase) + size * piece(x - at), x, budget=budget
        )
        if not found.trusted:
            continue
        truth = 0.7 * math.cos(0.7 * x + phase) + size * slope(x - at)
        assert exists or x != at, found
        gap = abs(found.value - truth)
        assert gap <= 4 * found.error + 1e-15 * abs(truth), (at, size, x, found, truth)
        trusted += 1
        if not found.agrees_with(truth):
            missed.append((at, size, x, found, truth))
    assert trusted >= 8
    assert len(missed) <= 0.05 * trusted, missed
