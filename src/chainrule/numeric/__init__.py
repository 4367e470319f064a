"""Derivatives from function values alone, each with an error bar that can be believed.

One real argument: `derivative` (adaptive unless a method is named), `second`, `nth`.
The textbook's methods by name: `forward`, `backward`, `central`, `richardson`, `complex_step`.
Arrays: `gradient`, `partial` (one of several arguments), `directional`, `jacobian`, `hessian`.
All return an `Estimate`; what cannot be trusted carries a `Doubt` as its `reason`.
"""

from chainrule.numeric.complex_step import complex_step
from chainrule.numeric.derivative import derivative, nth, second
from chainrule.numeric.estimate import Doubt, Estimate
from chainrule.numeric.gradient import directional, gradient, partial
from chainrule.numeric.jacobian import hessian, jacobian
from chainrule.numeric.richardson import richardson
from chainrule.numeric.stencil import backward, central, forward

__all__ = [
    "Doubt", "Estimate", "backward", "central", "complex_step", "derivative", "directional", "forward", "gradient",
    "hessian", "jacobian", "nth", "partial", "richardson", "second",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__
