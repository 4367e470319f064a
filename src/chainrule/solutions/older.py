"""SciPy's older names of minimisers and of solvers, global ones, and problems that are linear but for their bounds."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.lift import lift
from chainrule.errors import SolutionError
from chainrule.inputs import as_number
from chainrule.numbers import Carrier, primal, shape
from chainrule.signatures import by_name
from chainrule.solutions.minimisers import bounded, minimiser, moves
from chainrule.solutions.plainly import found_numbers, plain, plainly, refuse_settings, replaced, with_arguments
from chainrule.transforms.gradient import grad
from chainrule.transforms.hessian import hessian
from chainrule.transforms.implicit import as_one_number, with_derivatives

Rule = Callable[..., Any]
_SLOPES = ("fprime", "fhess", "fhess_p", "Dfun", "jac", "hess")
_HELD = ("constraints", "eqcons", "ieqcons", "f_eqcons", "f_ieqcons")


class Asked:
    """A call of SciPy's by the names of its parameters: the function, and the call with functions of plain numbers."""

    def __init__(self, name: str, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
        self.original = getattr(scipy.optimize, name)
        self.given = dict(inspect.signature(self.original).bind(*args, **settings).arguments)
        self.given.update(self.given.pop("kw", {}))
        first = next(iter(self.given))
        more = self.given.pop("args", ())
        self.function = with_arguments(lift(self.given.pop(first)), more)
        for slope in _SLOPES:
            if callable(self.given.get(slope)):
                self.given[slope] = plainly(with_arguments(lift(self.given[slope]), more))

    def answer(self) -> Any:
        """What SciPy finds."""
        return self.original(plainly(self.function), **{k: plain(x) for k, x in self.given.items()})


def _minimising(name: str) -> Rule:
    """A minimiser that gives x, a tuple that begins with x, or a result."""

    @functools.wraps(getattr(scipy.optimize, name))
    def rule(*args: Any, **settings: Any) -> Any:
        asked = Asked(name, args, settings)
        bounds = asked.given.get("bounds")
        answer = asked.answer()
        result = isinstance(answer, scipy.optimize.OptimizeResult)
        x = answer.x if result else answer[0] if isinstance(answer, tuple) else answer
        y = found_numbers(np.asarray(x))

        def cost(v: Any) -> Any:
            return ops.reshape(as_one_number(asked.function(v)), ())

        if np.ndim(y) == 0:
            if not isinstance(cost(y), Carrier):
                return answer
            found = with_derivatives(y, grad(cost))
        else:
            low, high = bounded(bounds, np.size(y))
            if not moves(cost, y, low, high):
                return answer
            refuse_settings(name, asked.given, _HELD)
            found = minimiser(y, cost, low, high)
        if result:
            return replaced(answer, x=found, fun=cost(found))
        return (found, cost(found), *answer[2:]) if isinstance(answer, tuple) else found

    return rule


def _solving(name: str) -> Rule:
    @functools.wraps(getattr(scipy.optimize, name))
    def rule(*args: Any, **settings: Any) -> Any:
        asked = Asked(name, args, settings)
        return with_derivatives(found_numbers(asked.answer()), asked.function)

    return rule


@functools.wraps(scipy.optimize.leastsq)
def leastsq(*args: Any, **settings: Any) -> Any:
    asked = Asked("leastsq", args, settings)
    answer = asked.answer()
    y = found_numbers(answer[0])

    def cost(v: Any) -> Any:
        return 0.5 * ops.sum(as_one_number(asked.function(v)) ** 2)

    if not isinstance(cost(y), Carrier):
        return answer
    refuse_settings("leastsq", asked.given, ("full_output",))
    return (with_derivatives(y, grad(cost)), *answer[1:])


def _linear_cost(A: Any, b: Any) -> Rule:
    return lambda x: 0.5 * ops.sum((A @ x - b) ** 2)


@functools.wraps(scipy.optimize.lsq_linear)
def lsq_linear(A: Any, b: Any, bounds: Any = (-np.inf, np.inf), *args: Any, **settings: Any) -> Any:
    if not (holds([A, b]) or (isinstance(bounds, tuple) and holds(bounds))):
        return scipy.optimize.lsq_linear(A, b, bounds, *args, **settings)
    a, b = as_number(A), as_one_number(b)
    ends = [bounds.lb, bounds.ub] if isinstance(bounds, scipy.optimize.Bounds) else list(bounds)
    low, high = (ops.broadcast_to(as_number(x), (shape(a)[1],)) for x in ends)
    answer = scipy.optimize.lsq_linear(primal(a), primal(b), (primal(low), primal(high)), *args, **settings)
    found = minimiser(np.asarray(answer.x), _linear_cost(a, b), low, high)
    rest = a @ found - b
    return replaced(answer, x=found, fun=rest, cost=0.5 * ops.sum(rest**2))


@functools.wraps(scipy.optimize.nnls)
def nnls(A: Any, b: Any, *args: Any, **settings: Any) -> Any:
    if not holds([A, b]):
        return scipy.optimize.nnls(A, b, *args, **settings)
    a, b = as_number(A), as_one_number(b)
    plain_x, _ = scipy.optimize.nnls(primal(a), primal(b), *args, **settings)
    n = shape(a)[1]
    found = minimiser(plain_x, _linear_cost(a, b), np.zeros(n), np.full(n, np.inf))
    return found, ops.norm(a @ found - b)


@functools.wraps(scipy.optimize.linprog)
def linprog(c: Any, A_ub: Any = None, b_ub: Any = None, A_eq: Any = None, b_eq: Any = None, bounds: Any = (0, None),
            *args: Any, **settings: Any) -> Any:  # fmt: skip
    """The corner it finds is where as many constraints hold with equality as there are unknowns."""
    given = [None if x is None else as_one_number(x) for x in (c, A_ub, b_ub, A_eq, b_eq)]
    if not any(isinstance(x, Carrier) for x in given):
        return scipy.optimize.linprog(c, A_ub, b_ub, A_eq, b_eq, bounds, *args, **settings)
    answer = scipy.optimize.linprog(*[None if x is None else primal(x) for x in given], bounds, *args, **settings)
    if answer.status != 0:
        raise SolutionError.here(f"scipy.optimize.linprog found no solution: {answer.message}")
    x, n = np.asarray(answer.x), len(answer.x)
    rows, right = [], []
    if given[3] is not None:
        rows, right = [given[3]], [given[4]]
    if given[1] is not None and given[2] is not None:
        active = np.flatnonzero(np.abs(answer.slack) <= 1e-9 * (1 + np.abs(primal(given[2]))))
        rows, right = [*rows, given[1][active]], [*right, given[2][active]]
    pairs = np.broadcast_to(np.array(bounds, dtype=object), (n, 2))
    ends = np.array([[-np.inf if low is None else low, np.inf if high is None else high] for low, high in pairs], float)
    at = np.abs(x[:, None] - ends) <= 1e-9 * (1 + np.abs(x[:, None]))
    held = np.flatnonzero(at.any(axis=1))
    rows, right = [*rows, np.eye(n)[held]], [*right, x[held]]
    system, values = ops.concatenate(rows), ops.concatenate(right)
    if shape(system)[0] != n or np.linalg.matrix_rank(primal(system)) < n:
        raise SolutionError.here("scipy.optimize.linprog: its solution is no single corner, and has no derivative")
    found = ops.solve(system, values)
    return replaced(answer, x=found, fun=ops.sum(given[0] * found))


@functools.wraps(scipy.optimize.isotonic_regression)
def isotonic_regression(y: Any, *, weights: Any = None, increasing: bool = True) -> Any:
    if not holds([y, weights]):
        return scipy.optimize.isotonic_regression(y, weights=weights, increasing=increasing)
    y = as_one_number(y)
    w = np.ones(shape(y)[0]) if weights is None else as_one_number(weights)
    answer = scipy.optimize.isotonic_regression(primal(y), weights=primal(w), increasing=increasing)
    starts = np.asarray(answer.blocks)
    parts = []
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        share = w[first:last]
        parts.append(ops.repeat(ops.reshape(ops.sum(share * y[first:last]) / ops.sum(share), (1,)), last - first))
    return replaced(answer, x=ops.concatenate(parts))


def rosen(x: Any) -> Any:
    x = as_one_number(x)
    return ops.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0, 0)


@functools.wraps(scipy.optimize.linear_sum_assignment)
def linear_sum_assignment(cost_matrix: Any, maximize: bool = False) -> Any:
    """Whole numbers, which a small change of the costs does not change."""
    costs = as_one_number(cost_matrix)
    return scipy.optimize.linear_sum_assignment(np.asarray(primal(costs)), maximize)


RULES: dict[str, Rule] = {
    **{
        name: _minimising(name)
        for name in (
            "brent", "golden", "fminbound", "fmin", "fmin_bfgs", "fmin_cg", "fmin_l_bfgs_b", "fmin_powell",
            "fmin_slsqp", "fmin_tnc", "fmin_ncg", "basinhopping", "differential_evolution", "dual_annealing", "shgo",
            "direct",
        )
    },
    **{
        name: _solving(name)
        for name in (
            "anderson", "broyden1", "broyden2", "newton_krylov", "diagbroyden", "excitingmixing", "linearmixing",
        )
    },
    **by_name(leastsq, lsq_linear, nnls, linprog, isotonic_regression),
    "linear_sum_assignment": linear_sum_assignment,
    "rosen": rosen, "rosen_der": lambda x: grad(rosen)(as_one_number(x)),
    "rosen_hess": lambda x: hessian(rosen)(as_one_number(x)),
    "rosen_hess_prod": lambda x, p: hessian(rosen)(as_one_number(x)) @ as_one_number(p),
}  # fmt: skip
