"""Every elementwise row, its value and each of its partials, against mpmath over the whole range of floats.

A new row is tested as soon as it is in the table: its points follow from its domain. What it needs is its
formula in `reference.VALUES`.
"""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from ops import reference, samples

from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE, Operator

ROWS = samples.elementwise(TABLE)
STEPS = samples.steps(TABLE)
TOLERANCE = 5.0  # ulps

# Where the result is a difference of nearly equal numbers and its operands are all that is known to full accuracy,
# the error is measured against those: name -> (what has the size the error is relative to, ulps of that).
AGAINST: dict[tuple[str, int], tuple[str, Callable[..., float]]] = {
    ("sinc", 0): ("its extrema, where cos(pi x) = sinc(x)", lambda x: 1 / abs(x) if abs(x) > 1 else 0.0),
    ("logaddexp", -1): ("its zeros, where exp(a) + exp(b) = 1", lambda a, b: min(1.0, abs(a), abs(b))),
    ("gammaln", -1): ("its zeros between the poles", lambda x: 3.0 - x if x < 0 else 0.0),
    ("gammaln", 0): ("the zeros of digamma between the poles", lambda x: 4.0 if x < 0 else 0.0),
    ("digamma", -1): ("its zeros between the poles", lambda x: 4.0 if x < 0 else 0.0),
    ("gamma", 0): ("the zeros of digamma between the poles", lambda x: 4 * abs(math.gamma(x)) if -170 < x < 0 else 0.0),
    ("polygamma", 0): ("the zeros of its derivatives between the poles", lambda x: 100.0 if x < 0 else 0.0),
    ("polygamma", -1): ("its zeros between the poles", lambda x: 4.0 if x < 0 else 0.0),
}
# Where a library's kernel is further off than TOLERANCE.
LOOSER: dict[tuple[str, int], tuple[str, float]] = {
    ("cbrt", 0): ("libm's cube root is 1 ulp off, and its square enters", 7.0),
}


def errors(
    row: Elementwise, points: list[tuple[float, ...]], settings: dict[str, Any]
) -> list[tuple[float, str, int, tuple[float, ...], float, Any]]:
    """(ulps, "float" or "array", -1 for the value or the operand of the partial, point, found, true) for all
    points of a row, once point by point on floats and once on one array."""
    columns = [np.array(c) for c in zip(*points, strict=True)]
    with np.errstate(all="ignore"):
        values = row(*columns, **settings)
        ones = np.ones(values.shape)
        slopes = {
            i: np.broadcast_to(p, values.shape)
            for i, p in row.pull(ones, values, tuple(columns), range(row.arity), settings)
        }
    found = []
    for k, point in enumerate(points):
        true = reference.value(row.name, point, settings)
        value = row(*point, **settings)
        results = [("float", -1, value, true), ("array", -1, values[k], true)]
        if mpmath.isfinite(true):
            with np.errstate(all="ignore"):
                pulled = dict(row.pull(1.0, value, point, range(row.arity), settings))
            for i, slope in pulled.items():
                if at_an_end(row, i, point):
                    continue
                expected = reference.slope(row.name, i, point, settings, samples.room(row, i, point))
                if expected is None:
                    assert row.kinks, f"{row.name} has a kink at {point} and does not say so"
                    continue
                results += [("float", i, slope, expected), ("array", i, slopes[i][k], expected)]
        for kind, i, result, expected in results:
            if not mpmath.isnan(expected):
                scale = AGAINST[row.name, i][1](*point) if (row.name, i) in AGAINST else 0.0
                ulps = reference.ulps(float(result), expected, scale=scale)
                found.append((ulps, kind, i, point, float(result), mpmath.nstr(expected, 20)))
    return found


def at_an_end(row: Operator, i: int, point: tuple[float, ...]) -> bool:
    domain = samples.domains(row)[i]
    return point[i] in (domain.low, domain.high) or (point[i] == 0 and "slope inf at 0" in row.kinks)


def cases() -> list[Any]:
    return [
        pytest.param(row, settings, id="-".join([row.name, *map(str, settings.values())]))
        for row in ROWS
        for settings in samples.settings_of(row)
    ]


@pytest.mark.parametrize(("row", "settings"), cases())
def test_value_and_partials_are_right_to_a_few_ulp(row: Elementwise, settings: dict[str, Any]) -> None:
    found = errors(row, samples.points(row), settings)
    allowed = {(row.name, i): LOOSER.get((row.name, i), ("", TOLERANCE))[1] for i in range(-1, row.arity)}
    wrong = [e for e in found if not e[0] <= allowed[row.name, e[2]]]
    assert not wrong, f"{len(wrong)} of {len(found)} are off; the worst: {max(wrong, key=lambda e: e[0])}"


@pytest.mark.parametrize("row", [*ROWS, *STEPS], ids=lambda r: r.name)
def test_every_row_states_what_the_tests_and_the_documentation_need(row: Operator) -> None:
    not_elementwise = row.name in {"tie_weights", "sign_det"}
    assert not_elementwise or row.name in reference.VALUES, (
        f"write the formula of {row.name} into tests/ops/reference.py"
    )
    assert len(samples.domains(row)) == row.arity
    if row in STEPS and row.public:
        assert "jump" in row.kinks, f"{row.name} jumps somewhere and should say where"


# What IEEE 754 and the limits say at zeros, ends and infinities: row, operands, value, partials.
INF, NAN = math.inf, math.nan
LIMITS: list[tuple[str, tuple[float, ...], float, tuple[float, ...]]] = [
    ("exp", (INF,), INF, (INF,)), ("exp", (-INF,), 0.0, (0.0,)), ("expm1", (-INF,), -1.0, (0.0,)),
    ("exp2", (-INF,), 0.0, (0.0,)),
    ("log", (0.0,), -INF, (INF,)), ("log", (INF,), INF, (0.0,)), ("log", (-1.0,), NAN, ()),
    ("log2", (0.0,), -INF, (INF,)), ("log10", (0.0,), -INF, (INF,)), ("log1p", (-1.0,), -INF, (INF,)),
    ("sqrt", (0.0,), 0.0, (INF,)), ("sqrt", (-0.0,), -0.0, (INF,)), ("sqrt", (INF,), INF, (0.0,)),
    ("cbrt", (0.0,), 0.0, (INF,)), ("cbrt", (-0.0,), -0.0, (INF,)), ("cbrt", (-INF,), -INF, (0.0,)),
    ("arcsin", (1.0,), math.pi / 2, (INF,)), ("arcsin", (-1.0,), -math.pi / 2, (INF,)),
    ("arccos", (1.0,), 0.0, (-INF,)), ("arccos", (-1.0,), math.pi, (-INF,)), ("arcsin", (1.5,), NAN, ()),
    ("arctan", (INF,), math.pi / 2, (0.0,)), ("arctan", (-INF,), -math.pi / 2, (0.0,)),
    ("tanh", (INF,), 1.0, (0.0,)), ("tanh", (-INF,), -1.0, (0.0,)), ("sinh", (-INF,), -INF, (INF,)),
    ("cosh", (-INF,), INF, (-INF,)), ("arccosh", (1.0,), 0.0, (INF,)), ("arccosh", (INF,), INF, (0.0,)),
    ("arcsinh", (-INF,), -INF, (0.0,)), ("arctanh", (1.0,), INF, (INF,)), ("arctanh", (-1.0,), -INF, (INF,)),
    ("sigmoid", (INF,), 1.0, (0.0,)), ("sigmoid", (-INF,), 0.0, (0.0,)), ("sigmoid", (-800.0,), 0.0, (0.0,)),
    ("sigmoid", (800.0,), 1.0, (0.0,)), ("softplus", (800.0,), 800.0, (1.0,)), ("softplus", (-800.0,), 0.0, (0.0,)),
    ("softplus", (INF,), INF, (1.0,)), ("softplus", (-INF,), 0.0, (0.0,)),
    ("relu", (0.0,), 0.0, (0.0,)), ("relu", (INF,), INF, (1.0,)), ("relu", (-INF,), 0.0, (0.0,)),
    ("erf", (INF,), 1.0, (0.0,)), ("erfc", (-INF,), 2.0, (0.0,)), ("sinc", (0.0,), 1.0, (0.0,)), ("sinc", (INF,), 0.0, (0.0,)),
    ("absolute", (0.0,), 0.0, (0.0,)), ("absolute", (-INF,), INF, (-1.0,)), ("square", (-INF,), INF, (-INF,)),
    ("reciprocal", (0.0,), INF, (-INF,)), ("reciprocal", (-0.0,), -INF, (-INF,)), ("reciprocal", (INF,), 0.0, (-0.0,)),
    ("divide", (1.0, 0.0), INF, (INF, -INF)), ("divide", (-1.0, 0.0), -INF, (INF, INF)), ("divide", (0.0, 0.0), NAN, ()),
    ("divide", (1.0, INF), 0.0, (0.0, -0.0)), ("sin", (INF,), NAN, ()), ("tan", (0.0,), 0.0, (1.0,)),
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)), ("hypot", (INF, 1.0), INF, (1.0, 0.0)), ("hypot", (3.0, -INF), INF, (0.0, -1.0)),
    ("arctan2", (1.0, 0.0), math.pi / 2, (0.0, -1.0)), ("arctan2", (0.0, 1.0), 0.0, (1.0, -0.0)),
    ("arctan2", (0.0, INF), 0.0, (0.0, -0.0)), ("arctan2", (0.0, 0.0), 0.0, (NAN, NAN)),
    ("logaddexp", (-INF, 0.0), 0.0, (0.0, 1.0)), ("logaddexp", (800.0, -800.0), 800.0, (1.0, 0.0)),
    ("logaddexp", (-INF, -INF), -INF, (NAN, NAN)), ("logaddexp", (INF, 0.0), INF, (1.0, 0.0)),
    ("maximum", (1.0, 1.0), 1.0, (0.5, 0.5)), ("minimum", (1.0, 1.0), 1.0, (0.5, 0.5)), ("fmax", (2.0, NAN), 2.0, (1.0, 0.0)),
    ("fmin", (NAN, 2.0), 2.0, (0.0, 1.0)), ("maximum", (NAN, 2.0), NAN, (NAN, NAN)),
    ("clip", (0.0, 0.0, 1.0), 0.0, (1.0, 0.0, 0.0)), ("clip", (1.0, 0.0, 1.0), 1.0, (1.0, 0.0, 0.0)),
    ("clip", (2.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)), ("clip", (-2.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),
    ("clip", (0.5, 1.0, 0.0), 0.0, (0.0, 0.0, 1.0)),
    ("copysign", (2.0, -0.0), -2.0, (-1.0, 0.0)), ("gammaln", (1.0,), 0.0, (-0.5772156649015329,)), ("gamma", (0.0,), INF, (-INF,)),
    ("power", (0.0, 2.0), 0.0, (0.0, 0.0)), ("power", (0.0, 1.0), 0.0, (1.0, 0.0)), ("power", (0.0, 0.0), 1.0, (0.0, -INF)),
    ("power", (0.0, 0.5), 0.0, (INF, 0.0)), ("power", (0.0, -1.0), INF, (-INF, -INF)), ("power", (0.0, 3.5), 0.0, (0.0, 0.0)),
    ("power", (-2.0, 3.0), -8.0, (12.0, NAN)), ("power", (-2.0, -1.0), -0.5, (-0.25, NAN)), ("power", (-2.0, 0.0), 1.0, (0.0, NAN)),
    ("power", (-2.0, 0.5), NAN, ()), ("power", (-0.0, 3.0), -0.0, (0.0, 0.0)), ("power", (1.0, INF), 1.0, (INF, 0.0)),
    ("power", (2.0, 1e308), INF, (INF, INF)), ("power", (INF, -1.0), 0.0, (-0.0, 0.0)), ("power", (INF, 2.0), INF, (INF, INF)),
    ("power", (5.0, 0.0), 1.0, (0.0, math.log(5.0))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "point", "value", "slopes"), LIMITS, ids=lambda v: str(v))
@pytest.mark.parametrize("kind", ["float", "array"])
def test_zeros_ends_and_infinities(
    name: str, point: tuple[float, ...], value: float, slopes: tuple[float, ...], kind: str
) -> None:
    row = TABLE[name]
    assert isinstance(row, Elementwise)
    args = point if kind == "float" else tuple(np.array([v]) for v in point)
    with np.errstate(all="ignore"):
        y = row(*args)
        pulled = dict(row.pull(1.0 if kind == "float" else np.ones(1), y, args, range(row.arity), {})) if slopes else {}
    np.testing.assert_allclose(np.ravel(y), [value], rtol=1e-15)
    assert math.copysign(1, np.ravel(y)[0]) == math.copysign(1, value) or math.isnan(value)
    for i, slope in enumerate(slopes):
        np.testing.assert_allclose(np.ravel(pulled[i]), [slope], rtol=1e-3 if 0 < abs(slope) < 1e-300 else 1e-15)


# -- the instrument itself ----------------------------------------------------------------------------------

WRONG: dict[str, Callable[..., Any]] = {
    "exp": lambda y, x: y * (1 + 1e-14),  # a little
    "tanh": lambda y, x: 1 - y * y,  # right until it saturates
    "arcsin": lambda y, x: TABLE["reciprocal"](TABLE["sqrt"](1 - x * x)),  # right but near 1
    "sin": lambda y, x: -TABLE["cos"](x),  # sign
    "arctan": lambda y, x: 1 / (1 + x * x),  # vanishes too early
    "log1p": lambda y, x: 1 / x,  # right for large x only
}


@pytest.mark.parametrize("name", WRONG)
def test_a_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = TABLE[name]
    assert isinstance(row, Elementwise)
    points = [p for p in samples.points(row) if 1e-8 < abs(p[0]) < 1e300]
    planted = (WRONG[name],)
    with np.errstate(all="ignore"):
        monkeypatch.setattr(row, "partials", planted)
        monkeypatch.setattr(row, "shares", {})
        found = errors(row, points, {})
    assert max(e[0] for e in found if e[2] == 0) > TOLERANCE


def test_the_reference_agrees_with_known_derivatives() -> None:
    with mpmath.workdps(60):
        for x in (1e-308, 0.3, 2.0, 700.0):
            assert reference.ulps(float(mpmath.cos(x)), reference.slope("sin", 0, (x,), {})) <= 0.5
            assert reference.ulps(float(mpmath.sech(x) ** 2), reference.slope("tanh", 0, (x,), {})) <= 0.5
    assert reference.slope("absolute", 0, (0.0,), {}) is None
    assert reference.slope("cos", 0, (0.0,), {}) == 0
    assert reference.ulps(math.nan, mpmath.mpf(1)) == math.inf
    assert reference.ulps(math.inf, mpmath.mpf(1)) == math.inf
