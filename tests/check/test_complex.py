"""Complex claims: right ones are CORRECT, planted mistakes WRONG, and named where they are a matter of convention."""

import importlib
import os

import numpy as np
import pytest
from holomorphic import HOLOMORPHIC

import chainrule as cr
from chainrule.errors import ArgumentError

Z = np.array([1 + 2j, 0.5 - 1j, -0.75 - 0.3j])

# name: (real function of z, df/dx + i df/dy)
GRADIENTS = {
    "abs2": (lambda z: np.sum(np.abs(z) ** 2), lambda z: 2 * z),
    "fourier": (lambda z: np.sum(np.abs(np.fft.fft(z)) ** 4), lambda z: _of_fourier(z)),
    "log abs": (lambda z: np.sum(np.log(np.abs(z))), lambda z: z / np.abs(z) ** 2),
    "angle": (lambda z: np.sum(np.angle(z)), lambda z: 1j * z / np.abs(z) ** 2),
    "imag exp": (lambda z: np.sum(np.exp(z).imag), lambda z: np.conj(-1j * np.exp(z))),
    "product": (lambda z: np.prod(z).real, lambda z: np.conj(np.prod(z) / z)),
    "quotient": (lambda z: np.sum((1 / (z + 2j)).real), lambda z: -np.conj(1 / (z + 2j) ** 2)),
}


def _of_fourier(z):
    y = np.fft.fft(z)
    return len(z) * np.fft.ifft(4 * np.abs(y) ** 2 * y)


def verdict(f, df, at, **settings):
    return cr.check(f, df, at=at, **settings).verdict.value


def chosen(table):
    """Half of the rows in CI, by turns with the other file's; all with CHAINRULE_TESTS=all."""
    return list(table) if os.environ.get("CHAINRULE_TESTS") == "all" else list(table)[::2]


GRADIENT_MISTAKES = {
    "the conjugate is claimed": lambda g, z: np.conj(g(z)),
    "half is claimed, Wirtinger's": lambda g, z: g(z) / 2,
    "Wirtinger's derivative by z": lambda g, z: np.conj(g(z)) / 2,
    "sign is wrong": lambda g, z: -g(z),
    "the imaginary part is dropped": lambda g, z: g(z).real,
    "": lambda g, z: g(z) * np.exp(1e-6j),
}


@pytest.mark.parametrize("name", chosen(GRADIENTS))
def test_gradients_of_real_functions(name):
    f, g = GRADIENTS[name]
    assert verdict(f, g, Z) == "CORRECT"
    for cause, mistaken in GRADIENT_MISTAKES.items():
        report = cr.check(f, lambda z, m=mistaken: m(g, z), at=Z)
        assert report.verdict.value == "WRONG", (cause, report)
        assert any(cause in text for text in report.causes) or not cause, (cause, report.causes)


@pytest.mark.parametrize("name", chosen(HOLOMORPHIC))
def test_holomorphic_functions(name):
    f, slope = HOLOMORPHIC[name]
    for at in (1 + 2j, 1 + 1j, Z):
        assert verdict(f, slope, at) == "CORRECT", at
    conjugate = cr.check(f, lambda z: np.conj(slope(z)), at=1 + 2j)
    assert conjugate.causes == ["the conjugate of the derivative is claimed"]
    assert verdict(f, lambda z: slope(z) * (1 + 1e-6j), 1 + 2j) == "WRONG"
    assert verdict(f, lambda z, c: np.conj(slope(z)) * c, Z, kind="vjp") == "CORRECT"
    pulled = cr.check(f, lambda z, c: slope(z) * c, at=Z, kind="vjp")
    assert pulled.verdict.value == "WRONG"
    assert "pulled back to conj(f'(z)) c" in pulled.causes[0]
    assert verdict(f, lambda z, t: slope(z) * t, 1 + 2j, kind="jvp") == "CORRECT"
    assert verdict(f, lambda z, t: np.conj(slope(z)) * t, 1 + 2j, kind="jvp") == "WRONG"


@pytest.mark.parametrize("f", [lambda z: z * np.conj(z), lambda z: z.real + 0j, lambda z: z * np.abs(z)])
def test_what_is_not_holomorphic_has_no_right_derivative(f):
    report = cr.check(f, lambda z: 2 * z, at=1 + 2j)
    assert report.verdict.value == "WRONG"
    assert "not holomorphic" in report.causes[0]


def test_complex_results_of_real_arguments():
    wave, slope = (lambda t: np.exp(1j * t)), (lambda t: 1j * np.exp(1j * t))
    for at in (0.0, np.pi / 2, np.array([0.1, 2.0]), None):
        assert verdict(wave, slope, at) == "CORRECT", at
        assert verdict(wave, lambda t: -1j * np.exp(1j * t), at) == "WRONG", at
    x = np.array([1.0, 2.0, 4.0])
    assert verdict(np.fft.fft, lambda x: np.fft.fft(np.eye(len(x))), x) == "CORRECT"
    assert verdict(np.fft.fft, lambda x: np.fft.ifft(np.eye(len(x))), x) == "WRONG"
    assert verdict(np.fft.fft, lambda x, c: len(x) * np.fft.ifft(c).real, x, kind="vjp") == "CORRECT"


def test_forms_of_arguments_and_claims():
    f = GRADIENTS["abs2"][0]
    assert verdict(f, lambda z: (f(z), 2 * z), Z, kind="value_and_grad") == "CORRECT"
    assert cr.check(lambda z: (f(z), 2 * z), at=Z)
    assert not cr.check(lambda z: (f(z), 2 * np.conj(z)), at=Z)
    assert verdict(f, lambda z, v: 2 * v, Z, kind="hvp") == "CORRECT"
    assert verdict(f, lambda z, v: 2 * np.conj(v), Z, kind="hvp") == "WRONG"
    with pytest.raises(ArgumentError, match="no complex matrix"):
        cr.check(f, lambda z: 2 * z, at=Z, kind="hessian")
    both = (Z, np.array([1.0, 2.0, -0.5]))
    assert verdict(lambda z, x: np.sum((z * x).real), lambda z, x: (x + 0j, z.real), both) == "CORRECT"
    assert verdict(lambda z, x: np.sum((z * x).real), lambda z, x: (x + 0j, z.imag), both) == "WRONG"
    one = cr.check(lambda z, w: (z * w).real, lambda z, w: (np.conj(w), z), at=(1 + 2j, 0.5 - 1j))
    assert one.causes[0].startswith("argument w: the conjugate is claimed")
    entries = {"z": Z, "x": both[1]}
    held = lambda p: {"z": 2 * p["z"] * p["x"], "x": np.abs(p["z"]) ** 2}
    assert verdict(lambda p: np.sum(np.abs(p["z"]) ** 2 * p["x"]), held, entries) == "CORRECT"
    assert verdict(lambda z: abs(z) ** 2, lambda z: 2 * z, None, box=(-1 - 1j, 1 + 1j)) == "CORRECT"
    assert verdict(lambda z: abs(z) ** 2, lambda z: 2 * z, [1j, 2 + 1j]) == "CORRECT"
    assert cr.check(f, at=Z)
    assert cr.check(np.exp, at=1 + 2j)
    assert cr.check_sparse(f, Z, 2 * Z)
    assert not cr.check_sparse(f, Z, 2 * Z.conj())
    wrong = cr.check(f, lambda z: 2 * np.conj(z), at=Z)
    assert "z.imag[0]" in str(wrong)


def test_all_derivatives_side_by_side(monkeypatch):
    module = importlib.import_module("chainrule.check.comparison")
    monkeypatch.setattr(module, "WITNESSES", ("reverse AD", "high precision", "differences"))
    table = cr.compare(GRADIENTS["abs2"][0], Z)
    assert all(np.allclose(e.value, [[*(2 * Z.real), *(2 * Z.imag)]]) for e in table.evidence)
    assert len(table.evidence) >= 3


def test_backward_passes_of_complex_arrays():
    def forward(z, w):
        return z @ w, (z, w)

    def right(d, cache):
        return d @ np.conj(cache[1]).T, np.conj(cache[0]).T @ d

    z, w = np.array([[1 + 2j, 2.0], [0.5j, -1.0]]), np.array([[1.0], [2j]])
    assert cr.check_backward(forward, right, at=(z, w))
    without = cr.check_backward(forward, lambda d, c: (d @ c[1].T, c[0].T @ d), at=(z, w))
    assert "pulled back to conj(f'(z)) c" in without.causes[0]
    half = cr.check_backward(forward, lambda d, c: (d @ np.conj(c[1]).T, c[0].T @ d), at=(z, w))
    assert half.verdict.value == "WRONG"
    real = w.real + w.imag
    assert cr.check_backward(forward, lambda d, c: (right(d, c)[0], right(d, c)[1].real), at=(z, real))
    whole = cr.check_backward(forward, right, at=(z, real))
    assert whole.causes == ["the claim has an imaginary part"]
    assert cr.check_backward(np.fft.fft, lambda d: len(d) * np.fft.ifft(d).real, at=np.array([1.0, 2.0, 4.0]))


def test_a_slope_of_0_is_no_kink_to_60_digits():
    """The imaginary part of z^3 is even in x at z = i: what 60 digits round of its slope was taken for a kink."""
    for n in (3, 4, 5):
        for z in (1j, -1 + 0j, 1 + 1j):
            assert verdict(lambda z, n=n: z**n, lambda z, n=n: n * z ** (n - 1), z) == "CORRECT", (n, z)
