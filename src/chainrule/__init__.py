"""Derivatives of plain Python and NumPy that you can trust, see and run fast.

Differentiate: `Value(...).backward()`, `grad`, `value_and_grad`, `jacobian`, `hessian`, `hvp`, `jvp`, `vjp`, `taylor`;
`implicit` for the solutions of equations; `vmap` for many examples at once.
Check: `check(f, df, at)`, `assert_gradient`, `gradient_of`, `numeric.derivative` and its relatives; `doctor(f)`.
Speed up: `jit(f)`, machine code of f and of its derivatives; `reuse_memory()` for steps written with NumPy.
Spread: `cluster`, sums over data larger than memory and many tasks, on Dask.
Train: layers and losses in `nn`, optimisers in `optim`, the loop over batches in `fit`.
Show: `draw`, `explore`, `explain`, `derive`, `source`, and figures in `chainrule.plots`.
Compute: every operator of the table under NumPy's name (`chainrule.sin`, `chainrule.where`, ...).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chainrule.engine import info, uncollected

with uncollected(stay=True):
    from chainrule import engine, errors, ops, transforms  # noqa: F401 (the engine first: it decides how others are found)
    from chainrule.carriers.lift import lift
    from chainrule.errors import ChainruleError
    from chainrule.ops import *  # noqa: F403
    from chainrule.ops.reuse import release_memory, reuse_memory
    from chainrule.transforms.gradient import grad, value_and_grad
    from chainrule.transforms.jvp_vjp import jvp, vjp
    from chainrule.values.value import Value

    # Three packages bear the name of a function. They are loaded (all are light), and so stay out of its way.
    for _name in ("check", "doctor", "jit"):
        import_module(f"chainrule.{_name}")
        del globals()[_name]
    del _name

del uncollected

if TYPE_CHECKING:
    from chainrule import cluster, nn, numeric, optim, plots
    from chainrule.bridges import from_jax, from_torch, to_jax, to_torch
    from chainrule.check import (
        GradientError,
        GuardError,
        Reason,
        Report,
        Verdict,
        assert_gradient,
        check,
        check_backward,
        check_layer,
        check_sparse,
        compare,
        grade,
        gradient_of,
        guard,
        rel_error,
    )
    from chainrule.doctor import doctor
    from chainrule.jit.call.jit import jit
    from chainrule.jit.export import export_c
    from chainrule.show import derive, draw, explain, explore, source
    from chainrule.sparse import sparse_hessian, sparse_jacobian
    from chainrule.training import fit
    from chainrule.transforms.checkpoint import checkpoint
    from chainrule.transforms.custom import custom_jvp, custom_vjp, stop_gradient
    from chainrule.transforms.hessian import hessian, hvp
    from chainrule.transforms.implicit import implicit
    from chainrule.transforms.jacobians.jacobian import jacfwd, jacobian, jacrev
    from chainrule.transforms.operator import operator
    from chainrule.transforms.taylor import Taylor, jet, taylor
    from chainrule.transforms.vmap import vmap

__version__ = "0.1.0"

# The operators (`chainrule.sin`) are left out: `from chainrule import *` must not take the place of abs, max and sum.
# fmt: off
__all__ = [  # noqa: RUF022 (grouped as in the docstring)
    "ChainruleError", "errors", "info",
    "Value", "lift",
    "Taylor", "custom_jvp", "custom_vjp", "grad", "hessian", "hvp", "implicit", "jacfwd", "jacobian", "jacrev", "jet",
    "jvp", "operator", "sparse_hessian", "sparse_jacobian", "stop_gradient", "taylor", "value_and_grad", "vjp",
    "checkpoint", "vmap",
    "GradientError", "GuardError", "Reason", "Report", "Verdict", "assert_gradient", "check", "check_backward",
    "check_layer", "check_sparse", "compare", "doctor",
    "grade", "gradient_of", "guard", "numeric", "rel_error",
    "cluster", "fit", "nn", "optim",
    "derive", "draw", "explain", "explore", "plots", "source",
    "from_jax", "from_torch", "to_jax", "to_torch",
    "export_c", "jit", "release_memory", "reuse_memory",
]
# fmt: on

_MODULES = ("cluster", "nn", "numeric", "optim", "plots")
_LATER = {
    **transforms.WHERE,
    **dict.fromkeys(
        (
            "GradientError", "GuardError", "Reason", "Report", "Verdict", "assert_gradient", "check", "check_backward",
            "check_layer", "check_sparse", "compare", "grade", "gradient_of", "guard", "rel_error",
        ),
        "chainrule.check",
    ),
    **dict.fromkeys(("from_jax", "from_torch", "to_jax", "to_torch"), "chainrule.bridges"),
    **dict.fromkeys(("sparse_hessian", "sparse_jacobian"), "chainrule.sparse"),
    **dict.fromkeys(("derive", "draw", "explain", "explore", "source"), "chainrule.show"),
    "checkpoint": "chainrule.transforms.checkpoint",
    "implicit": "chainrule.transforms.implicit",
    "operator": "chainrule.transforms.operator",
    **dict.fromkeys(("Taylor", "jet", "taylor"), "chainrule.transforms.taylor"),
    "doctor": "chainrule.doctor",
    "vmap": "chainrule.transforms.vmap",
    "jit": "chainrule.jit.call.jit",
    "fit": "chainrule.training",
    "export_c": "chainrule.jit.export",
}  # fmt: skip


_ELSEWHERE = {
    **dict.fromkeys(("Tensor", "tensor", "Variable", "Parameter"), "a number that records is Value(x)"),
    **dict.fromkeys(("no_grad", "detach"), "stop_gradient(x) is x without its derivative"),
    **dict.fromkeys(("numpy", "np", "jnp"), "import numpy as np: NumPy's own functions are differentiated"),
    **dict.fromkeys(
        ("zeros", "ones", "eye", "linspace", "arange", "random", "asarray"),
        "arrays are NumPy's: np.zeros(3), np.random.default_rng(0)",
    ),
    **dict.fromkeys(("gradcheck", "check_grad", "check_grads", "checkgrad"), "check(f, df, at) checks a gradient"),
    "requires_grad": "grad(f, argnums) says by what",
    **dict.fromkeys(("device", "cuda"), "arrays are NumPy's; jit(f, backend=\"torch\") computes on PyTorch's devices"),
    **dict.fromkeys(("jac", "Jacobian"), "jacobian(f)(x)"),
    "Tape": "write a function f and grad(f)(x), or Value(x) and backward()",
    "autograd": "grad(f)(x) of a function, y.backward() of a Value",
    "linearize": "jvp(f, (x,), (v,)) gives the value and the derivative along v",
    "plot": "draw(f, 2.0) is the graph, plots.tangent(f, 2.0) the curve",
    "train": "fit(loss, params, data, opt)",
    "elementwise_grad": "jacobian(f), or grad of the sum of f, which is the same for elementwise f",
    "holomorphic_grad": "grad(f, holomorphic=True)",
    **dict.fromkeys(("primitive", "defvjp"), "@custom_vjp, and f.defvjp(forward, backward)"),
    **dict.fromkeys(("hessian_vector_product", "make_hvp"), "hvp(f, (x,), (v,))"),
    **dict.fromkeys(("make_vjp", "vector_jacobian_product"), "vjp(f, x), whose second result takes the cotangent"),
    "make_jvp": "jvp(f, (x,), (v,))",
    "grad_and_aux": "grad(f, has_aux=True)",
    "flatten": "optim.ravel(params) is a vector, and the function that undoes it",
    "GradientTape": "write a function f and grad(f)(x), or Value(x) and backward()",
    "gradient": "grad(f)(x) by the rules of the operators, numeric.gradient(f, x) by differences",
    "derivative": "grad(f)(x) by the rules of the operators, numeric.derivative(f, x) by differences",
    "backward": "y.backward() of a Value, or grad(f)(x)",
    "Dual": "jvp(f, (x,), (v,)) pushes a tangent forward",
}


def __getattr__(name: str) -> object:
    """What checks or shows a gradient, or compiles it, is imported when it is first used."""
    if name in _MODULES:
        return import_module(f"chainrule.{name}")
    if name in _LATER:
        found = globals()[name] = getattr(import_module(_LATER[name]), name)
        return found
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}{_meant(name)}", name=name)


def _meant(name: str) -> str:
    """What to write in place of a name that other libraries have, or that is spelt a little differently here."""
    if name.startswith("_"):
        return ""
    if name in _ELSEWHERE:
        return f"; {_ELSEWHERE[name]}"
    for module in ("nn", "optim", "numeric"):
        if name in import_module(f"chainrule.{module}").__dict__.get("__all__", ()):
            return f"; it is chainrule.{module}.{name}"
    from difflib import get_close_matches

    near = get_close_matches(name, __dir__(), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def __dir__() -> list[str]:
    return sorted({*__all__, *ops.PUBLIC, "__doc__", "__name__", "__file__", "__path__", "__version__"})
