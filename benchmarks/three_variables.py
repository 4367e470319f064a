"""The latency of one small gradient: -a^3 + sin(3b) - 1/c + b^2.5 - a^0.5 at (2, 3, 4), written in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import chainrule as cr
from benchmarks import micrograd_value
from benchmarks.common import Contender, Run, Workload

POINT = (2.0, 3.0, 4.0)


def formula(sin: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda a, b, c: -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def plain(a: float, b: float, c: float) -> float:
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def with_grad() -> Run:
    df = cr.grad(plain, argnums=(0, 1, 2))
    return lambda: df(*POINT)


def with_value() -> Run:
    f = formula(cr.sin)

    def run() -> Any:
        leaves = [cr.Value(x) for x in POINT]
        f(*leaves).backward()
        return [v.grad for v in leaves]

    return run


def by_hand() -> Run:
    def run() -> Any:
        a, b, c = POINT
        return -3 * a**2 - 0.5 / math.sqrt(a), 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / c**2

    return run


def with_micrograd() -> Run:
    from micrograd.engine import Value

    f = formula(micrograd_value.sin)

    def run() -> Any:
        leaves = [Value(x) for x in POINT]
        f(*leaves).backward()
        return [v.grad for v in leaves]

    return run


def with_autograd() -> Run:
    import autograd
    import autograd.numpy as anp

    df = autograd.grad(formula(anp.sin), argnum=(0, 1, 2))
    return lambda: df(*POINT)


def with_torch() -> Run:
    import torch

    f = formula(torch.sin)

    def run() -> Any:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in POINT]
        return [g.item() for g in torch.autograd.grad(f(*leaves), leaves)]

    return run


def with_jax(compiled: bool) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    df = jax.grad(formula(jax.numpy.sin), argnums=(0, 1, 2))
    df = jax.jit(df) if compiled else df
    return lambda: [float(g) for g in df(*POINT)]


def workload(tiny: bool = False) -> Workload:
    return Workload(
        "gradient of a function of three variables",
        [
            Contender("Chainrule", with_grad, "chainrule", "grad of a plain function"),
            Contender("Chainrule", with_value, "chainrule", "Value and backward"),
            Contender("by hand", by_hand, note="the three formulas, nothing recorded"),
            Contender("micrograd", with_micrograd, "micrograd", "with a sine added"),
            Contender("HIPS autograd", with_autograd, "autograd"),
            Contender("PyTorch", with_torch, "torch"),
            Contender("JAX", lambda: with_jax(False), "jax", "not compiled"),
            Contender("JAX", lambda: with_jax(True), "jax", "jit"),
        ],
        tolerance=1e-12,
    )
