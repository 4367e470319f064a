"""Derivatives of solutions: y solves F(y, x) = 0, and what is known of y is a solver that finds it.

Differentiating F(y(x), x) = 0 gives dy = -J^-1 dF, J = dF/dy at the solution (the implicit function theorem). Here
that is not a rule for one mode: with the numbers y0 that the solver found and J of plain numbers,

    y <- y - J^-1 (F(y, x) - F(y0, x0)),    begun at y0,

leaves the numbers as they are and gives y one more order of its dependence on x with each turn: an error of order k in
y is multiplied by 1 - J^-1 dF/dy, which is of order one. So as many turns as there are orders in what x carries give
every derivative, whatever the mode (Griewank and Walther, Evaluating Derivatives, 2008, chapter 15).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.dual import Dual
from chainrule.carriers.lift import lift
from chainrule.carriers.taylor.series import Series
from chainrule.errors import ArgumentError, NeedsExamples, SolutionError, UnsupportedFunction
from chainrule.inputs import OPEN, as_number
from chainrule.numbers import Carrier, Number, StandIn, known, primal, shape
from chainrule.ops import array, reshape, solve
from chainrule.transforms.custom_rows import Layout
from chainrule.transforms.derived import AsMethod
from chainrule.transforms.jacobians.jacobian import jacobian
from chainrule.values.value import Value

RTOL, ATOL = 1e-3, 1e-8
"""How far from a solution counts as one, by a step of Newton's method: relative to its largest number, and absolute."""


def implicit(solver: Callable[..., Any], residual: Callable[..., Any]) -> Callable[..., Any]:
    """A solver with derivatives: of y = solver(*args), where residual(y, *args) is zero.

    solver     called with plain numbers, whatever it does inside; returns a number, an array, or a container of these
    residual   of the same size as y; written with `math`, `numpy` or rows, as any function to be differentiated

    The result is differentiated in every mode and to every order, at the cost of some calls of the residual and the
    solution of one linear system of y's size for each order; the solver itself is called once. Its precision is that of
    the solution: an error e in y gives one of the order of e in the derivatives.

    Raises SolutionError where the solver did not find a zero (a step of Newton's method from there would move y by more
    than a thousandth of its largest number and 1e-8), and where the Jacobian of the residual by y is singular.

    >>> from chainrule import grad, implicit
    >>> def bisected(a):
    ...     low, high = 0.0, 1.0 + a
    ...     for _ in range(60):
    ...         middle = (low + high) / 2
    ...         low, high = (middle, high) if middle * middle < a else (low, middle)
    ...     return middle
    >>> root = implicit(bisected, lambda y, a: y * y - a)
    >>> root(4.0), grad(root)(4.0), grad(grad(root))(4.0)
    (2.0, 0.25, -0.03125)
    """
    for name, x in (("solver", solver), ("residual", residual)):
        if not callable(x):
            raise ArgumentError.here(f"implicit: expected a function as the {name}, got {type(x).__name__}")
    return Implicit(solver, residual)


class Implicit(AsMethod):
    """What `implicit` returns."""

    def __init__(self, solver: Callable[..., Any], residual: Callable[..., Any]) -> None:
        self.solver, self.residual = solver, residual
        self.__name__ = getattr(solver, "__name__", type(solver).__name__)

    def __repr__(self) -> str:
        return f"<implicit {self.__name__}>"

    def __call__(self, *args: Any, **named: Any) -> Any:
        leaves, structure = trees.flatten((args, named))
        plain = [primal(x.now() if isinstance(x, StandIn) else x) for x in leaves]
        if any(isinstance(x, StandIn) and known(x) is not None for x in plain):
            raise NeedsExamples.here(f"{self.__name__}, a solver, decides by the numbers of each example")
        if any(isinstance(x, StandIn) for x in plain):
            raise UnsupportedFunction.here(
                f"jit records no {self.__name__}: a solver decides by its numbers how often it turns. Compile\n"
                f"  what it calls, implicit({self.__name__}, jit(residual)), and differentiate that without jit"
            )
        numbers, by_name = trees.unflatten(structure, plain)
        y = self.solver(*numbers, **by_name)
        moving = any(x is not p for x, p in zip(leaves, plain, strict=True))
        if not moving and not OPEN:
            return y
        layout, residual = Layout(), lift(self.residual)
        packed = layout.pack(y)
        if isinstance(packed, StandIn):
            return y  # the solver itself computed with numbers that are differentiated, and is differentiated

        def of(v: Any) -> Any:
            return Layout().pack(residual(layout.unpack(v), *args, **named))

        if not moving and not isinstance(of(packed), Carrier):
            return y
        found = with_derivatives(
            float(packed) if shape(packed) == () else packed,
            of,
            of_numbers=lambda v: Layout().pack(residual(layout.unpack(v), *numbers, **by_name)),
        )
        return layout.unpack(found)


def with_derivatives(
    y: Number, residual: Callable[[Any], Any], slopes: Any = None, of_numbers: Callable[[Any], Any] | None = None
) -> Any:
    """The solution `y` of residual(y) = 0, with what it has of the carriers that `residual` holds.

    y           a float or an array, of the residual's size
    slopes      the Jacobian of the residual by y at the solution, a matrix of plain numbers, where it is known
    of_numbers  the residual with plain numbers in place of carriers, where that is known: its Jacobian is that too
    """
    first = as_one_number(residual(y))
    orders = order(first)
    size = math.prod(shape(y))
    if math.prod(shape(first)) != size:
        raise ArgumentError.here(f"expected as many residuals as unknowns: {size}, got {math.prod(shape(first))}")
    if not orders:
        return y
    if slopes is None:
        asked = residual if of_numbers is None else of_numbers
        slopes = reshape(primal(jacobian(lambda v: as_one_number(asked(v)))(y)), (size, size))
    rest = primal(first)
    _refuse_elsewhere(y, rest, slopes)
    found = y
    for k in range(orders):
        moved = (as_one_number(residual(found)) if k else first) - rest
        found = found - reshape(solve(slopes, reshape(moved, (size,))), shape(y))
    return found


def as_one_number(y: Any) -> Number:
    """A residual as a number: lists, and arrays of objects, may hold carriers."""
    if isinstance(y, (list, tuple)) or (isinstance(y, np.ndarray) and y.dtype == object):
        y = array(list(y))
    return as_number(y)


def _refuse_elsewhere(y: Any, rest: Any, slopes: Any) -> None:
    """Raises SolutionError where y is no solution, or not an isolated one."""
    sizes = np.abs(slopes).max(axis=0, initial=0.0)
    scaled = slopes / np.where(sizes > 0, sizes, 1.0)
    if not np.isfinite(slopes).all() or (len(scaled) and np.linalg.cond(scaled) > 1e14):
        raise SolutionError.here(
            "the Jacobian of the residual by the unknowns is singular at the solution: it is not the only one\n"
            "  nearby, or a double root, and has no derivative"
        )
    step = np.abs(np.linalg.solve(slopes, np.reshape(rest, -1)))
    largest = np.abs(y).max(initial=0.0)
    if not (step.max(initial=0.0) <= RTOL * largest + ATOL):
        raise SolutionError.here(
            f"the residual is not zero where the solver stopped: its largest number is "
            f"{np.abs(rest).max():.3g}, and a step of Newton's\n  method would move the solution by "
            f"{step.max():.3g}. Give the solver tighter tolerances, or look whether it converged"
        )


def order(x: Any) -> int:
    """How many derivatives `x` carries: one for each Value and Dual around the number, a Series its degree."""
    count = 0
    while isinstance(x, Carrier):
        if isinstance(x, Series):
            count += x.degree
        elif isinstance(x, (Value, Dual)):
            count += 1
        x = x.primal
    return count
