"""Line: a function along one line, evaluated once per point, with NaN wherever it is not defined.

At the point itself ValueError, ZeroDivisionError, OverflowError and other arithmetic errors mean "not defined there",
as do NaN, infinities and, unless they are asked for, complex results; every other exception is the user's and passes
through. Beside a point at which f has a value all exceptions mean that, and so does a call that does not return:
nothing beyond it is asked then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import ArgumentError, DomainError, ShapeError
from chainrule.numeric.estimate import Doubt
from chainrule.numeric.patience import AT_LEAST, TIMES, TimedOut, within

Array = NDArray[np.float64]
UNDEFINED = (ArithmeticError, ValueError)
EPS = float(np.finfo(np.float64).eps)
VECTOR_TRIALS = 3  # points at which an array call is compared with plain calls before it is believed


def above_0(x: Any) -> Any:
    """Of a float below 0 the one above it, where a power of Python's that is complex there is real."""
    return -x if type(x) is float and x < 0 else x


class Line:
    """Samples of `f` around `x`, a float, within `bounds` and at most `reach` away.

    `scale` is the distance over which arguments of this size usually matter, `span` that over which this very argument
    may matter (its own size, unless it is 0), `grain` the smallest one that changes the argument at all; all are in
    units of the argument. After `limit` seconds nothing more is asked. With `parts` a result that is complex at x is
    sampled as its real and its imaginary parts, along one more axis in front: `folded` says that it is.
    """

    def __init__(
        self,
        f: Callable[[Any], Any],
        x: float,
        *,
        bounds: tuple[float, float] | None = None,
        vectorized: bool | None = False,
        scale: float | None = None,
        grain: float | None = None,
        span: float | None = None,
        limit: float | None = None,
        parts: bool = False,
    ) -> None:
        refuse_no_function(f)
        self.f, self.x = f, _as_point(x)
        self.low, self.high = _as_bounds(bounds, self.x)
        self.scale = max(1.0, abs(self.x)) if scale is None else scale
        self.grain = float(np.spacing(abs(self.x))) if grain is None else grain
        self.span = (abs(self.x) or self.scale) if span is None else span
        self.reach = self.scale
        self.deadline = np.inf if limit is None else time.monotonic() + checked_limit(limit)
        self.overstayed = False
        self.evaluations = 0
        self.eps = EPS
        self.raised = False
        self.folded = False
        self._parts = parts
        self._vectorized = vectorized is not False
        self._carrier: Callable[[float], Any] = float
        self._seen: dict[float, Array | None] = {}
        self.probes: dict[tuple[float, float], Array | None] = {}  # imaginary parts of f(x + ih), of the complex step
        self.shape: tuple[int, ...] = ()
        start = time.monotonic()
        with np.errstate(all="ignore"):
            self._seen[self.x] = self._call(self.x, first=True)
        self.patience = max(AT_LEAST, TIMES * (time.monotonic() - start))
        centre = self._seen[self.x]
        self.size = 1 if centre is None else centre.size

    @property
    def centre(self) -> Array:
        """The values of f at x, flattened; NaN where undefined."""
        return self._value(self.x)

    @property
    def undefined(self) -> Doubt:
        """Why there is no value at x."""
        if self.overstayed:
            return Doubt.TOO_SLOW
        return Doubt.OUT_OF_DOMAIN if self.raised else Doubt.NON_FINITE

    @property
    def is_cut_short(self) -> bool:
        """Whether points were left out because calls took too long."""
        return self.overstayed or time.monotonic() > self.deadline

    def snap(self, radius: float) -> float:
        """The radius nearest to this one for which x + r and x - r are both exact: steps are never rounded."""
        unit = float(np.spacing(abs(self.x) + radius))
        return max(round(radius / unit), 1) * unit if self.x else radius

    def at(self, points: Array, element: int = 0) -> Array:
        """The values of one output element at the points; NaN outside bounds and wherever f is undefined."""
        fresh = [p for p in dict.fromkeys(points.tolist()) if p not in self._seen and self._may_ask(p)]
        if fresh:
            with np.errstate(all="ignore"):
                if not (self._vectorized and len(fresh) > 2 * VECTOR_TRIALS and self._array_call(fresh)):
                    for p in sorted(fresh, key=lambda p: abs(p - self.x)):
                        if p not in self._seen and self._may_ask(p):
                            self._seen[p] = self._call(p)
        return np.array([self._value(p)[element] for p in points.tolist()], float)

    def _value(self, point: float) -> Array:
        found = self._seen.get(point)
        return np.full(self.size, np.nan) if found is None else found

    def _may_ask(self, point: float) -> bool:
        # The reach is compared with a little room: x + reach is a rounded number.
        near = abs(point - self.x) <= self.reach * (1 + 1e-9)
        return near and self.low <= point <= self.high and time.monotonic() < self.deadline

    def _left_the_reals(self, point: float, result: Any) -> bool:
        """Whether f is a real function outside of its domain: a power of Python's floats is complex below 0."""
        if type(result) is not complex or point >= 0:
            return False
        try:
            return not np.iscomplexobj(self.f(self._carrier(above_0(point))))
        except Exception:
            return False

    def _call(self, point: float, first: bool = False) -> Array | None:
        self.evaluations += 1
        try:
            try:
                result = self._within(lambda: self.f(self._carrier(point)), first)
            except AttributeError:
                # Code that asks its argument for .dtype or .astype wants NumPy's scalar, not Python's.
                if not first or self._carrier is not float:
                    raise
                self._carrier = np.float64
                result = self._within(lambda: self.f(self._carrier(point)), first)
        except UNDEFINED:
            self.raised = self.raised or first
            return None
        except TimedOut:
            self._give_up(point)
            return None
        except Exception:
            if first or self._seen[self.x] is None:
                raise
            return None
        if not first and self.shape == () and type(result) in (float, np.float64):
            return np.array([result if isfinite(result) else np.nan], dtype=np.float64)
        if first and self._parts:
            self.folded = np.asarray(result).dtype.kind == "c" and not self._left_the_reals(point, result)
        values = _in_parts(result) if self.folded else _real(result)
        if values is None:
            self.raised = self.raised or first
            return None
        if first:
            self.shape = values.shape
            self.eps = _resolution(result)
        elif values.shape != self.shape and self._seen.get(self.x) is not None:
            raise ShapeError(
                f"the function's result should keep one shape: it was {self.shape} at {self.x!r} "
                f"and is {values.shape} at {point!r}; return arrays of the same shape everywhere"
            )
        return np.where(np.isfinite(values), values, np.nan).ravel()

    def _within(self, call: Callable[[], Any], first: bool) -> Any:
        """What the call returns; how long it may take is unknown before the point itself has been asked."""
        left = self.deadline - time.monotonic()
        if first:
            return call() if left == np.inf else within(left, call)
        return within(min(left, self.patience), call)

    def _give_up(self, point: float) -> None:
        """Nothing as far as this point, on its side, is asked again."""
        self.overstayed = True
        if point > self.x:
            self.high = min(self.high, float(np.nextafter(point, self.x)))
        else:
            self.low = max(self.low, float(np.nextafter(point, self.x)))

    def _array_call(self, points: list[float]) -> bool:
        """Evaluate all points in one call of f if the result is what single calls give; else never try again."""
        self._vectorized = False
        if self.shape != ():
            return False
        trials = sorted([points[0], points[-1], points[len(points) // 2]], key=lambda p: abs(p - self.x))
        for p in trials:
            if p not in self._seen and self._may_ask(p):
                self._seen[p] = self._call(p)
        if self.overstayed:
            return False
        # A first call on the trial points alone keeps a failed attempt cheap.
        if not self._confirmed(trials, trials) or (table := self._confirmed(points, trials)) is None:
            return False
        for p, value in table.items():
            self._seen.setdefault(p, np.array([value if np.isfinite(value) else np.nan]))
        self._vectorized = True
        return True

    def _confirmed(self, points: list[float], trials: list[float]) -> dict[float, float] | None:
        """The results of one array call, None unless they are what single calls gave at the trial points."""
        self.evaluations += len(points)
        try:
            values = _real(self._within(lambda: self.f(np.array(points)), False))
        except Exception:  # whatever f does with an array it was not written for, plain calls still decide
            return None
        if values is None or values.shape != (len(points),):
            return None
        table = dict(zip(points, values.tolist(), strict=True))
        return table if all(self._same(table[p], self._value(p)[0]) for p in trials) else None

    @staticmethod
    def _same(one: float, other: float) -> bool:
        # SIMD and scalar code may differ in the last bits; anything more means another function.
        return (not np.isfinite(one) and np.isnan(other)) or abs(one - other) <= 4 * EPS * abs(other)


def _real(result: Any) -> Array | None:
    """The result as float64, None when it is not real."""
    refuse_own_rules(result, "the function")
    values = np.asarray(result)
    if values.dtype.kind == "c":
        return None
    if values.dtype.kind not in "fiub":
        try:
            values = values.astype(np.float64)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"the function should return a number or an array of numbers; it returned {type(result).__name__}; "
                "return one float (use sum or an index to pick it)"
            ) from None
    return values.astype(np.float64)


def refuse_own_rules(x: Any, what: str) -> None:
    """Raise ArgumentError for arrays whose elements may be missing, or that multiply as matrices."""
    if type(x) is np.ndarray or not isinstance(x, np.ndarray):
        return  # without a look at np.ma, whose import takes an eighth of NumPy's
    if isinstance(x, (np.ma.MaskedArray, np.matrix)):
        said = "a plain array would be another number; pass np.asarray of it, or .filled(...) for what is missing"
        raise ArgumentError(f"{what} should be made of plain numbers, got a {type(x).__name__}, of which {said}")


def _in_parts(result: Any) -> Array:
    """The real parts of the result, and then its imaginary parts."""
    refuse_own_rules(result, "the function's result")
    values = np.asarray(result).astype(complex)
    return np.stack([values.real, values.imag])


def _resolution(result: Any) -> float:
    """Relative spacing of the numbers the function returns."""
    dtype = np.asarray(result).dtype
    return max(EPS, float(np.finfo(dtype).eps)) if dtype.kind in "fc" else EPS


def refuse_no_function(f: Any) -> None:
    """Raise ArgumentError unless `f` can be called."""
    if not callable(f):
        raise ArgumentError(f"expected a function first and the point after it, (f, x); got {type(f).__name__}")


def checked_limit(limit: Any) -> float:
    """Seconds as a positive float."""
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not limit > 0:
        raise ArgumentError(
            f"`limit` should be a positive number of seconds; {limit!r} arrived; leave it out for no limit"
        )
    return float(limit)


def remaining(limit: float | None) -> Callable[[], float | None]:
    """A function that says how many seconds are left of the limit, at least a thousandth."""
    if limit is None:
        return lambda: None
    end = time.monotonic() + checked_limit(limit)
    return lambda: max(end - time.monotonic(), 1e-3)


def _as_point(x: Any) -> float:
    if isinstance(x, complex) or np.ndim(x) != 0 or not np.isrealobj(x):
        raise ArgumentError(
            f"`x` should be one real number here; {type(x).__name__} of shape {np.shape(x)} arrived; "
            "use numeric.gradient or numeric.jacobian for arrays"
        )
    try:
        point = float(x)
    except (TypeError, ValueError):
        raise ArgumentError(f"`x` should be one real number; {x!r} arrived; pass a float") from None
    if not np.isfinite(point):
        raise DomainError(f"`x` should be finite; {point!r} arrived; a derivative needs a neighbourhood")
    return point


def _as_bounds(bounds: tuple[float, float] | None, x: float) -> tuple[float, float]:
    if bounds is None:
        return -np.inf, np.inf
    low, high = (float(b) for b in bounds)
    if not low <= x <= high or low == high:
        raise DomainError(f"`x` should lie within `bounds`; x = {x!r}, bounds = ({low!r}, {high!r}); move one of them")
    return low, high


def power_below(size: float) -> float:
    """The power of 2 up to a size: lines through many points, or in many directions, then share their steps but for
    such a factor, and what their fits need (`fit._designed`)."""
    return float(2.0 ** np.floor(np.log2(size))) if 2.0**-1000 < size < np.inf else size
