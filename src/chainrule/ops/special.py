"""Rows of the operator table: the error function and the gamma function.

Arrays need SciPy but for erf; floats do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import MissingExtra, UnsupportedFunction
from chainrule.libraries import constant, function_of_arrays, late
from chainrule.numbers import is_array
from chainrule.ops import gamma_floats, kernels, scaled
from chainrule.ops.arithmetic import scale
from chainrule.ops.composite import Composite
from chainrule.ops.domain import Domain
from chainrule.ops.exponential import exp
from chainrule.ops.kinds import Elementwise


def _scipy(name: str) -> Callable[..., Any]:
    """SciPy's special function `name`, imported when it is first called."""

    def compute(*args: Any) -> Any:
        try:
            return late(f"scipy.special.{name}")(*args)
        except ModuleNotFoundError as missing:
            raise MissingExtra(f"{name} of an array", "SciPy", "special") from missing

    return compute


def _each(function: Callable[..., float], x: Any, *rest: Any) -> Any:
    return np.array([function(float(v), *rest) for v in x])


def _by_region(x: Any, default: Any, *regions: tuple[Any, Callable[[Any], Any]]) -> Any:
    """`default`, replaced by another computation in each region (a mask) that is not empty."""
    result = np.array(default, np.float64)
    for inside, compute in regions:
        if inside.any():
            result[inside] = compute(np.asarray(x, np.float64)[inside])
    return kernels.typed_like(x, result)


# -- error function -----------------------------------------------------------------------------------------


def _gaussian_float(x: float) -> float:
    if abs(x) > 30:
        return 0.0
    square, rest = kernels.split_square(x)
    return math.exp(-square) * math.exp(-rest)


gaussian_slope = Composite(
    "gaussian_slope",
    lambda x: -2 * x * gaussian(x),
    kernels={
        "float": lambda x: float(kernels.gaussian_slope(np.float64(x))),
        "numpy": kernels.gaussian_slope,
    },
)
"""-2 x exp(-x**2)."""

gaussian: Elementwise = Elementwise(
    "gaussian",
    (lambda y, x: gaussian_slope(x),),
    kernels={"float": _gaussian_float, "numpy": kernels.gaussian},
    body=lambda x: exp(-x * x),
    printed="exp(-{}**2)",
    public=False,
)


def _two_over_root_pi(like: Any) -> Any:
    return constant(like, 2 / math.sqrt(math.pi), lambda m: 2 / m.sqrt(m.pi))


erf = Elementwise(
    "erf",
    (lambda y, x: _two_over_root_pi(x) * gaussian(x),),
    kernels={"numpy": kernels.erf, "float": math.erf},
    source="DLMF 7.2.1",
    names={"scipy": "erf"},
)


def _erfc_numpy(x: Any) -> Any:
    tail = np.greater(x, 1) & np.less(x, 30)  # SciPy's own loses digits there
    return _by_region(x, _scipy("erfc")(x), (tail, lambda v: kernels.times_gaussian(_scipy("erfcx")(v), v)))


erfc = Elementwise(
    "erfc",
    (lambda y, x: -_two_over_root_pi(x) * gaussian(x),),
    kernels={"numpy": _erfc_numpy, "float": math.erfc},
    source="DLMF 7.2.2",
    names={"scipy": "erfc"},
)

# -- gamma function -------------------------------------------------------------------------------------------

NO_POLES = Domain(holes="0, -1, -2, ...")


def _polygamma_numpy(x: Any, *, order: int) -> Any:
    found = _scipy("psi")(x) if order == 0 else _scipy("polygamma")(order, x)
    if order == 0:
        regions = [(np.less(x, 1e-20), lambda v: _each(gamma_floats.polygamma, v, 0))]
    else:  # SciPy's has no reflection below 0, and vanishes where x**-(order + 1) does
        careful = ~((np.asarray(x) > 1e-20) & (np.asarray(x) < 1e8))
        regions = [(careful, lambda v: _each(gamma_floats.polygamma, v, order))]
    return _by_region(x, found, *regions)


def _polygamma_array(xp: Any) -> Callable[..., Any]:
    found = function_of_arrays(xp, "polygamma")
    if found is None:
        raise UnsupportedFunction.here(f"polygamma cannot be computed for arrays of {xp.__name__}")
    return lambda x, order: found(order, x)


polygamma: Elementwise = Elementwise(
    "polygamma",
    (lambda y, x, order: polygamma(x, order=order + 1),),
    kernels={
        "float": lambda x, order: gamma_floats.polygamma(x, order),
        "numpy": _polygamma_numpy,
        "array": _polygamma_array,
        "mpmath": lambda x, order: late("mpmath.polygamma")(order, x),
        "sympy": lambda x, order: late("sympy.polygamma")(order, x),
    },
    domain=NO_POLES,
    kinks="poles",
    printed="polygamma({})",
    source="DLMF 5.15",
    public=False,
)


def _gammaln_numpy(x: Any) -> Any:
    size = np.abs(x)
    return _by_region(
        x,
        _scipy("gammaln")(x),
        (np.greater(x, 0.5) & np.less(x, 2.5), gamma_floats.gammaln_near_zeros),
        (np.less(size, 1e-20) & np.not_equal(x, 0), lambda v: -np.log(np.abs(v))),
    )


def _gamma_numpy(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return kernels.typed_like(x, _scipy("gamma")(x))


gammaln = Elementwise(
    "gammaln",
    (lambda y, x: polygamma(x, order=0),),
    kernels={
        "numpy": _gammaln_numpy,
        "mpmath": lambda x: late("mpmath.log")(abs(late("mpmath.gamma")(x))) if x < 0 else late("mpmath.loggamma")(x),
        "float": gamma_floats.gammaln,
    },
    domain=NO_POLES,
    kinks="log |Gamma(x)|; inf at the poles",
    source="DLMF 5.2.2: the derivative is the digamma function",
    names={"math": "lgamma", "sympy": "loggamma", "scipy": "gammaln"},
)


def _near_zero(x: Any) -> Any:
    """x where gamma(x) is 1 / x to 20 digits; nan elsewhere."""
    return np.where(np.less(np.abs(x), 1e-20), x, np.nan)[()] if is_array(x) else x if abs(x) < 1e-20 else math.nan


gamma = Elementwise(
    "gamma",
    (lambda y, x: scale(y, polygamma(x, order=0)),),
    shares={0: lambda ct, y, x: scaled.share(ct, scale(y, polygamma(x, order=0)), [-y], [_near_zero(x)])},
    kernels={"float": gamma_floats.gamma, "numpy": _gamma_numpy},
    domain=NO_POLES,
    kinks="poles",
    names={"c": "tgamma", "scipy": "gamma"},
)
digamma = Elementwise(
    "digamma",
    (lambda y, x: polygamma(x, order=1),),
    shares={0: lambda ct, y, x: scaled.share(ct, polygamma(x, order=1), [1.0], [_near_zero(x), x])},
    body=lambda x: polygamma(x, order=0),
    kernels={
        "float": lambda x: gamma_floats.polygamma(x, 0),
        "numpy": lambda x: _polygamma_numpy(x, order=0),
    },
    domain=NO_POLES,
    kinks="poles",
    names={"scipy": "digamma psi"},
)

__all__ = ["digamma", "erf", "erfc", "gamma", "gammaln"]
