"""Initial value problems: `solve_ivp` and `odeint` in lifted functions.

SciPy's solver runs on plain numbers and decides where it steps. The steps that it took are then taken once more on what
carries derivatives, by formulas of Runge and Kutta whose tableau is SciPy's own: the derivative is that of the computed
solution, as close to the true one as the tolerances make the solution itself. Where the method is implicit, so are the
formulas (Radau IIA of order 5), and the stages are solutions of equations (see `implicit`).

Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I (1993), II.6; II (1996), IV.8.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate
from scipy.integrate import DOP853, RK23, RK45

from chainrule import ops
from chainrule.carriers.dual import Dual
from chainrule.carriers.lift import lift
from chainrule.errors import SolutionError
from chainrule.inputs import as_number
from chainrule.numbers import Carrier, primal, shape
from chainrule.solutions.adjoint import Path, compiled, explicit_step, kept, sensitivity, stepping
from chainrule.solutions.events import Events
from chainrule.solutions.radau import Rate, implicit_step, in_plain_numbers
from chainrule.solutions.recorded import Recorded, number_of, recorded, with_tangent
from chainrule.solutions.switches import Follower, Switch, gap, moved, refuse_jumps, switches
from chainrule.solutions.tangents import Tangents, plain_or_of
from chainrule.transforms.implicit import as_one_number, order

EXPLICIT = {"RK23": RK23, "RK45": RK45, "DOP853": DOP853}


class Trajectory:
    """The solution on the steps from t0 on, as carriers: at every step, and in between by a shorter step."""

    def __init__(
        self, f: Rate, y0: Any, times: list[Any], method: str, follower: Any = None,
        cuts: dict[int, list[Switch]] | None = None,
    ) -> None:  # fmt: skip
        self.tableau, self.plain = EXPLICIT.get(method), None
        if self.tableau is None:
            known = recorded(f, primal(times[0]), _plain_row(y0), plainly=True)
            self.plain = None if known is None else in_plain_numbers(known)
        self.times, self.states, self.rates, self.rate = times[:1], [y0], [f], f
        for k, after in enumerate(times[1:]):
            for switch in (cuts or {}).get(k, ()):
                self.rates[-1] = follower.held(switch.before)
                self._reached(self._cut(follower, switch), follower.held(switch.after))
            self._reached(after, f)

    def _reached(self, t: Any, rate: Rate) -> None:
        self.states.append(self._step(len(self.times) - 1, t))
        self.times.append(t)
        self.rates.append(rate)

    def _cut(self, follower: Follower, switch: Switch) -> Any:
        """The time of a switch after the last state."""
        last, name = len(self.times) - 1, "solve_ivp"
        return moved(switch.place, lambda t: gap(follower, switch, name, t, self._step(last, t)), name)

    def _step(self, k: int, end: Any) -> Any:
        """The state at a time from that at time k."""
        f, t, y = self.rates[k], self.times[k], self.states[k]
        if self.tableau is None:
            return implicit_step(f, t, y, end - t, self.plain if f is self.rate else None)
        return explicit_step(self.tableau, f, t, y, end - t)[0]

    def at(self, t: Any) -> Any:
        """The solution at t, from the last step before it."""
        plain, steps = primal(t), np.array([primal(x) for x in self.times])
        forward = steps[-1] >= steps[0]
        k = int(np.searchsorted(steps, plain, "right") if forward else np.searchsorted(-steps, -plain, "right")) - 1
        k = min(max(k, 0), len(steps) - 1)
        if steps[k] == plain and not isinstance(t, Carrier) and not isinstance(self.times[k], Carrier):
            return self.states[k]
        return self._step(k, t)


def _moved(y: Any, numbers: Any) -> Any:
    """`y` with these numbers below its carriers."""
    return y - primal(y) + numbers if order(y) else as_number(numbers)


def _row(y: Any) -> Any:
    """A state or a slope as one row; a list of carriers, say."""
    return ops.reshape(as_one_number(y), (-1,))


def _plain_row(y: Any) -> Any:
    return np.asarray(primal(_row(y)), dtype=float)


def _held(f: Rate, t: Any, y: Any) -> bool:
    """Whether a slope depends on carriers although it is asked for with plain numbers."""
    return isinstance(f(t, y), Carrier)


def _as_options(options: dict[str, Any], more: tuple[Any, ...]) -> dict[str, Any]:
    """The options of a solver, as plain numbers."""
    if callable(options.get("jac")):
        jac = lift(options["jac"])
        options = {**options, "jac": lambda t, y: primal(as_one_number(jac(t, y, *more)))}
    return {name: primal(as_one_number(x) if isinstance(x, list) else x) for name, x in options.items()}


@functools.wraps(scipy.integrate.solve_ivp)
def solve_ivp(
    fun: Callable[..., Any], t_span: Any, y0: Any, method: Any = "RK45", t_eval: Any = None, dense_output: bool = False,
    events: Any = None, vectorized: bool = False, args: Any = None, **options: Any,
) -> Any:  # fmt: skip
    if not isinstance(method, str):
        method = getattr(method, "__name__", method)
    more, lifted = () if args is None else tuple(args), lift(fun)

    def f(t: Any, y: Any) -> Any:
        return _row(lifted(t, y, *more))

    start, ends = _row(y0), [as_number(x) for x in t_span]
    plain_ends, plain_start = [float(primal(x)) for x in ends], _plain_row(start)
    asked = None if t_eval is None else as_one_number(t_eval)
    watched = Events(events, more)
    moving = any(isinstance(x, Carrier) for x in (*ends, start, asked))
    slope = Slope(f, plain_ends[0], plain_start, method, moving, start)
    dense = dense_output or asked is not None or watched.given or slope.follower.decides is not False
    answer = scipy.integrate.solve_ivp(
        slope, plain_ends, plain_start, slope.method_to_run(), None if asked is None else np.asarray(primal(asked)),
        dense, watched.plain, False, None, **_as_options(options, more),
    )  # fmt: skip
    steps, solution = answer.sol.ts if dense else answer.t, answer.sol
    if dense and not dense_output:
        answer["sol"] = None
    if not (moving or slope.moves or watched.moves):
        if dense_output:  # it may be asked for at a time that is differentiated
            kind = method if method in EXPLICIT else "Radau"
            answer["sol"] = Dense(lambda: Trajectory(f, start, steps.tolist(), kind, slope.follower), solution, True)
        return answer
    if answer.status < 0:
        raise SolutionError.here(f"scipy.integrate.solve_ivp did not reach the end: {answer.message}")
    times = [ends[0], *steps[1:-1].tolist(), ends[1]]
    cuts = slope.switches(steps, solution, "solve_ivp")
    answer = copy.copy(answer)
    kind = method if method in EXPLICIT else "Radau"
    if slope.code is not None and not dense_output and not watched.given and not cuts:
        states = answer.y.T if asked is None else solution(steps).T
        still = slope.still(steps, states)
        if still and slope.tangent is not None:
            found = slope.by_tangent(start, ends, steps, states, asked, answer.y)
            if found is not None:
                answer["y"] = found
                return answer
        elif still:
            answer["y"] = by_adjoint(slope, start, times, steps, states, asked, answer.y)
            answer["t"] = ops.array(times if asked is None else list(asked))
            return answer
    if watched.given:
        path = Trajectory(f, start, times[:-1] if answer.status == 1 else times, kind, slope.follower, cuts)
        if answer.status == 1:  # the last step ends at an event
            times[-1] = watched.time(path, float(steps[-1]), [k for k, t in enumerate(answer.t_events) if len(t)])
        answer["t_events"], answer["y_events"] = watched.found(path, answer)
    else:
        path = Trajectory(f, start, times, kind, slope.follower, cuts)
    wanted = times if asked is None else list(asked)[: len(answer.t)]
    answer["y"] = _moved(ops.stack([path.at(t) for t in wanted], axis=1), answer.y)
    answer["t"] = ops.array(wanted)
    if dense_output:
        answer["sol"] = Dense(lambda: path, solution)
    return answer


class Slope:
    """The slope in plain numbers, and whether it moves with what is differentiated.

    moves     whether it has met what is differentiated
    code      its machine code, where there is some: see `compiled`
    follower  what it decides
    tangent   the recorded number and tangent, in forward mode: see `with_tangent`
    """

    def __init__(self, f: Rate, t: float, y: Any, method: str, moving: bool, start: Any = None) -> None:
        self.f, self.method, self.follower = f, method, Follower(f, t, y)
        self.moves = _held(f, t, y) or self.follower.moves
        self.recorded: Recorded | None = None
        self.code: Any = None
        self.tangent: Any = None
        self.parameters: list[Any] = []
        if (moving or self.moves) and y.size:
            self.recorded = recorded(f, t, y)
            along = self.recorded is None or (isinstance(start, Dual) and not self.recorded.parameters)
            if along and method in EXPLICIT:
                self.tangent = with_tangent(f, t, y)
                self.recorded = self.recorded if self.tangent is None else self.tangent[0]
            if self.recorded is not None:
                self.code = compiled(self.recorded, EXPLICIT.get(method))
                self.parameters = self.recorded.parameters
        self.numbers = [number_of(p) for p in self.parameters]

    def __call__(self, t: float, y: Any) -> Any:
        if self.code is not None:
            return self.code.slope(float(t), y, *self.numbers)
        found = self.f(t, y)
        self.moves = self.moves or isinstance(found, Carrier)
        return _plain_row(found)

    def method_to_run(self) -> Any:
        """What SciPy is to step with."""
        return (
            self.method
            if self.code is None or self.method not in EXPLICIT
            else stepping(EXPLICIT[self.method], self.code, self.numbers)
        )

    def switches(self, steps: Any, solution: Any, name: str) -> dict[int, list[Switch]]:
        """Where what it decides has other answers, between the steps."""
        if self.follower.decides is False:
            return {}
        if self.follower.decides is None:
            refuse_jumps(lambda t: _plain_row(self.f(t, solution(t))), steps, name)
            return {}
        return switches(self.follower, lambda t: (t, solution(t)), steps, name)

    def with_sensitivity(self) -> Rate | None:
        """The slopes of the states, and of their derivative in a direction of beginning and parameters; None where the
        function is not recorded."""
        function = self.recorded
        if function is None:
            return None
        if self.code is not None:
            both = self.code.both
            return lambda t, y: both(float(t), y, *self.numbers)
        return lambda t, y: sensitivity(function, float(t), y, self.numbers)

    def by_tangent(self, start: Any, ends: Any, steps: Any, states: Any, asked: Any, numbers: Any) -> Any:
        """The states with their tangents; None where more is differentiated than one level of Duals."""
        number, tangent, level = self.tangent
        if any(isinstance(x, Carrier) for x in (*ends, asked)) or not plain_or_of(level, start):
            return None
        tableau = EXPLICIT[self.method]
        code = kept((self.method, number.key, tangent.key), lambda: Tangents(number, tangent, tableau))
        if code is None:
            return None
        begin = start.tangent if isinstance(start, Dual) else np.zeros(len(states[0]))
        level = start.level if level is None else level
        parameters = [number_of(p) for p in (*number.parameters, *tangent.parameters)]
        plain = None if asked is None else np.asarray(asked, float)
        return Dual(numbers, code.along(steps, states, np.asarray(begin, float), plain, parameters), level)

    def still(self, times: Any, states: Any) -> bool:
        """Whether the machine code computes what the function itself does, at some of the steps."""
        for k in {0, len(times) // 3, 2 * len(times) // 3, len(times) - 1}:
            fast, right = self(times[k], states[k]), _plain_row(self.f(times[k], states[k]))
            if not bool((np.abs(fast - right) <= 1e-12 + 1e-9 * np.abs(right)).all()):
                return False
        return True


def by_adjoint(slope: Slope, start: Any, times: list[Any], steps: Any, states: Any, asked: Any, numbers: Any) -> Any:
    """The states at the asked times, by the discrete adjoint."""
    code, function = slope.code, slope.recorded
    assert function is not None

    def slowly(*args: Any) -> Any:
        count = len(slope.parameters)
        p, (y0, first, last, *rest) = args[:count], args[count:]
        path = Trajectory(lambda t, y: function(t, y, *p), y0, [first, *steps[1:-1].tolist(), last], slope.method)
        return ops.stack([path.at(t) for t in rest[0]] if rest else path.states, axis=1)

    inputs = [*slope.parameters, start, times[0], times[-1], *([] if asked is None else [asked])]
    plain = None if asked is None else np.asarray(primal(asked), float)
    return Path(code, steps, states, plain, numbers, slowly)(*inputs)


class Dense:
    """What stands for SciPy's `OdeSolution`: the state at t, or the states at several along the last axis."""

    def __init__(self, path: Callable[[], Trajectory], plain: Any, still: bool = False) -> None:
        self._path, self._plain, self._still = functools.lru_cache(maxsize=1)(path), plain, still

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._plain, name)

    def __call__(self, t: Any) -> Any:
        t = as_one_number(t)
        if self._still and not isinstance(t, Carrier):
            return self._plain(t)
        if shape(t) == ():
            return _moved(self._path().at(t), self._plain(primal(t)))
        found = ops.stack([self._path().at(x) for x in as_number(t)], axis=1)
        return _moved(found, self._plain(np.asarray(primal(t))))


@functools.wraps(scipy.integrate.odeint)
def odeint(
    func: Callable[..., Any], y0: Any, t: Any, args: Any = (), Dfun: Any = None, col_deriv: int = 0,
    full_output: int = 0, *more: Any, tfirst: bool = False, rtol: Any = None, atol: Any = None, **options: Any,
) -> Any:  # fmt: skip
    extra, lifted = args if isinstance(args, tuple) else (args,), lift(func)

    def f(t: Any, y: Any) -> Any:
        return _row(lifted(t, y, *extra) if tfirst else lifted(y, t, *extra))

    start, asked = _row(y0), as_one_number(t)
    plain_start, plain_asked = _plain_row(start), np.asarray(primal(asked), dtype=float)

    moving = isinstance(start, Carrier) or isinstance(asked, Carrier)
    slope = Slope(f, float(plain_asked[0]), plain_start, "DOP853", moving, start)
    answer = scipy.integrate.odeint(
        slope, plain_start, plain_asked, (), None, 0, full_output, *more, tfirst=True, rtol=rtol, atol=atol, **options
    )
    if not (moving or slope.moves):
        return answer
    numbers = answer[0] if full_output else answer
    times, states, method, solution = _steps(slope, plain_start, plain_asked, rtol, atol)
    cuts = slope.switches(times, solution, "odeint")
    grid = [asked[0], *times[1:-1].tolist(), asked[-1]]
    fast = slope.code is not None and method == "DOP853" and not cuts and slope.still(times, states)
    by_tangent = None
    if fast and slope.tangent is not None:
        by_tangent = slope.by_tangent(start, (), times, states, asked, numbers.T)
    if by_tangent is not None:
        found = ops.transpose(by_tangent)
    elif fast and slope.tangent is None:
        found = ops.transpose(by_adjoint(slope, start, grid, times, states, asked, numbers.T))
    else:
        path = Trajectory(f, start, grid, method, slope.follower, cuts)
        found = ops.stack([path.states[0], *(path.at(asked[k]) for k in range(1, len(plain_asked)))])
    return (_moved(found, numbers), answer[1]) if full_output else _moved(found, numbers)


class _Stiff(Exception):
    """An explicit method asks for more slopes than an implicit one is worth."""


def _steps(slope: Slope, y0: Any, asked: Any, rtol: Any, atol: Any) -> tuple[Any, Any, str, Any]:
    """Where to step for a solution as precise as odeint's, the states there, by which method, and the states in between
    (None where nothing is decided by them). LSODA's own steps are
    those of another formula, of up to order 12. Where the right-hand side is known as steps, a derivative of the
    solution is solved for as well, so that the steps are short where it bends."""
    settings = {"rtol": 1.49e-8 if rtol is None else primal(rtol), "atol": 1.49e-8 if atol is None else primal(atol)}
    settings["dense_output"] = slope.follower.decides is not False
    count, most, n = [0], 12 * 400, len(y0)
    both = slope.with_sensitivity()

    def counted(t: float, y: Any) -> Any:
        count[0] += 1
        if count[0] > most:
            raise _Stiff
        return slope(t, y) if both is None else both(t, y)

    ends = (asked[0], asked[-1])
    try:
        with np.errstate(all="ignore"):  # where the steps are too long for it
            begin = y0 if both is None else np.concatenate([y0, np.ones(n)])
            found = scipy.integrate.solve_ivp(counted, ends, begin, "DOP853", **settings)
            return found.t, found.y[:n].T, "DOP853", None if found.sol is None else lambda t: found.sol(t)[:n]
    except _Stiff:
        found = scipy.integrate.solve_ivp(slope, ends, y0, "Radau", **settings)
        return found.t, found.y.T, "Radau", found.sol


RULES = {"solve_ivp": solve_ivp, "odeint": odeint}
