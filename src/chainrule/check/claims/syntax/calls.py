"""Calls in a syntax tree that hand a function and its derivative to an optimiser or to a checker of gradients."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DERIVATIVE_KEYWORDS = {
    "jac", "fprime", "Dfun", "hess", "hessp", "fhess", "fhess_p", "grad", "gradient", "fprime2",
}  # fmt: skip
CHECKERS = {"check_grad", "gradcheck", "gradgradcheck", "check_grads"}
OPTIMISERS = {
    "minimize", "root", "least_squares", "fsolve", "leastsq", "newton", "root_scalar", "curve_fit", "fmin_bfgs",
    "fmin_cg", "fmin_ncg", "fmin_l_bfgs_b", "fmin_tnc", "check_grad",
}  # fmt: skip
INTEGRATORS = {"solve_ivp", "odeint", "BDF", "Radau", "LSODA"}
# The first argument by position that is a derivative.
BY_POSITION = {
    "minimize": 4, "root": 3, "least_squares": 2, "fsolve": 3, "leastsq": 3, "newton": 2, "fmin_bfgs": 2, "fmin_cg": 2,
    "fmin_ncg": 2, "fmin_l_bfgs_b": 2, "fmin_tnc": 2,
}  # fmt: skip
WITH_VALUE = {"fmin_l_bfgs_b", "fmin_tnc"}  # without fprime the function gives its gradient too


class Handing(NamedTuple):
    """A call that hands over `function` (as it is written): the name of what is called, the line, and the function
    that the call stands in, "" at top level."""

    called: str
    function: str
    line: int
    inside: str


def handings(body: Sequence[ast.stmt]) -> Iterator[Handing]:
    """The calls below some statements that hand over a derivative.

    >>> tree = ast.parse("from scipy.optimize import minimize as least\\ndef fit():\\n    least(f, 0, jac=df)")
    >>> list(handings(tree.body))
    [Handing(called='minimize', function='f', line=3, inside='fit')]
    """
    others = {
        a.asname: a.name
        for node in body
        if isinstance(node, ast.ImportFrom) and {"optimize", "integrate"} & set((node.module or "").split("."))
        for a in node.names
        if a.asname
    }
    for statement in body:
        inside = statement.name if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) else ""
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            called = others.get(called, called)
            if called in OPTIMISERS | CHECKERS | INTEGRATORS and _with_derivative(called, node):
                f = ast.unparse(node.args[0]) if node.args else ""
                yield Handing(called, f, node.lineno, inside)


def _with_derivative(called: str, node: ast.Call) -> bool:
    given = {k.arg: k.value for k in node.keywords}
    if called in CHECKERS or None in given:  # **settings may hold anything
        return True
    if any(name in DERIVATIVE_KEYWORDS and not _is_word(value) for name, value in given.items()):
        return True
    if called in WITH_VALUE:
        return "approx_grad" not in given
    return called in BY_POSITION and len(node.args) > BY_POSITION[called]


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (isinstance(node.value, str) or node.value in (None, False))
