"""Tangents carried along the steps of an explicit method, in forward mode of one level.

The right-hand side is recorded once with the Duals that it closes over: its number F(t, y) and its tangent G(t, y), in
both of which the numbers of the parameters are parameters. A method of Runge and Kutta of y' = F, v' = F_y v + G is the
derivative of that of y' = F along the same steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.dual import Dual
from chainrule.libraries import late
from chainrule.numbers import StandIn, shape
from chainrule.solutions.adjoint import explicit_step, places
from chainrule.solutions.recorded import Recorded
from chainrule.transforms.jvp_vjp import jvp

_jit = late("chainrule.jit.call.jit.jit")


def plain_or_of(level: float | None, x: Any) -> bool:
    """Whether x is a plain number, or a Dual of that level (of any, for None) with plain parts."""
    if not isinstance(x, StandIn):
        return True
    if type(x) is not Dual or x.mask is not None or level not in (None, x.level):
        return False
    return not isinstance(x.primal, StandIn) and not isinstance(x.tangent, StandIn)


class Tangents:
    """The step of the numbers and their tangent, which lie behind each other."""

    def __init__(self, number: Recorded, tangent: Recorded, tableau: Any) -> None:
        count = len(number.parameters)

        def both(t: Any, y: Any, parameters: Any) -> Any:
            n = shape(y)[0] // 2
            of_number, of_tangent = parameters[:count], parameters[count:]
            slope, moved = jvp(lambda y: number(t, y, *of_number), (y[:n],), (y[n:],))
            return ops.concatenate([slope, moved + tangent(t, y[:n], *of_tangent)])

        def step(t: Any, y: Any, h: Any, *parameters: Any) -> Any:
            return explicit_step(tableau, lambda t, y: both(t, y, parameters), t, y, h)[0]

        self.step = _jit(step)

    def along(self, times: Any, states: Any, begin: Any, asked: Any, parameters: Any) -> Any:
        """The tangents at the steps, or at the times that are asked for, one in each column."""
        n = len(begin)
        at, found = times.tolist(), [begin]
        for k in range(len(at) - 1):
            moved = self.step(at[k], np.concatenate([states[k], found[-1]]), at[k + 1] - at[k], *parameters)
            found.append(moved[n:])
        if asked is not None:
            nearest = places(times, asked).tolist()
            found = [
                found[k] if t == at[k]
                else self.step(at[k], np.concatenate([states[k], found[k]]), t - at[k], *parameters)[n:]
                for t, k in zip(asked.tolist(), nearest, strict=True)
            ]  # fmt: skip
        return np.stack(found, axis=1)
