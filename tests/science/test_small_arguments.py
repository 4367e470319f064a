"""Derivatives where a textbook form loses digits: near the ends of a domain, and of small arguments."""

import math

import pytest

import chainrule as cr

mpmath = pytest.importorskip("mpmath")
special = pytest.importorskip("scipy.special")

CASES = {
    "spence": (lambda z: special.spence(z), lambda z: mpmath.polylog(2, 1 - z), [1e-12, 1e-8, 0.49, 0.51, 1.0, 1.7], 2),
    "zetac": (lambda x: special.zetac(x), lambda x: mpmath.zeta(x) - 1, [-7.2, -3.3, -0.5, 0.5, 1.2, 5.0], 2),
    **{
        f"ellipkinc({phi}, m)": (
            lambda m, phi=phi: special.ellipkinc(phi, m), lambda m, phi=phi: mpmath.ellipf(phi, m), [0.2, -3.0, 0.9], 2
        )
        for phi in (1e-4, 0.3, 1.5, 10.0, -5.0)
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_digits(name):
    f, exact, places, order = CASES[name]
    with mpmath.workdps(60):
        for x in places:
            g = f
            for k in range(1, order + 1):
                g = cr.grad(g)
                right = float(mpmath.diff(exact, mpmath.mpf(x), k))
                assert math.isclose(g(x), right, rel_tol=1e-10), (x, k)
