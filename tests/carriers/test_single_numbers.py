"""Single numbers of NumPy's are indexed with None, `...` and (), as those that carry derivatives are."""

import numpy as np
import pytest

import chainrule as cr

WHOLE = {
    "None": lambda y: y[None].sum(),
    "two axes": lambda y: y[None, None].sum(),
    "dots": lambda y: y[...].sum(),
    "nothing": lambda y: y[()],
    "dots and None": lambda y: (y[..., None] * np.ones(2)).sum(),
}


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("inner", [np.sin, lambda x: np.vdot(x, x), lambda x: np.array(x), np.sum])
def test_a_single_number_is_indexed_as_a_whole(inner, whole):
    def f(x):
        return WHOLE[whole](inner(x))

    slope = cr.grad(inner)(0.7) * (2 if whole == "dots and None" else 1)
    assert f(0.7) == pytest.approx(inner(0.7) * (2 if whole == "dots and None" else 1))
    for found in (cr.grad(f)(0.7), cr.jacfwd(f)(0.7), cr.jit(cr.grad(f))(0.7)):
        assert np.shape(found) == ()
        assert found == pytest.approx(slope)
    assert cr.vmap(f)(np.array([0.7, 0.7]))[0] == pytest.approx(f(0.7))
