"""Programs of a few hundred steps are loops where that costs next to nothing, and one kernel elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.call import compile as compiling
from chainrule.jit.loops.loop import Loop, LoopCarried
from chainrule.jit.program import INPUT, Step
from chainrule.jit.reroll.overhead import CALL, overhead

DRAW = np.random.default_rng(0)


class OneKernel(Exception):
    """The program would be compiled as one."""


def network(w: Any, h: Any) -> Any:
    for _ in range(70):
        h = np.tanh(h @ w + 0.1)
    return np.sum(h * h)


def heat(w: Any, u: Any) -> Any:
    for _ in range(60):
        u = u + w[0, 0] * (np.roll(u, 1) - 2.0 * u + np.roll(u, -1))
    return np.sum(u * u)


@pytest.fixture
def slopes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The jitted and plain slopes of f at some point; raises OneKernel."""

    def refuse(*_: Any, **settings: Any) -> Any:
        raise OneKernel

    def computed(f: Callable[..., Any], shape: tuple[int, ...], weights: tuple[int, ...] = ()) -> Any:
        args = DRAW.uniform(-0.3, 0.3, weights or (shape[-1], shape[-1])), DRAW.uniform(-1, 1, shape)
        plain = cr.grad(f, argnums=(0, 1))
        return zip(cr.jit(plain)(*args), plain(*args), strict=True)

    monkeypatch.setattr(compiling, "build_kernels", refuse)
    return computed


def descent(w: Any, x: Any) -> Any:
    v = np.zeros(3)
    for t in range(len(x)):
        v = 0.9 * v + (x[t] @ w[0]) * x[t]
        w = w - 0.01 * v
    return np.sum(w * w)


@pytest.mark.parametrize("shape", [(8, 8), (2, 2)])
def test_layers_are_loops(shape: tuple[int, ...], slopes: Callable[..., Any]) -> None:
    for found, expected in slopes(network, shape):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("f", "shape"), [(descent, (90, 3)), (heat, (50,))])
def test_short_iterations_are_one_kernel(f: Callable[..., Any], shape: tuple[int, ...], slopes: Any) -> None:
    with pytest.raises(OneKernel):
        slopes(f, shape)


@pytest.mark.parametrize("length", [10, 1000])
def test_overhead_counts_calls_and_what_is_handed_on(length: int) -> None:
    kind, float64 = (length,), np.dtype(np.float64)
    start = Step(INPUT, (), {}, kind, float64)
    steps = [start]
    for _ in range(8):
        steps.append(Step("negative", (steps[-1],), {}, kind, float64))
    loop = Loop(1, steps[1:], [(LoopCarried(0, (start,)),)])
    assert overhead([loop]) == pytest.approx((CALL + 2 * length) / length, rel=0.02)
    assert overhead([]) == 0.0


@pytest.mark.parametrize("moved", [True, False])
def test_large_arrays_are_handed_on_where_one_kernel_would_store_them_too(moved: bool, slopes: Any) -> None:
    def f(w: Any, u: Any) -> Any:
        for _ in range(40):
            for _ in range(6):
                u = u * (1.0 - 0.1 * u * w[0]) + 0.01 * w[1] * u * u
            u = np.concatenate([u[1:] * w[0], u[:1]]) if moved else u * w[0]
        return np.sum(u)

    if not moved:
        with pytest.raises(OneKernel):
            slopes(f, (5000,), (2,))
        return
    for found, expected in slopes(f, (5000,), (2,)):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def changes(x: Any, y: Any) -> tuple[Any, Any]:
    return 1.1 * x - 0.4 * x * y, 0.3 * x * y - 0.9 * y


def midpoint(x: float, y: float) -> float:
    for _ in range(100):
        u, v = changes(x, y)
        u, v = changes(x + 0.05 * u, y + 0.05 * v)
        x, y = x + 0.1 * u, y + 0.1 * v
    return (x - 1.0) ** 2 + (y - 1.0) ** 2


def rotations(x: float, y: float) -> float:
    for _ in range(100):
        x, y = 0.8 * x - 0.6 * y + 0.1 * x * y, 0.6 * x + 0.8 * y - 0.1 * x * y
    return x + y


@pytest.mark.parametrize("f", [midpoint, rotations])
def test_numbers_of_a_recurrence_are_not_put_side_by_side(f: Callable[..., Any]) -> None:
    compiled = cr.jit(cr.grad(f, argnums=(0, 1)))
    np.testing.assert_allclose(compiled(0.9, 0.5), cr.grad(f, argnums=(0, 1))(0.9, 0.5), rtol=1e-12)
    assert "x double>" not in compiled.llvm()


def test_numbers_that_wait_for_none_are() -> None:
    compiled = cr.jit(lambda x: sum(v * v / (1.0 + v) for v in x))
    compiled([0.01 * k for k in range(200)])
    assert "x double>" in compiled.llvm()
