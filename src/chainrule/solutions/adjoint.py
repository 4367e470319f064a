"""Machine code for an explicit Runge-Kutta method: its steps, and its discrete adjoint, the transposed derivatives of
the steps that were taken, from the last to the first. It is compiled once for a right-hand side.

Sanz-Serna, Symplectic Runge-Kutta schemes for adjoint equations, SIAM Review 58 (2016): what comes out is the exact
derivative of the computed solution.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Carrier, Number, StandIn, late, shape
from chainrule.ops.row import Operator
from chainrule.solutions.recorded import Recorded
from chainrule.transforms.jvp_vjp import jvp, vjp

_jit = late("chainrule.jit.call.jit.jit")
Rate = Callable[[Any, Any], Any]
"""t, y -> dy/dt as a row."""
KEPT = 64
"""Right-hand sides that are remembered."""
_SEEN: dict[Any, Compiled | None] = {}


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
        def forth(t: Any, y: Any, h: Any, first: Any, *p: Any) -> Any:
            found, stages = explicit_step(tableau, lambda t, y: rhs(t, y, *p), t, y, h, first)
            last = rhs(t + h, found, *p)
            return found, last, ops.stack([*stages, last])

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
            least = 10 * abs(np.nextafter(self.t, self.direction * np.inf) - self.t)
            size, refused = min(max(self.h_abs, least), self.max_step), False
            while size >= least:
                end = self.t + size * self.direction
                end = self.t_bound if self.direction * (end - self.t_bound) > 0 else end
                h = end - self.t
                y, slope, stages = code.forth(float(self.t), self.y, float(h), self.f, *parameters)
                self.nfev += self.n_stages
                self.K[: len(stages)] = stages
                scale = self.atol + np.maximum(np.abs(self.y), np.abs(y)) * self.rtol
                error = self._estimate_error_norm(self.K[: len(stages)], h, scale)
                change = 10.0 if error == 0 else 0.9 * error**self.error_exponent
                if error < 1:
                    self.h_abs = abs(h) * min(1.0 if refused else 10.0, change)
                    self.h_previous, self.y_old = h, self.y
                    self.t, self.y, self.f = end, y, slope
                    return True, None
                size, refused = abs(h) * max(0.2, change), True
            return False, self.TOO_SMALL_STEP

    return Stepping


def compiled(rhs: Recorded, method: Any) -> Compiled | None:
    """The machine code of a right-hand side that is met a second time; None at the first, for which it is not worth it,
    and without llvmlite."""
    key = (method.__name__, rhs.key)
    if key in _SEEN:
        found = _SEEN.pop(key) or Compiled(rhs, method)
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

    def __init__(self, code: Compiled, times: Any, states: Any, asked: Any, numbers: Any,
                 slowly: Callable[..., Any]) -> None:  # fmt: skip
        # not a row of the table: no super().__init__
        self.name = self.symbol = self.__name__ = "solve_ivp"
        self.compiled, self.times, self.states, self.asked = code, times, states, asked
        self.numbers, self.slowly = numbers, slowly
        self.kernels: dict[str, Any] = {}
        self.code, self.remembers, self.view = 0, True, False
        self._resolved: dict[Any, Any] = {}
        self.kinks = self.printed = ""

    def _resolve(self, lib: Any, args: tuple[Number, ...]) -> Callable[..., Number]:
        return lambda *args: self.numbers

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
        of_times, waiting = np.zeros(len(times)), np.zeros_like(states)  # waiting: cotangents of the states

        def through(k: int, h: float, ct: Any) -> float:
            t_share, y_share, h_share, *shares = back(float(times[k]), states[k], float(h), ct, *parameters)
            for j, share in enumerate(shares):
                total[j] = total[j] + share
            waiting[k] += y_share
            of_times[k] += t_share - h_share
            return float(h_share)

        of_asked = []
        if self.asked is None:
            waiting += ct.T
        else:
            for j, (t, k) in enumerate(zip(self.asked, places(times, self.asked), strict=True)):
                of_asked.append(through(k, t - times[k], ct[:, j]))
        for k in range(len(times) - 2, -1, -1):
            of_times[k + 1] += through(k, times[k + 1] - times[k], waiting[k + 1])
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
