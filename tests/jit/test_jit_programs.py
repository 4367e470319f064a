"""Random programs with broadcasts, branches and reductions, and long ones: machine code agrees with eager."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jit.agreement import agree

import chainrule as cr

UNARY = {
    "sin": np.sin, "tanh": np.tanh, "square": lambda a: a**2, "relu": lambda a: np.maximum(a, 0.0),
    "sum": lambda a: np.sum(a, axis=-1, keepdims=True), "mean": np.mean, "max": lambda a: np.max(a, axis=0),
    "transpose": np.transpose, "first": lambda a: a[..., :1], "half": lambda a: a / 2, "logsumexp": cr.logsumexp,
    "branch": lambda a: a if np.sum(a) > 0 else -a,
}  # fmt: skip
BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "where": lambda a, b: np.where(a > b, a, b * 0.5),
    "maximum": np.maximum, "divide": lambda a, b: a / (1.0 + b * b),
}  # fmt: skip


@st.composite
def graphs(draw: Any) -> Any:
    """Steps of a random program on a matrix, a row and a number: (name, operands by position)."""
    steps: list[tuple[str, tuple[int, ...]]] = []
    for k in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(sorted(UNARY))), (draw(st.integers(0, k + 2)),)))
        else:
            steps.append(
                (draw(st.sampled_from(sorted(BINARY))), (draw(st.integers(0, k + 2)), draw(st.integers(0, k + 2))))
            )
    return steps


def program_of(steps: Any, exact: bool = False) -> Any:
    def f(matrix: Any, row: Any, number: Any) -> Any:
        known = [matrix, row, number]
        for name, operands in steps:
            args = [known[i % len(known)] for i in operands]
            if name in UNARY and np.ndim(args[0]) == 0:
                known.append(args[0] * 0.75 if exact else np.sin(args[0]))
            else:
                known.append((UNARY | BINARY)[name](*args) if _fit(args) else args[0] * 1.0)
        return np.sum(known[-1]) + np.sum(known[-2] * 0.5)

    return f


def _fit(args: list[Any]) -> bool:
    try:
        np.broadcast_shapes(*(np.shape(a) for a in args))
    except ValueError:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(graphs(), st.integers(0, 2**32 - 1))
@example([("add", (0, 0)), ("logsumexp", (0,)), ("add", (0, 4)), ("max", (5,))], 0)  # compared with its own maximum
@example([("add", (0, 0)), ("logsumexp", (0,)), ("maximum", (3, 4))], 0)  # a number read in three loops
def test_random_programs_agree(steps: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    f = cr.value_and_grad(program_of(steps), argnums=(0, 1, 2))
    compiled = cr.jit(f)
    for _ in range(3):
        args = random.standard_normal((3, 4)), random.standard_normal(4), float(random.standard_normal())
        agree(compiled(*args), f(*args), rtol=1e-9)


# NumPy adds up the elements of a transposed array in the order in which they lie, which a program does not know.
EXACT = {"square", "relu", "sum", "max", "first", "half", "branch"} | set(BINARY)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.integers(0, 2**32 - 1))
def test_strict_programs_without_transcendental_functions_agree_bit_by_bit(steps: Any, seed: int) -> None:
    random = np.random.default_rng(seed)
    f = cr.value_and_grad(program_of([s for s in steps if s[0] in EXACT], exact=True), argnums=(0, 1, 2))
    compiled = cr.jit(f, strict=True)
    for _ in range(2):
        args = random.standard_normal((3, 40)), random.standard_normal(40), float(random.standard_normal())
        (value, gradients), (expected, wanted) = compiled(*args), f(*args)
        assert value == expected
        for got, want in zip(gradients, wanted, strict=True):
            np.testing.assert_array_equal(got, want)


def test_a_long_program_of_numbers_is_right_from_its_first_call() -> None:
    def f(x: Any, y: Any) -> Any:
        for k in range(1, 1500):  # no two rounds alike
            x, y = (x * y + 0.5 / k if k % 7 else math.sin(x) * y), (y + x / (k + 1.0) if k % 5 else y * 0.5 - x)
            x = x / (1.0 + x * x)
        return x + y

    slope = cr.value_and_grad(f, argnums=(0, 1))
    compiled = cr.jit(slope)
    for at in ((0.3, 0.7), (0.9, -0.2)):
        agree(compiled(*at), slope(*at), rtol=1e-9)
    assert len(compiled.specialisations[0].versions[0].recorded.steps()) > 4000
