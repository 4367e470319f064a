"""Derivatives handed to SciPy as they stand: `curve_fit`, `least_squares`, `minimize` and `root`."""

import pickle

import numpy as np
import pytest
from scipy.optimize import curve_fit, least_squares, minimize, root

import chainrule as cr

T = np.linspace(0, 4, 30)
NOISE = 0.02 * np.cos(37 * T)


def model(t, a, b, c):
    return a + b * np.exp(-c * t)


def line(t, a):
    return a * t


def many(t, *p):
    return p[0] + p[1] * np.exp(-p[2] * t)


Y = model(T, 0.5, 2.0, 0.7) + NOISE
PLACES = {"all": (1, 2, 3), "from the end": (-3, -2, -1), "a list": [1, 2, 3], "a range": range(1, 4)}
KINDS = {
    "jacobian": cr.jacobian,
    "jacfwd": cr.jacfwd,
    "jacrev": cr.jacrev,
    "jit": lambda *a, **k: cr.jit(cr.jacobian(*a, **k)),
}


@pytest.mark.parametrize("settings", [{}, {"sigma": 0.03 + T / 100}, {"method": "trf"}, {"method": "dogbox"}], ids=str)
@pytest.mark.parametrize("made", KINDS)
def test_curve_fit(made, settings):
    want, spread = curve_fit(model, T, Y, p0=[1, 1, 1], **settings)
    jac = KINDS[made](model, argnums=(1, 2, 3))
    got, exact = curve_fit(model, T, Y, p0=[1, 1, 1], jac=jac, **settings)
    assert np.allclose(got, want, rtol=1e-5)
    assert np.allclose(exact, spread, rtol=1e-3)


@pytest.mark.parametrize("argnums", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("f", [model, many])
def test_curve_fit_by_places(f, argnums):
    want, _ = curve_fit(f, T, Y, p0=[1, 1, 1])
    got, _ = curve_fit(f, T, Y, p0=[1, 1, 1], jac=cr.jacobian(f, argnums=argnums))
    assert np.allclose(got, want, rtol=1e-5)


def test_curve_fit_of_one_parameter():
    want, _ = curve_fit(line, T, Y, p0=[1.0])
    got, _ = curve_fit(line, T, Y, p0=[1.0], jac=cr.jacobian(line, argnums=(1,)))
    assert np.allclose(got, want)


def test_the_others():
    def residual(p):
        return model(T, *p) - Y

    def loss(p):
        return np.sum(residual(p) ** 2)

    for jac in (cr.jacobian(residual), cr.jit(cr.jacobian(residual))):
        assert least_squares(residual, [1.0, 1.0, 1.0], jac=jac).success
    for fun, jac in ((cr.value_and_grad(loss), True), (loss, cr.grad(loss)), (cr.jit(cr.value_and_grad(loss)), True)):
        assert np.allclose(
            minimize(fun, [1.0, 1.0, 1.0], jac=jac).x, curve_fit(model, T, Y, p0=[1, 1, 1])[0], rtol=1e-4
        )
    found = root(lambda x: x**3 - np.array([8.0, 27.0]), [1.0, 1.0], jac=cr.jacobian(lambda x: x**3))
    assert np.allclose(found.x, [2, 3])


def blocks():
    return cr.jacobian(model, argnums=(1, 2, 3))(T, 0.5, 2.0, 0.7)


def test_it_is_a_tuple_of_blocks_and_a_matrix():
    found = blocks()
    assert isinstance(found, tuple)
    assert [block.shape for block in found] == [(30,)] * 3
    assert np.array_equal(np.asarray(found), np.stack(tuple(found), axis=-1))
    again = pickle.loads(pickle.dumps(found))
    assert type(again) is type(found)
    assert np.array_equal(np.asarray(again), np.asarray(found))


def test_arrays_lie_side_by_side():
    f = lambda a, w: np.stack([np.sum(w) * a, a * w[0, 0]])
    found = cr.jacobian(f, argnums=(0, 1))(2.0, np.ones((2, 3)))
    assert np.asarray(found).shape == (2, 7)
    assert np.asarray(found, dtype=np.float32).dtype == np.float32
    assert np.allclose(np.asarray(found)[:, 1:], found[1].reshape(2, 6))


@pytest.mark.parametrize("argnums", [0, (0,), (0, 1)])
def test_a_number_keeps_its_tuple(argnums):
    found = cr.jacobian(lambda a, b: a * b, argnums=argnums)(2.0, 3.0)
    assert found == {0: 3.0, (0,): (3.0,), (0, 1): (3.0, 2.0)}[argnums]
    assert type(found) in (float, tuple)


def test_it_may_be_differentiated_and_seen_further():
    f = lambda a, b: np.stack([a * b, a**2])
    by_both = cr.jacobian(f, argnums=(0, 1))
    second = cr.jacobian(by_both, argnums=(0, 1))(2.0, 3.0)
    assert np.allclose(second[0][0], [0, 2])
    assert np.allclose(second[0][1], [1, 0])
    _, pullback = cr.vjp(by_both, 2.0, 3.0)
    assert pullback((np.ones(2), np.ones(2))) == (3.0, 1.0)
    assert np.allclose(cr.source(by_both, 2.0, 3.0).function()(2.0, 3.0), tuple(by_both(2.0, 3.0)))
    assert cr.check(f, by_both, at=(2.0, 3.0), kind="jacobian").verdict is cr.Verdict.CORRECT
