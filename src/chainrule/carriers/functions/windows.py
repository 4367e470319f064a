"""NumPy's modified Bessel function and the window that is made with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import late

_i0 = late("chainrule.scipy.special.bessel.i0")


def kaiser(M: Any, beta: Any) -> Any:
    """The window of M points; it moves with beta."""
    points = np.arange(0, M)
    if len(points) == 1:
        return np.ones(1) + 0.0 * beta
    middle = (M - 1) / 2.0
    return _i0(beta * np.sqrt(1 - ((points - middle) / middle) ** 2.0)) / _i0(beta)


RULES: dict[Any, Callable[..., Any]] = {np.i0: lambda x: _i0(ops.absolute(x))}
