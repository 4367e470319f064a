"""Integrals over half-lines and lines by the trapezoidal rule, where a derivative has no closed form.

The integrands are analytic and decay at both ends of the line after the substitution, so the rule converges
exponentially (Takahasi and Mori 1974; Trefethen and Weideman, SIAM Review 56, 2014). It is written with operators:
what depends on the operands is differentiated with it, to any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Number, ndim
from chainrule.scipy.rows import no_symbols

Integrand = Callable[..., Number]


def _decaying() -> tuple[Any, Any]:
    """Nodes and weights on (0, inf) for integrands that decay like exp(-s): s = exp(u - exp(-u))."""
    step = 1 / 13
    u = np.arange(-3.7, 7.0, step)
    s = np.exp(u - np.exp(-u))
    return s, step * s * (1 + np.exp(-u))


def _doubled(step: float, reach: float) -> tuple[Any, Any]:
    """Nodes and weights on (0, inf) for integrands between powers: s = exp(u)."""
    s = np.exp(np.arange(-reach, reach, step))
    return s, step * s


DECAYING, POWERS, PEAKED = _decaying(), _doubled(0.5, 90.0), _doubled(1 / 16, 60.0)


def over(nodes: tuple[Any, Any], integrand: Integrand, *operands: Number) -> Number:
    """The integral over (0, inf) of `integrand(s, *operands)`, for each element of the operands."""
    no_symbols(*operands)
    s, weights = nodes
    spread = [ops.expand_dims(x, -1) if ndim(x) else x for x in operands]
    return ops.sum(integrand(s, *spread) * weights, -1)


def over_steps(count: int, integrand: Integrand, *operands: Number) -> Number:
    """The sum of `integrand(k, *operands)` for k = 0, 1, ..., count - 1, for each element of the operands."""
    no_symbols(*operands)
    spread = [ops.expand_dims(x, -1) if ndim(x) else x for x in operands]
    return ops.sum(integrand(np.arange(float(count)), *spread), -1)
