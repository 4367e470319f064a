"""Derivatives in the range of floats whose factors are not, and products of them that leave it on the way: every
elementwise row and reduction at very large and very small operands, in every mode, against numbers of 40 digits and
any exponent."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from ops import samples

import chainrule as cr
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

SIZES = [1e-300, 1e-200, 1e-150, 1e-100, 0.75, 1e100, 1e150, 1e200, 1e300]
ROWS = [
    row
    for row in samples.elementwise(TABLE)
    if row.public
    and not samples.settings_of(row)[0]
    and "a / b" not in row.kinks  # remainders, known to no digit there
]
OUTER: dict[str, Callable[[Any], Any]] = {
    "y": lambda y: y,
    "sqrt y": cr.sqrt,
    "log y": cr.log,
    "y 1e-200 1e-200 1e250": lambda y: y * 1e-200 * 1e-200 * 1e250,
    "y 1e250 1e-200 1e-200": lambda y: y * 1e250 * 1e-200 * 1e-200,
    "1e150 y**2": lambda y: 1e150 * cr.square(y),
}
FORWARD: dict[str, Callable[..., Any]] = {
    "forward": lambda f, point, seeds: cr.jvp(f, point, seeds)[1],
    "forward, arrays": lambda f, point, seeds: cr.jvp(f, _arrays(point), _arrays(seeds))[1][0],
}
REVERSE: dict[str, Callable[..., Any]] = {
    "reverse": lambda f, point, seeds: cr.grad(f, _asked(seeds))(*point),
    "pulled": lambda f, point, seeds: cr.vjp(f, *point)[1](1.0)[_asked(seeds)],
    "backward": lambda f, point, seeds: _backward(f, point)[_asked(seeds)],
    "reverse, arrays": lambda f, point, seeds: cr.grad(lambda *x: cr.sum(f(*x)), _asked(seeds))(*_arrays(point))[0],
    "stacked": lambda f, point, seeds: cr.jacrev(f, _asked(seeds))(*_arrays(point))[0, 0],
}


def _asked(seeds: Any) -> int:
    return int(np.argmax(seeds))


def _backward(f: Callable[..., Any], point: tuple[float, ...]) -> list[Any]:
    values = [cr.Value(x) for x in point]
    f(*values).backward()
    return [0.0 if v.grad is None else v.grad for v in values]


def _arrays(numbers: Any) -> tuple[Any, ...]:
    return tuple(np.array([x, x]) for x in numbers)


def truth(f: Callable[..., Any], point: tuple[float, ...], seeds: tuple[float, ...]) -> float:
    """The derivative with 40 digits, rounded once; nan where it has no value there."""
    with mpmath.workdps(40):
        try:
            _, slope = cr.jvp(f, tuple(map(mpmath.mpf, point)), tuple(map(mpmath.mpf, seeds)))
            return float(slope)
        except (ArithmeticError, ValueError, TypeError):
            return math.nan


def points(row: Elementwise) -> list[tuple[float, ...]]:
    """A stride over the sizes of all operands, inside the domain."""
    domains = samples.domains(row)
    every = itertools.product(*([s for s in SIZES if d.contains(s)] for d in domains))
    found = list(every)
    return found[:: max(1, len(found) // 8)]


def wrong_in(modes: dict[str, Callable[..., Any]], row: Elementwise) -> list[str]:
    found = []
    for (name, outer), point in itertools.product(OUTER.items(), points(row)):

        def f(*args: Any, outer: Callable[[Any], Any] = outer) -> Any:
            return outer(row(*args))

        with np.errstate(all="ignore"):
            value = f(*point)
            if not 1e-307 < abs(row(*point)) < 1e307 or not math.isfinite(value):
                continue
            for i in range(row.arity):
                seeds = tuple(float(i == k) for k in range(row.arity))
                expected = truth(f, point, seeds)
                if not 1e-290 < abs(expected) < 1e290:
                    continue
                for mode, slope in modes.items():
                    got = float(slope(f, point, seeds))
                    if not math.isclose(got, expected, rel_tol=1e-9):
                        found.append(f"{name} of {row.name}{point} by operand {i}, {mode}: {got}, right {expected}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_slopes_that_leave_the_range_on_the_way(row: Elementwise) -> None:
    wrong = wrong_in(FORWARD | REVERSE, row)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:12])


def _chains(count: int, size: int) -> list[tuple[int, list[int]]]:
    """Exponents of a point and of factors: products of the first of them stay in the range, of the last not always.
    The product of all factors, the slope, is in it, and also through the point."""
    rng = np.random.default_rng(3)
    found: list[tuple[int, list[int]]] = []
    while len(found) < count:
        at = [int(k) for k in rng.integers(-size, size, 7)]
        steps = np.diff(at)
        if (
            max(abs(at[-1] - at[0]), abs(at[-1] - 2 * at[0])) < 0.9 * size
            and np.abs(np.cumsum(steps[::-1])).max() > 1.1 * size
        ):
            found.append((at[0], [int(k) for k in steps]))
    return found


def _powers(kind: Any, exponents: list[int]) -> list[Any]:
    """Factors of about half the exponent each, so that all are normal numbers."""
    return [kind(np.ldexp(kind(1.0), part)) for e in exponents for part in (e // 2, e - e // 2)]


def _product(x: Any, factors: list[Any]) -> Any:
    for c in factors:
        x = x * c
    return x


CHAINS: dict[str, Callable[..., Any]] = {
    "grad": lambda f, x: cr.grad(f)(x),
    "backward": lambda f, x: _backward(f, (x,))[0],
    "jvp": lambda f, x: cr.jvp(f, (x,), (1.0,))[1],
    "grad of arrays": lambda f, x: cr.grad(lambda v: cr.sum(f(v)))(np.array([x, x]))[1],
    "jacrev": lambda f, x: cr.jacrev(f)(np.array([x, x]))[1, 1],
    "jacfwd": lambda f, x: cr.jacfwd(f)(np.array([x, x]))[1, 1],
    "vmap": lambda f, x: cr.vmap(cr.grad(f))(np.array([x, x]))[1],
    "twice": lambda f, x: cr.grad(cr.grad(lambda v: 0.5 * f(v) * (v / x)))(x) * x,
    "hessian": lambda f, x: cr.hessian(lambda v: 0.5 * f(v) * (v / x))(x) * x,
    "hessian of arrays": lambda f, x: cr.hessian(lambda v: cr.sum(0.5 * f(v) * (v / x)))(np.array([x, x]))[1, 1] * x,
    "forward over reverse": lambda f, x: cr.jvp(cr.grad(lambda v: 0.5 * f(v) * (v / x)), (x,), (1.0,))[1] * x,
    "beside another share": lambda f, x: cr.grad(lambda v: f(v) + 0.0 * v)(x),
}


@pytest.mark.parametrize("mode", CHAINS)
def test_products_whose_last_factors_leave_the_range(mode: str) -> None:
    wrong = []
    for start, exponents in _chains(8, 900):
        factors, x, right = _powers(float, exponents), math.ldexp(1.0, start), math.ldexp(1.0, sum(exponents))
        got = float(CHAINS[mode](lambda v, factors=factors: _product(v, factors), x))
        if not math.isclose(got, right, rel_tol=1e-12):
            wrong.append(f"{start} {exponents}: {got}, right {right}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("mode", ["grad of arrays", "jacrev", "jacfwd"])
def test_products_of_float32_whose_last_factors_leave_the_range(mode: str) -> None:
    for start, exponents in _chains(8, 110):
        factors, x, right = _powers(np.float32, exponents), np.float32(2.0**start), 2.0 ** sum(exponents)
        got = CHAINS[mode](lambda v, factors=factors: _product(v, factors), x)
        assert got.dtype == np.float32
        assert math.isclose(float(got), right, rel_tol=1e-6), (start, exponents, got, right)


# Derivatives of these do not change where a term is added whose cotangent underflows, so that each sweep is repeated.
REPEATED: dict[str, Callable[[Any], Any]] = {
    "a zero with a slope": lambda t: np.sum(3.0 * np.sin(t) * np.exp(t)),
    "softmax": lambda t: np.sum(np.exp(t) / np.sum(np.exp(t)) * t),
    "products": lambda t: np.prod(t + 1.0) * np.sum(t),
    "matrices": lambda t: np.sum(np.outer(t, t) @ np.tanh(t)),
    "a branch": lambda t: np.sum(np.where(t > 0.1, t * t * t, np.sin(t))),
    "elements": lambda t: t[0] * t[-1] + np.max(t) ** 2 + np.sum(np.cumsum(t * t) * t),
}
ROW = np.array([1.0, 2.0, 3.0])
NESTED: dict[str, Callable[[Any], Any]] = {
    "grad": cr.grad,
    "hessian": cr.hessian,
    "grad of grad": lambda f: cr.grad(lambda t: np.sum(cr.grad(f)(t) * ROW)),
    "third": lambda f: cr.grad(lambda t: np.sum(cr.grad(lambda s: np.sum(cr.grad(f)(s) * ROW))(t) * ROW)),
    "jacfwd of grad": lambda f: cr.jacfwd(cr.grad(f)),
    "jacrev of grad": lambda f: cr.jacrev(cr.grad(f)),
    "grad of jvp": lambda f: cr.grad(lambda t: cr.jvp(f, (t,), (ROW,))[1]),
    "vmap of grad": lambda f: lambda t: cr.vmap(cr.grad(f))(np.stack([t, t + 1.0])),
    "vmap of hessian": lambda f: lambda t: cr.vmap(cr.hessian(f))(np.stack([t, t + 1.0])),
    "grad of vmap of grad": lambda f: cr.grad(lambda t: np.sum(cr.vmap(cr.grad(f))(np.stack([t, 2.0 * t])))),
    "Value": lambda f: lambda t: _by_value(f, t),
}


def _by_value(f: Callable[[Any], Any], t: Any) -> Any:
    x = cr.Value(t)
    f(x).backward()
    return x.grad


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")  # branches: one example after the other
@pytest.mark.parametrize("transform", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("f", REPEATED.values(), ids=REPEATED)
def test_a_sweep_that_is_repeated_gives_what_one_gives(f: Callable[[Any], Any], transform: Any) -> None:
    for x in (np.array([0.0, 0.7, -0.3]), np.zeros(3)):
        once, again = transform(f)(x), transform(lambda t: f(t) + np.sum(t * 1e-200 * 1e-200))(x)
        np.testing.assert_allclose(again, once, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_powers_of_2_that_are_no_floats_scale_as_numpy_does(kind: Any) -> None:
    info = np.finfo(kind)
    for x in np.array([info.smallest_subnormal, 1.0, -3.0, 0.0, info.max], kind):
        for n in (-5000, -2000, -300, -1, 0, 3, 300, 1074, 2000, 5000, np.array([4, -4])):
            with np.errstate(all="ignore"):
                scaled, right = cr.jvp(lambda v, n=n: np.ldexp(v, n), (x,), (kind(1.0),)), np.ldexp(x, n)
                np.testing.assert_array_equal(scaled[0], right)
                np.testing.assert_array_equal(scaled[1], np.ldexp(kind(1.0), n))
                assert np.asarray(scaled[0]).dtype == right.dtype == np.asarray(scaled[1]).dtype
        assert cr.jvp(lambda v: np.frexp(v)[0], (x,), (x,))[0] == np.frexp(x)[0]


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.code], ids=lambda row: row.name)
def test_numpy_is_asked_nothing_about_tangents_of_floats(row):
    """They are pushed without silencing it, which takes as long as the rest."""
    numbers = [0.0, -0.0, 0.5, -2.0, 3.0, 5e-324, 1e-300, -1e300, math.inf, math.nan]
    pushed = 0
    for args in itertools.product(numbers, repeat=row.arity):
        y = row(*args)
        for t in (1.0, 1e300, 1e-300):
            with np.errstate(all="raise"):
                moved = row.push(y, args, [t] * row.arity, {})
            pushed += type(moved) is float
    assert pushed
