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


class Vector:
    """A class of a user's that takes numbers on its left."""

    def __init__(self, *entries):
        self.entries = entries

    def __mul__(self, number):
        return Vector(*[x * number for x in self.entries])

    __rmul__ = __mul__

    def __radd__(self, number):
        return Vector(*[number + x for x in self.entries])

    def __rtruediv__(self, number):
        return Vector(*[number / x for x in self.entries])


@pytest.mark.parametrize("form", ["float", "element"])
def test_classes_with_reflected_operators_compute_themselves(form):
    def f(s):
        s = s if form == "float" else s[0]
        return sum((s * Vector(s, 3.0)).entries) + sum((s + Vector(2.0)).entries) + sum((s / Vector(4.0)).entries)

    x = 0.5 if form == "float" else np.array([0.5])
    expected = 2 * 0.5 + 3.0 + 1.0 + 0.25
    assert np.allclose(cr.grad(f)(x), expected)
    assert np.allclose(cr.jvp(f, (x,), (x * 0 + 1.0,))[1], expected)
    assert np.allclose(cr.jit(cr.grad(f))(x), expected)
    assert np.isclose(cr.jit(f)(x), f(x))
    assert np.allclose(cr.vmap(cr.grad(f))(np.stack([x, x]))[1], expected)
