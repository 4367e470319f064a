"""The C library's mathematics for floats, answering as IEEE 754 does. Compiled, `libm.pxd` calls it directly."""

from __future__ import annotations

import math
import operator

import numpy as np

from chainrule.numbers import ieee
from chainrule.ops.arithmetic import divide as _divide

exp, expm1 = ieee(math.exp, np.exp), ieee(math.expm1, np.expm1)
log, log1p = ieee(math.log, np.log), ieee(math.log1p, np.log1p)
sqrt = ieee(math.sqrt, np.sqrt)
sin, cos, tan, atan = ieee(math.sin, np.sin), ieee(math.cos, np.cos), ieee(math.tan, np.tan), math.atan
sinh, cosh, tanh = ieee(math.sinh, np.sinh), ieee(math.cosh, np.cosh), math.tanh
fabs, pow, isfinite, floor = math.fabs, operator.pow, math.isfinite, math.floor
divide = _divide.kernels["float"]
