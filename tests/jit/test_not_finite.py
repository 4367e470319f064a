"""Compiled derivatives that are not finite are those of the function itself, which finds limits and repeats a sweep
that left the range of floats; and a zero that was computed is told from one of a branch that was not taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import CannotRecord

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "a root that a zero beats": lambda x: x * np.sqrt(x),
    "a cube root": lambda x: np.cbrt(x) * x,
    "an arccosine": lambda x: np.cos(np.arccos(1.0 - x * x)),
    "leaves the range upwards": lambda x: x * 1e300 * 1e200 * 1e-250,
    "a quotient of what is too large": lambda x: np.sqrt(x / 1e300) / 1e-200,
    "zero times a logarithm": lambda x: 0.0 * np.log(x),
    "zero times a root": lambda x: np.sqrt(x) * 0.0,
    "a branch": lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x),
    "a branch that is infinite": lambda x: np.where(x > 0, np.sqrt(x), 0.0),
    "really infinite": lambda x: np.sqrt(x),
}
POINTS = (0.0, 1e-200, 0.7, 1e200)


def transforms(f: Callable[[Any], Any]) -> dict[str, tuple[Callable[[Any], Any], Callable[[float], Any]]]:
    return {
        "grad": (cr.grad(f), lambda p: p),
        "value_and_grad of an array": (cr.value_and_grad(lambda v: np.sum(f(v))), lambda p: np.array([p, 0.7])),
        "jvp": (lambda x: cr.jvp(f, (x,), (1.0,)), lambda p: p),
    }


@pytest.mark.parametrize("strict", [False, True], ids=["quick", "strict"])
def test_compiled_derivatives_are_those_of_the_function(strict: bool) -> None:
    wrong = []
    for k, (name, f) in enumerate(FUNCTIONS.items()):
        for n, (mode, (df, at)) in enumerate(transforms(f).items()):
            if k % (3 if strict else n + 1) or (strict and n):
                continue  # some of the combinations: compiling takes the time
            compiled = cr.jit(df, strict=strict)
            for p in POINTS:
                with np.errstate(all="ignore"):
                    expected, found = df(at(p)), compiled(at(p))
                    same = [
                        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True)
                        for a, b in zip(_parts(found), _parts(expected), strict=True)
                    ]
                if not all(same):
                    wrong.append(f"{mode} of {name} at {p}: {found}, and {expected} by the function itself")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def _parts(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


def test_results_keep_their_types_and_are_counted() -> None:
    compiled = cr.jit(cr.grad(lambda x: np.sum(x * np.sqrt(x))))
    x = np.array([0.0, 1.0], np.float32)
    for _ in range(3):
        found = compiled(x)
        np.testing.assert_array_equal(found, np.array([0.0, 1.5], np.float32))
        assert found.dtype == np.float32
    assert "differentiated without the recording: 3 calls" in compiled.report()
    number = cr.jit(cr.value_and_grad(lambda x: x * np.sqrt(x)))
    assert number(0.0) == (0.0, 0.0)
    assert [type(y) for y in number(0.0)] == [float, float]


def test_where_an_argument_is_nan_the_program_answers() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(x)
        return np.sum(x * np.sqrt(x))

    compiled = cr.jit(cr.grad(f))
    compiled(np.ones(2))
    recorded = len(calls)
    np.testing.assert_array_equal(compiled(np.array([np.nan, 1.0])), [np.nan, 1.5])
    assert len(calls) == recorded


@pytest.mark.parametrize(
    "f",
    [
        lambda x: {2.0: 3.0}.get(x, 1.0) * x,
        lambda x: x * 2.0 if x in {2.0, 3.0} else x * x,
        lambda x: len({x, 2.0}) * x,
        lambda x: hash(x) * x,
    ],
)
def test_a_recorded_number_is_not_looked_up(f: Callable[[Any], Any]) -> None:
    """A program would not notice when another number is found."""
    for g in (f, cr.grad(f)):
        with pytest.raises(CannotRecord, match="looking x up in a set or a dict"):
            cr.jit(g)(0.7)
