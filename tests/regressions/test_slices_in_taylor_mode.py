"""Taylor mode looked operations up by their settings, and slices cannot be looked up before Python 3.12."""

import numpy as np

import chainrule as cr


def test_slices_inside_a_rule():
    _, (first, second) = cr.jet(np.prod, (np.array([2.0, 0.0, 3.0]),), ((np.ones(3), np.zeros(3)),))
    assert (first, second) == (6.0, 5.0)
    _, (first,) = cr.jet(lambda x: x[:, None] * x[1:], (np.array([1.0, 2.0]),), ((np.array([1.0, 0.0]),),))
    assert first.tolist() == [[2.0], [0.0]]
