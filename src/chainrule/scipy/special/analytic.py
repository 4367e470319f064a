"""Functions of complex numbers: rows of their real and their imaginary parts, by the parts of the argument.

Where f is analytic its derivative says all four (Cauchy and Riemann): with f' = a + ib the slopes of the real part are
a and -b, those of the imaginary one b and a.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule import ops
from chainrule.carriers.complexes.number import Complex, whole
from chainrule.complex_numbers import is_complex
from chainrule.numbers import Number, differentiated, primal, shape
from chainrule.scipy.rows import UNKNOWN, SpecialRow, no_partial, row
from chainrule.scipy.special import bessel

Rule = Callable[..., Any]
ROOT_PI = math.sqrt(math.pi)


class Analytic:
    """A function of one complex number, the last of its arguments.

    slope  its derivative as a function of (f(z), *others, z), with operators of complex numbers
    real   the rule for real arguments; None where the result is complex for them too
    """

    def __init__(self, name: str, arguments: str, slope: Rule, real: Any = None, source: str = "") -> None:
        self.name, self.slope, self.real_rule, self.source = name, slope, real, source
        self.arguments = tuple(arguments.split())
        held = range(len(self.arguments) - 1)
        refused = tuple(held) if real is None else tuple(getattr(real, "refused", ()))
        self.refused = () if name in _HANKEL else refused
        function, unknown = getattr(scipy.special, name), [UNKNOWN for _ in held]

        def part(k: int) -> Rule:
            def of(*args: Any) -> Any:
                *others, x, y = args
                z = np.empty(np.broadcast_shapes(np.shape(x), np.shape(y)), complex)
                z.real, z.imag = x, y
                found = function(*others, z[()])
                return found.imag if k else found.real

            return of

        def slopes(*args: Number) -> tuple[Number, Number]:
            *others, x, y = args
            z = Complex(*same_shape(x, y))
            return whole(self.slope(self(*others, z), *others, z))

        names = " ".join([*self.arguments[:-1], "x", "y"])
        self.re: SpecialRow = row(
            f"{name}.re", names, *unknown, lambda _, *args: slopes(*args)[0], lambda _, *args: -slopes(*args)[1],
            compute=part(0), source=source,
        )  # fmt: skip
        self.im: SpecialRow = row(
            f"{name}.im", names, *unknown, lambda _, *args: slopes(*args)[1], lambda _, *args: slopes(*args)[0],
            compute=part(1), source=source,
        )  # fmt: skip

    def __call__(self, *args: Any) -> Any:
        *others, z = args
        if self.real_rule is not None and not isinstance(z, Complex) and not is_complex(z):
            return self.real_rule(*args)
        if self.name in _HANKEL and any(map(differentiated, others)) and not any(map(_complex, args)):
            return _of_both(others[0], z, *_HANKEL[self.name])
        for argument, x in zip(self.arguments, others, strict=False):
            if isinstance(x, Complex) or is_complex(x) or differentiated(x):
                raise no_partial(f"scipy.special.{self.name}", argument)
        x, y = whole(z)
        return Complex(self.re(*others, x, y), self.im(*others, x, y))


def _complex(x: Any) -> bool:
    return isinstance(x, Complex) or is_complex(x)


_HANKEL = {"hankel1": (1.0, False), "hankel2": (-1.0, False), "hankel1e": (1.0, True), "hankel2e": (-1.0, True)}
"""The sign of i Y, and whether exp(-i x) or exp(i x) is a factor."""


def _of_both(v: Number, x: Number, sign: float, scaled: bool) -> Any:
    """J + i Y, or J - i Y, whose derivatives by the order are known for real x."""
    j, y = bessel.jv(v, x), bessel.yv(v, x)
    if scaled:
        c, s = ops.cos(x), ops.sin(x)
        j, y = j * c + y * s, y * c - j * s
    return Complex(j, sign * y)


def same_shape(x: Number, y: Number) -> tuple[Number, Number]:
    """Both parts with one shape."""
    size = np.broadcast_shapes(shape(x), shape(y))
    return tuple(v if shape(v) == size else ops.broadcast_to(v, size) for v in (x, y))


def _bell(z: Any) -> Any:
    return np.exp(-z * z)


def _trigamma(z: Any) -> Any:
    """The derivative of digamma: by its recurrence to where its asymptotic series holds, DLMF 5.15.5 and 5.15.8."""
    steps = 16 + max(0, math.ceil(-float(np.min(primal(z).real, initial=0.0))))
    total: Any = 0.0
    for _ in range(steps):
        total = total + 1.0 / (z * z)
        z = z + 1.0
    square = z * z
    series: Any = 0.0
    for b in (7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6):  # Bernoulli's numbers
        series = (series + b) / square
    return total + (series + 1.0) / z + 0.5 / square


def _mean(name: str, below: float, above: float) -> Rule:
    """Half the sum of the neighbours in the order, with signs: DLMF 10.6.1 and 10.29.1."""
    return lambda y, v, z: (below * ANALYTIC[name](v - 1.0, z) + above * ANALYTIC[name](v + 1.0, z)) / 2.0


_OF_Z: dict[str, tuple[Rule, str]] = {
    "wofz": (lambda y, z: 2j / ROOT_PI - 2.0 * z * y, "DLMF 7.10.1"),
    "erf": (lambda y, z: 2.0 / ROOT_PI * _bell(z), "DLMF 7.2.1"),
    "erfc": (lambda y, z: -2.0 / ROOT_PI * _bell(z), "DLMF 7.2.2"),
    "erfi": (lambda y, z: 2.0 / ROOT_PI / _bell(z), "DLMF 7.2.1"),
    "erfcx": (lambda y, z: 2.0 * z * y - 2.0 / ROOT_PI, "DLMF 7.2.2"),
    "dawsn": (lambda y, z: 1.0 - 2.0 * z * y, "DLMF 7.2.5"),
    "expi": (lambda y, z: np.exp(z) / z, "DLMF 6.2.5"),
    "exp1": (lambda y, z: -np.exp(-z) / z, "DLMF 6.2.1"),
    "spence": (lambda y, z: np.log(z) / (1.0 - z), "its integrand"),
    "gamma": (lambda y, z: y * ANALYTIC["psi"](z), "DLMF 5.2.2"),
    "loggamma": (lambda y, z: ANALYTIC["psi"](z), "DLMF 5.2.2"),
    "rgamma": (lambda y, z: -y * ANALYTIC["psi"](z), "DLMF 5.2.2"),
    "psi": (lambda y, z: _trigamma(z), "DLMF 5.15"),
}
_OF_ORDER: dict[str, tuple[Rule, str]] = {
    **{name: (_mean(name, 1.0, -1.0), "DLMF 10.6.1") for name in ("jv", "yv", "hankel1", "hankel2")},
    "iv": (_mean("iv", 1.0, 1.0), "DLMF 10.29.1"),
    "kv": (_mean("kv", -1.0, -1.0), "DLMF 10.29.1"),
    "hankel1e": (lambda y, v, z: _mean("hankel1e", 1.0, -1.0)(y, v, z) - 1j * y, "DLMF 10.6.1"),
    "hankel2e": (lambda y, v, z: _mean("hankel2e", 1.0, -1.0)(y, v, z) + 1j * y, "DLMF 10.6.1"),
}
ANALYTIC: dict[str, Analytic] = {}
"""SciPy's functions of complex numbers, by name."""


def state(reals: dict[str, Any]) -> None:
    """Make them. `reals` are the rules of those that are real for real numbers."""
    for arguments, rules in (("z", _OF_Z), ("v z", _OF_ORDER)):
        for name, (slope, source) in rules.items():
            ANALYTIC[name] = Analytic(name, arguments, slope, reals.get(name), source)
