"""Where a right-hand side or an integrand jumps, or bends: the places at which its decisions have other answers.

The derivative of a solution has a term for a jump: the place tau moves with parameters and states as the number that
decides says (the gap g of `scipy/decisions.py`: g(tau, y(tau)) = 0), and what lies behind it with the jump times
that (the saltation of Mueller, Calculation of Lyapunov exponents for dynamic systems with discontinuities, 1995; of an
integral, Leibniz's rule for its limits). It comes out by itself where the step is cut in two at tau, and both parts
keep the answers of their side.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule import ops
from chainrule.errors import SolutionError, forgiven
from chainrule.numbers import primal, shape
from chainrule.scipy.decisions import Decisions, differing
from chainrule.transforms.implicit import as_one_number, with_derivatives
from chainrule.transforms.jvp_vjp import jvp

Function = Callable[..., Any]
MOST = 64
"""Switches within one step; a function that has more of them is refused."""


class Switch(NamedTuple):
    """A place where decision number `decision` (of an array: its element) has another answer; the answers of all of
    them before it and behind it."""

    place: float
    before: list[Any]
    after: list[Any]
    decision: int
    element: int


class Follower:
    """A function of places, and what it decides by them.

    decides  whether it does; None where it cannot be followed
    moves    whether its decisions depend on what is differentiated
    """

    def __init__(self, f: Function, *at: Any, kinks: bool = False) -> None:
        self.f, self.kinks = f, kinks
        run = Decisions(None, kinks)
        self.decides: bool | None = None
        self.moves = False
        try:
            with forgiven():
                run.of(f, *at)
        except Exception:  # a function that takes plain numbers only, say
            return
        self.moves = run.moved()
        if not run.plainly:
            self.decides = bool(run.noted)

    def run(self, *at: Any, given: list[Any] | None = None) -> Decisions:
        run = Decisions(given, self.kinks)
        run.of(self.f, *at)
        return run

    def held(self, answers: list[Any]) -> Function:
        """f with the answers that it had elsewhere."""
        return lambda *args: Decisions(answers, self.kinks).of(self.f, *args)


def switches(f: Follower, place: Callable[[float], tuple[Any, ...]], stops: Any, name: str) -> dict[int, list[Switch]]:
    """The switches between each two of the `stops`, along the way on which f is asked at place(t)."""
    found: dict[int, list[Switch]] = {}
    at = functools.cache(lambda t: f.run(*place(t)).answers)
    stops = [float(t) for t in stops]
    first = np.nextafter(stops[0], stops[-1])  # a tie at the beginning is none that is passed
    now, current = float(first), at(float(first))
    for k, end in enumerate(stops[1:]):
        while differing(current, at(end)) is not None:
            before, after = _between(at, now, end, current)
            if after == stops[-1] and k == len(stops) - 2:
                break
            which = differing(current, at(after))
            assert which is not None
            noted = f.run(*place(before)).noted
            known = which[0] < len(noted) and noted[which[0]].gap is not None
            if known or _jumps(f.held(current), f.held(at(after)), place(after)):
                found.setdefault(k, []).append(Switch(before, current, at(after), *which))
            if len(found.get(k, ())) > MOST:
                raise SolutionError.here(
                    f"scipy.integrate.{name}: what it integrates goes to and fro more than {MOST} times between "
                    f"{now:.6g} and {end:.6g}; it has no derivative there"
                )
            now, current = after, at(after)
        now, current = end, at(end)
    return found


def _between(at: Function, low: float, high: float, current: list[Any]) -> tuple[float, float]:
    """Two neighbouring places, the last with these answers and the first with others."""
    for _ in range(100):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if differing(current, at(middle)) is None else (low, middle)
    return low, high


def _jumps(before: Function, after: Function, at: tuple[Any, ...]) -> bool:
    """Whether the two sides differ."""
    a, b = (np.asarray(primal(f(*at)), float) for f in (before, after))
    return not np.allclose(a, b, rtol=1e-9, atol=1e-12 * float(np.abs(a).max(initial=0.0)))


def gap(f: Follower, switch: Switch, name: str, *at: Any) -> Any:
    """The number that is 0 at the switch, with the answers of before it."""
    run = f.run(*at, given=switch.before)
    decision = run.noted[switch.decision] if switch.decision < len(run.noted) else None
    if decision is None or decision.gap is None:
        asked = "a decision" if decision is None else decision.name
        raise SolutionError.here(
            f"scipy.integrate.{name}: what it integrates jumps at {switch.place:.6g} by {asked}, of which is not "
            "known how\n  the place moves. Compare numbers (t < a, y[0] > b), or end the integral there, at an "
            "event or a limit, and go on from it"
        )
    found = as_one_number(decision.gap())
    return ops.reshape(found, (-1,))[switch.element] if shape(found) else found


def moved(place: float, number: Callable[[Any], Any], name: str) -> Any:
    """The place where number(place) is 0, near this one, with what it has of the carriers in it."""
    for _ in range(4):
        value, slope = (float(primal(x)) for x in jvp(number, (place,), (1.0,)))
        if slope == 0 or not np.isfinite(value / slope):
            raise SolutionError.here(
                f"scipy.integrate.{name}: what decides about a jump near {place:.6g} is 0 there and does not pass "
                "through it: the solution has no derivative"
            )
        place -= value / slope
        if abs(value) <= 1e-15 * abs(slope * place):
            break
    return with_derivatives(place, number)


def refuse_jumps(f: Callable[[float], Any], stops: Any, name: str) -> None:
    """Raises SolutionError where f, which cannot be followed, jumps between two of the stops: where halving the
    distance does not make the change smaller."""
    values = [f(float(t)) for t in stops]
    size = max((float(np.abs(v).max(initial=0.0)) for v in values if np.isfinite(v).all()), default=0.0)
    for k, (low, high) in enumerate(zip(map(float, stops[:-1]), map(float, stops[1:]), strict=True)):
        a, b = values[k], values[k + 1]
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            continue
        change = float(np.abs(b - a).max(initial=0.0))
        for turn in range(44):
            middle = low + (high - low) / 2
            left = float(np.abs((m := f(middle)) - a).max(initial=0.0))
            right = float(np.abs(b - m).max(initial=0.0))
            low, high, a, b = (low, middle, a, m) if left > right else (middle, high, m, b)
            if max(left, right) <= max(1e-6 * size, change * 0.9 ** (turn + 1)):
                break
        else:
            raise SolutionError.here(
                f"scipy.integrate.{name}: what it integrates jumps at {low:.6g}, and how the place moves cannot be "
                "followed.\n  Compare numbers (t < a, y[0] > b), or end the integral there, at an event or a "
                "limit, and go on from it"
            )
