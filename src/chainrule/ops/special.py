"""Rows of the operator table: the logistic family, the error function, the gamma function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.errors import MissingExtra
from chainrule.numbers import ieee
from chainrule.ops import gamma_floats
from chainrule.ops.arithmetic import scale
from chainrule.ops.elementary import exp, log, log1p
from chainrule.ops.row import Domain, Elementwise, PiecewiseConstant

# -- the logistic family --------------------------------------------------------------------------------------


def _sigmoid_float(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    t = math.exp(x)
    return t / (1.0 + t)


def _sigmoid_numpy(x: Any) -> Any:
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, t) / (1 + t)


def _sigmoid_array(xp: Any) -> Any:
    def compute(x: Any) -> Any:
        t = xp.exp(-xp.abs(x))
        return xp.where(x >= 0, xp.ones_like(t), t) / (1 + t)

    return compute


sigmoid = Elementwise(
    "sigmoid",
    # sigmoid(-x) rather than 1 - y, which has no digits left beyond x = 37.
    (lambda y, x: y * sigmoid(-x),),
    kernels={
        "float": _sigmoid_float,
        "numpy": _sigmoid_numpy,
        "array": _sigmoid_array,
        "mpmath": lambda x: 1 / (1 + exp(-x)),
        "sympy": lambda x: 1 / (1 + exp(-x)),
    },
    source="1 / (1 + exp(-x)), by exp(-|x|) on both sides so that nothing overflows",
)


def _softplus_array(xp: Any) -> Any:
    return lambda x: xp.log1p(xp.exp(-xp.abs(x))) + xp.where(x > 0, x, xp.zeros_like(x))


softplus = Elementwise(
    "softplus",
    (lambda y, x: sigmoid(x),),
    kernels={
        "float": lambda x: math.log1p(math.exp(-abs(x))) + max(x, 0.0),
        "numpy": lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
        "array": _softplus_array,
        "mpmath": lambda x: log1p(exp(x)),
        "sympy": lambda x: log(1 + exp(x)),
    },
    kinks="none; written naively, log1p(exp(x)) overflows from x = 710 on: value inf, slope nan",
    source="log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))",
)

heaviside0 = PiecewiseConstant(
    "heaviside0",
    kernels={
        "float": lambda x: 1.0 if x > 0 else 0.0 * x if x != x else 0.0,
        "numpy": lambda x: np.heaviside(x, np.zeros_like(x)),
        "array": lambda xp: lambda x: xp.astype(x > 0, x.dtype),
        "sympy": lambda x: _sympy("Heaviside")(x, 0),
        "mpmath": lambda x: type(x)(x > 0),
    },
    public=False,
)

relu = Elementwise(
    "relu",
    (lambda y, x: heaviside0(x),),
    kernels={
        "float": lambda x: x if x > 0 or x != x else 0.0,
        "numpy": lambda x: np.maximum(x, 0),
        "array": lambda xp: lambda x: xp.where(x > 0, x, xp.zeros_like(x)),
        "sympy": lambda x: _sympy("Max")(0, x),
        "mpmath": lambda x: x if x > 0 else x * 0,
    },
    kinks="slope 0 at 0",
    symbol="ReLU",
)


def two_sum_error(a: Any, b: Any, d: Any) -> Any:
    """The rounding error of d = a - b, exactly (Knuth's TwoSum)."""
    bb = a - d
    return (a - (d + bb)) + (bb - b)


def _exp_difference_float(a: float, b: float) -> float:
    d = a - b
    if not math.isfinite(d):
        return ieee(math.exp, np.exp)(d) if a != b else 1.0
    y = float(ieee(math.exp, np.exp)(d))
    return y + y * two_sum_error(a, b, d) if y < math.inf else y


def _exp_difference_numpy(a: Any, b: Any) -> Any:
    d = np.subtract(a, b)
    y = np.exp(d)
    error = two_sum_error(a, b, d)
    return np.where(np.isfinite(error) & np.isfinite(y), y + y * error, np.where(np.equal(a, b), 1, y)).astype(y.dtype)[
        ()
    ]


exp_difference = Elementwise(
    "exp_difference",
    (lambda y, a, b: y, lambda y, a, b: -y),
    kernels={"float": _exp_difference_float, "numpy": _exp_difference_numpy},
    body=lambda a, b: exp(a - b),
    printed="exp({} - {})",
    public=False,
    source="the rounding error e of a - b, times 1 + e: without it exp(-700) loses 8 bits",
)


def _share_float(a: float, b: float) -> float:
    d = a - b
    if not math.isfinite(d):
        return _sigmoid_float(d) if d == d else math.nan
    y = _sigmoid_float(d)
    return y + y * (_sigmoid_float(-d) * two_sum_error(a, b, d))


def _share_numpy(a: Any, b: Any) -> Any:
    d = np.subtract(a, b)
    y = _sigmoid_numpy(d)
    error = two_sum_error(a, b, d)
    return np.where(np.isfinite(error), y + y * (_sigmoid_numpy(-d) * error), y).astype(y.dtype)[()]


share = Elementwise(
    "share",
    (lambda y, a, b: y * share(b, a), lambda y, a, b: -y * share(b, a)),
    kernels={"float": _share_float, "numpy": _share_numpy},
    body=lambda a, b: sigmoid(a - b),
    printed="exp({0}) / (exp({0}) + exp({1}))",
    public=False,
)


def _logaddexp_float(a: float, b: float) -> float:
    return a if a == b == -math.inf else max(a, b) + math.log1p(math.exp(-abs(a - b))) if a != b else a + math.log(2)


logaddexp = Elementwise(
    "logaddexp",
    (lambda y, a, b: share(a, b), lambda y, a, b: share(b, a)),
    kernels={"float": _logaddexp_float},
    body=lambda a, b: log(exp(a) + exp(b)),
)

# -- error function -------------------------------------------------------------------------------------------


def _scipy(name: str) -> Any:
    try:
        from scipy import special
    except ImportError as missing:
        raise MissingExtra(f"{name} of an array", "SciPy", "special") from missing
    return getattr(special, name)


def _sympy(name: str) -> Any:
    import sympy

    return getattr(sympy, name)


def _mpmath(name: str) -> Any:
    import mpmath

    return getattr(mpmath, name)


def _gauss_numpy(x: Any) -> Any:
    """exp(-x**2), with x**2 split into an exact high part and the rest: the rounding error of x * x would
    be multiplied by x**2."""
    high = np.asarray(x, np.float64).astype(np.float32).astype(np.float64)
    high = np.where(np.isfinite(high), high, 0.0) if not np.isfinite(high).all() else high
    y = np.exp(-high * high) * np.exp(-(x - high) * (x + high))
    far = np.abs(x) > 30
    return np.where(far, 0, y).astype(np.result_type(x))[()] if np.any(far) else y.astype(np.result_type(x))[()]


def _gauss_float(x: float) -> float:
    if abs(x) > 30:
        return 0.0
    high = float(np.float32(x))
    return math.exp(-high * high) * math.exp(-(x - high) * (x + high))


gauss = Elementwise(
    "gauss",
    (lambda y, x: -2 * x * y,),
    kernels={"float": _gauss_float, "numpy": _gauss_numpy},
    body=lambda x: exp(-x * x),
    printed="exp(-{}**2)",
    public=False,
)


def _two_over_sqrt_pi(like: Any) -> Any:
    from chainrule.numbers import MPMATH, SYMPY, library, primal

    lib = library(primal(like))
    if lib is MPMATH:
        return 2 / _mpmath("sqrt")(_mpmath("pi"))
    return 2 / _sympy("sqrt")(_sympy("pi")) if lib is SYMPY else 2 / math.sqrt(math.pi)


erf = Elementwise(
    "erf",
    (lambda y, x: _two_over_sqrt_pi(x) * gauss(x),),
    kernels={"numpy": lambda x: _scipy("erf")(x), "float": math.erf},
    source="DLMF 7.2.1",
)
erfc = Elementwise(
    "erfc",
    (lambda y, x: -_two_over_sqrt_pi(x) * gauss(x),),
    kernels={"numpy": lambda x: _scipy("erfc")(x), "float": math.erfc},
    source="DLMF 7.2.2",
)

# -- gamma function -------------------------------------------------------------------------------------------

NO_POLES = Domain(holes="0, -1, -2, ...")


def _polygamma_numpy(x: Any, *, order: int) -> Any:
    found = _scipy("psi")(x) if order == 0 else _scipy("polygamma")(order, x)
    if (np.ndim(x) <= 1 and np.size(x) <= 64) or (order > 0 and np.any(np.less(x, 0))):
        # SciPy's polygamma has no reflection below 0; short inputs profit from the more careful floats.
        flat = [gamma_floats.polygamma(float(v), order) for v in np.ravel(x)]
        found = np.reshape(np.array(flat), np.shape(x))
    return np.asarray(found).astype(np.result_type(x))[()]


polygamma = Elementwise(
    "polygamma",
    (lambda y, x, order: polygamma(x, order=order + 1),),
    kernels={
        "float": lambda x, order: gamma_floats.polygamma(x, order),
        "numpy": _polygamma_numpy,
        "mpmath": lambda x, order: _mpmath("polygamma")(order, x),
        "sympy": lambda x, order: _sympy("polygamma")(order, x),
    },
    domain=NO_POLES,
    kinks="poles",
    printed="polygamma({})",
    source="DLMF 5.15",
    public=False,
)

gammaln = Elementwise(
    "gammaln",
    (lambda y, x: polygamma(x, order=0),),
    kernels={
        "numpy": lambda x: _scipy("gammaln")(x),
        "mpmath": lambda x: _mpmath("log")(abs(_mpmath("gamma")(x))) if x < 0 else _mpmath("loggamma")(x),
        "float": gamma_floats.gammaln,
    },
    domain=NO_POLES,
    kinks="log |Gamma(x)|; inf at the poles",
    source="DLMF 5.2.2: the derivative is the digamma function",
)
gamma = Elementwise(
    "gamma",
    (lambda y, x: scale(y, polygamma(x, order=0)),),
    kernels={"float": ieee(math.gamma, None), "numpy": lambda x: _scipy("gamma")(x)},
    domain=NO_POLES,
    kinks="poles",
)
digamma = Elementwise(
    "digamma",
    (lambda y, x: polygamma(x, order=1),),
    body=lambda x: polygamma(x, order=0),
    kernels={
        "float": lambda x: gamma_floats.polygamma(x, 0),
        "numpy": lambda x: _polygamma_numpy(x, order=0),
    },
    domain=NO_POLES,
    kinks="poles",
)
