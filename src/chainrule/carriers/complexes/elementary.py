"""Elementary functions of complex numbers, by formulas for the parts of their results in real operators.

The branches are NumPy's (C99, Annex G). Sources: Kahan, Branch cuts for complex elementary functions (1987), for the
inverse functions; Smith's scaling of quotients by the larger part of the divisor, here by the direction of the divisor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment.buffer import fresh
from chainrule.carriers.complexes.number import Complex, of_parts, parts, whole
from chainrule.numbers import Number, primal
from chainrule.ops.row import TABLE
from chainrule.signatures import by_name

sech2 = TABLE["sech2"]


def add(x: Any, y: Any) -> Number:
    (a, b), (c, d) = parts(x), parts(y)
    return of_parts(ops.add(a, c), d if b is None else b if d is None else ops.add(b, d))


def subtract(x: Any, y: Any) -> Number:
    (a, b), (c, d) = parts(x), parts(y)
    return of_parts(ops.subtract(a, c), ops.negative(d) if b is None else b if d is None else ops.subtract(b, d))


def multiply(x: Any, y: Any) -> Number:
    (a, b), (c, d) = parts(x), parts(y)
    if b is None:
        return of_parts(ops.multiply(a, c), None if d is None else ops.multiply(a, d))
    if d is None:
        return of_parts(ops.multiply(a, c), ops.multiply(b, c))
    return of_parts(
        ops.subtract(ops.multiply(a, c), ops.multiply(b, d)),
        ops.add(ops.multiply(a, d), ops.multiply(b, c)),
    )


def divide(x: Any, y: Any) -> Number:
    (a, b), (c, d) = parts(x), parts(y)
    if d is None:
        return of_parts(ops.divide(a, c), None if b is None else ops.divide(b, c))
    size = ops.hypot(c, d)
    u, v = ops.divide(c, size), ops.divide(d, size)
    re, im = parts(multiply(x, Complex(u, ops.negative(v))))
    return of_parts(ops.divide(re, size), ops.divide(im, size))


def reciprocal(z: Any) -> Number:
    return divide(1.0, z)


def negative(z: Any) -> Number:
    a, b = parts(z)
    return of_parts(ops.negative(a), ops.negative(b))


def positive(z: Any) -> Number:
    a, b = parts(z)
    return of_parts(ops.positive(a), ops.positive(b))


def square(z: Any) -> Number:
    a, b = parts(z)
    return of_parts(ops.multiply(ops.subtract(a, b), ops.add(a, b)), ops.multiply(2.0, ops.multiply(a, b)))


def conj(z: Any) -> Number:
    """The conjugate; a real number is its own."""
    a, b = parts(z)
    return a if b is None else of_parts(fresh(a), ops.negative(b))


def absolute(z: Any) -> Number:
    return ops.hypot(*parts(z))


def angle(z: Any) -> Number:
    """The argument, in (-pi, pi]."""
    a, b = whole(z)
    return ops.arctan2(b, a)


# -- exponentials and logarithms ----------------------------------------------------------------------------------


def exp(z: Any) -> Number:
    a, b = parts(z)
    size = ops.exp(a)
    return of_parts(ops.multiply(size, ops.cos(b)), ops.multiply(size, ops.sin(b)))


def expm1(z: Any) -> Number:
    """e^a cos b - 1 = (e^a - 1) cos b - 2 sin(b/2)^2."""
    a, b = parts(z)
    half = ops.sin(ops.multiply(0.5, b))
    re = ops.subtract(ops.multiply(ops.expm1(a), ops.cos(b)), ops.multiply(2.0, ops.square(half)))
    return of_parts(re, ops.multiply(ops.exp(a), ops.sin(b)))


def exp2(z: Any) -> Number:
    return exp(multiply(math.log(2.0), z))


def log(z: Any) -> Number:
    return Complex(_log_size(z), angle(z))


def _log_size(z: Any) -> Number:
    """log|z|; near 1 by log1p((m - 1)(m + 1) + n^2) / 2, with m the larger part and n the smaller one."""
    a, b = whole(z)
    size = ops.hypot(a, b)
    near = np.less(np.abs(primal(size) - 1.0), 0.5)
    if not np.any(near):
        return ops.log(size)
    first = np.greater_equal(np.abs(primal(a)), np.abs(primal(b)))
    m, n = ops.where(first, a, b), ops.where(first, b, a)
    close = ops.multiply(0.5, ops.log1p(ops.add(ops.multiply(ops.subtract(m, 1.0), ops.add(m, 1.0)), ops.square(n))))
    return close if np.all(near) else ops.where(near, close, ops.log(_where(near, 1.0, size)))


def log1p(z: Any) -> Number:
    """log|1 + z| = log1p(a (2 + a) + b^2) / 2, and where 1 + z is small log of its size, as 1 + a is exact there."""
    a, b = whole(z)
    moved = ops.add(1.0, a)
    size = ops.hypot(moved, b)
    small = np.less(primal(size), 0.5)
    near = ops.multiply(0.5, ops.log1p(_where(small, 0.0, ops.add(ops.multiply(a, ops.add(2.0, a)), ops.square(b)))))
    re = ops.where(small, ops.log(_where(np.logical_not(small), 1.0, size)), near) if np.any(small) else near
    return of_parts(re, ops.arctan2(b, moved))


def _where(condition: Any, a: Any, b: Any) -> Number:
    """Choosing where there is something to choose."""
    return ops.where(condition, a, b) if np.any(condition) else b


def log2(z: Any) -> Number:
    return multiply(1 / math.log(2.0), log(z))


def log10(z: Any) -> Number:
    return multiply(1 / math.log(10.0), log(z))


def sqrt(z: Any) -> Number:
    """sqrt((|z| + |a|) / 2) is one part, b over twice that the other one."""
    a, b = whole(z)
    right, zero = np.greater_equal(primal(a), 0), np.equal(primal(a), 0) & np.equal(primal(b), 0)
    t = ops.sqrt(ops.multiply(0.5, ops.add(ops.hypot(a, b), ops.where(right, a, ops.negative(a)))))
    if np.any(zero):
        other = ops.where(zero, primal(b), ops.divide(b, ops.multiply(2.0, ops.where(zero, 1.0, t))))
    else:
        other = ops.divide(b, ops.multiply(2.0, t))
    sign = np.copysign(1.0, primal(b))
    return of_parts(ops.where(right, t, ops.multiply(sign, other)), ops.where(right, other, ops.multiply(sign, t)))


def power(x: Any, y: Any) -> Number:
    """Whole powers by multiplications, others as exp(y log x)."""
    n = _whole_number(y)
    if n is not None:
        return _whole_power(x, n)
    base, exponent = primal(x), primal(y)
    at_zero = np.equal(base, 0)
    if not np.any(at_zero):
        return exp(multiply(y, log(x) if parts(x)[1] is not None or np.any(np.less(base, 0)) else ops.log(x)))
    moved = power(ops.where(at_zero, 1.0, x), y)
    with np.errstate(all="ignore"):
        return ops.where(at_zero, np.power(np.asarray(base, complex), exponent), moved)


def _whole_number(y: Any) -> int | None:
    if isinstance(y, (int, float, np.integer, np.floating)) and not isinstance(y, bool):
        return int(y) if float(y).is_integer() and abs(float(y)) <= 64 else None
    return None


def _whole_power(x: Any, n: int) -> Number:
    if n == 0:
        return add(multiply(0.0, x), 1.0)
    if n < 0:
        return reciprocal(_whole_power(x, -n))
    result, factor = None, x
    while n:
        if n & 1:
            result = factor if result is None else multiply(result, factor)
        n >>= 1
        factor = square(factor) if n else factor
    return result


# -- circular and hyperbolic functions ----------------------------------------------------------------------------


def sin(z: Any) -> Number:
    a, b = parts(z)
    return of_parts(ops.multiply(ops.sin(a), ops.cosh(b)), ops.multiply(ops.cos(a), ops.sinh(b)))


def cos(z: Any) -> Number:
    a, b = parts(z)
    return of_parts(ops.multiply(ops.cos(a), ops.cosh(b)), ops.negative(ops.multiply(ops.sin(a), ops.sinh(b))))


def tan(z: Any) -> Number:
    """With t = tan a and h = tanh b: (t sech(b)^2 + i h (1 + t^2)) / (1 + t^2 h^2)."""
    a, b = parts(z)
    t, h = ops.tan(a), ops.tanh(b)
    below = ops.add(1.0, ops.square(ops.multiply(t, h)))
    return of_parts(
        ops.divide(ops.multiply(t, sech2(b)), below), ops.divide(ops.multiply(h, ops.add(1.0, ops.square(t))), below)
    )


def _turned(z: Any) -> Number:
    """i z."""
    a, b = parts(z)
    return Complex(ops.negative(b), a)


def _back(z: Any) -> Number:
    """-i z."""
    a, b = parts(z)
    return Complex(b, ops.negative(a))


def _hyperbolic(circular: Callable[[Any], Number]) -> Callable[[Any], Number]:
    """sinh z = -i sin(i z), and so on."""
    return lambda z: _back(circular(_turned(z)))


def cosh(z: Any) -> Number:
    return cos(_turned(z))


def arcsin(z: Any) -> Number:
    a, _ = whole(z)
    left, right = sqrt(subtract(1.0, z)), sqrt(add(1.0, z))
    (p, q), (r, s) = parts(left), parts(right)
    re = ops.arctan2(a, ops.subtract(ops.multiply(p, r), ops.multiply(q, s)))
    return of_parts(re, ops.arcsinh(ops.subtract(ops.multiply(p, s), ops.multiply(q, r))))


def arccos(z: Any) -> Number:
    (p, q), (r, s) = parts(sqrt(subtract(1.0, z))), parts(sqrt(add(1.0, z)))
    re = ops.multiply(2.0, ops.arctan2(p, r))
    return of_parts(re, ops.arcsinh(ops.subtract(ops.multiply(q, r), ops.multiply(p, s))))


def arccosh(z: Any) -> Number:
    (p, q), (r, s) = parts(sqrt(subtract(z, 1.0))), parts(sqrt(add(z, 1.0)))
    re = ops.arcsinh(ops.add(ops.multiply(p, r), ops.multiply(q, s)))
    return of_parts(re, ops.multiply(2.0, ops.arctan2(q, r)))


def arctanh(z: Any) -> Number:
    """(log(1 + z) - log(1 - z)) / 2."""
    return multiply(0.5, subtract(log1p(z), log1p(negative(z))))


# -- choices that do not depend on the numbers ----------------------------------------------------------------------


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: function(*(primal(x) for x in args))


def sign(z: Any) -> Number:
    """z / |z|; 0 at 0."""
    size = absolute(z)
    zero = np.equal(primal(size), 0)
    return divide(z, ops.where(zero, 1.0, size) if np.any(zero) else size)


RULES: dict[str, Callable[..., Any]] = {
    **by_name(
        add, subtract, multiply, divide, reciprocal, negative, positive, square, absolute, sign, exp, expm1, exp2, log,
        log1p, log2, log10, sqrt, power, sin, cos, tan, cosh, arcsin, arccos, arccosh, arctanh,
    ),
    "sinh": _hyperbolic(sin), "tanh": _hyperbolic(tan), "arcsinh": _hyperbolic(arcsin),
    "arctan": lambda z: _back(arctanh(_turned(z))),
    **{c.__name__: _plain(c) for c in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)},
}  # fmt: skip
