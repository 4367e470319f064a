"""Radau IIA with three stages, of order five: the steps behind SciPy's implicit methods, with derivatives.

Hairer and Wanner, Solving Ordinary Differential Equations II (1996), IV.5 and IV.8.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import SolutionError
from chainrule.libraries import late
from chainrule.numbers import primal, shape
from chainrule.solutions.recorded import Recorded
from chainrule.transforms.implicit import with_derivatives
from chainrule.transforms.jacobians.jacobian import jacobian
from chainrule.transforms.jvp_vjp import vjp

_jit = late("chainrule.jit.call.jit.jit")
ROUNDED = 1e-8  # of the state or the stages: a change that rounding may leave in stiff equations
Rate = Callable[[Any, Any], Any]
"""t, y -> dy/dt as a row."""
_S6 = 6**0.5
# Hairer and Wanner, II, table 5.6
_C = np.array([(4 - _S6) / 10, (4 + _S6) / 10, 1.0])
_A = np.array([
    [(88 - 7 * _S6) / 360, (296 - 169 * _S6) / 1800, (-2 + 3 * _S6) / 225],
    [(296 + 169 * _S6) / 1800, (88 + 7 * _S6) / 360, (-2 - 3 * _S6) / 225],
    [(16 - _S6) / 36, (16 + _S6) / 36, 1 / 9],
])  # fmt: skip


def driven(f: Rate, t: Any, y: Any, h: Any, z: Any) -> Any:
    """h A f(y + z), what the stages z are to be equal to. They are what is added to y at three times."""
    n = shape(y)[0]
    slopes = ops.stack([f(t + h * float(c), y + z[k * n : (k + 1) * n]) for k, c in enumerate(_C)])
    return h * ops.reshape(_A @ slopes, (-1,))


def stages(f: Rate, by_y: Rate, t: float, y: Any, h: float) -> tuple[Any, Any]:
    """The stages of a step, and the Jacobian of their equations there, in plain numbers: by Newton's method with the
    Jacobian of the beginning. `by_y`: that of f."""
    n, times = len(y), [t + h * float(c) for c in _C]

    def slopes(z: Any) -> Any:
        return of_blocks([by_y(time, y + z[k * n : (k + 1) * n]) for k, time in enumerate(times)])

    def of_blocks(blocks: list[Any]) -> Any:
        return np.eye(3 * n) - h * np.block([[a * block for a, block in zip(row, blocks, strict=True)] for row in _A])

    first = f(t, y)
    z = np.concatenate([h * c * first for c in _C])
    known = of_blocks([by_y(t, y)] * 3)
    for turn in range(40):
        step = np.linalg.solve(known, z - driven(f, t, y, h, z))
        z = z - step
        size = max(np.abs(y).max(initial=0.0), np.abs(z).max(initial=0.0))
        if np.abs(step).max(initial=0.0) <= 1e-13 * size:
            break
        if turn % 8 == 7:
            known = slopes(z)
    else:
        if not np.abs(step).max() <= ROUNDED * size:
            said = (
                f"scipy.integrate.solve_ivp: the implicit step from t = {t:.6g} is not found again by Newton's method,"
            )
            advice = "so that it has no derivative; take smaller steps (max_step=, rtol=)"
            raise SolutionError.here(f"{said}\n  {advice}")
    return z, slopes(z)


def implicit_step(f: Rate, t: Any, y: Any, h: Any, plain: tuple[Rate, Rate] | None = None) -> Any:
    """y after one step from t to t + h. `plain`: f and its Jacobian in plain numbers, where they are known."""
    z, slopes = stages(*(plain or in_plain_numbers(f)), primal(t), primal(y), primal(h))
    return y + with_derivatives(z, lambda z: z - driven(f, t, y, h, z), slopes)[2 * shape(y)[0] :]


def in_plain_numbers(f: Rate) -> tuple[Rate, Rate]:
    """f and its Jacobian."""
    return lambda t, y: primal(f(t, y)), lambda t, y: primal(jacobian(functools.partial(f, t))(y))


class CompiledStages:
    """A right-hand side as machine code, with its Jacobian and the adjoint of a step."""

    def __init__(self, rhs: Recorded) -> None:
        def pulled(t: Any, y: Any, h: Any, z: Any, ct: Any, *parameters: Any) -> Any:
            def one(t: Any, y: Any, h: Any, *p: Any) -> Any:
                return driven(lambda t, y: rhs(t, y, *p), t, y, h, z)

            return vjp(one, t, y, h, *parameters)[1](ct)

        self.slope = _jit(lambda t, y, *p: rhs(t, y, *p))
        self.by_y = _jit(lambda t, y, *p: jacobian(lambda y: rhs(t, y, *p))(y))
        self.pulled = _jit(pulled)

    def plain(self, parameters: Any) -> tuple[Rate, Rate]:
        """The right-hand side and its Jacobian with these parameters."""
        return lambda t, y: self.slope(t, y, *parameters), lambda t, y: self.by_y(t, y, *parameters)

    def back(self, t: float, y: Any, h: float, ct: Any, *parameters: Any) -> Any:
        """The cotangents of t, y, h and the parameters: of dz = (I - h A f')**-1 d(h A f), transposed."""
        z, slopes = stages(*self.plain(parameters), t, y, h)
        of_stages = np.zeros(len(z))
        of_stages[2 * len(y) :] = ct
        of_time, of_state, *rest = self.pulled(t, y, h, z, np.linalg.solve(slopes.T, of_stages), *parameters)
        return of_time, of_state + ct, *rest
