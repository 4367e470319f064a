"""What a call hands to an optimiser or to a checker of gradients: a function, its derivatives, and a point."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import numpy as np

from chainrule.check.claims.claim import innermost
from chainrule.check.claims.syntax.calls import INTEGRATORS, WITH_VALUE
from chainrule.records import record

# Where SciPy's functions keep the function, its derivatives, the point and further arguments.
FUNCTIONS = ("fun", "func", "f")
DERIVATIVES = ("jac", "fprime", "Dfun", "grad")
SECONDS = ("hess", "fhess", "fprime2")
PRODUCTS = ("hessp", "fhess_p")
POINTS = ("x0", "p0")
# Whose functions of the names of OPTIMISERS and CHECKERS count, by what their files' paths hold.
HOMES = {"gradcheck": "torch", "gradgradcheck": "torch", "check_grads": "jax"}


@record
class Use:
    """A function and its derivatives given to an optimiser, with the point it starts from.

    derivative  None where a framework's own answer is checked, True where the function gives its gradient too
    more        further arguments of all functions; `first` says that they come before the point, one for each number
    second      the second derivative, as a function; `product` its product with a vector
    turned      whether the rows of the Jacobian are those of the point
    """

    optimiser: str
    function: Callable[..., Any]
    derivative: Any
    point: Any
    more: tuple[Any, ...] = ()
    second: Any = None
    product: Any = None
    turned: bool = False
    first: bool = False

    def like(self, other: Use) -> bool:
        """Whether another use is of the same functions."""
        mine, its = ((u.function, u.derivative, u.second, u.product) for u in (self, other))
        return all(same_code(f, g) for f, g in zip(mine, its, strict=True))


def handed(frame: FrameType) -> Use | None:
    """What this call hands over; None where that is no claim."""
    name, file, given = frame.f_code.co_name, frame.f_code.co_filename, frame.f_locals
    if name in HOMES:
        return _to_a_framework(name, given) if HOMES[name] in file else None
    if "scipy" in file and "integrate" in file:
        return _to_an_integrator(name, given)
    if "scipy" not in file or "optimize" not in file:
        return None
    function, derivative, point, second, product = (
        next((given[n] for n in names if given.get(n) is not None), None)
        for names in (FUNCTIONS, DERIVATIVES, POINTS, SECONDS, PRODUCTS)
    )
    if name in WITH_VALUE and derivative is None and not given.get("approx_grad"):
        derivative = True
    if name == "curve_fit":
        return _of_a_fit(function, derivative, given)
    if not callable(function) or not (callable(derivative) or derivative is True) or point is None:
        return None
    more = given.get("args", ())
    more = more if isinstance(more, tuple) else (more,)
    second, product = (x if callable(x) else None for x in (second, product))
    return Use(name, function, derivative, point, more, second, product, bool(given.get("col_deriv")))


def _to_an_integrator(name: str, given: Mapping[str, Any]) -> Use | None:
    """`solve_ivp(fun, t_span, y0, jac=)` of functions of (t, y), `odeint(func, y0, t, Dfun=)` of those of (y, t)."""
    given = {**given, **(given.get("options") or {})}
    function, jacobian = (
        next((given[n] for n in names if callable(given.get(n))), None) for names in (FUNCTIONS, DERIVATIVES)
    )
    start, times = given.get("y0"), given.get("t_span", given.get("t"))
    if name not in INTEGRATORS or function is None or jacobian is None or start is None or times is None:
        return None
    more = given.get("args") or ()
    more = more if isinstance(more, tuple) else (more,)
    by_time = name == "solve_ivp" or bool(given.get("tfirst"))
    if by_time:
        return Use(name, _with_time(function), _with_time(jacobian), start, (float(times[0]), *more))
    return Use(name, function, jacobian, start, (float(times[0]), *more), turned=bool(given.get("col_deriv")))


def _with_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of (t, y) as one of (y, t)."""

    @functools.wraps(function)
    def of_state(y: Any, t: Any, *more: Any) -> Any:
        return function(t, y, *more)

    return of_state


def _of_a_fit(model: Any, jacobian: Any, given: Mapping[str, Any]) -> Use | None:
    """`curve_fit(f, xdata, ydata, p0, jac=)`: both take the data first, then each parameter."""
    if not callable(model) or not callable(jacobian):
        return None
    data, start = given.get("xdata"), given.get("p0")
    if start is None:
        code = getattr(innermost(model), "__code__", None)
        start = np.ones(code.co_argcount - 1) if code is not None else None
    data = np.asarray(data, dtype=float) if isinstance(data, (list, tuple)) else data
    return None if start is None else Use("curve_fit", model, jacobian, start, (data,), first=True)


def _to_a_framework(name: str, given: Mapping[str, Any]) -> Use | None:
    """`torch.autograd.gradcheck(f, inputs)` and `jax.test_util.check_grads(f, args, order)`."""
    function = given.get("func", given.get("f"))
    point = given.get("inputs", given.get("args"))
    point = point if isinstance(point, tuple) else tuple(point) if isinstance(point, list) else (point,)
    return Use(name, function, None, point) if callable(function) and point[0] is not None else None


def same_code(f: Any, g: Any) -> bool:
    """Whether two functions run the same code."""
    one, other = (getattr(innermost(x), "__code__", x) for x in (f, g))
    return bool(one is other)
