"""Functions of a degree or a count: it may be below 0, between whole numbers, or cut off by SciPy."""

import warnings

import numpy as np
import pytest
import scipy.special

import chainrule as cr

POLYNOMIALS = {
    **{f"eval_{name}": () for name in ("chebyt", "chebyu", "chebyc", "chebys", "legendre", "laguerre", "sh_legendre",
                                       "sh_chebyt", "sh_chebyu", "hermite", "hermitenorm")},
    "eval_gegenbauer": (0.7,), "eval_genlaguerre": (0.7,), "eval_jacobi": (0.7, 0.4),
    "yn": (), "kn": (), "expn": (), "smirnov": (), "nbdtr": (2.0,), "nbdtrc": (2.7,), "bdtr": (4.6,),
}  # fmt: skip
DEGREES = (-3, -2, -1, 0, 1, 2, 0.3, 1.3, 2.5, -0.4, -1.7)


def slope(h, x, step=1e-3):
    return (8 * (h(x + step) - h(x - step)) - (h(x + 2 * step) - h(x - 2 * step))) / (12 * step)


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_beside_differences(name):
    f, x = getattr(scipy.special, name), 0.3
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # SciPy says where it cuts off
        for n in DEGREES:
            n = int(n) if name.startswith("eval_hermite") else n

            def g(v, n=n):
                return f(n, *POLYNOMIALS[name], v)

            if not np.isfinite(g(x)) or not np.isfinite(slope(g, x)):
                continue
            np.testing.assert_allclose(cr.grad(g)(x), slope(g, x), rtol=1e-7, atol=1e-7, err_msg=f"{name} of {n}")
            second = slope(lambda v, g=g: float(cr.grad(g)(v)), x)
            np.testing.assert_allclose(cr.grad(cr.grad(g))(x), second, 1e-6, 1e-6, err_msg=f"{name} of {n}, second")
