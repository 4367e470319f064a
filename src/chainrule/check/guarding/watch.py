"""What `guard` puts around a function and its gradient: three looks, each dearer than the last.

1. the step just made: does f change by what the slopes at its two ends promise? Costs nothing.
2. the slope along the search direction by differences, with an error bar: 13 values of f.
3. a full check at the point. Only this one blames.

Each look is taken when the one before gives cause; what it acquits is left in peace for twice as long each time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule import numeric, trees
from chainrule.check.claims.claim import name_of
from chainrule.check.guarding.blame import SEED, Function, GuardError, found_wrong
from chainrule.check.subject import quiet

Array = NDArray[np.float64]

FINE = 1e-6  # a smaller relative mistake in a slope stops no line search
FAINT = 1e-7  # nor does one this small beside the largest slope met so far
BENT = 1 / 8  # of the change in slope over a step: how far f may stray from what the mean slope promises


class Place(NamedTuple):
    """A point the optimiser asked the gradient at. `value` is None where it did not ask for f."""

    x: Array
    value: Array | None
    rows: Array  # the gradient, as the Jacobian of all results

    def slope(self, v: Array) -> Array:
        return np.asarray(self.rows @ v, dtype=float)


class Rest:
    """How long an acquitted gradient is left in peace: each time twice as long."""

    def __init__(self) -> None:
        self.length, self.until = 1, 0

    def is_over(self, now: int) -> bool:
        return now > self.until

    def begin(self, now: int) -> None:
        self.length *= 2
        self.until = now + self.length


class Watch:
    """What was seen on the way: `gradients` asked for, `evaluations` of fun made beyond what was asked for."""

    def __init__(self, fun: Function, jac: Function, every: int, check_first: int) -> None:
        self._fun, self._jac, self._every, self._check_first = fun, jac, every, check_first
        self._value: tuple[Array, Array] | None = None
        self._before: Place | None = None
        self._steepest = 0.0  # the largest slope met so far
        self._after_odd, self._after_suspect = Rest(), Rest()
        self._random = np.random.default_rng(SEED)
        self.gradients = self.evaluations = 0

    # -- what the optimiser calls ---------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<guard of {name_of(self._fun)}>"

    def fun(self, x: Any, *args: Any) -> Any:
        point = vector(x)
        result = self._fun(x, *args)
        self._value = point, vector(result)
        return result

    def jac(self, x: Any, *args: Any) -> Any:
        point = vector(x)
        result = self._jac(x, *args)
        self._look(point, result, np.shape(x), args)
        return result

    def both(self, pair: Function) -> Function:
        def fun(x: Any, *args: Any) -> Any:
            point = vector(x)
            result = pair(x, *args)
            self._value = point, vector(result[0])
            self._look(point, result[1], np.shape(x), args)
            return result

        fun.__self__ = self  # type: ignore[attr-defined]  # as a bound method has
        return fun

    # -- the three looks ------------------------------------------------------------------------------------------

    def _look(self, x: Array, gradient: Any, shape: tuple[int, ...], args: tuple[Any, ...]) -> None:
        before = self._before
        if before is not None and np.array_equal(before.x, x):
            return
        self.gradients += 1
        known = self._value[1] if self._value is not None and np.array_equal(self._value[0], x) else None
        size = 1 if known is None else known.size
        flat = vector(gradient)
        if not x.size or (flat.size != size * x.size and (known is not None or flat.size % max(x.size, 1))):
            self._confirm(x, None, None, shape, args)
            return
        here = self._before = Place(x, known, flat.reshape(-1, x.size))
        comparable = before is not None and before.rows.shape == here.rows.shape
        step = x - before.x if before is not None and comparable else -here.rows.sum(axis=0)
        due = max(self.gradients - self._check_first, 0) % self._every == 0
        odd = before is not None and comparable and self._after_odd.is_over(self.gradients) and _is_odd(before, here)
        if not (due or odd) or not self._after_suspect.is_over(self.gradients):
            return
        with quiet():
            suspect = self._differs(here, self._mixed(step, x), shape, args)
            if suspect:
                self._confirm(x, here, step, shape, args)
        if odd:
            self._after_odd.begin(self.gradients)
        if suspect:
            self._after_suspect.begin(self.gradients)

    def _mixed(self, step: Array, x: Array) -> Array:
        """The search direction and a random one: a wrong entry must show also where the step does not lead."""
        random = self._random.standard_normal(x.size) * np.maximum(1.0, np.abs(x))
        length = float(np.linalg.norm(step))
        return random / np.linalg.norm(random) + (step / length if 0 < length < np.inf else 0.0)

    def _differs(self, here: Place, v: Array, shape: tuple[int, ...], args: tuple[Any, ...]) -> bool:
        """Whether the gradient is off along v by more than the error bar of differences there."""
        promised = here.slope(v)
        with np.errstate(all="ignore"):
            allowed = FINE * (np.abs(here.rows) @ np.abs(v)) + FAINT * self._steepest
            self._steepest = max(self._steepest, float(np.max(np.abs(np.nan_to_num(promised)), initial=0.0)))
        measured = self._measured(here.x, v, shape, args)
        if measured is None:
            return False
        return bool(np.any(~(np.abs(promised - measured.value) <= 3 * np.asarray(measured.error) + allowed)))

    def _measured(self, x: Array, v: Array, shape: tuple[int, ...], args: tuple[Any, ...]) -> numeric.Estimate | None:
        """The slope of fun along v where it can be trusted; None where it cannot."""

        def f(point: Array) -> Array:
            self.evaluations += 1
            return vector(self._fun(point.reshape(shape), *args))

        try:
            measured = numeric.directional(f, x, v, budget="cheap")
        except Exception:  # fun does not take points beside the path: nothing is learnt
            return None
        return measured if measured.trusted else None

    def _confirm(
        self, x: Array, here: Place | None, step: Array | None, shape: tuple[int, ...], args: tuple[Any, ...]
    ) -> None:
        """Raise GuardError if a full check, too, finds the gradient wrong at x."""

        def counted(x: Any, *args: Any) -> Any:
            self.evaluations += 1
            return self._fun(x, *args)

        counted.__name__ = name_of(self._fun)
        (name,) = trees.argument_names(self._fun, 1)
        report = found_wrong(counted, self._jac, x.reshape(shape), args, name)
        if report is not None:
            along = "" if here is None or step is None else self._along(here, step, shape, args)
            raise GuardError(report, along or "WRONG where the optimiser stands, though not along the search direction")

    def _along(self, here: Place, step: Array, shape: tuple[int, ...], args: tuple[Any, ...]) -> str:
        """What the gradient promises along the search direction and what f does, where these differ; else ""."""
        length = float(np.linalg.norm(step))
        measured, promised = self._measured(here.x, step, shape, args), here.slope(step)
        if measured is None or promised.size != 1:
            return ""
        slope, told = float(np.sum(measured.value)) / length, float(promised[0]) / length
        if abs(slope - told) <= FINE * abs(slope):
            return ""
        return (
            f"WRONG along the search direction: {name_of(self._fun)} has slope {slope:.6g} there, "
            f"the gradient promises {told:.6g} (gradient {self.gradients} of this run)"
        )


def _is_odd(before: Place, here: Place) -> bool:
    """Whether f changed on the step by more or less than the mean of the slopes at its ends (exact for a parabola)."""
    if before.value is None or here.value is None or before.value.size != here.rows.shape[0]:
        return False
    step = here.x - before.x
    with np.errstate(all="ignore"):
        first, last = before.slope(step), here.slope(step)
        allowed = BENT * np.abs(last - first) + FINE * (np.abs(first) + np.abs(last))
        allowed += 1e-9 * np.maximum(np.abs(before.value), np.abs(here.value))
        astray = np.abs(here.value - before.value - (first + last) / 2)
    return bool(np.any(~(astray <= allowed)))


def vector(x: Any) -> Array:
    """A flat copy in float64, of sparse matrices too; empty for what is not made of real numbers."""
    try:
        return np.array(x.toarray() if hasattr(x, "toarray") else x, dtype=float).ravel()
    except (TypeError, ValueError):
        return np.zeros(0)
