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
from chainrule.ops.row import TABLE, Elementwise

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
    two = np.array([x, 0.3])
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
    "0 * sqrt x at 0": (lambda x: 0.0 * cr.sqrt(x), 0.0),
}


@pytest.mark.parametrize("name", NAN)
def test_no_silent_zero(name: str) -> None:
    f, x = NAN[name]
    with np.errstate(all="ignore"):
        assert all(math.isnan(s) for s in slopes(f, x).values()), slopes(f, x)


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
