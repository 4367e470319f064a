"""SciPy's minimisers on nested containers: quasi-Newton and Newton methods that see the whole data at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, MissingExtra, SolutionError
from chainrule.numbers import Number
from chainrule.optim.vectors import ravel
from chainrule.transforms.gradient import value_and_grad
from chainrule.transforms.hessian import hvp

BY_GRADIENT = ("L-BFGS-B", "BFGS", "CG", "TNC", "SLSQP")
BY_CURVATURE = ("Newton-CG", "trust-ncg", "trust-krylov")


@dataclass(frozen=True)
class Minimum:
    """Where a minimiser stopped.

    params       in the structure in which they were given
    value        of the function there
    slope        the largest element of the gradient there, in size
    steps        the minimiser's iterations
    evaluations  of the function and its gradient
    converged    whether SciPy says so; `message` is its reason
    """

    params: Any
    value: float
    slope: float
    steps: int
    evaluations: int
    converged: bool
    message: str


def minimize(
    f: Callable[..., Number],
    params: Any,
    *args: Any,
    method: str = "L-BFGS-B",
    tol: float | None = None,
    jit: bool = False,
    **options: Any,
) -> Minimum:
    """Minimise f(params, *args) by `params`, a nested container, with `scipy.optimize.minimize`.

    method    "L-BFGS-B" (the default), "BFGS", "CG", "TNC", "SLSQP" use the gradient; "Newton-CG", "trust-ncg" and
              "trust-krylov" Hessian-vector products too, both by the chain rule
    tol       SciPy's: what it is compared with depends on the method
    jit       compile the value with its gradient, and the products
    options   of the method, as in SciPy: `maxiter=100`, `gtol=1e-10`

    Gives a `Minimum`. Raises ArgumentError for another method, SolutionError where f is not finite where it stopped,
    MissingExtra without SciPy.

    >>> from chainrule import optim
    >>> def bowl(p, target):
    ...     return np.sum((p["x"] - target) ** 2) + (p["y"] - 1.0) ** 4
    >>> found = optim.minimize(bowl, {"x": np.zeros(2), "y": 0.0}, np.array([1.0, 2.0]), method="Newton-CG")
    >>> found.converged, found.params["x"].round(6)
    (True, array([1., 2.]))
    """
    if method not in BY_GRADIENT + BY_CURVATURE:
        known = ", ".join(BY_GRADIENT + BY_CURVATURE)
        raise ArgumentError.here(f"minimize: expected one of the methods {known}, got {method!r}")
    try:
        from scipy import optimize
    except ImportError as error:
        raise MissingExtra("minimize", "SciPy", "special") from error
    start, rebuilt = ravel(params)

    def of_vector(x: Number, *rest: Any) -> Number:
        return f(rebuilt(x), *rest)

    both: Any = value_and_grad(of_vector)
    product: Any = None
    if method in BY_CURVATURE:
        product = lambda x, v, *rest: hvp(lambda y: of_vector(y, *rest), x, v)
    if jit:
        from chainrule.jit.call.jit import jit as compiled

        both, product = compiled(both), compiled(product) if product else None
    found = optimize.minimize(
        lambda x: both(x, *args),
        start,
        jac=True,
        hessp=(lambda x, v: product(x, v, *args)) if product else None,
        method=method,
        tol=tol,
        options=options,
    )
    value, slope = both(found.x, *args)
    if not np.isfinite(value):
        raise SolutionError.here(f"minimize: {method} stopped where the function is {float(value)}; start it elsewhere")
    largest = float(np.max(np.abs(slope), initial=0.0))
    return Minimum(
        rebuilt(found.x),
        float(value),
        largest,
        int(found.nit),
        int(found.nfev),
        bool(found.success),
        str(found.message),
    )
