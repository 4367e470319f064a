"""Complete factors of rectangular matrices: the columns LAPACK adds, with derivatives."""

import numpy as np
import pytest

import chainrule as cr

NUMBERS = np.random.default_rng(4)
SHAPES = [(5, 3), (3, 5), (7, 3), (3, 8), (4, 3), (2, 5, 3), (2, 2, 4), (3, 1), (1, 3)]
FACTORS = {"svd": np.linalg.svd, "qr": lambda a: np.linalg.qr(a, "complete")}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", FACTORS)
def test_complete_factors(name, shape):
    factor = FACTORS[name]
    a, t = NUMBERS.normal(size=shape), NUMBERS.normal(size=shape)
    weights = [NUMBERS.normal(size=part.shape) for part in factor(a)]

    def loss(a):
        return sum(np.sum(w * part) for w, part in zip(weights, factor(a), strict=True))

    value, slope = cr.jvp(loss, (a,), (t,))
    assert value == pytest.approx(loss(a), rel=1e-10)
    differences = (loss(a + 1e-6 * t) - loss(a - 1e-6 * t)) / 2e-6
    assert slope == pytest.approx(differences, rel=1e-5, abs=1e-6)
    assert np.sum(t * cr.grad(loss)(a)) == pytest.approx(slope, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("name", FACTORS)
def test_compiled(name):
    a = NUMBERS.normal(size=(3, 5))
    f = lambda a: np.sum(FACTORS[name](a)[0] * a[:3, :3])
    np.testing.assert_allclose(cr.jit(cr.grad(f))(a), cr.grad(f)(a), rtol=1e-9, atol=1e-12)


def test_where_vectors_turn_freely():
    with pytest.raises(cr.ChainruleError, match="agree up to rounding"):
        cr.grad(lambda a: np.sum(np.linalg.svd(a)[0] * np.arange(9.0).reshape(3, 3)))(np.eye(3)[:, :2] * 1.0)
    np.testing.assert_allclose(cr.grad(lambda a: np.sum(np.linalg.svd(a)[1]))(np.eye(3, 2)), np.eye(3, 2))


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (3, 5)], ids=str)
def test_complex(shape):
    z, t = (NUMBERS.normal(size=shape) + 1j * NUMBERS.normal(size=shape) for _ in range(2))
    b = NUMBERS.normal(size=shape[0])
    for f in (
        lambda z: np.sum(np.real(np.linalg.qr(z)[0]) ** 3),
        lambda z: np.sum(np.imag(np.linalg.qr(z, "r")) ** 2 + np.real(np.linalg.qr(z)[1])),
        lambda z: np.sum(np.abs(np.linalg.lstsq(z, b, rcond=None)[0]) ** 2),
    ):
        differences = (f(z + 1e-6 * t) - f(z - 1e-6 * t)) / 2e-6
        assert np.sum(np.real(np.conj(t) * cr.grad(f)(z))) == pytest.approx(differences, rel=1e-5, abs=1e-6)
