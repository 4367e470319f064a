"""Branches on single numbers that only compute are computed by each way: one recording, whichever way each goes."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import JitWarning

F = Callable[[Any], Any]


def whole(x: Any) -> Any:
    return np.sum(np.where(x > 0, np.sin(x), x * x))


def side(a: Any) -> Any:
    if a > 0:
        return math.sin(a)
    return a * a


def several(a: Any) -> Any:
    if a > 1.0:
        return math.sin(a)
    if a > 0 and a < 1.0:
        t = a * 2.0
        return math.sin(t / 2.0)
    return side(a)


a_lambda = lambda a: math.sin(a) if a > 0 else (a * a if a < -1 else a**2)


class Model:
    def side(self, a: Any) -> Any:
        if not a > 0:
            return a * a
        return math.sin(a)

    def __call__(self, x: Any) -> Any:
        return sum(self.side(a) for a in x)


def in_a_loop(x: Any) -> Any:
    s = 0.0
    for a in x:
        if a > 0:
            s += math.sin(a)
        else:
            s = s + a * a
    return s


def in_two_branches(x: Any) -> Any:
    s = 0.0
    for a in x:
        if a > 0:
            y = math.sin(a)
            s = s + y
        if a <= 0:
            s += a * a
    return s


def by_places(x: Any) -> Any:
    s = 0.0
    for i in range(len(x)):
        positive = x[i] > 0
        if positive:  # noqa: SIM108
            t = math.sin(x[i])
        else:
            t = x[i] * x[i]
        s = s + t
    return s


def stored(x: Any) -> Any:
    out = np.zeros(len(x))
    for i in range(len(x)):
        if x[i] > 0:
            out[i] = math.sin(x[i])
        else:
            out[i] = x[i] ** 2
    return np.sum(out)


def stored_on_one_side(x: Any) -> Any:
    y = x * x
    for i in range(len(x)):
        if x[i] > 0:
            y[i] = math.sin(x[i])
    return np.sum(y)


def added_in_place(x: Any) -> Any:
    y = np.zeros(len(x))
    for i, a in enumerate(x):
        if a > 0:
            y[i] += math.sin(a)
        if a <= 0:
            y[i] -= -a * a
    return y.sum()


def collected(x: Any) -> Any:
    found = []
    for a in x:
        if a > 0:
            found.append(math.sin(a))
        else:
            found.append(a * a)
    return sum(found)


def going_on(x: Any) -> Any:
    s = 0.0
    for a in x:
        if a > 0:
            s += math.sin(a)
            continue
        s += a * a
    return s


def defined_inside(x: Any) -> Any:
    def inner(a: Any) -> Any:
        return math.sin(a) if a > 0 else a * a

    return sum(inner(a) for a in x)


SPELLINGS: dict[str, F] = {
    "a function": lambda x: sum(side(a) for a in x),
    "a function with several": lambda x: sum(several(a) for a in x),
    "a lambda": lambda x: sum(a_lambda(a) for a in x),
    "a method": Model(),
    "np.vectorize": lambda x: np.sum(np.vectorize(side)(x)),
    "map": lambda x: sum(map(side, x)),
    "reduce": lambda x: functools.reduce(lambda s, a: s + side(a), x, 0.0),
    "max and min": lambda x: sum(math.sin(max(a, 0.0)) + min(a, 0.0) ** 2 for a in x),
    **{
        f.__name__: f
        for f in (
            *(in_a_loop, in_two_branches, by_places, stored, stored_on_one_side, added_in_place, collected, going_on),
            defined_inside,
        )
    },
}


@pytest.mark.parametrize("f", SPELLINGS.values(), ids=SPELLINGS)
def test_a_program_is_for_all_ways(f: F) -> None:
    """Another pattern of branches in every call is no other recording."""
    compiled, expected = cr.jit(cr.value_and_grad(f)), cr.value_and_grad(whole)
    for signs in (0b10110, 0b00000, 0b11111, 0b01001):
        x = np.array([0.5, 1.5, 2.0, 0.25, 1.25]) * [1 if signs >> k & 1 else -1 for k in range(5)]
        for found, true in zip(compiled(x), expected(x), strict=True):
            np.testing.assert_allclose(found, true, rtol=1e-14)
    (specialisation,) = compiled.specialisations
    assert len(specialisation.versions) == 1


def near_zero(a: Any) -> Any:
    if abs(a) < 1e-8:
        return 1.0 - a * a / 6.0
    return math.sin(a) / a


def root(a: Any) -> Any:
    return math.sqrt(a) if a > 0 else 0.0


def logarithm(a: Any) -> Any:
    if a <= 0:
        return -1.0
    return math.log(a)


def reciprocal(a: Any) -> Any:
    return 1.0 / a if a != 0 else 0.0


def refusing(a: Any) -> Any:
    if a > 50.0:
        raise ValueError("too large")
    return math.sin(a) if a > 0 else a


def caught(a: Any) -> Any:
    try:
        return 1.0 / a if a < 1 else a
    except ZeroDivisionError:
        return 7.0


def outcome(f: F, x: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return f(x)
        except (ArithmeticError, ValueError) as error:
            return type(error), str(error).splitlines()[0]


EXTREME = (
    *([0.5, -1.0], [0.0, 1.0], [-0.0, 1e-9], [math.nan, 1.0], [math.inf, -1.0], [1.0, -math.inf], [1e-320, -1e-320]),
    *([100.0, 1.0], [-1.0, 100.0]),
)


@pytest.mark.parametrize("g", [near_zero, root, logarithm, reciprocal, refusing, caught])
def test_a_side_not_taken_raises_nothing_and_poisons_nothing(g: F) -> None:
    def f(x: Any) -> Any:
        return sum(g(a) for a in x)

    compiled, expected = cr.jit(cr.value_and_grad(f)), cr.value_and_grad(f)
    for x in map(np.array, EXTREME):
        found, true = outcome(compiled, x), outcome(expected, x)
        assert isinstance(found[0], type) == isinstance(true[0], type), x
        if isinstance(found[0], type):
            assert found == true
        else:
            np.testing.assert_equal(found, true)


def test_what_a_branch_does_besides_is_done_once_and_not_lost() -> None:
    noted = []

    def side(a: Any) -> Any:
        if a > 0:
            noted.append("positive")
            return math.sin(a)
        return a * a

    compiled = cr.jit(lambda x: side(x[0]) + side(x[1]))
    compiled(np.array([-1.0, -2.0]))
    assert noted == []
    compiled(np.array([-1.0, 2.0]))
    assert noted == ["positive"]


def steps_of_arrays(x: Any) -> Any:
    s = 0.0
    for row in x:
        if row[0] > 0:
            s = s + np.sum(np.sin(row))
    return s


def test_large_arrays_are_computed_on_the_way_gone_only() -> None:
    compiled = cr.jit(cr.grad(steps_of_arrays))
    for x in (np.ones((2, 300)), -np.ones((2, 300))):
        np.testing.assert_allclose(compiled(x), cr.grad(steps_of_arrays)(x))
    assert len(compiled.specialisations[0].versions) == 2


def test_a_hundred_patterns_need_no_warning() -> None:
    compiled = cr.jit(SPELLINGS["a function"])
    draw = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", JitWarning)
        for _ in range(100):
            x = draw.normal(size=12)
            assert compiled(x) == pytest.approx(whole(x))


@pytest.mark.parametrize("transform", [cr.hessian, lambda f: lambda x: cr.jvp(f, (x,), (np.cos(x),))[1], cr.jacfwd])
def test_every_transform_sees_each_way(transform: Any) -> None:
    compiled, expected = cr.jit(transform(in_a_loop)), transform(whole)
    for x in (np.array([0.5, -1.0, 2.0]), np.array([-0.5, 1.0, -2.0])):
        np.testing.assert_allclose(compiled(x), expected(x), rtol=1e-13)
    assert len(compiled.specialisations[0].versions) == 1


def test_strict_programs_add_derivatives_in_the_functions_own_order():
    flip = lambda a: a if np.sum(a) > 0 else -a

    def f(matrix: Any, row: Any) -> Any:
        a, b = flip(matrix), flip(matrix)
        c, d = a + b, flip(matrix)
        return np.sum((matrix + matrix) / (c * d + 3.0 * row)) + np.sum((d + a) * row)

    eager, compiled = cr.value_and_grad(f, argnums=(0, 1)), cr.jit(cr.value_and_grad(f, argnums=(0, 1)), strict=True)
    random = np.random.default_rng(0)
    for _ in range(6):
        at = random.standard_normal((3, 40)), random.standard_normal(40)
        (value, slopes), (expected, others) = compiled(*at), eager(*at)
        assert value == expected
        for slope, other in zip(slopes, others, strict=True):
            np.testing.assert_array_equal(slope, other)


def counted_places(x: Any) -> Any:
    k, s = 0, 0.0
    for v in x:
        if v > 0:
            k += 1
        s += v * [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0][k]
    return s


def counted_stores(x: Any) -> Any:
    k, y = 0, np.zeros(13)
    for v in x:
        y[k] = v * v
        if v > 0:
            k += 1
        if v > 1:
            k += 1
    return np.sum(y * np.arange(13.0))


def steps_over(x: Any) -> Any:
    k, s = 0, 0.0
    while k < len(x):
        v = x[k]
        s += v * v
        if v > 0:
            k += 1
        k += 1
    return s


def counted_lengths(x: Any) -> Any:
    k, m = 0, 1
    for v in x:
        if v > 0:
            k, m = k + 1, m * 2
        elif v < -1:
            k -= 1
    return np.sum(x[: abs(k) + 1]) * m + sum(x[0] * i for i in range(abs(k)))


def turned(x: Any) -> Any:
    up, last, s = True, None, 0.0
    for v in x:
        if v > 1:
            up = not up
        if last is not None and v > last:
            s += v - last
        last = v
    return s * (x[0] if up else x[1])


@pytest.mark.parametrize("f", [counted_places, counted_stores, steps_over, counted_lengths, turned])
def test_whole_numbers_that_branches_count_are_places_and_lengths(f: F) -> None:
    compiled, slope = cr.jit(f), cr.jit(cr.grad(f))
    random = np.random.default_rng(0)
    for x in (*random.normal(size=(6, 6)), np.zeros(6), np.full(6, 2.0), -np.ones(6), np.array([0, 1, -1, 0.5, 2, -2])):
        assert compiled(x) == pytest.approx(f(x), rel=1e-13)
        np.testing.assert_allclose(slope(x), cr.grad(f)(x), rtol=1e-13)


def test_what_others_hold_is_not_stored_to_by_each_way() -> None:
    counts, seen = np.zeros(2), {"above": 0}

    def f(x: Any) -> Any:
        s = 0.0
        for v in x:
            if v > 0:
                counts[0] += 1
                s += v
            if v > 1:
                seen["above"] += 1
        return s

    x = np.array([0.5, -1.0, 2.0])
    assert cr.jit(f)(x) == 2.5
    assert type(counts[0]) is np.float64
    assert type(seen["above"]) is int


class Reading:
    """Its properties note that they are read."""

    def __init__(self, inner=None):
        self.log, self.inner, self._weight = [], inner, 3.0

    @property
    def noted(self):
        self.log.append("noted")
        return 2.0

    @property
    def other(self):
        self.log.append("other")
        return 3.0


class Plain:
    _weight = 3.0

    @property
    def weight(self):
        return self._weight * 2.0


def _of_closure(box):
    def f(x):
        total = 0.0
        for a in x:
            total += a * box.noted if a > 0 else a * a * box.other
        return total

    return f


def _of_argument(box):
    def one(a, held):
        if a > 0:
            return a * held.noted
        return a * a * held.other

    return lambda x: sum(one(a, box) for a in x)


def _of_what_is_held(box):
    outer = Reading(box)

    def f(x):
        total = 0.0
        for a in x:
            if a > 0:
                total += a * outer.inner.noted
            else:
                total += a * a * outer.inner.other
        return total

    return f


@pytest.mark.parametrize("make", [_of_closure, _of_argument, _of_what_is_held])
def test_properties_that_act_are_read_on_the_way_gone_alone(make):
    box, x = Reading(), np.array([1.0, -1.0, 2.0])
    f = make(box)
    expected = f(x)
    in_python = box.log[:]
    box.log.clear()
    assert cr.jit(f)(x) == expected
    runs, rest = divmod(len(box.log), len(in_python))
    assert (rest, box.log) == (0, in_python * runs)


def test_properties_that_compute_are_selected_from():
    held = Plain()

    def f(x):
        total = 0.0
        for a in x:
            total += a * held.weight if a > 0 else a * a
        return total

    compiled = cr.jit(f)
    assert compiled(np.array([1.0, -2.0])) == 10.0
    assert compiled(np.array([-1.0, 2.0])) == 13.0
    assert not compiled.version.recorded.guards
