"""Derivatives of plain Python and NumPy that you can trust, see and run fast.

Differentiate: `Value(...).backward()`, `grad`, `value_and_grad`, `jacobian`, `hessian`, `hvp`, `jvp`, `vjp`, `taylor`.
Check: `check(f, df, at)`, `assert_gradient`, `gradient_of`, `numeric.derivative` and its relatives.
Show: `draw`, `explore`, `explain`, `derive`, `source`, and figures in `chainrule.plots`.
Compute: every operator of the table under NumPy's name (`chainrule.sin`, `chainrule.where`, ...).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from chainrule import plots
    from chainrule.show import derive, draw, explain, explore, source

__version__ = "0.1.0"

# fmt: off
__all__ = [  # noqa: RUF022 (grouped as in the docstring)
    "ChainruleError", "errors",
    "Value", "lift",
    "Taylor", "custom_jvp", "custom_vjp", "grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jet", "jvp",
    "stop_gradient", "taylor", "value_and_grad", "vjp",
    "GradientError", "GuardError", "Reason", "Report", "Verdict", "assert_gradient", "check", "check_sparse", "compare",
    "gradient_of", "guard", "numeric", "rel_error",
    "derive", "draw", "explain", "explore", "plots", "source",
]
__all__ += ops.PUBLIC
# fmt: on

_SHOWN = ("derive", "draw", "explain", "explore", "source")


def __getattr__(name: str) -> Any:
    """The ways to show a gradient are imported when they are first used."""
    from importlib import import_module

    if name == "plots":
        return import_module("chainrule.plots")
    if name in _SHOWN:
        found = globals()[name] = getattr(import_module("chainrule.show"), name)
        return found
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
