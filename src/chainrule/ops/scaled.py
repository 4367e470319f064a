"""Products and quotients of floats that neither overflow nor underflow on the way to a representable result.

Each factor is split into mantissa and exponent (frexp), the mantissas are multiplied and the exponents added,
and only the final ldexp rounds into the subnormal range or to infinity. It costs several times a plain
product, so callers use it on those elements only where the plain one left the normal range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TINY = 2.2250738585072014e-308  # smallest normal float64
HUGE = 1.7976931348623157e308


def is_normal(x: float) -> bool:
    return TINY <= abs(x) <= HUGE


def product(factors: Sequence[float], divisors: Sequence[float] = ()) -> float:
    """factors[0] * factors[1] * ... / divisors[0] / ...

    >>> product([1e-320], [0.5e-3, 0.5e-3]) == 1e-320 * 4e6
    True
    >>> product([1e300, 1e300], [1e300])
    1e+300
    """
    mantissa, exponent = 1.0, 0
    for x in factors:
        m, e = math.frexp(x)
        mantissa, exponent = mantissa * m, exponent + e
    for x in divisors:
        if x == 0.0:
            return math.nan if mantissa == 0.0 else math.copysign(math.inf, mantissa * math.copysign(1.0, x))
        m, e = math.frexp(x)
        mantissa, exponent = mantissa / m, exponent - e
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def product_array(factors: Sequence[Any], divisors: Sequence[Any] = ()) -> NDArray[Any]:
    """`product`, element by element."""
    mantissa: Any = 1.0
    exponent: Any = 0
    for x in factors:
        m, e = np.frexp(x)
        mantissa, exponent = mantissa * m, exponent + e.astype(np.int64)
    for x in divisors:
        m, e = np.frexp(x)
        mantissa, exponent = mantissa / m, exponent - e.astype(np.int64)
    return np.asarray(np.ldexp(mantissa, np.clip(exponent, -4000, 4000)))


def repair(
    result: Any, factors: Sequence[Any], divisors: Sequence[Any] = (), *, also: Any = None, only: Any = None
) -> Any:
    """`result` of a plain product with the elements that left the normal range (or where `also`, an
    intermediate, did; or those where `only` did) computed again without over- or underflow."""
    if np.asarray(result).dtype != np.float64:
        return result
    out_of_range = ~_normal(result if only is None else only)
    if also is not None:
        out_of_range |= ~_normal(also)
    if not out_of_range.any():
        return result
    out_of_range = np.broadcast_to(out_of_range, np.shape(result))
    operands = np.broadcast_arrays(*factors, *divisors)
    picked = [x[out_of_range] for x in operands]
    finite = np.ones(len(picked[0]), dtype=bool)
    for x in picked:
        finite &= np.isfinite(x)
    again = product_array(picked[: len(factors)], picked[len(factors) :])
    repaired = np.array(np.broadcast_to(result, operands[0].shape))
    repaired[out_of_range] = np.where(finite, again, repaired[out_of_range])
    return repaired[()]


def share(ct: Any, slope: Any, factors: Sequence[Any], divisors: Sequence[Any]) -> Any:
    """ct * slope, where slope is the product of the factors through the divisors: of all of them at once, where the
    slope alone leaves the normal range.

    >>> share(5e149, -0.0, [-1e-150], [1e150, 1e150])
    -5e-301
    """
    if type(slope) is float and type(ct) is float:
        if is_normal(slope) or ct == 0.0 or 0.0 in divisors or not all(map(math.isfinite, (ct, *factors, *divisors))):
            return ct * slope
        return product([ct, *factors], divisors)
    return repair(ct * slope, [ct, *factors], divisors, only=np.where(np.equal(ct, 0), 1.0, slope))


def all_normal(*xs: Any) -> bool:
    """Whether every element of every array is in the normal range."""
    return all(bool(_normal(x).all()) for x in xs)


def _normal(x: Any) -> NDArray[np.bool_]:
    size = np.abs(x)
    return np.asarray((size >= TINY) & (size <= HUGE))
