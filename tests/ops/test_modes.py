"""Every operator: reverse, forward, Taylor and second order agree with each other and with differences; the value is
NumPy's, also through NumPy's protocol; float32 stays float32."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ops.scenarios import SCENARIOS, Scenario, call

import chainrule as cr
import chainrule.carriers.taylor.recurrences as recurrences
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.row import TABLE

ALL = pytest.mark.parametrize("case", SCENARIOS, ids=lambda c: c.name)


def direction_like(x: Any, seed: int = 7) -> Any:
    return (
        float(np.random.default_rng(seed).normal())
        if np.shape(x) == ()
        else np.random.default_rng(seed).normal(size=np.shape(x))
    )


def directions(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(direction_like(x, 7 + k) for k, x in enumerate(args))


def dotted(xs: Any, ys: Any) -> float:
    return float(sum(np.sum(np.asarray(x) * np.asarray(y)) for x, y in zip(xs, ys, strict=True)))


def along(f: Callable[..., Any], args: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """The derivative along the tangents by central differences with one Richardson step: about 10 digits."""

    def central(h: float) -> Any:
        ahead = f(*(x + h * t for x, t in zip(args, tangents, strict=True)))
        behind = f(*(x - h * t for x, t in zip(args, tangents, strict=True)))
        return (np.asarray(ahead) - np.asarray(behind)) / (2 * h)

    return (4 * central(1e-4) - central(2e-4)) / 3


@ALL
def test_reverse_forward_taylor_and_differences_agree(case: Scenario) -> None:
    disagreement(case.f, case.args)


def disagreement(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Raises AssertionError where the modes differ at first or second order."""
    tangents = directions(args)
    y, forward = cr.jvp(f, args, tangents)
    ct = direction_like(y, 3)
    _, pullback = cr.vjp(f, *args)
    reverse = pullback(ct)
    assert np.shape(forward) == np.shape(y)
    for x, r in zip(args, reverse, strict=True):
        assert np.shape(r) == np.shape(x)
    np.testing.assert_allclose(dotted([ct], [forward]), dotted(reverse, tangents), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(forward, along(f, args, tangents), rtol=2e-7, atol=2e-7)
    value, (first, second) = cr.jet(f, args, [(t, 0.0 * t) for t in tangents])
    np.testing.assert_allclose(value, y, rtol=1e-14)
    np.testing.assert_allclose(first, forward, rtol=1e-11, atol=1e-12)
    # second order three ways: along the tangents twice, by jet, and reverse over reverse
    slope = lambda *xs: cr.jvp(f, xs, tangents)[1]
    _, twice = cr.jvp(slope, args, tangents)
    np.testing.assert_allclose(2 * np.asarray(second), twice, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(twice, along(slope, args, tangents), rtol=1e-6, atol=1e-6)
    gradient_along = lambda *xs: sum(
        cr.sum(g * t)
        for g, t in zip(cr.grad(lambda *zs: cr.sum(f(*zs) * ct), tuple(range(len(xs))))(*xs), tangents, strict=True)
    )
    over = cr.grad(gradient_along, tuple(range(len(args))))(*args)
    forward_over = cr.jvp(gradient_along, args, tangents)[1]
    np.testing.assert_allclose(dotted(over, tangents), dotted([ct], [twice]), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(forward_over, dotted([ct], [twice]), rtol=1e-8, atol=1e-9)


@ALL
def test_what_an_operator_pushes_is_all_that_a_series_needs(case: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recurrences of the kinds are only quicker."""
    series = [(t, 0.1 * t, -0.2 * t) for t in directions(case.args)]
    expected = cr.jet(case.f, case.args, series)[1]
    monkeypatch.setattr(recurrences, "of_kind", lambda *_: None)
    for k, c in enumerate(cr.jet(case.f, case.args, series)[1]):
        np.testing.assert_allclose(c, expected[k], rtol=1e-9, atol=1e-9)


@ALL
def test_values_are_numpys_also_through_its_protocols(case: Scenario) -> None:
    if case.numpy is None:
        pytest.skip("NumPy has no such function")
    y, expected = case.f(*case.args), case.numpy(*case.args)
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-14)
    assert np.shape(y) == np.shape(expected)
    if case.name.startswith(("getitem", "matrix_transpose", "array")) or "0d" in case.name:
        return
    recorded = case.numpy(*(cr.Value(x) for x in case.args))
    assert isinstance(recorded, cr.Value)
    np.testing.assert_allclose(recorded.data, expected, rtol=1e-13, atol=1e-14)


@ALL
def test_float32_stays_float32(case: Scenario) -> None:
    if not all(isinstance(x, np.ndarray) and x.ndim for x in case.args):
        pytest.skip("a Python float has no smaller type")
    small = tuple(x.astype(np.float32) for x in case.args)
    y, pullback = cr.vjp(case.f, *small)
    assert y.dtype == np.float32
    gradients = pullback(np.ones_like(y))
    assert [g.dtype for g in gradients] == [np.float32] * len(small)
    expected = cr.vjp(case.f, *case.args)[1](np.ones(np.shape(y)))
    for g, e in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=2e-3, atol=2e-4)
    _, tangent = cr.jvp(case.f, small, tuple(np.ones_like(x) for x in small))
    assert tangent.dtype == np.float32


@ALL
def test_arguments_are_left_unchanged(case: Scenario) -> None:
    before = [np.array(x) for x in case.args]
    y, pullback = cr.vjp(case.f, *case.args)
    pullback(np.ones_like(y) if np.ndim(y) else 1.0)
    for x, b in zip(case.args, before, strict=True):
        np.testing.assert_array_equal(x, b)


def test_every_public_operator_has_a_scenario() -> None:
    covered = {case.name.partition("(")[0].partition("[")[0] for case in SCENARIOS}
    aliases = {"abs": "absolute", "pow": "power", "mod": "remainder", "round": "rint", "identity": "positive"}
    steps = {r.name for r in TABLE.values() if isinstance(r, PiecewiseConstant)}
    compare = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}
    missing = {n for n in cr.ops.PUBLIC if aliases.get(n, n) not in covered | steps | compare}
    assert not missing, f"write a scenario into tests/ops/scenarios.py for {sorted(missing)}"


@pytest.mark.parametrize("name", ["sign", "floor", "ceil", "trunc", "rint"])
def test_steps_have_slope_zero_in_every_mode(name: str) -> None:
    f = getattr(cr, name)
    np.testing.assert_array_equal(
        f(np.array([-1.5, -0.5, 0.0, 0.5, 2.5])), getattr(np, name)(np.array([-1.5, -0.5, 0.0, 0.5, 2.5]))
    )
    assert cr.grad(lambda x: f(x) * x)(1.3) == f(1.3)
    assert cr.jvp(f, (1.3,), (1.0,))[1] == 0.0
    assert cr.taylor(f, 1.3, 2).coefficients == [f(1.3), 0.0, 0.0]


def test_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, x in [
            ("log", 0.0),
            ("sqrt", 0.0),
            ("exp", 1000.0),
            ("sinc", 1e308),
            ("softplus", 800.0),
            ("tanh", 1e308),
        ]:
            for point in (x, np.array([x])):
                with np.errstate(all="ignore"):
                    cr.vjp(getattr(cr, name), point)[1](1.0 if isinstance(point, float) else np.ones(1))


# -- the instrument itself ----------------------------------------------------------------------------------


def test_a_planted_fault_of_first_order_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    case = call("tanh", np.array([0.3, -0.4]))
    row = TABLE["tanh"]
    assert isinstance(row, Elementwise)
    monkeypatch.setattr(row, "partials", (lambda y, x: (1 - y * y) * (1 + 1e-6),))
    with pytest.raises(AssertionError):
        disagreement(case.f, case.args)


def test_a_planted_fault_of_second_order_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slope is right, but computed in a way that hides it from the next derivative."""
    case = call("tanh", np.array([0.3, -0.4]))
    row = TABLE["tanh"]
    assert isinstance(row, Elementwise)
    right = lambda y, x: TABLE["sech2"](cr.stop_gradient(x))
    monkeypatch.setattr(row, "partials", (right,))
    with pytest.raises(AssertionError):
        disagreement(case.f, case.args)


def test_a_planted_fault_in_an_adjoint_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    row: Any = TABLE["roll"]
    monkeypatch.setattr(row, "adjoint", lambda i, ct, x, shift, axis: cr.roll(ct, shift, axis))
    case = call("roll", np.arange(5.0), 2, 0)
    with pytest.raises(AssertionError):
        disagreement(case.f, case.args)
