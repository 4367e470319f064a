"""Rolled programs called from Python: what their native entry takes, gives and leaves to others."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.call import compile as compiling
from chainrule.jit.reroll import Rolled

N = 300


@pytest.fixture(autouse=True)
def loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be arrays stays a loop."""
    monkeypatch.setattr(compiling, "packed", lambda program: program)


def chain(x: Any) -> Any:
    total = 0.0
    for a, b in itertools.pairwise(x):
        total = total + (b - a * a) ** 2 + math.sin(a)
    return total


def steps(x: Any, h: Any, y: Any) -> Any:
    """An array that moves on in steps; its last element depends on few of the first's."""
    for _ in range(N):
        y = y + h * np.concatenate([x[:1], x[1:] * y[:-1]])
    return y[-1] / y[0]


def mixed(p: Any) -> Any:
    total = p["scale"] * 1.0
    for k in range(2 * N):
        total = total * 0.9 + p["rows"][k % 2][1] * p["array"][2] * (total - p["rows"][3][k % 2])
    return total, [total * p["scale"], p["scale"]]


X = np.random.default_rng(0).normal(size=N)
ROWS = np.linspace(0.1, 1.0, 30).reshape(10, 3)
CALLS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "an array": (cr.value_and_grad(chain), (X,)),
    "float32": (cr.value_and_grad(chain), (X.astype(np.float32),)),
    "a list": (cr.value_and_grad(chain), (X.tolist(),)),
    "a list of NumPy's numbers": (cr.value_and_grad(chain), (list(X),)),
    "arrays in steps": (cr.value_and_grad(steps, argnums=(0, 1, 2)), (X[:20], 0.01, X[:20] + 3.0)),
    "a dict": (
        cr.grad(lambda p: mixed(p)[0]),
        ({"scale": 0.3, "rows": ROWS.tolist(), "array": np.linspace(-1, 1, 7)},),
    ),
    "results of all kinds": (mixed, ({"scale": 0.3, "rows": ROWS.tolist(), "array": np.linspace(-1, 1, 7)},)),
}


def entered(f: Any, args: tuple[Any, ...]) -> tuple[Any, Any, list[Any]]:
    """The jitted function after a call, its latest version, and the numbers of a call."""
    compiled = cr.jit(f)
    compiled(*args)
    leaves, _ = cr.trees.flatten(args)
    version = compiled.version
    assert isinstance(version.executable, Rolled)
    return compiled, version, leaves


@pytest.mark.parametrize("name", CALLS)
def test_the_entry_computes_what_the_program_computes(name: str) -> None:
    f, args = CALLS[name]
    compiled, version, numbers = entered(f, args)
    first, again = version.entry(*numbers), version.entry(*numbers)
    holds, expected = version.executable.run(numbers)
    assert holds
    assert type(first) is type(again) is list
    for got in (first, again):
        assert [type(y) for y in got] == [type(y) for y in expected]
        for y, z in zip(got, expected, strict=True):
            np.testing.assert_array_equal(y, z)
            assert np.result_type(y) == np.result_type(z)
    assert all(a is not b for a, b in zip(first, again, strict=True) if isinstance(a, np.ndarray))
    got, wanted = cr.trees.flatten(compiled(*args)), cr.trees.flatten(f(*args))
    assert got[1] == wanted[1]
    for y, z in zip(got[0], wanted[0], strict=True):
        np.testing.assert_allclose(
            y, z, rtol=2e-4 if name == "float32" else 1e-11, atol=1e-5 if name == "float32" else 0
        )


def test_what_the_entry_was_not_made_for_is_left_to_others() -> None:
    f, (x,) = CALLS["an array"]
    compiled, version, _ = entered(f, (x,))
    wide = np.repeat(x, 2)[::2]
    misaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(float)
    for args in [
        (),
        (1.0,),
        (x, x),
        (x[1:],),
        (x[None],),
        (wide,),
        (misaligned,),
        (x.astype(np.float32),),
        (x.tolist(),),
    ]:
        assert version.entry(*args) is NotImplemented
    assert version.entry(x=x) is NotImplemented
    for same in (wide, misaligned):
        np.testing.assert_array_equal(compiled(same)[1], compiled(x)[1])
    f, (numbers,) = CALLS["a list"]
    compiled, version, _ = entered(f, (numbers,))
    for wrong in (1, np.float64(1.0), "1", None, np.ones(())):
        assert version.entry(*numbers[:-1], wrong) is NotImplemented
    assert compiled([*numbers[:-1], np.float64(numbers[-1])]) == compiled(numbers)


def test_a_guard_that_does_not_hold_gives_none() -> None:
    def bent(x: Any, y: Any) -> Any:
        return chain(x) if y > 0 else chain(x) * 2.0

    compiled, version, _ = entered(cr.grad(bent), (X, 1.0))
    assert version.entry(X, -1.0) is None
    assert type(version.entry(X, 2.0)) is list
    np.testing.assert_allclose(compiled(X, -1.0), 2.0 * compiled(X, 1.0), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.inf, np.nan, -np.inf])
@pytest.mark.parametrize("place", [0, 7, 19])
def test_zeros_of_a_constant_cotangent_are_told_apart(bad: float, place: int) -> None:
    """Elements that the result does not depend on have a slope of 0 whatever they are; others have nan."""
    slopes = cr.grad(steps_few, argnums=(0, 2))
    x, y = X[:20].copy(), X[:20] + 3.0
    (x if place % 2 else y)[place] = bad
    with np.errstate(all="ignore"):
        for got, wanted in zip(COMPILED(x, 0.01, y), slopes(x, 0.01, y), strict=True):
            np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
            np.testing.assert_allclose(got, wanted, rtol=1e-11)


def steps_few(x: Any, h: Any, y: Any) -> Any:
    for _ in range(12):
        y = y + h * np.concatenate([x[:1], x[1:] * np.sqrt(y[:-1])])
    return y[-1]


COMPILED = cr.jit(cr.grad(steps_few, argnums=(0, 2)))
