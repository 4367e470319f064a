"""Quick forms of rows, and the numbers for which they do not hold."""

import numpy as np
import pytest
from jit.agreement import agree

import chainrule as cr
from chainrule.jit.plan.plan import Plan

TINY = [1e-310, -1e-310, 5e-324, 0.0, -0.0, 2.3e-308, np.inf, -np.inf, np.nan, 3.0, 1e308]


@pytest.mark.parametrize("y", TINY)
def test_several_divisions_by_the_same_number_agree_with_division(y):
    def quotients(x, z, y):
        return x / y, z / y, 1.0 / y

    x, z = np.array([1e-300, 2.0, 0.0]), np.array([1e-310, 1e-320, 7.0])
    with np.errstate(all="ignore"):
        expected = quotients(x, z, np.full(3, y)), quotients(x, z, np.float64(y))
        agree(cr.jit(quotients)(x, z, np.full(3, y)), expected[0])
        agree(cr.jit(quotients)(x, z, np.float64(y)), expected[1])


def test_several_divisions_cost_one():
    compiled = cr.jit(lambda x, y, z: (x / y + z / y, (x + z) / y))
    compiled(*np.random.default_rng(0).normal(size=(3, 40)))
    quick, strict = ([s.op for s in Plan(compiled.program, strict=strict).steps] for strict in (False, True))
    assert (quick.count("reciprocal"), quick.count("divide")) == (1, 0)
    assert (strict.count("reciprocal"), strict.count("divide")) == (0, 3)


@pytest.mark.parametrize("x", [-1.0, 0.0, 2.0, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("ct", [1.0, 0.0, np.inf, np.nan])
def test_slopes_of_steps_keep_nan_and_infinity(x, ct):
    f = cr.grad(lambda x, ct: np.sum(cr.relu(x) * ct))
    at = np.array([x, 1.0]), np.array([ct, 1.0])
    with np.errstate(all="ignore"):
        agree(cr.jit(f)(*at), f(*at))
