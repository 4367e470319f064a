"""Libraries whose functions compute with numbers of their own, and what to write for their calls."""

from __future__ import annotations

import sys

from chainrule.carriers.refusals import no_rule
from chainrule.doctor.known import LIBRARIES
from chainrule.doctor.said import said

_JAX = "numpy in place of jax.numpy, or cr.from_jax(f) for a function f of JAX's arrays"
WAYS = {
    "torch": "NumPy's function of that name, or cr.from_torch(f) for a function f of tensors",
    "jax": _JAX,
    "tensorflow": "NumPy's function of that name, or give it a rule with @cr.custom_vjp",
    "autograd": "import numpy as np in place of autograd.numpy, and cr.grad in place of autograd.grad",
    "numba": "leave numba's decorator out; cr.jit(f) compiles f and its derivatives",
    "pandas": "numbers out of the table first: df['a'].to_numpy() outside of the function",
    "sympy": "sympy.lambdify(x, expression) once, outside; its function of NumPy's is differentiated",
    "cupy": "numpy in place of cupy",
    "mpmath": "functions of math or NumPy",
    "numexpr": "the expression in Python, and cr.jit(f) for its speed",
    "numdifftools": "cr.grad, cr.jacobian and cr.hessian, or cr.numeric for differences with error bars",
    "casadi": "NumPy's function of that name",
    "theano": "NumPy's function of that name",
    "aesara": "NumPy's function of that name",
    "pytensor": "NumPy's function of that name",
}
"""What to write for some of them."""
ALONGSIDE = frozenset({"chainrule", "matplotlib", "seaborn", "plotly", "tqdm", "pytest", "IPython", "rich", "click"})
"""Whose calls take part in no derivative."""


def of(path: str) -> str:
    """The library that a dotted name belongs to, where its functions are neither known one by one nor Python's own;
    "" otherwise."""
    top = path.partition(".")[0]
    if not top or top in LIBRARIES or top in ALONGSIDE or top in sys.stdlib_module_names:
        return ""
    return top


def way(library: str) -> str:
    """What to write for a call of a library."""
    return WAYS.get(library) or said(lambda: no_rule(library))[1]
