"""Casts: among floating types the derivative goes on, in the type of the result; whole numbers are plain."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.3, 1.7, -2.6])
CASTS = {
    "astype": lambda x, kind: x.astype(kind),
    "np.astype": lambda x, kind: np.astype(x, kind),
    "np.array": lambda x, kind: np.array(x, dtype=kind),
    "np.asarray": lambda x, kind: np.asarray(x, kind),
    "a list": lambda x, kind: np.array([x[0], x[1], x[2]], dtype=kind),
    "a type": lambda x, kind: np.float32(x) if kind is np.float32 else np.float64(x),
    "dtype=": lambda x, kind: np.multiply(x, 1.0, dtype=kind),
    "an array": lambda x, kind: _filled(x, kind),
    "out=": lambda x, kind: np.multiply(x, 1.0, out=np.zeros(3, kind), casting="same_kind"),
}


def _filled(x, kind):
    y = np.zeros(3, dtype=kind)
    y[:2] = x[:2]
    y[2] = x[2]
    return y


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("given", [np.float32, np.float64])
@pytest.mark.parametrize("way", CASTS)
def test_among_floating_types(way, given, kind):
    x, cast = X.astype(given), CASTS[way]
    y, t = cr.jvp(lambda x: cast(x, kind), (x,), (np.ones(3, given),))
    assert y.dtype == t.dtype == kind == cast(x, kind).dtype
    np.testing.assert_array_equal(y, cast(x, kind))
    np.testing.assert_array_equal(t, np.ones(3))
    loss = lambda x: np.sum(cast(x, kind) ** 2)
    gradient = cr.grad(loss)(x)
    assert gradient.dtype == given
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-6)
    np.testing.assert_allclose(cr.hessian(loss)(x), 2 * np.eye(3), rtol=1e-6)


def test_compiled_and_in_taylor_mode():
    loss = lambda x: np.sum(x.astype(np.float32).astype(float) ** 2)
    np.testing.assert_array_equal(cr.jit(cr.grad(loss))(X), 2 * X.astype(np.float32))
    np.testing.assert_allclose(
        cr.taylor(lambda x: np.float32(x) ** 2, 0.3, 2).coefficients, [0.09, 0.6, 1.0], rtol=1e-6
    )


def test_sums_are_added_in_the_type_asked_for():
    x = np.full(5000, 0.1)
    value, gradient = cr.value_and_grad(lambda x: np.sum(x, dtype=np.float32))(x)
    assert value == np.sum(x, dtype=np.float32) != np.float32(np.sum(x))
    np.testing.assert_array_equal(gradient, np.ones(5000))


@pytest.mark.parametrize("kind", [int, np.int32, "uint8", bool])
def test_whole_numbers_are_plain(kind):
    def f(x):
        whole = np.abs(x).astype(kind)
        assert type(whole) is np.ndarray
        return np.sum(whole * x)

    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(cr.grad(f)(X), np.abs(X).astype(kind))


def test_as_an_index():
    table = np.array([5.0, 7.0, 11.0])
    f = lambda x: np.sum(table[np.clip(np.floor(x).astype(int), 0, 2)] * x)
    np.testing.assert_array_equal(cr.grad(f)(X), [5.0, 7.0, 5.0])


def test_numbers_of_python():
    value, gradient = cr.value_and_grad(lambda x: x.astype(np.float32)[1].item() * x.tolist()[0] + x.item(2))(X)
    assert value == float(np.float32(1.7)) * 0.3 - 2.6
    np.testing.assert_allclose(gradient, [1.7, 0.3, 1.0], rtol=1e-6)
    with pytest.raises(ValueError, match="size 1"):
        cr.grad(lambda x: x.item())(X)


def test_complex():
    np.testing.assert_allclose(cr.grad(lambda x: np.sum(np.abs(x.astype(complex) * 1j)))(X), np.sign(X))
    with pytest.raises(cr.ChainruleError, match=r"write \.real or \.imag"):
        cr.grad(lambda z: np.sum(z.astype(float)))(X * 1j)


@pytest.mark.parametrize("made", [lambda s: np.complex128(s), lambda s: np.complex64(s)])
def test_complex_of_a_number(made):
    f = lambda s: abs(made(s) * 2j)
    for y in (f(0.7), cr.jit(f)(0.7), cr.vmap(f)(np.array([0.7]))):
        np.testing.assert_allclose(y, 1.4, rtol=1e-6)
    for g in (cr.grad(f), cr.jit(cr.grad(f))):
        np.testing.assert_allclose(g(0.7), 2.0, rtol=1e-6)
