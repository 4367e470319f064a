"""Products and quotients of floats that neither overflow nor underflow on the way to a representable result.

Each factor is split into mantissa and exponent (frexp), the mantissas are multiplied and the exponents added,
and only the final ldexp rounds into the subnormal range or to infinity. It costs several times a plain
product, so callers use it on those elements only where the plain one left the normal range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TINY = 2.2250738585072014e-308  # smallest normal float64
HUGE = 1.7976931348623157e308
TINY_SINGLE = 1.1754943508222875e-38
HUGE_SINGLE = 3.4028234663852886e38


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
    out_of_range = ~normal(result if only is None else only)
    if also is not None:
        out_of_range |= ~normal(also)
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


def exponents(tangents: Sequence[Any], points: Sequence[Any]) -> tuple[int, ...]:
    """Powers of 2 to push tangents with once more, where some left the range of floats on the way: derivatives are
    linear in them. The first makes them as large as the points, so that relative changes are about 1. Nothing for
    tangents that are no floats and no arrays of float32 or float64."""
    kinds = set(map(_kind, tangents))
    if kinds - {"d", "f"}:
        return ()
    natural = _largest(points) - _largest(tangents)
    others = (600, 1000, -600, -1000) if kinds == {"d"} else (60, 110, -60, -110)
    return (natural, *others) if natural else others


def _largest(xs: Sequence[Any]) -> int:
    """The power of 2 of the largest finite element."""
    sizes = [np.max(np.abs(x), initial=0.0, where=np.isfinite(x)) for x in xs if _kind(x) in "df"]
    return math.frexp(max(sizes, default=1.0))[1]


def _kind(x: Any) -> str:
    return "d" if type(x) is float else x.dtype.char if isinstance(x, (np.ndarray, np.generic)) else "?"


def left(x: Any) -> bool:
    """Whether a number, or an element of an array, is 0, subnormal, infinite or nan."""
    return _kind(x) in "df" and not bool(normal(x).all())


def times_power(x: Any, exponent: int) -> Any:
    """x * 2**exponent, in the type of x."""
    with np.errstate(all="ignore"):
        y = np.ldexp(x, exponent)
    return float(y) if type(x) is float else y


def brought_back(plain: list[Any], exponents: Sequence[int], again: Callable[[int], Any]) -> list[Any]:
    """Derivatives of which some left the range of floats on the way, with these from another computation of all.

    again    (exponent): the same derivatives, 2**exponent times as large, and whether some left the range again; None
             where they cannot be had. Digits may have been lost then: they are taken where there is nothing better.
    """
    doubtful = []
    for exponent in exponents:
        found = again(exponent)
        if found is None:
            return plain
        numbers, lost = found
        if not lost:
            return [_back(a, b, exponent) for a, b in zip(plain, numbers, strict=True)]
        doubtful.append((numbers, exponent))
        if not any(map(left, plain)) and all(_same(a, b, exponent) for a, b in zip(plain, numbers, strict=True)):
            return plain
    if doubtful:
        first, exponent = doubtful[0]
        plain = [_kept(a, _back(a, b, exponent)) for a, b in zip(plain, first, strict=True)]
    for numbers, exponent in sorted(doubtful, key=lambda pair: -abs(pair[1])):
        plain = [_merged(a, b, exponent) for a, b in zip(plain, numbers, strict=True)]
    return plain


def _back(plain: Any, again: Any, exponent: int) -> Any:
    return times_power(again, -exponent) if _kind(plain) in "df" and _kind(again) in "df" else plain


def _same(plain: Any, again: Any, exponent: int) -> bool:
    return bool(np.array_equal(plain, _back(plain, again, exponent)))


def _kept(plain: Any, back: Any) -> Any:
    """`back`, but for elements that are in the range in `plain` alone, or not finite in `back` alone."""
    if back is plain:
        return plain
    better = ~normal(back) & (normal(plain) | (np.isfinite(plain) & ~np.isfinite(back)))
    if not better.any():
        return back
    kept = np.where(better, plain, back)
    return float(kept) if type(back) is float else kept.astype(np.result_type(back))[()]


def _merged(plain: Any, again: Any, exponent: int) -> Any:
    """`plain` with those elements that left the range and are in it in `again`, which is 2**exponent times as much."""
    found = ~normal(plain) & normal(again)
    if not found.any():
        return plain
    back = np.where(found, times_power(np.asarray(again), -exponent), plain)
    return float(back) if type(plain) is float else back.astype(np.result_type(plain))[()]


def all_normal(*xs: Any) -> bool:
    """Whether every element of every array is in the normal range."""
    return all(bool(normal(x).all()) for x in xs)


def normal(x: Any) -> NDArray[np.bool_]:
    size = np.abs(x)
    single = getattr(x, "dtype", None) == np.float32
    return np.asarray((size >= (TINY_SINGLE if single else TINY)) & (size <= (HUGE_SINGLE if single else HUGE)))
