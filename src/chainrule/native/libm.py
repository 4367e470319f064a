"""The C library's mathematics for floats, answering as IEEE 754 does. Compiled, `libm.pxd` calls it directly."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import numpy as np

from chainrule.libraries import ieee

exp: Callable[[float], float] = ieee(math.exp, np.exp)
expm1: Callable[[float], float] = ieee(math.expm1, np.expm1)
log: Callable[[float], float] = ieee(math.log, np.log)
log1p: Callable[[float], float] = ieee(math.log1p, np.log1p)
sqrt: Callable[[float], float] = ieee(math.sqrt, np.sqrt)
sin: Callable[[float], float] = ieee(math.sin, np.sin)
cos: Callable[[float], float] = ieee(math.cos, np.cos)
tan: Callable[[float], float] = ieee(math.tan, np.tan)
sinh: Callable[[float], float] = ieee(math.sinh, np.sinh)
cosh: Callable[[float], float] = ieee(math.cosh, np.cosh)
atan, tanh, fabs, isfinite, floor = math.atan, math.tanh, math.fabs, math.isfinite, math.floor
pow: Callable[[float, float], float] = operator.pow
divide: Callable[[float, float], float] = ieee(operator.truediv, np.divide)

_left = [False]


def forget_range() -> None:
    """From now on `left_range` is asked of what comes."""
    _left[0] = False


def left_range() -> bool:
    """Whether a result was subnormal, 0 for a smaller number, or infinite for a larger one. The processor notices; as
    Python does not say, here it is what `seen` was shown."""
    return _left[0]


def seen(share: float, ct: float) -> float:
    """The share of a cotangent, looked at where the processor is not asked."""
    if ct and ct - ct == 0.0 and not 2.2250738585072014e-308 <= abs(share) <= 1.7976931348623157e308:
        _left[0] = True
    return share
