"""Integrals in lifted functions: `quad`, `fixed_quad`, and the rules for samples.

QUADPACK decides where it looks. The derivative is that of its own sum, taken once more over the pieces that it ended
with: over [a, b] the nodes are a + (b - a) u with u in the unit interval, so that limits, parameters inside the
integrand and what is in `args` all move (Leibniz's rule is what comes out). Half-lines and the line are mapped as
QUADPACK does it (Piessens et al., QUADPACK, 1983): x = a + (1 - u) / u.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate

from chainrule import ops
from chainrule.carriers.functions.plain import stripped
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.lift import lift
from chainrule.carriers.refusals import no_rule
from chainrule.errors import SolutionError, UnsupportedFunction
from chainrule.numbers import Carrier, StandIn, primal, shape
from chainrule.scipy.decisions import aside
from chainrule.signatures import by_name
from chainrule.solutions.plainly import plain_array, plainly, with_arguments
from chainrule.solutions.switches import Follower, gap, moved, refuse_jumps, switches
from chainrule.solutions.weighted import unweighted
from chainrule.transforms.implicit import as_one_number, order

Function = Callable[..., Any]


def _rule(n: int) -> tuple[Any, Any]:
    """Nodes and weights of Gauss and Legendre on the unit interval."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return (nodes + 1) / 2, weights / 2


def _double_exponential() -> tuple[Any, Any]:
    """Nodes and weights on the unit interval for integrands with singular ends: u = 1 / (1 + exp(pi sinh t)), by the
    trapezoidal rule (Takahasi and Mori 1974)."""
    step = 1 / 16
    t = np.arange(-4.3, 4.3, step)
    u = 1 / (1 + np.exp(-np.pi * np.sinh(t)))
    weights = step * np.pi * np.cosh(t) * u * (1 / (1 + np.exp(np.pi * np.sinh(t))))
    inside = (u > 0) & (u < 1)
    return u[inside], weights[inside]


_SMOOTH, _SINGULAR = _rule(21), _double_exponential()
_INSIDE = (0.002, 0.3, 0.5, 0.7, 0.998)
"""Where to look in each piece for what an integrand decides."""


def _noted(y: Any, seen: list[Any]) -> Any:
    """y; a carrier is noted."""
    if not seen and isinstance(y, Carrier):
        seen.append(y)
    return y


class _Depth(threading.local):
    depth = 0


_PLAIN = _Depth()
"""How many integrals are being asked for their numbers only, one inside the other."""


def _numbers(f: Function, low: float, high: float, full_output: Any, settings: dict[str, Any]) -> Any:
    """What SciPy gives for the numbers below all carriers."""
    _PLAIN.depth += 1
    try:
        return scipy.integrate.quad(lambda x: float(primal(f(x))), low, high, (), full_output, **settings)
    finally:
        _PLAIN.depth -= 1


@aside
@functools.wraps(scipy.integrate.quad)
def quad(func: Function, a: Any, b: Any, args: Any = (), full_output: Any = 0, **settings: Any) -> Any:
    more, lifted = args if isinstance(args, tuple) else (args,), lift(func)
    refused = [name for name in ("complex_func",) if settings.get(name)]
    low, high = float(primal(a)), float(primal(b))

    def f(x: Any) -> Any:
        y = lifted(x, *more)
        return y if shape(y) == () else ops.reshape(as_one_number(y), ())

    if settings.get("weight") is not None:
        return _weighted(f, a, b, full_output, settings)
    points = settings.pop("points", None)
    if points is not None:
        settings["points"] = [float(primal(x)) for x in points]
    if _PLAIN.depth and not refused:  # inside of another integral, of which only the number is asked
        return _numbers(f, low, high, full_output, settings)
    inside = f(_between(low, high))
    follower = Follower(f, _between(low, high), kinks=order(inside) > 1)
    moving = follower.moves or any(isinstance(x, Carrier) for x in (a, b, inside))
    if not moving:
        seen: list[Any] = []
        answer = scipy.integrate.quad(lambda x: primal(_noted(f(x), seen)), a, b, (), full_output, **settings)
        if not seen:
            return answer
    if refused:
        raise UnsupportedFunction.here(
            f"scipy.integrate.quad: the derivative of its answer is not known with {refused[0]}="
        )
    answer = _numbers(f, low, high, 1, settings)
    value, error, told = answer[:3]
    pieces = _pieces(told, low, high, settings.get("points"))
    units = sorted(left + (right - left) * u for left, right in pieces for u in _INSIDE)
    parts = _parts(follower, a, b, [x for u in units for x in _places(u, low, high)], "quad")
    if parts is None:
        total = _precise_sum(f, a, b, pieces, value, error)
    else:
        total = 0.0
        for smooth, start, end in parts:
            total = total + _alone(smooth, start, end)
    found = total - primal(total) + value
    return (found, error, *answer[2:]) if full_output else (found, error)


def _weighted(f: Function, a: Any, b: Any, full_output: Any, settings: dict[str, Any]) -> Any:
    """SciPy's integral with a weight, and the derivatives of the same integral without one."""
    weight, wvar, seen = settings["weight"], settings.get("wvar"), list[Any]()
    plain = {**settings, "wvar": stripped(wvar)}
    ends = float(primal(a)), float(primal(b))
    answer = scipy.integrate.quad(lambda x: primal(_noted(f(x), seen)), *ends, (), full_output, **plain)
    if not seen and not holds([a, b, wvar]):
        return answer
    integrand, low, high, size, more = unweighted(f, a, b, weight, wvar)
    middle = [stripped(wvar)] if weight == "cauchy" else None
    total = quad(integrand, low, high, points=middle)[0] * size + more
    if not abs(primal(total) - answer[0]) <= 1e-7 * max(1.0, abs(answer[0])):
        raise SolutionError.here("scipy.integrate.quad: the integral with its weight is too singular")
    return (total - primal(total) + answer[0], *answer[1:])


def _precise_sum(f: Function, a: Any, b: Any, pieces: list[tuple[float, float]], value: float, error: float) -> Any:
    """The sum over the pieces, by the rule that gives what QUADPACK found."""
    low, high = float(primal(a)), float(primal(b))
    for nodes in (_SMOOTH, _SINGULAR):
        total, size = _sum(f, a, b, low, high, pieces, nodes)
        if abs(primal(total) - value) <= 1e-11 * size + 1e-300:
            return total
    if not abs(primal(total) - value) <= 10 * error + 1e-8 * size:
        raise SolutionError.here(
            f"scipy.integrate.quad: a sum over the pieces QUADPACK ended with gives {primal(total):.10g},\n"
            f"  not {value:.10g}: the integrand is too singular inside. Name the places in points=, "
            "or split the integral there"
        )
    return total


def _alone(f: Function, a: Any, b: Any) -> Any:
    """The integral of a smooth function."""
    low, high = float(primal(a)), float(primal(b))
    value, error, told = _numbers(f, low, high, 1, {})[:3]
    return _precise_sum(f, a, b, _pieces(told, low, high, None), value, error)


def _parts(follower: Follower, a: Any, b: Any, stops: list[float], name: str) -> Any:
    """The integral as several, (integrand, limits), between the places where the integrand decides otherwise; None
    where there is none. `stops`: places inside, close to each other where it changes."""
    if follower.decides is False:
        return None
    stops = sorted(stops, reverse=bool(primal(a) > primal(b)))
    if follower.decides is None:
        refuse_jumps(lambda x: np.asarray(primal(as_one_number(follower.f(x))), float), stops, name)
        return None
    cuts = [s for found in switches(follower, lambda x: (x,), stops, name).values() for s in found]
    if not cuts:
        return None
    ends = [a, *(moved(s.place, functools.partial(gap, follower, s, name), name) for s in cuts), b]
    smooth = [follower.held(cuts[0].before), *(follower.held(s.after) for s in cuts)]
    return list(zip(smooth, ends[:-1], ends[1:], strict=True))


def _places(u: float, low: float, high: float) -> list[float]:
    """Where a place of the unit interval is between the limits."""
    if math.isfinite(low) and math.isfinite(high):
        return [low + (high - low) * u]
    if math.isfinite(low):
        return [low + math.copysign((1 - u) / u, high)]
    if math.isfinite(high):
        return [high + math.copysign((1 - u) / u, low)]
    return [(1 - u) / u, (u - 1) / u]


def _between(low: float, high: float) -> float:
    """A number inside the limits."""
    if math.isfinite(low) and math.isfinite(high):
        return low + 0.382 * (high - low)
    if math.isfinite(low) or math.isfinite(high):
        return low + math.copysign(1.0, high) if math.isfinite(low) else high + math.copysign(1.0, low)
    return 0.382


def _pieces(told: dict[str, Any], low: float, high: float, points: Any) -> list[tuple[float, float]]:
    """The pieces of the unit interval that QUADPACK ended with."""
    last = int(told.get("last", 0))
    if last:
        pieces = list(zip(told["alist"][:last].tolist(), told["blist"][:last].tolist(), strict=True))
    else:
        pieces = [(low, high)]
    if not math.isfinite(high - low):
        return pieces
    units = [((left - low) / (high - low), (right - low) / (high - low)) for left, right in pieces if high != low]
    return [(min(piece), max(piece)) for piece in units]


def _sum(
    f: Function, a: Any, b: Any, low: float, high: float, pieces: list[tuple[float, float]], rule: tuple[Any, Any]
) -> tuple[Any, float]:
    """The integral as a sum over the nodes of every piece, and the sum of the sizes of its terms."""
    total: Any = 0.0
    size = 0.0
    for left, right in pieces:
        for node, weight in zip(rule[0].tolist(), rule[1].tolist(), strict=True):
            u, w = left + (right - left) * node, (right - left) * weight
            if math.isfinite(low) and math.isfinite(high):
                term = f(a + (b - a) * u if u < 0.5 else b - (b - a) * _rest(left, right, node)) * ((b - a) * w)
            elif not u * u > 0:
                continue
            elif math.isfinite(low):
                sign = math.copysign(1.0, high)
                term = f(a + sign * ((1 - u) / u)) * (sign * w / (u * u))
            elif math.isfinite(high):
                sign = math.copysign(1.0, low)
                term = f(b + sign * ((1 - u) / u)) * (-sign * w / (u * u))
            else:
                x = (1 - u) / u
                term = (f(x) + f(-x)) * (w / (u * u)) * math.copysign(1.0, high)
            if math.isfinite(primal(term)):
                total, size = total + term, size + abs(primal(term))
    return total, size


def _rest(left: float, right: float, node: float) -> float:
    """1 - u for a node of a piece."""
    return (1 - right) + (right - left) * (1 - node)


@functools.wraps(scipy.integrate.fixed_quad)
def fixed_quad(func: Function, a: Any, b: Any, args: Any = (), n: int = 5) -> Any:
    lifted = lift(func)
    if not all(isinstance(primal(x), StandIn) or math.isfinite(primal(x)) for x in (a, b)):
        return scipy.integrate.fixed_quad(func, a, b, args, n)
    nodes, weights = _rule(n)
    y = as_one_number(lifted(a + (b - a) * nodes, *args))
    return (b - a) * ops.sum(y * weights, axis=-1), None


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    return FUNCTIONS[np.trapezoid](_samples(y), x if x is None else _samples(x), dx, axis)


def cumulative_trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1, initial: Any = None) -> Any:
    y = ops.moveaxis(_samples(y), axis, -1)
    width: Any = dx
    if x is not None:
        x = _samples(x)
        x = ops.moveaxis(x, axis, -1) if len(shape(x)) == len(shape(y)) else x
        width = x[..., 1:] - x[..., :-1]
    found = ops.cumsum((y[..., 1:] + y[..., :-1]) * width / 2, axis=-1)
    if initial is not None:
        found = ops.concatenate([0 * found[..., :1] + initial, found], axis=-1)
    return ops.moveaxis(found, -1, axis)


def _widths(y: Any, x: Any, dx: Any, axis: int) -> Any:
    """The widths between samples along the last axis."""
    if x is None:
        return dx * np.ones(shape(y)[-1] - 1)
    x = _samples(x)
    x = ops.moveaxis(x, axis, -1) if len(shape(x)) > 1 else x
    return x[..., 1:] - x[..., :-1]


def simpson(y: Any, x: Any = None, *, dx: float = 1.0, axis: int = -1) -> Any:
    """Parabolas through three samples each; the last interval of an even number of them as Cartwright, J. Math. Sci.
    Math. Educ. 12 (2017), has it."""
    y = ops.moveaxis(_samples(y), axis, -1)
    n, h = shape(y)[-1], _widths(y, x, dx, axis)
    if n < 3:
        return ops.sum(0.5 * h * (y[..., 1:] + y[..., :-1]), -1)
    m = n - 1 + n % 2
    h0, h1 = h[..., 0 : m - 1 : 2], h[..., 1 : m - 1 : 2]
    first, middle, last = y[..., 0 : m - 2 : 2], y[..., 1 : m - 1 : 2], y[..., 2:m:2]
    both = h0 + h1
    total = ops.sum(both / 6 * ((2 - h1 / h0) * first + both**2 / (h0 * h1) * middle + (2 - h0 / h1) * last), -1)
    if n % 2:
        return total
    h0, h1 = h[..., -2], h[..., -1]
    end = y[..., -1] * (2 * h1 + 3 * h0) / (6 * (h0 + h1)) + y[..., -2] * (h1 + 3 * h0) / (6 * h0)
    return total + h1 * (end - y[..., -3] * h1**2 / (6 * h0 * (h0 + h1)))


def romb(y: Any, dx: float = 1.0, axis: int = -1) -> Any:
    y = ops.moveaxis(_samples(y), axis, -1)
    if np.ndim(dx):
        raise no_rule("scipy.integrate.romb with an array dx=")
    return y @ (scipy.integrate.romb(np.eye(shape(y)[-1]), axis=0) * dx)


def cumulative_simpson(y: Any, *, x: Any = None, dx: float = 1.0, axis: int = -1, initial: Any = None) -> Any:
    """Each interval by the parabola through its ends and the sample after it, or before it, by turns."""
    y = ops.moveaxis(_samples(y), axis, -1)
    n, h = shape(y)[-1], _widths(y, x, dx, axis)
    if n < 3:
        parts = 0.5 * h * (y[..., 1:] + y[..., :-1])
    else:
        h = ops.broadcast_to(h, (*shape(y)[:-1], n - 1))
        after, before = _parabolas(y, h), ops.flip(_parabolas(ops.flip(y, -1), ops.flip(h, -1)), -1)
        k = np.arange(n - 1)
        place = np.where(k % 2 == 0, k, n - 3 + k)
        place[-1] = 2 * n - 5
        parts = ops.concatenate([after, before], axis=-1)[..., place]
    found = ops.cumsum(parts, axis=-1)
    if initial is not None:
        found = ops.concatenate([0 * y[..., :1] + initial, found + initial], axis=-1)
    return ops.moveaxis(found, -1, axis)


def _parabolas(y: Any, h: Any) -> Any:
    """The integrals over the first of two neighbouring intervals each."""
    h0, h1 = h[..., :-1], h[..., 1:]
    share = h0 / (h0 + h1)
    bend = share * h0 / h1
    return h0 / 6 * ((3 - share) * y[..., :-2] + (3 + bend + share) * y[..., 1:-1] - bend * y[..., 2:])


@functools.wraps(scipy.integrate.nquad)
def nquad(func: Function, ranges: Any, args: Any = (), opts: Any = None, full_output: bool = False) -> Any:
    """One integral inside the other, the first range innermost."""
    more, lifted = args if isinstance(args, tuple) else (args,), lift(func)
    if full_output:
        raise UnsupportedFunction.here("scipy.integrate.nquad: its derivative is not known with full_output=")
    n = len(ranges)
    settings = [{}] * n if opts is None else [opts] * n if isinstance(opts, dict) or callable(opts) else list(opts)

    def within(k: int, outer: tuple[Any, ...]) -> Any:
        limits, options = ranges[k], settings[k]
        low, high = lift(limits)(*outer, *more) if callable(limits) else limits
        options = options(*outer, *more) if callable(options) else options
        if k == 0:
            return quad(lambda x: lifted(x, *outer, *more), low, high, **options)
        return quad(lambda x: within(k - 1, (x, *outer))[0], low, high, **options)

    return within(n - 1, ())


def _limit(end: Any) -> Function:
    return lift(end) if callable(end) else lambda *outer: end


@functools.wraps(scipy.integrate.dblquad)
def dblquad(func: Function, a: Any, b: Any, gfun: Any, hfun: Any, args: Any = (), epsabs: float = 1.49e-8,
            epsrel: float = 1.49e-8) -> Any:  # fmt: skip
    low, high = _limit(gfun), _limit(hfun)
    settings = {"epsabs": epsabs, "epsrel": epsrel}
    return nquad(func, [lambda x, *more: (low(x), high(x)), (a, b)], args, settings)


@functools.wraps(scipy.integrate.tplquad)
def tplquad(func: Function, a: Any, b: Any, gfun: Any, hfun: Any, qfun: Any, rfun: Any, args: Any = (),
            epsabs: float = 1.49e-8, epsrel: float = 1.49e-8) -> Any:  # fmt: skip
    ends = [_limit(end) for end in (gfun, hfun, qfun, rfun)]
    settings = {"epsabs": epsabs, "epsrel": epsrel}
    ranges = [lambda y, x, *more: (ends[2](x, y), ends[3](x, y)), lambda x, *more: (ends[0](x), ends[1](x)), (a, b)]
    return nquad(func, ranges, args, settings)


@functools.wraps(scipy.integrate.quad_vec)
def quad_vec(f: Function, a: Any, b: Any, *args: Any, **settings: Any) -> Any:
    lifted = with_arguments(lift(f), settings.pop("args", ()))
    low, high = float(primal(a)), float(primal(b))
    inside = as_one_number(lifted(_between(low, high)))
    follower = Follower(lambda x: as_one_number(lifted(x)), _between(low, high), kinks=order(inside) > 1)
    moving = follower.moves or any(isinstance(x, Carrier) for x in (a, b, inside))
    full = settings.pop("full_output", False)
    plain_f = plainly(lifted)
    if not moving:
        seen: list[Any] = []
        noting = lambda x: plain_array(_noted(as_one_number(lifted(x)), seen))
        answer = scipy.integrate.quad_vec(noting, low, high, *args, full_output=full, **settings)
        if not seen:
            return answer
    if full or not math.isfinite(high - low):
        raise UnsupportedFunction.here(
            "scipy.integrate.quad_vec: its derivative is known for finite limits, without full_output="
        )
    value, error, info = scipy.integrate.quad_vec(plain_f, low, high, *args, full_output=True, **settings)
    stops = [left + (right - left) * u for left, right in np.asarray(info.intervals).tolist() for u in _INSIDE]
    total: Any = 0.0
    for smooth, start, end in _parts(follower, a, b, stops, "quad_vec") or [(lifted, a, b)]:
        total = total + _vector_sum(smooth, start, end, info.intervals if smooth is lifted else None)
    return total - primal(total) + value, error


def _vector_sum(f: Function, a: Any, b: Any, intervals: Any) -> Any:
    """The integral of a function with several values over the intervals that SciPy ended with."""
    low, high = float(primal(a)), float(primal(b))
    if intervals is None:
        intervals = scipy.integrate.quad_vec(plainly(f), low, high, full_output=True)[2].intervals
    total: Any = 0.0
    for left, right in np.asarray(intervals):
        u, w = (left - low) / (high - low), (right - left) / (high - low)
        for node, weight in zip(_SMOOTH[0].tolist(), _SMOOTH[1].tolist(), strict=True):
            total = total + as_one_number(f(a + (b - a) * (u + w * node))) * ((b - a) * (w * weight))
    return total


def _samples(y: Any) -> Any:
    return as_one_number(y)


def _of_samples(name: str, rule: Function) -> Function:
    original = getattr(scipy.integrate, name)

    @functools.wraps(original)
    def call(*args: Any, **settings: Any) -> Any:
        moving = any(
            isinstance(_samples(v), StandIn)
            for v in (*args[:3], settings.get("x"), settings.get("dx"))
            if v is not None
        )
        return (rule if moving else original)(*args, **settings)

    return call


RULES = {
    "quad": quad, "fixed_quad": fixed_quad,
    **{f.__name__: _of_samples(f.__name__, f) for f in (
        trapezoid, cumulative_trapezoid, simpson, romb, cumulative_simpson,
    )},
    **by_name(nquad, dblquad, tplquad, quad_vec),
}  # fmt: skip
