"""Hypergeometric functions by their parameters, and Hankel's by their order, against mpmath."""

import numpy as np
import pytest

import chainrule as cr

special = pytest.importorskip("scipy.special")
mpmath = pytest.importorskip("mpmath")

PARAMETERS = {
    "hyp0f1": [(0.4,), (3.2,)],
    "hyp1f1": [(0.5, 0.7), (-1.0, 2.3)],
    "hyp2f1": [(0.5, 1.2, 0.7), (-2.3, 1, 3)],
}
PLACES = {"hyp0f1": (-25.0, -0.4, 0.0, 60.0), "hyp1f1": (-60.0, 0.0, 1.3, 55.0), "hyp2f1": (-8.0, -0.3, 0.2, 0.88)}


@pytest.mark.parametrize("name", PARAMETERS)
def test_by_parameters(name):
    ours, theirs, x = getattr(special, name), getattr(mpmath, name), np.array(PLACES[name])
    for given in PARAMETERS[name]:
        slopes = cr.grad(lambda *p: np.sum(ours(*p, x)), argnums=tuple(range(len(given))))(
            *(np.full(len(x), float(p)) for p in given)
        )
        for k, slope in enumerate(slopes):
            for found, at in zip(slope, x, strict=True):
                moved = lambda v, k=k, at=at, given=given: theirs(*given[:k], v, *given[k + 1 :], at)
                with mpmath.workdps(30):
                    right, size = float(mpmath.diff(moved, given[k])), abs(float(moved(given[k])))
                assert abs(found - right) <= 1e-11 * (abs(right) + size), (given, k, at)


def test_every_mode_and_order():
    f = lambda a: special.hyp1f1(a, 0.7, 1.3)
    slope = cr.grad(f)(0.5)
    assert cr.jvp(f, (0.5,), (1.0,))[1] == pytest.approx(slope, rel=1e-13)
    assert cr.jit(cr.grad(f))(0.5) == pytest.approx(slope, rel=1e-13)
    with mpmath.workdps(30):
        second = float(mpmath.diff(lambda a: mpmath.hyp1f1(a, 0.7, 1.3), 0.5, 2))
    assert cr.grad(cr.grad(f))(0.5) == pytest.approx(second, rel=1e-12)
    assert np.isnan(cr.grad(lambda a: special.hyp1f1(a, 0.7, 200.0))(0.5))


@pytest.mark.parametrize("name", ["hankel1", "hankel2", "hankel1e", "hankel2e"])
def test_hankel_by_the_order(name):
    f = lambda v: np.sum(np.real(getattr(special, name)(v, 0.7) * (1 + 2j)))
    along = cr.numeric.derivative(f, 0.4)
    assert abs(cr.grad(f)(0.4) - along.value) <= 5 * along.error + 1e-11
    with pytest.raises(cr.errors.UnsupportedFunction, match=f"{name}: no derivative by its argument v"):
        cr.grad(lambda v: np.real(getattr(special, name)(v, 0.7 + 0.1j)))(0.4)
