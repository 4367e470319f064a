"""Complex arrays that are assigned to: elements, views, parts, in place, and what must not share memory."""

import numpy as np
import pytest

import chainrule as cr

pytestmark = pytest.mark.filterwarnings("ignore")


def filled(x):
    z = np.zeros(3, complex)
    for n in range(3):
        z[n] = np.exp(1j * n * x)
    return np.abs(z.sum())


def given_an_element(x):
    z = np.exp(1j * np.array([x, x]))
    z[0] = 2
    return np.sum(z).real


def in_place_under_another_name(x):
    z = np.exp(1j * np.array([x, 2 * x]))
    w = z
    z *= 1j
    z += x
    return np.sum(w).real


def through_views(x):
    z = np.array([x, 2 * x]).astype(complex)
    v = z[1:]
    v += 1j * x
    w = z.reshape(2, 1).T
    w[0, 0] = 3 * x
    return np.sum(np.abs(z) ** 2) + z[1].imag


def through_a_part(x):
    z = np.exp(1j * np.array([x, 2 * x]))
    r = z.real
    r[0] = x**3
    return np.sum(np.abs(z) ** 2)


def parts_assigned(x):
    z = np.exp(1j * np.array([x, x]))
    z.imag = 0
    z.real[0] = x**2
    return np.sum(z).real


def rows_and_functions(x):
    z = np.zeros((2, 2), complex)
    for row in z:
        row[0] = x * 1j
    np.fill_diagonal(z, x)
    return np.sum(np.abs(z) ** 2) + z[1, 0].imag


def out(x):
    y = np.zeros(2, complex)
    np.multiply(1j, np.array([x, x]), out=y)
    y += x * 1j
    return np.sum(y).imag


def copies_are_apart(x):
    z = np.exp(1j * np.array([x, 2 * x]))
    for other in (np.conj(z), z.conj(), z.copy(), +z, z + 1.0, 1.0 - z, z.astype(complex), np.array(z)):
        other[:] = 7.0
    y = np.array([x, x])
    for other in (y + 0j, y * (1 + 0j), y.astype(complex), np.stack([y, 1j * y])):
        other[:] = 7.0
    return np.sum(z.real * np.array([1, 2])) + np.sum(y)


WORKING = (
    filled, given_an_element, in_place_under_another_name, through_views, through_a_part, parts_assigned,
    rows_and_functions, out, copies_are_apart,
)  # fmt: skip


@pytest.mark.parametrize("f", WORKING, ids=lambda f: f.__name__)
def test_assignment(f):
    slope = (f(1.3 + 1e-6) - f(1.3 - 1e-6)) / 2e-6
    np.testing.assert_allclose(cr.value_and_grad(f)(1.3), [f(1.3), slope], rtol=1e-7)
    np.testing.assert_allclose(cr.jvp(f, (1.3,), (1.0,)), [f(1.3), slope], rtol=1e-7)


def into_plain(x):
    y = np.zeros(2)
    y[0] = x * 1j
    return np.sum(y)


def into_recorded(x):
    y = np.array([x, x])
    y[0] = 1j
    return np.sum(y)


def in_place_product(x):
    y = np.array([x, x])
    y *= 1j
    return np.sum(y)


@pytest.mark.parametrize("f", [into_plain, into_recorded, in_place_product], ids=lambda f: f.__name__)
def test_a_complex_number_does_not_go_into_a_real_array(f):
    with pytest.raises(TypeError):
        f(1.3)
    with pytest.raises(cr.errors.DroppedDerivative, match="complex128 put into an array of float64"):
        cr.grad(f)(1.3)
