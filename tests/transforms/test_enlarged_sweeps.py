"""Gradients through numbers that leave the range of floats in the last sweep: the function is called once where that is
harmless, and what comes back into the range is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops import scaled

X = np.linspace(0.1, 30.0, 2500)
ROW = np.linspace(1.0, 2.0, 25)
LEAST = 5e-324


def _powers(x: Any) -> Any:
    y = x[:127][::-1] * 0.0 + 1.0
    t = np.linspace(0.01, 1.0, 127)
    for k in range(200):
        y = y * t + x[k]
    return np.sum(y)


def _shifted(x: Any, steps: int = 100) -> Any:
    """y[i]' = x[i] y[i - 1], whose last elements are below all floats after a few steps."""
    y = 0.0 * x[:400]
    for _ in range(steps):
        y = y + 1e-7 * np.concatenate([x[:1], x[1:400] * y[:-1]])
    return np.sum(y[:12]) + y[-1]


def _mixture(x: Any) -> Any:
    z = -np.square(x.reshape(-1, 25)) * ROW
    largest = np.max(z, axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(z - largest), axis=1)))


TAILS = {
    "a Gaussian": lambda x: np.sum(np.exp(-x * x) * np.sin(x)),
    "a row of Gaussians": lambda x: np.sum(np.exp(-np.square(x.reshape(-1, 25)) * ROW)),
    "weights of a mixture": _mixture,
    "powers": _powers,
    "quotients": lambda x: np.sum(x / np.exp(20.0 * x)),
    "a chain of states": _shifted,
    "a product of matrices": lambda x: np.sum(np.exp(-x * x).reshape(-1, 25) @ (ROW * 1e-20) * 1e-20),
}


@pytest.mark.parametrize("name", TAILS)
def test_the_function_is_called_once_where_what_is_lost_changes_nothing(name: str) -> None:
    calls = []

    def counted(x: Any) -> Any:
        calls.append(0)
        return TAILS[name](x)

    found = cr.grad(counted)(X)
    assert len(calls) == 1
    expected = cr.vjp(TAILS[name], X)[1](1.0)[0]  # which keeps its recording
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=4096 * LEAST)


@pytest.mark.parametrize("shape", [(5,), (1500,), (100, 25), (3, 1100)])
@pytest.mark.parametrize("sent", [-100, -400, 900])
def test_products_that_come_back_into_the_range_are_exact(shape: tuple[int, ...], sent: int) -> None:
    draw = np.random.default_rng(0)
    common = draw.integers(0, 1500, (7, *[1] * len(shape)))
    sums = common + draw.integers(-150, 150, (7, *shape))  # the powers of 2 by which x was multiplied: x is 2**-800
    sums[..., : shape[-1] // 2] //= 10  # half of the elements stay in the range on the way back, too
    sums[-1] //= 20
    if len(shape) == 2:
        sums[3] = sums[2] + draw.integers(-9, 9, shape[1])  # one row for all
    exponents = np.diff(sums, axis=0, prepend=0)

    def product(x: Any) -> Any:
        for k, e in enumerate(exponents):
            for part in (e // 2, e - e // 2):
                x = x * np.ldexp(1.0, part[0] if k == 3 and len(shape) == 2 else part)
        return np.sum(x * 2.0**sent)

    found = cr.grad(product)(np.full(shape, 2.0**-800))
    np.testing.assert_array_equal(found, np.ldexp(2.0**sent, sums[-1]))


def test_the_power_is_taken_back_at_the_inputs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, scalings = scaled.times_power, []
    monkeypatch.setattr(scaled, "times_power", lambda x, e: (scalings.append(e), plain(x, e))[1])
    counts = []
    for steps in (100, 200):
        scalings.clear()
        cr.grad(lambda x: _shifted(x, steps=steps))(X)  # noqa: B023  (called at once)
        counts.append(len(scalings))
    assert 0 < counts[0] == counts[1]


def test_a_rule_of_the_users_gets_the_cotangents_that_are_sent() -> None:
    seen = []
    double = cr.custom_vjp(lambda x: 2.0 * x)
    double.defvjp(lambda x: (2.0 * x, None), lambda _, ct: (seen.append(np.max(np.abs(ct))), (2.0 * ct,))[1])
    cr.grad(lambda x: np.sum(np.exp(-x * x) * double(x)))(X)
    assert seen
    assert max(seen) <= 1.0


@pytest.mark.parametrize("power", [2, 4])
@pytest.mark.parametrize("way", ["hvp", "jvp of grad", "grad of grad"])
def test_second_derivatives_of_tails_are_finite_beside_others(way: str, power: int) -> None:
    """Of exp(-a)**2 with a = c x**power: 4 exp(-2 a) ((a')**2 - a''/2), where exp(-2 a) may be below all floats."""
    ways = {
        "hvp": lambda f, x, v: cr.hvp(f, x, v),
        "jvp of grad": lambda f, x, v: cr.jvp(cr.grad(f), (x,), (v,))[1],
        "grad of grad": lambda f, x, v: cr.grad(lambda z: cr.grad(f)(z) @ v)(x),
    }

    def f(x: Any) -> Any:
        a = c * x**power
        y = np.exp(-a)
        return np.sum(y * y)

    draw = np.random.default_rng(power)
    for _ in range(40):
        c = draw.choice([1.0, 9.0, 81.0])
        x, v = (draw.uniform(0.2, 900.0, 3) / c) ** (1 / power), draw.normal(size=3)
        a, slope = c * x**power, c * power * x ** (power - 1)
        true = 4.0 * np.exp(-2.0 * a) * (slope**2 - c * power * (power - 1) * x ** (power - 2) / 2.0) * v
        np.testing.assert_allclose(ways[way](f, x, v), true, rtol=1e-9, atol=1e-300)
