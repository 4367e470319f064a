"""Boundary value problems: `solve_bvp` in lifted functions.

What SciPy finds solves the equations of collocation on its mesh (Kierzenka and Shampine, A BVP solver based on residual
control and the MATLAB PSE, 2001): the derivative is that of their solution, by the implicit function theorem.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.lift import lift
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.errors import SolutionError
from chainrule.numbers import Carrier, primal, shape
from chainrule.scipy.interpolants.interpolate import of_object
from chainrule.scipy.interpolants.piecewise import Piecewise
from chainrule.solutions.plainly import plainly
from chainrule.transforms.implicit import as_one_number, with_derivatives
from chainrule.transforms.jvp_vjp import jvp

Function = Callable[..., Any]


class Collocation:
    """The equations on a mesh: that of each interval by Simpson's rule, and those of the boundary."""

    def __init__(self, slope: Function, bc: Function, x: Any, n: int) -> None:
        self.slope, self.bc, self.x, self.n = slope, bc, x, n
        self.h = np.diff(x)

    def parts(self, z: Any) -> tuple[Any, Any]:
        """The states, a column for each place, and the unknown parameters."""
        size = self.n * len(self.x)
        return ops.reshape(z[:size], (self.n, len(self.x))), z[size:]

    def inside(self, y: Any, p: Any) -> Any:
        f, h = self.slope(self.x, y, p), self.h
        left, right = f[:, :-1], f[:, 1:]
        middle = (y[:, 1:] + y[:, :-1]) / 2 - h / 8 * (right - left)
        between = self.slope(self.x[:-1] + h / 2, middle, p)
        return y[:, 1:] - y[:, :-1] - h / 6 * (left + right + 4 * between)

    def __call__(self, z: Any) -> Any:
        y, p = self.parts(z)
        return ops.concatenate([ops.reshape(self.inside(y, p), (-1,)), self.bc(y[:, 0], y[:, -1], p)])

    def jacobian(self, z: Any) -> Any:
        """By z: a state moves the two intervals beside it, so that all others can be moved at once."""
        y, p = self.parts(z)
        n, m, rows = self.n, len(self.x), self.n * (len(self.x) - 1)
        found = np.zeros((len(z), len(z)))
        interval, row = np.arange(m - 1), np.arange(n)[:, None] * (m - 1)
        for k in range(n):
            for parity in (0, 1):
                way = np.zeros((n, m))
                way[k, parity::2] = 1.0
                moved = primal(jvp(self.inside, (y, p), (way, np.zeros(len(p))))[1])
                found[row + interval, k * m + interval + (interval + parity) % 2] = moved
        for j, way in enumerate(np.eye(len(p))):
            found[:rows, n * m + j] = np.ravel(primal(jvp(self.inside, (y, p), (np.zeros((n, m)), way))[1]))
        ends = np.concatenate([y[:, 0], y[:, -1], p])
        columns = [*(np.arange(n) * m), *(np.arange(n) * m + m - 1), *range(n * m, len(z))]
        for column, way in zip(columns, np.eye(len(ends)), strict=True):
            moved = jvp(lambda e: self.bc(e[:n], e[n : 2 * n], e[2 * n :]), (ends,), (way,))[1]
            found[rows:, column] += primal(moved)
        return found


@functools.wraps(scipy.integrate.solve_bvp)
def solve_bvp(
    fun: Function, bc: Function, x: Any, y: Any, p: Any = None, S: Any = None, fun_jac: Any = None, bc_jac: Any = None,
    *args: Any, **settings: Any,
) -> Any:  # fmt: skip
    if holds([x]):
        raise no_setting("scipy.integrate.solve_bvp", ["x"], " (scale the interval to one of plain numbers)")
    slope, ends = (_of_parameters(lift(f), p is not None) for f in (fun, bc))
    more: list[bool] = []

    def noted(f: Function) -> Function:
        def plain(*at: Any) -> Any:
            found = as_one_number(f(*at))
            if isinstance(found, Carrier) and not more:
                more.append(True)
            return np.asarray(primal(found), float)

        return plain if p is not None else lambda *at: plain(*at, None)

    jacobians = [f if f is None else plainly(lift(f)) for f in (fun_jac, bc_jac)]
    begin = None if p is None else primal(as_one_number(p))
    answer = scipy.integrate.solve_bvp(
        noted(slope), noted(ends), x, primal(as_one_number(y)), begin, S, *jacobians, *args, **settings
    )
    if not more:
        answer["sol"] = of_object(answer.sol)  # it may be asked for at a place that is differentiated
        return answer
    refuse_where("scipy.integrate.solve_bvp", S=S is not None)
    if not answer.success:
        raise SolutionError.here(f"scipy.integrate.solve_bvp: {answer.message}")
    return _differentiated(answer, Collocation(slope, ends, answer.x, len(answer.y)))


def _of_parameters(f: Function, given: bool) -> Function:
    return (lambda *at: as_one_number(f(*at))) if given else lambda *at: as_one_number(f(*at[:-1]))


def _differentiated(answer: Any, equations: Collocation) -> Any:
    """SciPy's result with what it has of the carriers in the equations."""
    z = np.concatenate([np.ravel(answer.y), [] if answer.p is None else answer.p])
    for _ in range(4):  # SciPy stops where it is as precise as its tolerance
        step = np.linalg.solve(equations.jacobian(z), primal(equations(z)))
        z = z - step
        if not np.abs(step).max() > 1e-13 * np.abs(z).max():
            break
    y, p = equations.parts(with_derivatives(z, equations, equations.jacobian(z)))
    slopes = equations.slope(answer.x, y, p)
    found, spline = copy.copy(answer), _spline(answer.x, y, slopes)
    found["y"], found["yp"] = _with_numbers(y, answer.y), _with_numbers(slopes, answer.yp)
    found["p"] = None if answer.p is None else _with_numbers(p, answer.p)

    def sol(t: Any, nu: int = 0) -> Any:
        t = as_one_number(t)
        return _with_numbers(ops.moveaxis(spline(t, nu), -1, 0), answer.sol(primal(t), nu))

    found["sol"] = sol
    return found


def _with_numbers(y: Any, numbers: Any) -> Any:
    return y - primal(y) + numbers if isinstance(y, Carrier) else numbers


def _spline(x: Any, y: Any, slopes: Any) -> Piecewise:
    """Cubic between the places, with these values and slopes."""
    h = np.diff(x)
    secant = (y[:, 1:] - y[:, :-1]) / h
    bend = (slopes[:, :-1] + slopes[:, 1:] - 2 * secant) / h
    c = ops.stack([bend / h, (secant - slopes[:, :-1]) / h - bend, slopes[:, :-1], y[:, :-1]])
    assert len(shape(c)) == 3
    return Piecewise(x, ops.swapaxes(c, 1, 2))


RULES = {"solve_bvp": solve_bvp}
