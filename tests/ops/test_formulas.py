"""The same rows on SymPy symbols (formulas) and on mpmath numbers (50 digits)."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
import sympy
from ops import reference, samples
from ops.scenarios import interior

import chainrule as cr
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

ROWS = pytest.mark.parametrize("row", samples.elementwise(TABLE), ids=lambda r: r.name)
# Why a row has no formula, or none that SymPy can differentiate.
NO_FORMULA = {
    "remainder": "SymPy's floor has no derivative",
    "fmod": "SymPy's floor has no derivative",
    "copysign": "SymPy's sign has derivative 2 DiracDelta",
    "clip": "a nest of Max and Min",
}


def settings_of(row: Elementwise) -> dict[str, Any]:
    return samples.settings_of(row)[0]


@ROWS
def test_partials_as_formulas_are_the_derivatives_of_the_value(row: Elementwise) -> None:
    symbols = sympy.symbols("x y z", real=True)[: row.arity]
    settings = settings_of(row)
    y = row(*symbols, **settings)
    assert isinstance(y, sympy.Expr)
    point = {s: sympy.Float(str(interior(row, i)[0]), 40) for i, s in enumerate(symbols)}
    true = reference.VALUES[row.name]
    with mpmath.workdps(40):
        expected = true(*(mpmath.mpf(str(v)) for v in point.values()), **settings)
        assert abs(mpmath.mpf(str(y.subs(point).evalf(35))) - expected) < mpmath.mpf(10) ** -30
    for i, s in enumerate(symbols):
        partial = row.partials[i]
        ours = partial(y, *symbols, **settings) if callable(partial) else sympy.sympify(partial)
        if row.name in NO_FORMULA:
            assert sympy.sympify(ours).subs(point).evalf().is_number
            continue
        theirs = sympy.diff(y, s)
        difference = (sympy.sympify(ours) - theirs).subs(point).evalf(30)
        assert abs(difference) < 1e-25, f"{ours} is not {theirs}"


@ROWS
def test_mpmath_numbers_give_fifty_digits(row: Elementwise) -> None:
    settings = settings_of(row)
    with mpmath.workdps(50):
        point = tuple(mpmath.mpf(str(interior(row, i)[0])) for i in range(row.arity))
        if row.name == "clip":
            point = (mpmath.mpf("0.3"), mpmath.mpf("0.1"), mpmath.mpf("0.9"))
        y = row(*point, **settings)
        assert isinstance(y, mpmath.mpf)
        true = reference.VALUES[row.name]
        assert abs(y - true(*point, **settings)) <= abs(y) * mpmath.mpf(10) ** -48
        for i, slope in row.pull(mpmath.mpf(1), y, point, range(row.arity), settings):
            with mpmath.workdps(200):
                h = mpmath.mpf(10) ** -60
                ahead, behind = (
                    true(*(v + k * h * (j == i) for j, v in enumerate(point)), **settings) for k in (1, -1)
                )
                expected = (ahead - behind) / (2 * h)
            assert abs(slope - expected) <= (abs(expected) + mpmath.mpf(10) ** -20) * mpmath.mpf(10) ** -46, row.name


def test_gradients_of_whole_functions_as_formulas_and_with_fifty_digits() -> None:
    x = sympy.Symbol("x")
    assert sympy.simplify(cr.grad(lambda x: cr.tanh(x) * x)(x) - sympy.diff(sympy.tanh(x) * x, x)) == 0
    with mpmath.workdps(50):
        found = cr.grad(lambda x: cr.exp(cr.sin(x)))(mpmath.mpf(2))
        assert abs(found - mpmath.cos(2) * mpmath.exp(mpmath.sin(2))) < mpmath.mpf(10) ** -48
