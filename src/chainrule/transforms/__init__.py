"""Functions in, functions out: the derivatives of plain functions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

WHERE = {
    **dict.fromkeys(("custom_jvp", "custom_vjp", "stop_gradient"), "chainrule.transforms.custom"),
    **dict.fromkeys(("grad", "value_and_grad"), "chainrule.transforms.gradient"),
    **dict.fromkeys(("hessian", "hvp"), "chainrule.transforms.hessian"),
    **dict.fromkeys(("jacfwd", "jacobian", "jacrev"), "chainrule.transforms.jacobians.jacobian"),
    **dict.fromkeys(("jvp", "vjp"), "chainrule.transforms.jvp_vjp"),
}


def named(verb: str) -> Any:
    """The transform of that name, imported when it is first asked for."""
    return getattr(import_module(WHERE[verb]), verb)
