"""Derivatives that the chain rule leaves nan, 0 * inf, as the limits they have along a line.

Where a root or an arccosine meets the end of its domain its slope is infinite, and a zero beside it may win: x *
sqrt(x) and cos(sqrt(x * x)) at 0, the logarithm of no rotation, v * arccos(w) at w = 1, v = 0. On both sides of the
point, x + h e and x - h e, what is recorded is expanded in powers of u = h**(1/6) (Puiseux series: square and cube
roots stay series in u). The derivative is the coefficient of u**6, if none before it is left and both sides agree;
where one side is out of the domain, the other's. Elsewhere it stays nan: at kinks, and with logarithms of 0, which
have no such series.

Operators that are smooth at their operands are computed on series as everywhere (carriers/taylor/series.py). Powers of
a series without constant term: J. C. P. Miller's recurrence, Henrici, Applied and Computational Complex Analysis I,
section 1.6 (1974). arccos(1 - 2 s) = 2 arcsin(sqrt(s)), arccosh(1 + 2 s) = 2 arcsinh(sqrt(s)): DLMF 4.24.10, 4.37.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.carriers.taylor.series import Series
from chainrule.numbers import Number, new_level
from chainrule.ops import arcsin, arcsinh
from chainrule.ops.registry import SPECIAL
from chainrule.ops.row import TABLE
from chainrule.recording import order
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.cotangents import missing

PARTS = 6
"""u is this root of the step."""
DEGREE = 3 * PARTS
"""Of a cube root of something that vanishes like h**3 the power h is still known."""
MOST = 1_000_000
"""Numbers in the recording, times lines: beyond, what is nan stays so."""
FLOATS = (float, np.floating, np.ndarray)
ROOTS = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}

Coefficients = list[Any]
"""Of 1, u, u**2, ... in one number or array."""


class NoSeries(Exception):
    """What is recorded has no expansion in powers of u that is known here."""


class Outside(Exception):
    """This side of the point is out of the function's domain."""


def by_limits(found: Adjoints, nodes: list[Any], cotangent: Number) -> None:
    """Put limits in the place of those elements of the inputs' adjoints that are nan, where there are limits."""
    spoiled = [(k, node) for k, node in enumerate(nodes) if node.op is None and missing(found.of(node))]
    if not isinstance(cotangent, FLOATS) or not _may_help(nodes):
        return
    lines = sum(int(np.isnan(found.of(node)).sum()) for _, node in spoiled)
    if lines * sum(100 + np.size(node.stored) for node in nodes) > MOST:
        return
    weights = np.asarray(cotangent)
    for k, node in spoiled:
        adjoint = np.array(found.of(node))
        flat = adjoint.reshape(-1)
        for place in np.flatnonzero(np.isnan(flat)):
            unit = np.zeros(flat.shape, flat.dtype)
            unit[place] = 1.0
            slopes = along(nodes, [(node, unit.reshape(adjoint.shape)[()])])
            with np.errstate(all="ignore"):
                flat[place] = np.sum(np.where(weights == 0.0, 0.0, weights * slopes))
        found.put(k, float(flat[0]) if type(node.stored) is float else flat.reshape(adjoint.shape)[()])


def tangents_by_limits(moved: list[Number], recording: Any, directions: Sequence[Number]) -> list[Number]:
    """The tangents of a recording's results, where those that were found hold nan by limits."""
    kept = list(moved)
    for k, (result, t) in enumerate(zip(recording.results, moved, strict=True)):
        if isinstance(t, FLOATS) and missing(t) and recording.mine(result):
            nodes = order(result)
            if _may_help(nodes) and sum(100 + np.size(node.stored) for node in nodes) <= MOST:
                slopes = along(nodes, list(zip(recording.inputs, directions, strict=True)))
                better = np.where(np.isnan(t), slopes, t)
                kept[k] = float(better) if type(t) is float else better.astype(np.asarray(t).dtype)[()]
    return kept


def along(nodes: list[Any], line: list[tuple[Any, Number]]) -> Any:
    """The derivative of the last node along a line, given as inputs with their tangents; nan where it has no limit."""
    sides = []
    with np.errstate(all="ignore"):
        for sign in (1.0, -1.0):
            try:
                sides.append(sign * _slope(_expanded(nodes, line, sign)))
            except Outside:
                continue
            except (NoSeries, ArithmeticError):
                return np.nan
        if not sides:
            return np.nan
        a, b = sides[0], sides[-1]
        size = np.finfo(np.asarray(nodes[-1].stored).dtype).eps ** 0.5
        return np.where(np.abs(a - b) <= size * np.maximum(np.abs(a), np.abs(b)), a, np.nan)


def _may_help(nodes: list[Any]) -> bool:
    """Whether all is plain numbers and rows of ours, a root among them, and the result is finite."""
    return (
        any(getattr(node.op, "name", "") in _SINGULAR for node in nodes)
        and all(map(_plain, nodes))
        and bool(np.isfinite(nodes[-1].stored).all())
    )


def _plain(node: Any) -> bool:
    op = node.op
    if op is not None and TABLE.get(op.name) is not op and SPECIAL.get(op.name) is not op:
        return False
    numbers = (node.stored,) if op is None else (node.stored, *node.operands)
    return all(isinstance(x, (*FLOATS, int, np.generic)) and np.asarray(x).dtype.kind in "fiub" for x in numbers)


def _expanded(nodes: list[Any], line: list[tuple[Any, Number]], sign: float) -> tuple[Coefficients, int]:
    """The coefficients of the last node on one side, and up to which power they are known."""
    level = new_level()
    series: dict[int, tuple[Coefficients, int]] = {}
    for node, tangent in line:
        zeros = [0.0 * tangent] * (DEGREE + 1)
        series[id(node)] = ([node.stored, *zeros[1:PARTS], sign * tangent, *zeros[PARTS + 1 :]], DEGREE)
    for node in nodes:
        if node.op is None:
            continue
        args, exact = list(node.operands), DEGREE
        for i, parent in zip(node.active, node.parents, strict=True):
            if id(parent) in series:
                coefficients, known = series[id(parent)]
                args[i], exact = Series(list(coefficients), DEGREE, level), min(exact, known)
        if any(isinstance(x, Series) for x in args):
            y = node.op(*args, **node.settings)
            if isinstance(y, Series):
                series[id(node)] = _repaired(node, y.coefficients, args, exact)
    return series.get(id(nodes[-1]), ([nodes[-1].stored] + [0.0] * DEGREE, DEGREE))


def _repaired(node: Any, y: Coefficients, args: list[Any], exact: int) -> tuple[Coefficients, int]:
    """The coefficients of a result; by series in u where the operator's slope is infinite."""
    whole = np.array([np.broadcast_to(c, np.shape(node.stored)) for c in y], float).reshape(DEGREE + 1, -1)
    spoiled = np.flatnonzero(~np.isfinite(whole).all(axis=0))
    if spoiled.size == 0:
        return y, exact
    singular = _SINGULAR.get(node.op.name)
    if singular is None or not isinstance(args[0], Series) or any(isinstance(x, Series) for x in args[1:]):
        raise NoSeries
    x = np.array([np.broadcast_to(c, np.shape(node.stored)) for c in args[0].coefficients], float)
    x = x.reshape(DEGREE + 1, -1)
    rest = [np.broadcast_to(c, np.shape(node.stored)).reshape(-1) for c in args[1:]]
    lowest = exact
    for j in spoiled:
        whole[:, j], known = singular(node.op.name, x[:, j], exact, *(float(c[j]) for c in rest))
        lowest = min(lowest, known)
    kind = np.asarray(node.stored).dtype
    return [c.reshape(np.shape(node.stored)).astype(kind)[()] for c in whole], lowest


def _power(name: str, x: Any, exact: int, exponent: float | None = None) -> tuple[Any, int]:
    """x**exponent of a series without constant term."""
    if exponent is not None and not np.isfinite(exponent):
        raise NoSeries
    p = ROOTS[name] if exponent is None else Fraction(exponent).limit_denominator(PARTS)
    if p <= 0 or (exponent is not None and float(p) != exponent):
        raise NoSeries
    first = np.flatnonzero(x[: exact + 1])
    y = np.zeros(DEGREE + 1)
    if not np.isfinite(x).all():
        raise NoSeries
    if first.size == 0:
        return y, int(exact * p)
    v = int(first[0])
    if v == 0 or (v * p).denominator != 1:
        raise NoSeries
    if x[v] < 0 and p.denominator % 2 == 0:
        raise Outside
    if x[v] < 0 and name != "cbrt":
        raise NoSeries
    start, a = int(v * p), x[v:] / x[v]
    b = np.zeros(len(a))
    b[0] = 1.0
    for k in range(1, len(a)):  # b = a**p: a b' = p a' b
        j = np.arange(1, k + 1)
        b[k] = np.sum((j * (float(p) + 1.0) - k) * a[j] * b[k - j]) / k
    kept = min(len(b), DEGREE + 1 - start)
    y[start : start + kept] = b[:kept] * np.sign(x[v]) * np.abs(x[v]) ** float(p)
    return y, min(exact, start + exact - v)


def _inverse(name: str, x: Any, exact: int) -> tuple[Any, int]:
    """arccos, arcsin or arccosh of a series that starts at 1; the first two of one that starts at -1."""
    end = x[0]
    if abs(end) != 1.0 or (name == "arccosh" and end < 0):
        raise NoSeries
    s = x * (0.5 if name == "arccosh" else -0.5 * end)
    s[0] = 0.0
    root, known = _power("sqrt", s, exact)
    half = (arcsinh if name == "arccosh" else arcsin)(Series(list(root), DEGREE, new_level()))
    y = 2.0 * np.array([float(c) for c in half.coefficients])
    if name == "arcsin":
        y = -y
        y[0] = np.pi / 2
    if end < 0:
        y = -y
        y[0] += np.pi if name == "arccos" else 0.0
    return y, known


_SINGULAR = {
    "sqrt": _power,
    "cbrt": _power,
    "power": _power,
    "arccos": _inverse,
    "arcsin": _inverse,
    "arccosh": _inverse,
}


def _slope(expansion: tuple[Coefficients, int]) -> Any:
    """The coefficient of the step; nan where a lower power is left."""
    coefficients, exact = expansion
    if exact < PARTS:
        raise NoSeries
    lower = np.array([np.broadcast_to(c, np.shape(coefficients[0])) for c in coefficients[1:PARTS]])
    return np.where(np.all(lower == 0.0, axis=0), coefficients[PARTS], np.nan)
