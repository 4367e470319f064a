"""Factors of the last few matrices: computed once, and never those of other numbers."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops import last_factors

FACTORS = {
    "eigh": lambda a: np.sum(np.linalg.eigh(a.T @ a)[1][0] ** 2 * np.linalg.eigh(a.T @ a)[0]),
    "svd": lambda a: np.sum(np.linalg.svd(a, full_matrices=False)[0][0] ** 2),
    "qr": lambda a: np.linalg.qr(a)[0][0, 0] * np.linalg.qr(a)[1][0, 0],
    "eig": lambda a: np.sum(np.abs(np.linalg.eig(a.T @ a)[1][0]) ** 2 * np.linalg.eig(a.T @ a)[0].real),
}


@pytest.fixture
def asked(monkeypatch):
    """How often each of NumPy's functions is called."""
    counts = dict.fromkeys(FACTORS, 0)

    def counted(name, own):
        def call(*args, **settings):
            counts[name] += 1
            return own(*args, **settings)

        return call

    for name in FACTORS:
        monkeypatch.setattr(np.linalg, name, counted(name, getattr(np.linalg, name)))
    last_factors.clear()
    yield counts
    last_factors.clear()


@pytest.mark.parametrize("name", FACTORS)
def test_a_matrix_is_taken_apart_once(name, asked):
    def parts(a):
        return [last_factors.part(name, getattr(np.linalg, name), a, k) for k in (0, 1)]

    a = np.random.default_rng(0).standard_normal((3, 3))
    first, again = parts(a), parts(a.copy())
    assert asked[name] == 1
    for x, y in zip(first, again, strict=True):
        np.testing.assert_array_equal(x, y)
        x[...] = 7.0  # what somebody does to a factor changes nobody else's
    np.testing.assert_array_equal(parts(a)[0], again[0])
    a[0, 0] += 1e-16 + a[0, 0] * 1e-15
    parts(a)
    assert asked[name] == 2, "another matrix, if only by a digit"


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_are_those_without(name, compiled, monkeypatch):
    a = np.random.default_rng(1).standard_normal((4, 3))
    with monkeypatch.context() as plain:
        plain.setattr(last_factors, "MOST", 0)
        last_factors.clear()
        expected = cr.value_and_grad(FACTORS[name])(a)
    run = cr.value_and_grad(FACTORS[name])
    run = cr.jit(run) if compiled else run
    for _ in range(2):
        for found, x in zip(run(a), expected, strict=True):
            np.testing.assert_allclose(found, x, rtol=1e-12, atol=1e-13)


def test_what_is_kept_is_bounded(monkeypatch):
    last_factors.clear()
    rng = np.random.default_rng(2)
    for _ in range(2 * last_factors.MATRICES):
        last_factors.part("qr", np.linalg.qr, rng.standard_normal((3, 3)), 0)
    assert len(last_factors._kept.found) == last_factors.MATRICES
    monkeypatch.setattr(last_factors, "MOST", 500)
    last_factors.part("qr", np.linalg.qr, rng.standard_normal((3, 3)), 0)
    assert len(last_factors._kept.found) == 2  # of 216 bytes each
    last_factors.part("qr", np.linalg.qr, rng.standard_normal((8, 8)), 0)
    assert len(last_factors._kept.found) == 2
    cr.release_memory()
    assert not last_factors._kept.found
