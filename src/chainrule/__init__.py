"""Derivatives of plain Python and NumPy that you can trust, see and run fast.

Differentiate: `Value(...).backward()`, `grad`, `value_and_grad`, `jacobian`, `hessian`, `hvp`, `jvp`, `vjp`, `taylor`.
Check: `check(f, df, at)`, `assert_gradient`, `gradient_of`, `numeric.derivative` and its relatives.
Compute: every operator of the table under NumPy's name (`chainrule.sin`, `chainrule.where`, ...).
"""

from chainrule import errors, numeric, ops
from chainrule.carriers.lift import lift
from chainrule.carriers.value import Value
from chainrule.check import (
    GradientError,
    GuardError,
    Reason,
    Report,
    Verdict,
    assert_gradient,
    check,
    check_sparse,
    compare,
    gradient_of,
    guard,
    rel_error,
)
from chainrule.errors import ChainruleError
from chainrule.ops import *  # noqa: F403
from chainrule.transforms import (
    Taylor,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jet,
    jvp,
    stop_gradient,
    taylor,
    value_and_grad,
    vjp,
)

__version__ = "0.1.0"

__all__ = [
    "ChainruleError", "GradientError", "GuardError", "Reason", "Report", "Taylor", "Value", "Verdict", "assert_gradient", "check", "check_sparse", "compare", "custom_jvp", "custom_vjp", "errors", "grad", "gradient_of", "guard", "hessian", "hvp", "jacfwd",
    "jacobian", "jacrev", "jet", "jvp", "lift", "numeric", "rel_error", "stop_gradient", "taylor", "value_and_grad", "vjp",
]  # fmt: skip
__all__ += ops.PUBLIC
