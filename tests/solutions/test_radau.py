"""The stages of an implicit step are those of its equations, or it says that they are not found."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import SolutionError
from chainrule.solutions.radau import driven, stages

solve_ivp = pytest.importorskip("scipy.integrate").solve_ivp


@pytest.mark.parametrize("y", [[0.0, 0.0], [1.0, -2.0], [1e-30, 0.0], [1e12, 1.0]])
def test_stages_solve_their_equations(y):
    asked = []

    def rate(t, y):
        asked.append(t)
        return np.array([[-50.0, 1.0], [2.0, -3.0]]) @ y + np.array([np.cos(t), 1e-3])

    y = np.array(y)
    z, _ = stages(rate, lambda t, y: np.array([[-50.0, 1.0], [2.0, -3.0]]), 0.3, y, 0.2)
    np.testing.assert_allclose(z, driven(rate, 0.3, y, 0.2, z), rtol=0, atol=1e-13 * max(np.abs([*y, *z])))
    assert len(asked) < 30  # a linear equation needs two rounds


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_stages_that_are_not_found():
    """y' = 1 + y**2 has left the numbers before such a step ends."""
    with pytest.raises(SolutionError, match=r"is not found again by Newton's method,\n.*max_step="):
        stages(lambda t, y: 1 + y**2, lambda t, y: np.diag(2 * y), 0.0, np.ones(1), 10.0)


def test_a_state_that_begins_at_0():
    f = lambda k: solve_ivp(lambda t, y: k * (1 - y), (0.0, 1.0), [0.0], method="Radau", rtol=1e-9, atol=1e-12).y[0, -1]
    assert cr.grad(f)(30.0) == pytest.approx(np.exp(-30.0), abs=1e-7)
    assert cr.grad(f)(2.0) == pytest.approx(np.exp(-2.0), rel=1e-6)
