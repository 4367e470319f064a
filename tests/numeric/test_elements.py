"""All numbers of a result are measured together, and each as it would be alone."""

import numpy as np
import pytest

from chainrule.numeric.cheap import TOGETHER, cheap, cheap_of_all
from chainrule.numeric.gradient import coordinate


@np.errstate(all="ignore")
def f(x):
    parts = [np.sin(x), np.log(x), np.abs(x - 1.0), np.sqrt(x), 1e-5 * x**3, np.round(3 * x) / 3, np.exp(x)]
    return np.concatenate([*parts, [1.0, x[0]]])


@pytest.mark.parametrize("x", [[1.0, 0.3], [-2.5, 1e-3], [700.0, -0.7], [1.0 + 1e-9, 0.0]], ids=repr)
def test_numbers_measured_together_are_those_measured_alone(x):
    point = np.array(x)
    for k in range(point.size):
        line, again = coordinate(f, point, k), coordinate(f, point, k)
        together = cheap_of_all(line)
        assert len(together) == line.size < TOGETHER * 2
        for i, found in enumerate(together):
            alone = cheap(again, i)
            assert (found.reason, found.step) == (alone.reason, alone.step)
            assert np.array_equal([found.value, found.error], [alone.value, alone.error], equal_nan=True)
