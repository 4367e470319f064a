"""`scipy.interpolate.RBFInterpolator` in lifted functions: by the values it goes through and by the points asked for.

Coefficients of kernels and of the polynomial are SciPy's; they are linear in the values, so those through recorded
values are SciPy's for the columns of the identity, times the values. Kernels are functions of the squared distance.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.interpolate as si

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule, refuse_where
from chainrule.numbers import Number, primal, shape
from chainrule.scipy.called import number


def _near_0(f: Callable[[Number], Number], s: Number) -> Number:
    """f(s), 0 at 0: there the kernel, or its slope by the distance, has no derivative by s."""
    apart = primal(s) > 0
    return ops.where(apart, f(ops.where(apart, s, 1.0)), 0.0)


KERNELS: dict[str, Callable[[Number], Number]] = {
    "linear": lambda s: -_near_0(ops.sqrt, s),
    "thin_plate_spline": lambda s: _near_0(lambda s: 0.5 * s * ops.log(s), s),
    "cubic": lambda s: _near_0(lambda s: s * ops.sqrt(s), s),
    "quintic": lambda s: -_near_0(lambda s: s * s * ops.sqrt(s), s),
    "multiquadric": lambda s: -ops.sqrt(s + 1.0),
    "inverse_multiquadric": lambda s: 1.0 / ops.sqrt(s + 1.0),
    "inverse_quadratic": lambda s: 1.0 / (s + 1.0),
    "gaussian": lambda s: ops.exp(-s),
}


class Radial:
    """An interpolant, of SciPy's with plain values, or with the recorded `values` in their place."""

    def __init__(self, original: Any, values: Any = None) -> None:
        self.original, self.values = original, values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "original" not in self.__dict__:
            raise AttributeError(name)
        if self.values is not None and name == "d":
            return self.values
        return getattr(self.original, name)

    def __call__(self, x: Any) -> Any:
        if not holds([x]):
            found = self.original(x)
            return found if self.values is None else ops.tensordot(found, self.values, 1)
        refuse_where("scipy.interpolate.RBFInterpolator", neighbors=self.original.neighbors is not None)
        x = number(x)
        flat = ops.tensordot(self._basis(x), self.original._coeffs, 1)
        if self.values is not None:
            return ops.tensordot(flat, self.values, 1)
        return ops.reshape(flat, (shape(x)[0], *self.original.d_shape))

    def _basis(self, x: Any) -> Any:
        """The kernels at the points and the polynomial's powers, one in each column."""
        of, count = self.original, shape(x)[0]
        apart = (ops.reshape(x, (count, 1, -1)) - of.y) * of.epsilon
        columns = [KERNELS[of.kernel](ops.sum(apart * apart, -1))]
        scaled = (x - of._shift) / of._scale
        for powers in of.powers.tolist():
            term: Any = np.ones(count)
            for k, power in enumerate(powers):
                term = term * scaled[:, k] ** power if power else term
            columns.append(ops.reshape(term, (count, 1)))
        return ops.concatenate(columns, 1)


@functools.wraps(si.RBFInterpolator, updated=())
def rbf(y: Any, d: Any, *args: Any, **settings: Any) -> Any:
    for name, x in (("y", y), ("its settings", [*args, *settings.values()])):
        if holds([number(x) if name == "y" else x]):
            raise no_rule(f"scipy.interpolate.RBFInterpolator by {name}")
    if not holds([number(d)]):
        return Radial(si.RBFInterpolator(y, d, *args, **settings))
    unit = si.RBFInterpolator(y, np.eye(len(np.asarray(y))), *args, **settings)
    return Radial(unit, number(d))


RULES: dict[str, Callable[..., Any]] = {"RBFInterpolator": rbf}
