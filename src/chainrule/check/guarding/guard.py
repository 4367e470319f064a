"""`guard`: watch the gradient an optimiser is given, and say where it is wrong instead of a line search failure."""

from __future__ import annotations

from typing import Any

from chainrule.check.claims.claim import name_of
from chainrule.check.guarding.blame import Function
from chainrule.check.guarding.watch import Watch
from chainrule.errors import ArgumentError


def guard(fun: Function, jac: Any, *, every: int = 25, check_first: int = 3) -> tuple[Function, Any]:
    """`fun` and `jac` as `scipy.optimize` takes them, watched: a wrong gradient raises GuardError where it is met.

    jac          the gradient of fun (or its Jacobian), or True when fun returns the pair (value, gradient)
    every        after the first gradients, every how many one is held against f along the search direction
    check_first  how many gradients at the start are

    The functions compute what they always did, so the optimiser takes the same steps; each look costs 13 more values
    of fun. An AssertionError, GuardError carries the report of a full check at the point. Noise, kinks and functions
    that cannot be evaluated beside the path are never blamed.

    >>> import numpy as np
    >>> def fun(w, scale):
    ...     return scale * (w[0] ** 4 + w[0] * w[1] + (1 + w[1]) ** 2)
    >>> def jac(w, scale):
    ...     return scale * np.array([4 * w[0] ** 3 + w[1], w[0] - 2 * (1 + w[1])])
    >>> from scipy.optimize import minimize
    >>> fun, jac = guard(fun, jac)
    >>> minimize(fun, [0.75, -1.25], args=(3.0,), jac=jac)
    Traceback (most recent call last):
        ...
    chainrule.GuardError: WRONG along the search direction: fun has slope ...
    """
    if not callable(fun):
        raise ArgumentError.here(f"guard expects the function to minimise: guard(fun, jac); got {type(fun).__name__}")
    if jac is not True and not callable(jac):
        raise ArgumentError(
            f"guard expects fun's gradient, or True when fun returns (value, gradient); got {jac!r}: "
            "without a gradient of your own there is nothing to guard"
        )
    if every < 1 or check_first < 0:
        raise ArgumentError(f"guard expects every >= 1 and check_first >= 0, got {every!r} and {check_first!r}")
    if jac is True:
        return Watch(_part(fun, 0), _part(fun, 1), every, check_first).both(fun), True
    watch = Watch(fun, jac, every, check_first)
    return watch.fun, watch.jac


def _part(pair: Function, k: int) -> Function:
    """The value (0) or the gradient (1) of a function that returns both."""

    def part(x: Any, *args: Any) -> Any:
        return pair(x, *args)[k]

    part.__name__ = f"{name_of(pair)}_gradient" if k else name_of(pair)
    return part
