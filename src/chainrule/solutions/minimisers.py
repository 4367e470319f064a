"""Minimisers of `scipy.optimize` in lifted functions: the gradient of what was minimised is zero at the answer.

Numbers at an active bound move with the bound, the others with the gradient's equation (see `implicit`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.lift import lift
from chainrule.errors import SolutionError
from chainrule.inputs import as_number
from chainrule.numbers import Carrier, primal, shape
from chainrule.signatures import by_name
from chainrule.solutions.constrained import Constraints, constrained, moving
from chainrule.solutions.plainly import (
    Function,
    found_numbers,
    plain,
    plain_array,
    plainly,
    refuse_settings,
    replaced,
    with_arguments,
)
from chainrule.transforms.gradient import grad
from chainrule.transforms.implicit import as_one_number, with_derivatives
from chainrule.transforms.jacobians.jacobian import jacobian

Rule = Callable[..., Any]


@functools.wraps(scipy.optimize.minimize_scalar)
def minimize_scalar(
    fun: Function, bracket: Any = None, bounds: Any = None, args: Any = (), *more: Any, **settings: Any
) -> Any:
    cost = with_arguments(lift(fun), args)
    plain_bounds: Any = None if bounds is None else plain(bounds)
    answer = scipy.optimize.minimize_scalar(plainly(cost), bracket, plain_bounds, (), *more, **settings)
    y = float(answer.x)
    if not isinstance(cost(y), Carrier):
        return answer
    if bounds is not None:
        for bound, end in zip(bounds, plain_bounds, strict=True):
            if abs(y - end) <= 1e-4 * (plain_bounds[1] - plain_bounds[0]) and abs(primal(grad(cost)(end))) > 1e-3:
                raise SolutionError.here(
                    "scipy.optimize.minimize_scalar: the minimum is at the bound "
                    f"{primal(bound):g}, and moves with it.\n"
                    "  Use the bound itself, or minimize(..., bounds=[...]), which tells active bounds"
                )
    found = with_derivatives(y, grad(cost))
    return replaced(answer, x=found, fun=cost(found))


@functools.wraps(scipy.optimize.minimize)
def minimize(
    fun: Function, x0: Any, args: Any = (), method: Any = None, jac: Any = None, *more: Any, **settings: Any
) -> Any:
    names = ("hess", "hessp", "bounds", "constraints", "tol", "callback", "options")
    settings.update(zip(names, more, strict=False))
    both = with_arguments(lift(fun), args)
    cost: Function = lambda y: ops.reshape(as_one_number(both(y)[0] if jac is True else both(y)), ())
    for name in ("hess", "hessp"):
        if callable(settings.get(name)):
            settings[name] = plainly(with_arguments(lift(settings[name]), args))
    bounds = settings.pop("bounds", None)
    low, high = bounded(bounds, np.size(plain(x0)))
    settings["bounds"] = None if bounds is None else scipy.optimize.Bounds(primal(low), primal(high))
    given = settings.get("constraints")
    held = Constraints(given, np.size(plain(x0))) if given is not None and given not in ((), []) else None
    if held is not None:
        settings["constraints"] = held.plain
    asked: Any
    slope: Any
    if jac is True:
        asked, slope = (lambda y: tuple(map(plain_array, both(y)))), True
    else:
        asked = plainly(both)
        slope = plainly(with_arguments(lift(jac), args)) if callable(jac) else jac
    answer = scipy.optimize.minimize(asked, plain(x0), (), method, slope, **settings)
    y = found_numbers(answer.x)
    if not (moves(cost, y, low, high) or (held is not None and moving(held, y))):
        return answer
    found = minimiser(y, cost, low, high) if held is None else constrained(y, cost, held, low, high)
    return replaced(answer, x=found, fun=cost(found))


def bounded(bounds: Any, n: int) -> tuple[Any, Any]:
    """Lower and upper bounds as rows of n numbers, carriers where they are."""
    if bounds is None:
        return np.full(n, -np.inf), np.full(n, np.inf)
    if isinstance(bounds, scipy.optimize.Bounds):
        return np.broadcast_to(bounds.lb, n) * 1.0, np.broadcast_to(bounds.ub, n) * 1.0
    pairs = [(-np.inf if low is None else low, np.inf if high is None else high) for low, high in bounds]
    return ops.array([low for low, _ in pairs]), ops.array([high for _, high in pairs])


def moves(cost: Function, y: Any, low: Any, high: Any) -> bool:
    """Whether there is something by which the minimiser could be differentiated."""
    return any(isinstance(x, Carrier) for x in (as_one_number(cost(y)), low, high))


def minimiser(y: Any, cost: Function, low: Any, high: Any) -> Any:
    """A minimiser with its derivatives: numbers at an active bound move with it, the others solve gradient = 0."""
    slopes = np.reshape(primal(grad(cost)(y)), -1)
    flat = np.reshape(y, -1)
    close = 1e-6 * np.maximum(1.0, np.abs(flat))
    at_low = (flat - primal(low) <= close) & (slopes > 0)
    at_high = (primal(high) - flat <= close) & (slopes < 0)
    if not (at_low.any() or at_high.any()):
        return with_derivatives(y, grad(cost))
    free = np.flatnonzero(~(at_low | at_high))
    fixed = ops.where(at_low, _finite(low), ops.where(at_high, _finite(high), flat))
    fixed = fixed - primal(fixed) + flat
    places = np.zeros((len(flat), len(free)))
    places[free, np.arange(len(free))] = 1.0

    def whole(v: Any) -> Any:
        return ops.reshape(fixed * np.isin(np.arange(len(flat)), free, invert=True) + places @ v, shape(y))

    if not len(free):
        return ops.reshape(fixed, shape(y))
    found = with_derivatives(flat[free], lambda v: ops.reshape(grad(cost)(whole(v)), (-1,))[free])
    return whole(found)


def _of_plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with functions of plain numbers."""
    return {k: plainly(lift(x)) if callable(x) and k == "loss" else x for k, x in settings.items()}


def _finite(bound: Any) -> Any:
    return ops.where(np.isfinite(primal(bound)), bound, 0.0)


@functools.wraps(scipy.optimize.least_squares)
def least_squares(
    fun: Function, x0: Any, jac: Any = "2-point", bounds: Any = (-np.inf, np.inf), *more: Any, **settings: Any
) -> Any:
    args, named = settings.pop("args", ()), settings.pop("kwargs", {})
    inner = lift(fun)
    residuals = with_arguments(functools.partial(inner, **named) if named else inner, args)
    slope = plainly(with_arguments(lift(jac), args)) if callable(jac) else jac
    n = np.size(plain(x0))
    ends = [bounds.lb, bounds.ub] if isinstance(bounds, scipy.optimize.Bounds) else list(bounds)
    low, high = (ops.broadcast_to(as_number(x), (n,)) for x in ends)
    answer = scipy.optimize.least_squares(
        plainly(residuals), plain(x0), slope, (primal(low), primal(high)), *more, **plain(_of_plain(settings))
    )
    y = found_numbers(answer.x)

    robust, scale = _loss(settings.get("loss", "linear")), as_number(settings.get("f_scale", 1.0))

    def cost(v: Any) -> Any:
        return 0.5 * ops.sum(scale**2 * robust((as_one_number(residuals(v)) / scale) ** 2))

    if not moves(cost, y, low, high):
        return answer
    found = minimiser(y, cost, low, high)
    return replaced(answer, x=found, fun=as_one_number(residuals(found)), cost=cost(found))


LOSSES: dict[str, Function] = {
    "linear": lambda z: z,
    "soft_l1": lambda z: 2.0 * (ops.sqrt(1.0 + z) - 1.0),
    "huber": lambda z: ops.where(z <= 1, z, 2.0 * ops.sqrt(ops.where(z <= 1, 1.0, z)) - 1.0),
    "cauchy": ops.log1p,
    "arctan": ops.arctan,
}
"""rho(z) of the squares z of residuals, as SciPy's least_squares knows them."""


def _loss(loss: Any) -> Function:
    if not callable(loss):
        return LOSSES[loss]
    lifted = lift(loss)
    return lambda z: lifted(z)[0]


@functools.wraps(scipy.optimize.curve_fit)
def curve_fit(
    f: Function,
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    *more: Any,
    **settings: Any,
) -> Any:
    model = lift(f)
    if callable(settings.get("jac")):
        settings["jac"] = plainly(lift(settings["jac"]))
    answer = scipy.optimize.curve_fit(
        plainly(model), plain(xdata), plain(ydata), p0, plain(sigma), absolute_sigma, *more, **settings
    )
    fitted = answer[0]
    if isinstance(xdata, (list, tuple)):
        xdata = as_one_number(xdata)
    spread_of_data = None if sigma is None else as_one_number(sigma)
    whole = spread_of_data is not None and len(shape(spread_of_data)) > 1
    root = FUNCTIONS[np.linalg.cholesky](spread_of_data) if whole else None
    ydata = as_one_number(ydata)

    def residuals(p: Any) -> Any:
        rest = as_one_number(model(xdata, *[p[k] for k in range(len(fitted))])) - ydata
        if root is not None:
            return ops.solve(root, rest)
        return rest if spread_of_data is None else rest / spread_of_data

    ends = settings.get("bounds", more[1] if len(more) > 1 else (-np.inf, np.inf))
    low, high = (ops.broadcast_to(as_number(x), (len(fitted),)) for x in ends)
    y = found_numbers(fitted)

    def cost(p: Any) -> Any:
        return 0.5 * ops.sum(residuals(p) ** 2)

    if not moves(cost, y, low, high):
        return answer
    refuse_settings("curve_fit", settings, ("full_output",))
    found = minimiser(y, cost, low, high)
    slopes = jacobian(residuals)(found)
    spread = ops.inv(ops.transpose(slopes) @ slopes)
    freedom = slopes.shape[0] - len(fitted)
    if not absolute_sigma:
        spread = spread * (ops.sum(residuals(found) ** 2) / freedom if freedom > 0 else np.inf)
    return found, spread - primal(spread) + answer[1] if isinstance(spread, Carrier) else answer[1]


def _joined(x: Any) -> Any:
    return as_one_number(x) if holds([x]) else x


def _of_lists(name: str) -> Rule:
    """A class of limits, whose lists may hold recorded numbers."""
    original: Any = getattr(scipy.optimize, name)

    @functools.wraps(original, updated=())
    def made(*args: Any, **settings: Any) -> Any:
        return original(*map(_joined, args), **{k: _joined(x) for k, x in settings.items()})

    return made


RULES: dict[str, Rule] = {
    **by_name(minimize_scalar, minimize, least_squares, curve_fit),
    **{name: _of_lists(name) for name in ("Bounds", "LinearConstraint", "NonlinearConstraint")},
}
