"""`taylor`: the Taylor polynomial of a function, by Taylor mode."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.carriers.taylor.series import Series
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import ArgumentError, refuse_call
from chainrule.inputs import as_number, result_number
from chainrule.libraries import zeros_like
from chainrule.numbers import Number, call_level, primal, shape
from chainrule.sweeps.cotangents import missing
from chainrule.transforms.again import same_number
from chainrule.transforms.calling import called, settled
from chainrule.transforms.jvp_vjp import jvp


class Taylor:
    """c_0 + c_1 (x - x0) + ... + c_n (x - x0)^n.

    coefficients   c_0 ... c_n, where c_k is the k-th derivative at x0 divided by k!
    x0             the point of expansion
    """

    def __init__(self, coefficients: Sequence[Number], x0: Number) -> None:
        self.coefficients, self.x0 = list(coefficients), x0

    @property
    def degree(self) -> int:
        return len(self.coefficients) - 1

    @property
    def derivatives(self) -> list[Number]:
        """f(x0), f'(x0), f''(x0), ...: the coefficients times k!."""
        return [c * math.factorial(k) for k, c in enumerate(self.coefficients)]

    def truncated(self, degree: int) -> Taylor:
        """The polynomial T_degree: the terms up to that power."""
        if not 0 <= degree <= self.degree:
            raise ArgumentError.here(f"expected a degree from 0 to {self.degree}, got {degree}")
        return Taylor(self.coefficients[: degree + 1], self.x0)

    def __call__(self, x: Number) -> Number:
        z = x - self.x0
        y = self.coefficients[-1] + 0 * z
        for c in reversed(self.coefficients[:-1]):
            y = y * z + c
        return y

    def __str__(self) -> str:
        if shape(self.coefficients[0]) != ():
            return f"T_{self.degree} with coefficients {self.coefficients}"
        if not all(
            isinstance(c, (int, float, np.floating)) and math.isfinite(c) for c in (*self.coefficients, self.x0)
        ):
            powers = [f"({str(c).strip('()')}) (x - {self.x0})^{k}" for k, c in enumerate(self.coefficients)]
            return f"T_{self.degree}(x) = {' + '.join(powers)}"
        base = "x" if self.x0 == 0 else f"(x - {self.x0:g})" if not self.x0 < 0 else f"(x + {-self.x0:g})"
        terms = ""
        for k, c in enumerate(self.coefficients):
            if c == 0 and self.degree:
                continue
            power = "" if k == 0 else base if k == 1 else f"{base}^{k}"
            size = _short(abs(c))
            factor = power if size == "1" and power else f"{size} {power}".strip()
            terms += (f" {'-' if c < 0 else '+'} " if terms else "-" if c < 0 else "") + factor
        return f"T_{self.degree}(x) = {terms or '0'}"

    __repr__ = __str__


def _short(c: float) -> str:
    """A coefficient as an integer, a simple fraction 1/n, or six digits."""
    c = float(c)
    if c == int(c) and c < 1e6:
        return str(int(c))
    inverse = 1 / c
    if c < 1 and inverse < 1e7 and abs(inverse - round(inverse)) < 1e-9 * inverse:
        return f"1/{round(inverse)}"
    return f"{c:.6g}"


def taylor(f: Callable[[Any], Any], x0: Number, n: int) -> Taylor:
    """The Taylor polynomial of degree n of `f` at `x0`, a number, or an array for an elementwise function.

    Raises ArgumentError unless n is an integer >= 0 and f returns one number or array.

    >>> import math
    >>> taylor(lambda x: math.sin(x) + math.cos(x), 0.0, 5)
    T_5(x) = 1 + x - 1/2 x^2 - 1/6 x^3 + 1/24 x^4 + 1/120 x^5
    """
    if not isinstance(n, int) or n < 0:
        raise ArgumentError.here(f"taylor(f, x0, n): expected a degree n >= 0, got {n!r}")
    refuse_call(f, (x0,), "taylor(f, x0, n) expands by one argument: write lambda x: f(x, 2.0)")
    x0 = as_number(x0)
    one = zeros_like(x0) + 1
    y = _expand(f, [x0], trees.flatten((x0,))[1], [[x0, one]], n)
    leaves, out = _in_one(y)
    if len(leaves) != 1 or out != trees.flatten(0.0)[1]:
        raise ArgumentError.here(f"taylor(f, x0, n): f should return one number, it returned {len(leaves)}")
    return Taylor([_plain(c) for c in leaves[0]], x0)


def jet(f: Callable[..., Any], primals: Sequence[Any], series: Sequence[Sequence[Any]]) -> tuple[Any, list[Any]]:
    """Push Taylor coefficients through f: x_k(t) = primals[k] + sum over i of series[k][i] t^(i+1).

    All coefficients are normalised (no factorials). Gives (f at t = 0, [y_1, y_2, ...]).

    >>> import math
    >>> jet(math.exp, (0.0,), ((1.0, 0.0),))
    (1.0, [1.0, 0.5])
    """
    points = [as_number(x) for x in primals]
    degree = max((len(s) for s in series), default=0)
    known = [[x, *map(as_number, s)] for x, s in zip(points, series, strict=True)]
    y = _expand(f, points, trees.flatten(tuple(points))[1], known, degree)
    leaves, out = _in_one(y)
    if len(leaves) != 1 or out != trees.flatten(0.0)[1]:
        raise ArgumentError.here("jet: f should return one number or array")
    return leaves[0][0], list(leaves[0][1:])


def _expand(f: Callable[..., Any], points: list[Number], structure: Any, known: list[list[Number]], degree: int) -> Any:
    """The coefficients of each result, up to the degree. Where nan comes out, by tangents of tangents, which tell a
    branch that was not taken from 0 * inf."""
    result = _by_series(f, structure, known, degree)
    leaves, out = trees.flatten(result)
    straight = all(not np.any(np.not_equal(primal(c), 0)) for row in known for c in row[2:])
    if not 0 < degree <= MOST or not straight or not any(missing(c) for y in leaves for c in y):
        return result
    xs, directions = (trees.unflatten(structure, [row[k] for row in known]) for k in (0, 1))
    if not isinstance(xs, tuple):
        xs, directions = (xs,), (directions,)
    pushed: Callable[..., Any] = lift(f)
    rows = [[c] for c in trees.flatten(called(pushed, xs))[0]]
    for k in range(1, degree + 1):
        pushed = _derivative(pushed, directions)
        for row, c in zip(rows, trees.flatten(called(pushed, xs))[0], strict=True):
            row.append(c / math.factorial(k))
    if not all(same_number(y[0], row[0]) for y, row in zip(leaves, rows, strict=True)):
        return result
    return trees.unflatten(out, [_Leaf(row) for row in rows])


def _derivative(f: Callable[..., Any], directions: tuple[Any, ...]) -> Callable[..., Any]:
    """The derivative of a function in a direction, as a function."""
    return lambda *xs: jvp(f, xs, directions)[1]


MOST = 6
"""Tangents of tangents take twice the time with each order."""


def _by_series(f: Callable[..., Any], structure: Any, known: list[list[Number]], degree: int) -> Any:
    level = call_level()
    inputs = [Series(list(c), degree, level) for c in known]
    result = called(lift(f), trees.unflatten(structure, inputs), level)

    def coefficients(y: Any) -> Any:
        y = settled(y, level)
        if isinstance(y, Series) and y.level == level:
            return _Leaf(y.coefficients)
        y = as_number(result_number(y))
        return _Leaf([y, *(zeros_like(y) for _ in range(degree))])

    return trees.map(coefficients, result)


def _in_one(y: Any) -> tuple[list[Any], Any]:
    """`flatten` of what `_expand` gave; the coefficients of a complex number as complex ones."""
    leaves, out = trees.flatten(y)
    if len(leaves) != 2 or type(y) is not COMPLEX_NUMBERS.kind:
        return leaves, out
    joined = [trees.unflatten(out, [a, b]) for a, b in zip(*leaves, strict=True)]
    return [_Leaf(joined)], trees.SINGLE


class _Leaf:
    """A list that container functions take as one leaf."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __iter__(self) -> Any:
        return iter(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]


def _plain(c: Number) -> Number:
    return c.item() if isinstance(c, np.generic) and c.dtype == np.float64 else c
