"""The operator table: one row for each function with a known derivative, by NumPy's names.

Each family of operators says in its `__all__` what it offers.
"""

# ruff: noqa: F403, F405

from chainrule.ops import (
    arithmetic,
    compare,
    contractions,
    cumulative,
    exponential,
    hyperbolic,
    index,
    linalg,
    logistic,
    logsums,
    moments,
    polar,
    powers,
    reduce,
    rounding,
    shape,
    special,
    trigonometric,
)
from chainrule.ops.arithmetic import *
from chainrule.ops.compare import *
from chainrule.ops.contractions import *
from chainrule.ops.cumulative import *
from chainrule.ops.described import describe
from chainrule.ops.exponential import *
from chainrule.ops.hyperbolic import *
from chainrule.ops.index import *
from chainrule.ops.linalg import *
from chainrule.ops.logistic import *
from chainrule.ops.logsums import *
from chainrule.ops.moments import *
from chainrule.ops.polar import *
from chainrule.ops.powers import *
from chainrule.ops.reduce import *
from chainrule.ops.rounding import *
from chainrule.ops.row import TABLE, Operator
from chainrule.ops.shape import *
from chainrule.ops.special import *
from chainrule.ops.trigonometric import *

abs = absolute
pow = power
mod = remainder
round = rint
identity = positive

__all__ = ["PUBLIC", "TABLE", "Operator", "abs", "identity", "mod", "pow", "round"]
for _family in (
    arithmetic, compare, contractions, cumulative, exponential, hyperbolic, index, linalg, logistic, logsums, moments,
    polar, powers, reduce, rounding, shape, special, trigonometric,
):  # fmt: skip
    __all__ += _family.__all__
PUBLIC = sorted(name for name in __all__ if name not in ("PUBLIC", "TABLE", "Operator"))

describe(globals(), PUBLIC)
