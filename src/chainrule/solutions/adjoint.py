"""Machine code for an explicit Runge-Kutta method: its steps, and its discrete adjoint, the transposed derivatives of
the steps that were taken, from the last to the first. It is compiled once for a right-hand side.

Sanz-Serna, Symplectic Runge-Kutta schemes for adjoint equations, SIAM Review 58 (2016): what comes out is the exact
derivative of the computed solution.
"""

from __future__ import annotations

import importlib.util
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.libraries import late
from chainrule.numbers import Carrier, Number, StandIn, shape
from chainrule.ops.row import Operator
from chainrule.solutions.radau import CompiledStages, Rate
from chainrule.solutions.recorded import Recorded
from chainrule.transforms.jvp_vjp import jvp, vjp

_jit = late("chainrule.jit.call.jit.jit")
KEPT = 64
"""Right-hand sides that are remembered."""
_SEEN: dict[Any, Any] = {}


def explicit_step(tableau: Any, f: Rate, t: Any, y: Any, h: Any, first: Any = None) -> tuple[Any, list[Any]]:
    """y after one step of an explicit method of SciPy's from t to t + h, and the slopes of its stages, the first of
    which may be known."""
    stages: list[Any] = []
    start = y
    for row, c in zip(tableau.A[: tableau.n_stages], tableau.C, strict=False):
        moved = start
        for a, k in zip(row, stages, strict=False):
            if a:
                moved = moved + (h * float(a)) * k
        stages.append(f(t + h * float(c), moved) if first is None or stages else first)
    for b, k in zip(tableau.B, stages, strict=True):
        if b:
            y = y + (h * float(b)) * k
    return y, stages


def error_sizes(tableau: Any, stages: list[Any], h: Any, scale: Any) -> Any:
    """The sums of squares of the estimated errors of a step, over what they may be: SciPy's estimate; of DOP853 two."""
    if isinstance(tableau.E, np.ndarray):
        return ops.sum((_weighted(tableau.E, stages) * h / scale) ** 2)
    fifth, third = _weighted(tableau.E5, stages) / scale, _weighted(tableau.E3, stages) / scale
    return ops.stack([ops.sum(fifth**2), ops.sum(third**2)])


def _weighted(weights: Any, stages: list[Any]) -> Any:
    total: Any = 0.0
    for weight, stage in zip(weights, stages, strict=True):
        if weight:
            total = total + float(weight) * stage
    return total


def error_norm(sizes: Any, h: float, n: int) -> float:
    """SciPy's norm of the estimated errors (Hairer, Norsett, Wanner I, II.4 and II.10)."""
    if type(sizes) is float:
        return math.sqrt(sizes / n)
    fifth, third = sizes.tolist()
    return abs(h) * fifth / math.sqrt((fifth + 0.01 * third) * n) if fifth or third else 0.0


def sensitivity(rhs: Recorded, t: Any, y: Any, parameters: Any) -> Any:
    """The slopes of the states and of their derivative, which lie behind each other in y, in the direction in which all
    parameters and all components of the beginning grow alike."""
    n = shape(y)[0] // 2
    ways = tuple(np.ones(shape(p))[()] if shape(p) else 1.0 for p in parameters)
    slope, moved = jvp(lambda y, *p: rhs(t, y, *p), (y[:n], *parameters), (y[n:], *ways))
    return ops.concatenate([slope, moved])


class Compiled:
    """A right-hand side as machine code: its value, with that of its derivative too, a step of a method, and the
    adjoint of the step."""

    def __init__(self, rhs: Recorded, tableau: Any) -> None:
        def forth(t: Any, y: Any, h: Any, first: Any, rtol: Any, atol: Any, *p: Any) -> Any:
            found, stages = explicit_step(tableau, lambda t, y: rhs(t, y, *p), t, y, h, first)
            stages.append(rhs(t + h, found, *p))
            scale = atol + ops.maximum(abs(y), abs(found)) * rtol
            return found, stages[-1], ops.stack(stages), error_sizes(tableau, stages, h, scale)

        def back(t: Any, y: Any, h: Any, ct: Any, *parameters: Any) -> Any:
            def one(t: Any, y: Any, h: Any, *p: Any) -> Any:
                return explicit_step(tableau, lambda t, y: rhs(t, y, *p), t, y, h)[0]

            return vjp(one, t, y, h, *parameters)[1](ct)

        self.slope, self.forth, self.back = _jit(lambda t, y, *p: rhs(t, y, *p)), _jit(forth), _jit(back)
        self.both = _jit(lambda t, y, *p: sensitivity(rhs, t, y, p))


def stepping(method: Any, code: Compiled, parameters: list[Any]) -> Any:
    """A method of SciPy's whose steps are taken by machine code; how long they are is decided by its own estimates,
    and as it is there (Hairer, Norsett, Wanner I, II.4)."""

    class Stepping(method):  # type: ignore[misc]
        def _step_impl(self: Any) -> tuple[bool, str | None]:
            t, y, way, bound, most = float(self.t), self.y, float(self.direction), float(self.t_bound), self.max_step
            rtol, atol = (x if np.ndim(x) else float(x) for x in (self.rtol, self.atol))
            least = 10 * abs(math.nextafter(t, way * math.inf) - t)
            size, refused = float(min(max(self.h_abs, least), most)), False
            while size >= least:
                end = t + size * way
                end = bound if way * (end - bound) > 0 else end
                h = end - t
                found, slope, stages, errors = code.forth(t, y, h, self.f, rtol, atol, *parameters)
                self.nfev += self.n_stages
                error = error_norm(errors, h, self.n)
                change = 10.0 if error == 0 else 0.9 * error**self.error_exponent
                if error < 1:
                    self.K[: len(stages)] = stages
                    self.h_abs = abs(h) * min(1.0 if refused else 10.0, change)
                    self.h_previous, self.y_old = h, y
                    self.t, self.y, self.f = end, found, slope
                    return True, None
                size, refused = abs(h) * max(0.2, change), True
            return False, self.TOO_SMALL_STEP

    return Stepping


def compiled(rhs: Recorded, method: Any) -> Any:
    """The machine code of a right-hand side: Compiled for an explicit method, CompiledStages for None; see `kept`."""
    make = (lambda: CompiledStages(rhs)) if method is None else lambda: Compiled(rhs, method)
    return kept((getattr(method, "__name__", ""), rhs.key), make)


def kept(key: Any, make: Callable[[], Any]) -> Any:
    """What is made for a key that is met a second time; None at the first, for which it is not worth it, and without
    llvmlite."""
    if key in _SEEN:
        found = _SEEN.pop(key) or make()
        _SEEN[key] = found
        return found
    if importlib.util.find_spec("llvmlite") is not None:
        while len(_SEEN) >= KEPT:
            _SEEN.pop(next(iter(_SEEN)))
        _SEEN[key] = None
    return None


class Path(Operator):
    """The states at some times, as an operator on (parameters..., y0, first time, last time, asked times); without
    the last where the states are those at the steps.

    times    the plain times of the steps; `states` the states there, one in each row
    asked    the plain times that are asked for, or None
    numbers  the states there, one in each column
    slowly   the same by the steps themselves, for cotangents that carry derivatives
    """

    def __init__(self, code: Any, times: Any, states: Any, asked: Any, numbers: Any,
                 slowly: Callable[..., Any]) -> None:  # fmt: skip
        Operator.__init__(self, "solve_ivp", table={})
        self.compiled, self.times, self.states, self.asked = code, times, states, asked
        self.numbers, self.slowly = numbers, slowly

    def kernel(self, lib: Any, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        return lambda *args: self.numbers

    def push(self, y: Number, args: Any, tangents: Any, settings: Any) -> Any:
        moving = [k for k, tangent in enumerate(tangents) if tangent is not None]

        def moved(*some: Any) -> Any:
            given = dict(zip(moving, some, strict=True))
            return self.slowly(*(given.get(k, x) for k, x in enumerate(args)))

        return jvp(moved, tuple(args[k] for k in moving), tuple(tangents[k] for k in moving))[1] if moving else None

    def pull(self, ct: Number, y: Number, args: Any, active: Any, settings: Any) -> Any:
        plain = not any(isinstance(x, (Carrier, StandIn)) for x in (ct, *args))
        shares = self._shares(np.asarray(ct, float), args) if plain else vjp(self.slowly, *args)[1](ct)
        for i in active:
            yield i, shares[i]

    def _shares(self, ct: Any, args: Any) -> list[Any]:
        """The cotangents of all arguments."""
        count = len(args) - (3 if self.asked is None else 4)
        parameters = [p if type(p) is float else np.asarray(p)[()] for p in args[:count]]
        times, states, back = self.times, self.states, self.compiled.back
        total: list[Any] = [0.0 * p for p in parameters]
        places_in_time, of_times = times.tolist(), [0.0] * len(times)
        waiting = np.zeros_like(states)  # cotangents of the states

        def through(k: int, h: float, ct: Any) -> float:
            share: float
            of_time, of_state, share, *shares = back(places_in_time[k], states[k], h, ct, *parameters)
            total[:] = map(operator.add, total, shares)
            waiting[k] += of_state
            of_times[k] += of_time - share
            return share

        of_asked = []
        if self.asked is None:
            waiting += ct.T
        else:
            for j, (t, k) in enumerate(zip(self.asked.tolist(), places(times, self.asked).tolist(), strict=True)):
                of_asked.append(through(k, t - places_in_time[k], ct[:, j]))
        for k in range(len(times) - 2, -1, -1):
            of_times[k + 1] += through(k, places_in_time[k + 1] - places_in_time[k], waiting[k + 1])
        found = [*total, waiting[0], of_times[0], of_times[-1]]
        return found if self.asked is None else [*found, np.array(of_asked)]


def places(times: Any, asked: Any) -> Any:
    """The last step at or before each time.

    >>> places(np.array([0.0, 1.0, 3.0]), [0.0, 2.5, 3.0])
    array([0, 1, 2])
    """
    forward = times[-1] >= times[0]
    found = np.searchsorted(times, asked, "right") if forward else np.searchsorted(-times, -np.asarray(asked), "right")
    return np.clip(found - 1, 0, len(times) - 1)
