"""Minima under constraints: the conditions of Karush, Kuhn and Tucker, differentiated.

At a minimum y with the constraints c that are active there, grad f(y) = c'(y)' m with multipliers m, and c(y) = 0: as
many equations as unknowns, which move with what f and c depend on (Fiacco, Introduction to Sensitivity and Stability
Analysis in Nonlinear Programming, 1983). An inequality is active where it is zero and has a multiplier.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from chainrule import ops
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, SolutionError
from chainrule.numbers import Carrier, primal, shape
from chainrule.solutions.plainly import plainly, with_arguments
from chainrule.transforms.gradient import grad
from chainrule.transforms.implicit import as_one_number, with_derivatives
from chainrule.transforms.jacobians.jacobian import jacobian

NEAR = 1e-5
"""How near to zero an inequality is that is active, and a multiplier that is none, of what these are otherwise."""
Function = Callable[..., Any]


class Constraints:
    """The setting constraints=, as dictionaries or as SciPy's objects with bounds on both sides.

    kinds      "eq" for f(y) = 0, "ineq" for f(y) >= 0
    functions  these f
    plain      the setting for SciPy, with functions of plain numbers
    """

    def __init__(self, given: Any, n: int) -> None:
        self.kinds: list[str] = []
        self.functions: list[Function] = []
        self.plain: list[Any] = []
        for c in list(given) if isinstance(given, (list, tuple)) else [given]:
            if isinstance(c, dict):
                f = with_arguments(lift(c["fun"]), tuple(c.get("args", ())))
                self.kinds.append(c["type"])
                self.functions.append(f)
                self.plain.append({"type": c["type"], "fun": plainly(f)})
            elif isinstance(c, (scipy.optimize.LinearConstraint, scipy.optimize.NonlinearConstraint)):
                self._between(c, n)
            else:
                raise ArgumentError.here(
                    "scipy.optimize.minimize: expected constraints= of dictionaries, LinearConstraint or\n"
                    f"  NonlinearConstraint, got {type(c).__name__}"
                )

    def _between(self, c: Any, n: int) -> None:
        """lb <= f(y) <= ub: an equation where both are the same, one inequality for each bound that is finite."""
        theirs = copy.copy(c)
        if isinstance(c, scipy.optimize.LinearConstraint):
            matrix = as_one_number(c.A)
            f: Function = lambda y: ops.reshape(matrix, (-1, n)) @ y
            theirs.A = primal(matrix)
        else:
            lifted = lift(c.fun)
            f = lambda y: ops.reshape(as_one_number(lifted(y)), (-1,))
            theirs.fun = plainly(lifted)
            for name in ("jac", "hess"):
                if callable(getattr(c, name)):
                    setattr(theirs, name, plainly(lift(getattr(c, name))))
        low, high = as_one_number(c.lb), as_one_number(c.ub)
        theirs.lb, theirs.ub = primal(low), primal(high)
        self.plain.append(theirs)
        below, above = np.ravel(theirs.lb), np.ravel(theirs.ub)
        equal, finite = np.atleast_1d(below == above), np.isfinite
        for kind, rows, gap in (
            ("eq", equal, lambda y: f(y) - low),
            ("ineq", finite(below) & ~equal, lambda y: f(y) - low),
            ("ineq", finite(above) & ~equal, lambda y: high - f(y)),
        ):
            if rows.any():
                self.kinds.append(kind)
                self.functions.append(functools.partial(_rows, gap, rows))

    def values(self, y: Any) -> Any:
        """The values of all constraints, in one row."""
        return ops.concatenate([ops.reshape(as_one_number(f(y)), (-1,)) for f in self.functions])

    def equal(self, y: Any) -> Any:
        """Which of these are equations."""
        sizes = [np.size(primal(as_one_number(f(y)))) for f in self.functions]
        return np.repeat([kind == "eq" for kind in self.kinds], sizes)


def _rows(gap: Function, rows: Any, y: Any) -> Any:
    found = gap(y)
    return found[np.flatnonzero(np.broadcast_to(rows, shape(found)))]


def constrained(y: Any, cost: Function, constraints: Constraints, low: Any, high: Any) -> Any:
    """The minimum found at y, with what it has of the carriers in cost, constraints and bounds."""
    n = len(y)
    at_low, at_high = (np.abs(y - primal(b)) <= NEAR * (1.0 + np.abs(y)) for b in (low, high))
    held = [*((j, low, 1.0) for j in np.flatnonzero(at_low)), *((j, high, -1.0) for j in np.flatnonzero(at_high))]

    def every(v: Any) -> Any:
        sides = [ops.reshape(sign * (v[j] - bound[j]), (1,)) for j, bound, sign in held]
        return ops.concatenate([constraints.values(v), *sides])

    plain = np.asarray(primal(every(y)), float)
    equal = np.concatenate([constraints.equal(y), np.zeros(len(held), bool)])
    near = equal | (np.abs(plain) <= NEAR)
    slopes = np.reshape(primal(jacobian(every)(y)), (len(plain), n))
    slope = np.asarray(primal(grad(cost)(y)), float)
    multipliers = np.zeros(len(plain))
    multipliers[near] = np.linalg.lstsq(slopes[near].T, slope, rcond=None)[0]
    size = max(1.0, np.abs(slope).max(initial=0.0))
    if np.any(near & ~equal & (np.abs(multipliers) <= NEAR * size)):
        raise SolutionError.here(
            "scipy.optimize.minimize: a constraint is met and pushes nothing: on one side it is active, on the\n"
            "  other it is not, so the minimum has no derivative there"
        )
    active = np.flatnonzero(near & (equal | (multipliers > 0)))

    def conditions(z: Any) -> Any:
        v, m = z[:n], z[n:]
        found = every(v)[active]
        return ops.concatenate([grad(lambda v: cost(v) - ops.sum(m * every(v)[active]))(v), found])

    return with_derivatives(np.concatenate([y, multipliers[active]]), conditions)[:n]


def moving(constraints: Constraints, y: Any) -> bool:
    """Whether a constraint depends on what is differentiated."""
    return isinstance(constraints.values(y), Carrier)
