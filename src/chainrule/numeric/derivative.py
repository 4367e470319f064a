"""Derivative: one function of one real number, by any of the methods."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial as bind
from typing import Any, Literal

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numeric import complexes
from chainrule.numeric.adaptive import adaptive
from chainrule.numeric.cheap import cheap, cheap_of_all
from chainrule.numeric.complex_step import imaginary
from chainrule.numeric.estimate import Estimate, gather
from chainrule.numeric.richardson import extrapolate
from chainrule.numeric.sampling import Line, refuse_no_function, remaining
from chainrule.numeric.stencil import BACKWARD, CENTRAL, FORWARD, difference

Method = Literal["adaptive", "forward", "backward", "central", "complex", "richardson"]
Budget = Literal["default", "cheap"]
METHODS = ("adaptive", "forward", "backward", "central", "complex", "richardson")
STENCILS = {"forward": FORWARD, "backward": BACKWARD, "central": CENTRAL}
HIGHEST = 8


def derivative(
    f: Callable[[Any], Any],
    x: complex,
    *,
    method: Method = "adaptive",
    order: int = 1,
    step: float | None = None,
    bounds: tuple[float, float] | None = None,
    budget: Budget = "default",
    vectorized: bool | None = None,
    limit: float | None = None,
) -> Estimate:
    """The order-th derivative of f at x, with an error bar that can be believed.

    `f` takes a float and gives a float, or an array, which is then differentiated element by element. `step` (units of
    x) sets the step of a method that has one; `bounds` = (low, high) are never left; `budget` "default" takes about 80
    function values (at most 200), "cheap" 13 and refuses more. `vectorized` None lets an f that accepts arrays be
    called with many points at once, if single calls confirm the result; False never tries.

    A complex result has a complex derivative, part by part. At a complex x it is f'(x) of a holomorphic f, from the
    slopes along both axes; NOT_HOLOMORPHIC where these belong to no complex derivative, as those of a real f.

    f is asked within a quarter of |x| where that is enough (half, with the last samples), and never further away than
    max(1, |x|); a method that has a step goes 40 steps. Beside the point exceptions mean that f is undefined there, and
    a call that takes more than 2 seconds and 50 times as long as the one at x is left: nothing beyond it is asked on
    its side. After `limit` seconds nothing more is asked. What then cannot be told is TOO_SLOW.

    The result's `reason` says why it is not to be trusted, if it is not; numerical trouble raises nothing. Raises
    ArgumentError for unknown names or types, what f raises at x itself, DomainError if x is not finite or outside
    `bounds`.
    Method: windows at every scale and Chebyshev fits, see `adaptive.py`.

    >>> import math
    >>> from chainrule import numeric
    >>> numeric.derivative(math.sin, 0.0).agrees_with(1.0)
    True
    >>> numeric.derivative(abs, 0.0).reason.name
    'KINK'
    """
    # Finding out whether f takes arrays costs as many values as the cheap budget has.
    arrays = False if budget == "cheap" and vectorized is None else vectorized
    if complexes.is_complex(x) and not np.ndim(x):
        refuse_no_function(f)
        complexes.refuse_real_settings(method, bounds)
        left = remaining(limit)
        by_real, by_imaginary = (
            gather_line(complexes.along_axis(f, x, axis, left()), method, order, step, budget) for axis in (0, 1)
        )
        return complexes.holomorphic(by_real, by_imaginary, order)
    line = Line(f, x, bounds=bounds, vectorized=arrays, limit=limit, parts=True)  # type: ignore[arg-type]
    return gather_line(line, method, order, step, budget)


def second(f: Callable[[Any], Any], x: complex) -> Estimate:
    """The second derivative by the adaptive method.

    >>> from chainrule import numeric
    >>> numeric.second(lambda x: x**3, 2.0).agrees_with(12.0)
    True
    """
    return derivative(f, x, order=2)


def nth(f: Callable[[Any], Any], x: complex, n: int) -> Estimate:
    """The n-th derivative by the adaptive method, for n from 1 to 8.

    >>> from chainrule import numeric
    >>> numeric.nth(lambda x: x**5, 1.0, 4).agrees_with(120.0)
    True
    """
    return derivative(f, x, order=n)


def gather_line(
    line: Line, method: str, order: int = 1, step: float | None = None, budget: str = "default"
) -> Estimate:
    """All output elements along one line."""
    whole = gather(elements_along(line, method, order, step, budget), line.shape, line.evaluations)
    return complexes.of_result(whole) if line.folded else whole


def elements_along(
    line: Line, method: str, order: int = 1, step: float | None = None, budget: str = "default"
) -> list[Estimate]:
    """The estimates of all numbers of the result; of a complex one those of the real parts, then the imaginary ones."""
    if method == "complex" and line.folded:
        raise ArgumentError("the complex step is for real results; complex ones arrived; leave `method` out")
    along = _chosen(method, order, step, budget)
    if method == "adaptive" and budget == "cheap":
        return cheap_of_all(line, order)
    return [along(line, element=i) for i in range(line.size)]


def _chosen(method: str, order: int, step: float | None, budget: str) -> Callable[..., Estimate]:
    if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= HIGHEST:
        raise ArgumentError(f"`order` should be a whole number from 1 to {HIGHEST}; {order!r} arrived")
    if budget not in ("default", "cheap"):
        raise ArgumentError(f"`budget` should be 'default' or 'cheap'; {budget!r} arrived")
    if method in STENCILS:
        return lambda line, element: difference(line, STENCILS[method], order, step, element)
    if method == "richardson":
        return lambda line, element: extrapolate(line, order, step, element)
    if method == "complex":
        if order != 1:
            raise ArgumentError(
                f"the complex step gives first derivatives; order = {order} arrived; use method='adaptive'"
            )
        return lambda line, element: imaginary(line, step, element, budget)
    if method != "adaptive":
        raise ArgumentError(f"`method` should be one of {', '.join(METHODS)}; {method!r} arrived")
    if step is not None:
        raise ArgumentError(
            "the adaptive method finds its own steps; leave `step` out, or name a method that takes one"
        )
    return bind(cheap if budget == "cheap" else adaptive, order=order)
