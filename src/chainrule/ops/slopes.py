"""A slope times what comes along: 0 times an infinite slope is nan only where a transform can look again."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from chainrule.libraries import FLOAT64, common_library
from chainrule.numbers import Number, primal
from chainrule.ops.row import TABLE, applied


def product(t: Number, slope: Number) -> Number:
    """t * slope: nan for 0 * inf, in which case a transform looks again (see `branches`). Numbers that are only
    recorded, and arrays of other libraries, cannot be looked at again: there a t of exactly 0 wins."""
    if type(t) is float and type(slope) is float:
        return t * slope
    plainly = (floats(t) and floats(slope)) or multiplied(t, slope)
    return applied(TABLE["multiply" if plainly else "scale"], (t, slope), {})


def multiplied(t: Number, slope: Number) -> bool:
    """Whether `product` of the two is the plain one: of floats, arrays of them, mpmath's numbers and printed ones."""
    return common_library((primal(t), primal(slope))).again


def floats(x: Number) -> bool:
    """Whether x is a float, or an array of float64."""
    return type(x) is float or type(x) is np.float64 or (type(x) is ndarray and x.dtype is FLOAT64)
