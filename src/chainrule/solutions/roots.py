"""Roots and fixed points of `scipy.optimize` in lifted functions: found with plain numbers, differentiated where found.

Each wrapper hands SciPy's own function a function of plain numbers, and gives its answer the derivatives of the
equation that it solves (see `implicit`). What the function closes over and what is in `args` may be carriers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from chainrule.carriers.lift import lift
from chainrule.numbers import primal
from chainrule.scipy.rows import part
from chainrule.signatures import by_name
from chainrule.solutions.plainly import Function, found_numbers, plain, plainly, replaced, with_arguments
from chainrule.transforms.implicit import with_derivatives

Rule = Callable[..., Any]


def _bracketed(name: str) -> Rule:
    original = getattr(scipy.optimize, name)

    @functools.wraps(original)
    def root(f: Function, a: Any, b: Any, args: Any = (), **settings: Any) -> Any:
        equation = with_arguments(lift(f), args)
        answer = original(plainly(equation), primal(a), primal(b), **plain(settings))
        if settings.get("full_output"):
            return with_derivatives(answer[0], equation), answer[1]
        return with_derivatives(answer, equation)

    return root


@functools.wraps(scipy.optimize.newton)
def newton(func: Function, x0: Any, fprime: Any = None, args: Any = (), *more: Any, **settings: Any) -> Any:
    equation = with_arguments(lift(func), args)
    for name in ("fprime2",):
        if callable(settings.get(name)):
            settings[name] = plainly(with_arguments(lift(settings[name]), args))
    slope = None if fprime is None else plainly(with_arguments(lift(fprime), args))
    answer = scipy.optimize.newton(plainly(equation), plain(x0), slope, (), *more, **settings)
    if settings.get("full_output") and np.ndim(x0) == 0:
        return with_derivatives(found_numbers(answer[0]), equation), answer[1]
    if settings.get("full_output"):
        return (with_derivatives(found_numbers(answer[0]), equation), *answer[1:])
    return with_derivatives(found_numbers(answer), equation)


@functools.wraps(scipy.optimize.root_scalar)
def root_scalar(f: Function, args: Any = (), *more: Any, **settings: Any) -> Any:
    equation = with_arguments(lift(f), args)
    together = sum(settings.get(name) is True for name in ("fprime", "fprime2"))
    if together:  # f gives its derivatives with it
        several, equation = equation, part(equation, 0)
        settings["fprime"] = plainly(part(several, 1))
        if together > 1:
            settings["fprime2"] = plainly(part(several, 2))
    for name in ("fprime", "fprime2"):
        if callable(settings.get(name)) and not together:
            settings[name] = plainly(with_arguments(lift(settings[name]), args))
    answer = scipy.optimize.root_scalar(plainly(equation), (), *more, **plain(settings))
    return replaced(answer, root=with_derivatives(float(answer.root), equation))


@functools.wraps(scipy.optimize.fsolve)
def fsolve(func: Function, x0: Any, args: Any = (), fprime: Any = None, full_output: Any = 0, **settings: Any) -> Any:
    equation = with_arguments(lift(func), args)
    slope = None if fprime is None else plainly(with_arguments(lift(fprime), args))
    start = np.atleast_1d(plain(x0))
    answer = scipy.optimize.fsolve(plainly(equation), start, (), slope, full_output, **settings)
    found = with_derivatives(found_numbers(answer[0] if full_output else answer), equation)
    return (found, *answer[1:]) if full_output else found


@functools.wraps(scipy.optimize.root)
def root(fun: Function, x0: Any, args: Any = (), method: str = "hybr", jac: Any = None, **settings: Any) -> Any:
    equation = with_arguments(lift(fun), args)
    slope = plainly(with_arguments(lift(jac), args)) if callable(jac) else jac
    if jac is True:  # fun gives its Jacobian with it
        slope, equation = plainly(part(equation, 1)), part(equation, 0)
    answer = scipy.optimize.root(plainly(equation), plain(x0), (), method, slope, **settings)
    return replaced(answer, x=with_derivatives(found_numbers(answer.x), equation))


@functools.wraps(scipy.optimize.fixed_point)
def fixed_point(func: Function, x0: Any, args: Any = (), **settings: Any) -> Any:
    turn = with_arguments(lift(func), args)
    answer = scipy.optimize.fixed_point(plainly(turn), plain(x0), (), **settings)
    return with_derivatives(found_numbers(answer), lambda y: y - turn(y))


RULES: dict[str, Rule] = {
    **{name: _bracketed(name) for name in ("brentq", "brenth", "bisect", "ridder", "toms748")},
    **by_name(newton, root_scalar, fsolve, root, fixed_point),
}
