"""A zero that came out meets an infinite slope: nan in every mode. A zero of a branch that was not taken: nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ops import samples

import chainrule as cr
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

DELICATE = [0.0, -0.0, 1.0, -1.0, 0.5, 30.0, math.inf]
INNER: dict[str, Callable[[Any], Any]] = {
    "x": lambda x: x * 1.0,
    "x**2": lambda x: x * x,
    "log x": cr.log,
    "sqrt x": cr.sqrt,
    "relu x": cr.relu,
    "maximum(x, 0)": lambda x: cr.maximum(x, 0.0),
    "where": lambda x: cr.where(cr.greater(x, 0.0), cr.sqrt(x), 0.0),
    "1 / x": cr.reciprocal,
    "exp x": cr.exp,
    "clip x": lambda x: cr.clip(x, -0.5, 0.5),
    "a constant": lambda x: cr.where(cr.greater(x, 1e300), x, 0.0),
}
ROWS = [row for row in samples.elementwise(TABLE) if row.public and row.arity == 1]


def slopes(f: Callable[[Any], Any], x: float) -> dict[str, float]:
    """The derivative of a function of one number in every mode, for floats and for arrays."""
    beside = next((v for v in (0.3, 1.7) if np.isfinite(f(v))), 0.3)  # a result that is nan has no limit
    two = np.array([x, beside])
    first = np.array([1.0, 0.0])
    recorded = cr.Value(x)
    y = f(recorded)
    if isinstance(y, cr.Value):
        y.backward()
    return {
        "float pass": cr.grad(f)(x),
        "backward": recorded.grad if isinstance(y, cr.Value) else 0.0,
        "pullback": cr.vjp(f, x)[1](1.0)[0],
        "forward": cr.jvp(f, (x,), (1.0,))[1],
        "taylor": cr.taylor(f, x, 1).coefficients[1],
        "array": cr.grad(lambda v: cr.sum(f(v)))(two)[0],
        "array, pulled": cr.vjp(f, two)[1](first)[0][0],
        "array, pushed": cr.jvp(f, (two,), (np.ones(2),))[1][0],
        "array, one pushed": cr.jvp(f, (two,), (first,))[1][0],
        "stacked": cr.jacrev(f)(two)[0, 0],
    }


def disagreement(f: Callable[[Any], Any], x: float) -> str:
    with np.errstate(all="ignore"):
        found = {name: float(s) for name, s in slopes(f, x).items()}
    expected = found["float pass"]
    wrong = {k: s for k, s in found.items() if not np.allclose(s, expected, rtol=1e-12, atol=1e-300, equal_nan=True)}
    return f"{expected} beside {wrong}" if wrong else ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_modes_agree_at_delicate_points(row: Elementwise) -> None:
    found = []
    for (name, inner), x in itertools.product(INNER.items(), DELICATE):
        for f, shown in ((lambda x, g=inner: row(g(x)), "row of"), (lambda x, g=inner: g(row(x)), "row inside")):
            if name.startswith("maximum") and x == 0.0 and math.copysign(1.0, x) < 0.0:
                continue  # of two zeros NumPy and Python choose differently
            wrong = disagreement(f, x)
            if wrong:
                found.append(f"{shown} {name} at {x}: {wrong}")
    assert not found, f"{len(found)}\n" + "\n".join(found[:20])


NAN: dict[str, tuple[Callable[..., Any], Any]] = {
    "exp(log x) at 0": (lambda x: cr.exp(cr.log(x)), 0.0),
    "log1p(exp x) at 800": (lambda x: cr.log1p(cr.exp(x)), 800.0),
    "sqrt(x**2 + x**2) at 0": (lambda x: cr.sqrt(x**2 + x * x), 0.0),
    "0 * log x at 0": (lambda x: 0.0 * cr.log(x), 0.0),
    "abs x by a root": (lambda x: 1.0 + cr.sqrt(x * x), 0.0),
    "a root of a root": (lambda x: cr.sqrt(cr.sqrt(x)) * x, 0.0),
}


@pytest.mark.parametrize("name", NAN)
def test_no_silent_zero(name: str) -> None:
    f, x = NAN[name]
    with np.errstate(all="ignore"):
        assert all(math.isnan(s) for s in slopes(f, x).values()), slopes(f, x)


LIMITS: dict[str, tuple[Callable[..., Any], float, float]] = {
    "0 * sqrt x": (lambda x: 0.0 * cr.sqrt(x), 0.0, 0.0),
    "x * sqrt x": (lambda x: cr.sqrt(x) * x, 0.0, 0.0),
    "x * (3 + sqrt x)": (lambda x: x * (3.0 + cr.sqrt(x)), 0.0, 3.0),
    "x / (4 + sqrt x)": (lambda x: x / (4.0 + cr.sqrt(x)), 0.0, 0.25),
    "(1 - x) * (2 - arccos x)": (lambda x: (1.0 - x) * (2.0 - cr.arccos(x)), 1.0, -2.0),
    "x**2 * sqrt(x**2)": (lambda x: x * x * cr.sqrt(x * x), 0.0, 0.0),
    "(exp x - 1) * (x + cbrt x)": (lambda x: cr.expm1(x) * (x + cr.cbrt(x)), 0.0, 0.0),
    "sum of x * sqrt x and x": (lambda x: cr.sqrt(x) * x + 2.0 * x, 0.0, 2.0),
    "sqrt x * sqrt x": (lambda x: cr.sqrt(x) * cr.sqrt(x), 0.0, 1.0),
    "cos |x|": (lambda x: cr.cos(cr.sqrt(x * x)), 0.0, 0.0),
    "|x|**1.5": (lambda x: cr.power(cr.sqrt(x * x), 1.5), 0.0, 0.0),
    "cbrt(x)**3": (lambda x: cr.power(cr.cbrt(x), 3.0), 0.0, 1.0),
    "cbrt(x**3)": (lambda x: cr.cbrt(x * x * x), 0.0, 1.0),
    "x**0.5 * sin(x**0.5)": (lambda x: cr.power(x, 0.5) * cr.sin(cr.power(x, 0.5)), 0.0, 1.0),
    "arccos(x)**2": (lambda x: cr.square(cr.arccos(x)), 1.0, -2.0),
    "cos arccos x": (lambda x: cr.cos(cr.arccos(x)), 1.0, 1.0),
    "arcsin(x) arccos(x)": (lambda x: (cr.arcsin(x) - np.pi / 2) * cr.arccos(x), 1.0, 2.0),
    "arccos beside arcsin at -1": (lambda x: (cr.arccos(x) - np.pi) * (cr.arcsin(x) + np.pi / 2), -1.0, -2.0),
    "arccos cos x squared": (lambda x: cr.square(cr.arccos(cr.cos(x))), 0.0, 0.0),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_beside_infinite_slopes(name: str) -> None:
    f, x, expected = LIMITS[name]
    with np.errstate(all="ignore"):
        found = slopes(f, x)
        assert all(s == pytest.approx(expected, rel=1e-14, abs=1e-15) for s in found.values()), found
        quotients = [(f(x + step) - f(x)) / step for step in (2.0**-30, -(2.0**-30))]
        assert any(math.isfinite(q) for q in quotients)
        assert all(math.isnan(q) or q == pytest.approx(expected, abs=2e-3) for q in quotients)


def test_limits_at_the_end_of_arccosh() -> None:
    assert cr.grad(lambda x: np.cosh(np.arccosh(x)))(1.0) == pytest.approx(1.0, rel=1e-14)


def test_limits_are_no_functions() -> None:
    """The second derivative is that of the function, not of its limit."""
    f = LIMITS["x * (3 + sqrt x)"][0]
    with np.errstate(all="ignore"):
        for twice in (cr.grad(cr.grad(f)), cr.hessian(f), cr.jacfwd(cr.jacfwd(f)), cr.jacfwd(cr.grad(f))):
            assert not np.isfinite(twice(0.0))
        assert not np.isfinite(cr.taylor(f, 0.0, 2).coefficients[2])


def test_the_logarithm_of_no_rotation() -> None:
    def logarithm(q: Any) -> Any:
        v = q[1:]
        return v * np.arccos(np.clip(q[0], -1.0, 1.0)) / np.maximum(np.sqrt(np.sum(v**2)), 1e-8)

    def rotation(a: Any) -> Any:
        t2 = np.sum(a**2)
        t = np.sqrt(t2)
        half = np.where(t2 > 0, np.sin(t / 2) / np.where(t2 > 0, t, 1.0), 0.5)
        return np.concatenate([np.array([np.cos(t / 2)]), a * half])

    for jacobian in (cr.jacobian, cr.jacfwd, cr.jacrev):
        found = jacobian(rotation)(np.zeros(3))
        np.testing.assert_array_equal(found, np.vstack([np.zeros(3), np.eye(3) / 2]))
        np.testing.assert_array_equal(jacobian(logarithm)(np.array([1.0, 0.0, 0.0, 0.0])), np.zeros((3, 4)))


ZERO: dict[str, Callable[..., Any]] = {
    "where": lambda x: cr.where(cr.greater(x, 0.0), cr.sqrt(x), 0.0),
    "where of a where": lambda x: cr.where(cr.greater(x, 0.0), cr.where(cr.less(x, 9.0), cr.log(x), x), 0.0),
    "maximum": lambda x: cr.maximum(-1.0 - x * x, cr.relu(cr.log(x))),
    "sqrt of relu": lambda x: cr.sqrt(cr.relu(x - 1.0)),
    "relu of a root": lambda x: cr.relu(-1.0 - cr.sqrt(x)),
}  # fmt: skip


@pytest.mark.parametrize("name", ZERO)
def test_a_branch_that_was_not_taken_sends_nothing(name: str) -> None:
    f = ZERO[name]
    with np.errstate(all="ignore"):
        assert all(s == 0.0 for s in slopes(f, 0.0).values()), slopes(f, 0.0)


def test_partials_are_applied_before_they_leave_the_range() -> None:
    f = lambda b: cr.sqrt(1e-150 / b)
    for found in (
        cr.grad(f)(1e150),
        cr.vjp(f, 1e150)[1](1.0)[0],
        cr.grad(lambda b: cr.sum(f(b)))(np.array([1e150]))[0],
    ):
        assert found == pytest.approx(-5e-301, rel=1e-14)
    assert cr.hessian(lambda a, b: a / b, (0, 1))(1e300, 1e155)[1][1] == pytest.approx(2e-165, rel=1e-14)
    assert cr.grad(lambda x: 1e300 * cr.arctan(x))(1e200) == pytest.approx(1e-100, rel=1e-14)
    assert cr.grad(lambda x: 1e300 * cr.arctan(x).sum())(np.array([1e200]))[0] == pytest.approx(1e-100, rel=1e-14)


@pytest.mark.parametrize("b", [0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
def test_second_derivatives_of_powers_at_0(b: float) -> None:
    xx = {0.5: -math.inf, 1.0: 0.0, 1.5: math.inf, 2.0: 2.0}.get(b, 0.0)
    xb = -math.inf if b <= 1 else 0.0
    f = lambda x, b: x**b
    with np.errstate(all="ignore"):
        for found in (cr.hessian(f, (0, 1))(0.0, b), cr.jacfwd(cr.jacfwd(f, (0, 1)), (0, 1))(0.0, b)):
            assert found == ((xx, xb), (xb, 0.0))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_compute_where_an_underflow_raises(row: Elementwise) -> None:
    """A named function of our own is finite where its result is, whatever np.seterr says."""
    if getattr(np, row.name, None) is not None:
        pytest.skip("NumPy computes it")
    points = [x for x in (-1e3, -800.0, -40.0, 0.5, 40.0, 800.0, 1e3) if samples.domains(row)[0].contains(x)]
    for x in points:
        with np.errstate(all="ignore"):
            value, slope = row(np.array([x])), cr.grad(lambda v: cr.sum(row(v)))(np.array([x]))
        if not (np.isfinite(value).all() and np.isfinite(slope).all()):
            continue
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(row(np.array([x])), value)
            np.testing.assert_array_equal(cr.grad(lambda v: cr.sum(row(v)))(np.array([x])), slope)
