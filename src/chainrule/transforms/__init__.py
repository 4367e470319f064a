"""Functions in, functions out: the derivatives of plain functions."""

from chainrule.transforms.custom import custom_jvp, custom_vjp, stop_gradient
from chainrule.transforms.gradient import grad, value_and_grad
from chainrule.transforms.hessian import hessian, hvp
from chainrule.transforms.jacobians.jacobian import jacfwd, jacobian, jacrev
from chainrule.transforms.jvp_vjp import jvp, vjp

__all__ = [
    "custom_jvp", "custom_vjp", "grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev",
    "jvp", "stop_gradient", "value_and_grad", "vjp",
]  # fmt: skip
