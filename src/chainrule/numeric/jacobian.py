"""Jacobian and Hessian: all first derivatives of an array function, all second ones of a scalar function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ShapeError
from chainrule.numeric import complexes
from chainrule.numeric.derivative import Budget, Method, elements_along
from chainrule.numeric.estimate import SEVERITY, Estimate, gather
from chainrule.numeric.gradient import Bounds, as_array, coordinate, ray
from chainrule.numeric.sampling import Array, remaining


def jacobian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    method: Method = "adaptive",
    budget: Budget = "default",
    bounds: Bounds = None,
    limit: float | None = None,
) -> Estimate:
    """All derivatives of f at x; value and error have the shape of f(x) followed by that of x.

    All elements of the result share the function values of their column. Calls f as `gradient` does. By complex numbers
    a real f has the rows df/dx + i df/dy, a complex f those of f', NOT_HOLOMORPHIC where it has none.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.jacobian(lambda w: w**2, np.array([1.0, 3.0])).agrees_with([[2.0, 0.0], [0.0, 6.0]])
    True
    """
    point, left = as_array(x), remaining(limit)
    if point.dtype.kind != "c":
        return _along_axis(f, point, 0, method, budget, bounds, left)[0]
    complexes.refuse_real_settings(method, bounds)
    (by_real, folded), (by_imaginary, _) = (_along_axis(f, point, a, method, budget, None, left) for a in (0, 1))
    return (complexes.holomorphic if folded else complexes.joined)(by_real, by_imaginary)


def _along_axis(
    f: Any, point: Array, axis: int, method: Method, budget: Budget, bounds: Bounds, left: Callable[[], float | None]
) -> tuple[Estimate, bool]:
    """All derivatives by the real numbers, or by those on one axis of the complex plane; and whether f is complex."""
    lines, columns = [], []
    for k in range(point.size):
        lines.append(coordinate(f, point, k, bounds, left(), axis))
        columns.append(elements_along(lines[-1], method, budget=budget))
    outer = lines[0].shape if lines else ()
    size = lines[0].size if lines else 0
    parts = [columns[k][i] for i in range(size) for k in range(point.size)]
    whole = gather(parts, outer + point.shape, sum(line.evaluations for line in lines))
    folded = bool(lines) and lines[0].folded
    return (complexes.of_result(whole) if folded else whole), folded


def hessian(f: Callable[[Any], Any], x: Any) -> Estimate:
    """All second derivatives of a scalar function; value and error have the shape of x twice.

    Diagonal elements are second derivatives along the coordinates; the mixed ones follow from those along the two
    diagonals of each pair, f_ij = (D²[e_i + e_j] - D²[e_i - e_j]) / 4, each measured in units of its coordinate.
    Cost: about 90 function values for each of n² lines. Raises ArgumentError by complex numbers: that is no complex
    matrix.

    >>> import numpy as np
    >>> from chainrule import numeric
    >>> numeric.hessian(lambda w: w[0] * w[1] ** 2, np.array([1.0, 3.0])).agrees_with([[0.0, 6.0], [6.0, 2.0]])
    True
    """
    point = as_array(x)
    if point.dtype.kind == "c":
        raise ArgumentError(
            "`hessian` is by real numbers: second derivatives by complex ones are no complex matrix; write f as a "
            "function of the real and the imaginary parts"
        )
    n, count = point.size, 0
    units = np.maximum(1.0, np.abs(point)).ravel()
    table: dict[tuple[int, int], Estimate] = {}
    for i in range(n):
        line = coordinate(f, point, i)
        if line.size != 1:
            raise ShapeError(f"`hessian` needs a function with one result; it returned shape {line.shape}; sum it")
        table[i, i] = elements_along(line, "adaptive", 2)[0]
        count += line.evaluations
    for i in range(n):
        for j in range(i):
            sides = []
            for sign in (1.0, -1.0):
                v = _pair(point, i, j, units[i], sign * units[j])
                line = ray(f, point, v)
                sides.append(elements_along(line, "adaptive", 2)[0])
                count += line.evaluations
            table[i, j] = table[j, i] = _mixed(sides[0], sides[1], 4 * units[i] * units[j])
    return gather([table[i, j] for i in range(n) for j in range(n)], point.shape * 2, count)


def _pair(point: Array, i: int, j: int, a: float, b: float) -> Array:
    v = np.zeros_like(point)
    v.flat[i], v.flat[j] = a, b
    return v


def _mixed(plus: Estimate, minus: Estimate, unit: float) -> Estimate:
    reasons = [e.reason for e in (plus, minus) if e.reason is not None]
    return replace(
        plus,
        value=(plus.value - minus.value) / unit,
        error=(plus.error + minus.error) / unit,
        reason=max(reasons, key=SEVERITY.__getitem__, default=None),
        left=None,
        right=None,
    )
