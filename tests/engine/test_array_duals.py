"""Arrays with tangents: the engine's loops give the bits of the operator table's rows, and notice what leaves the range
of floats, or leave the question to them."""

import numpy as np
import pytest

from chainrule import engine
from chainrule.native.opcodes import NAMES
from chainrule.ops import tangents
from chainrule.ops.row import TABLE

ROWS = [TABLE[name] for name in NAMES if name and tangents.has_loop(TABLE[name].code)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan, 5e-324, -2e-310, 1e308, 1e-200]


def vector(draw):
    """Nine numbers, some of them special."""
    return np.where(draw.random(9) < 0.2, draw.choice(SPECIAL, 9), draw.uniform(-4.0, 4.0, 9))


def bits(x):
    """The words of an array, every nan as the same one, and both zeros."""
    return np.where(np.isnan(x), np.nan, x + 0.0).view(np.int64).tolist()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_tangents_are_those_of_the_row_to_the_last_bit(row):
    draw = np.random.default_rng(row.code)
    for k in range(200):
        a, t, s = vector(draw), vector(draw), vector(draw)
        b = float(vector(draw)[0]) if k % 2 else vector(draw)
        if k % 4 > 1:
            a, b = (abs(x) for x in (a, b))
        args, moving = (a, b)[: row.arity], [t, None if k % 2 else s][: row.arity]
        with np.errstate(all="ignore"):
            y = row(*args)
            expected = row.push(y, args, list(moving), {})
        found = tangents.by_loops(row.code, y, args, list(moving))
        if found is not None:
            assert bits(found) == bits(expected)
            assert not any(np.shares_memory(found, x) for x in (a, t, s, y))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_loops_compute_them_where_the_engine_is_compiled(row):
    x = np.array([0.5, 0.75])
    args = (x, 2.0)[: row.arity]
    found = tangents.by_loops(row.code, row(*args), args, [x, None][: row.arity])
    assert (found is not None) == bool(engine.compiled_modules())


@pytest.mark.parametrize("other", [1.0, np.ones((3, 1)), np.ones(2, np.float32), np.ones(4)[::2]])
def test_other_tangents_and_results_are_left_to_the_row(other):
    x = np.ones(2)
    for y, t in [(x, other), (other, x), (other, other)]:
        assert tangents.by_loops(TABLE["multiply"].code, y, (x, 2.0), [t, None]) is None
