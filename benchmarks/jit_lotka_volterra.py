"""Where prey and hunters arrive after 200 steps of Runge and Kutta: a plain Python loop on floats, by its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import compiled, with_chainrule, with_function, with_jax, with_torch

STEP = 0.05
INPUTS = range(6)
POINT = (1.1, 0.4, 0.9, 0.3, 1.5, 0.8)  # growth, hunting, death, feeding; prey, hunters


def slopes(p: Any, x: Any, y: Any) -> tuple[Any, Any]:
    a, b, c, d = p
    return a * x - b * x * y, d * x * y - c * y


def step(p: Any, x: Any, y: Any) -> tuple[Any, Any]:
    h = STEP
    x1, y1 = slopes(p, x, y)
    x2, y2 = slopes(p, x + h / 2 * x1, y + h / 2 * y1)
    x3, y3 = slopes(p, x + h / 2 * x2, y + h / 2 * y2)
    x4, y4 = slopes(p, x + h * x3, y + h * y3)
    return x + h / 6 * (x1 + 2 * x2 + 2 * x3 + x4), y + h / 6 * (y1 + 2 * y2 + 2 * y3 + y4)


def distance(steps: int) -> Any:
    def f(a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> Any:
        for _ in range(steps):
            x, y = step((a, b, c, d), x, y)
        return (x - 1.0) ** 2 + (y - 1.0) ** 2

    return f


def by_hand(steps: int) -> Run:
    point, gradient = np.array(POINT), np.empty(6)
    call = in_c("lotka_volterra", steps, STEP, point, gradient)
    return lambda: [call(), *gradient]


def jax_run(steps: int) -> Run:
    import jax

    def f(a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> Any:
        (x, y), _ = jax.lax.scan(lambda s, _: (step((a, b, c, d), *s), None), (x, y), None, length=steps)
        return (x - 1.0) ** 2 + (y - 1.0) ** 2

    return with_jax(f, POINT, INPUTS)


def casadi_run(steps: int) -> Run:
    import casadi

    inputs = casadi.SX.sym("inputs", 6)
    value = distance(steps)(*casadi.vertsplit(inputs))
    function = casadi.Function("f", [inputs], [value, casadi.gradient(value, inputs)])
    point, result, gradient = np.array(POINT), np.empty(1), np.empty(6)
    buffer, call = function.buffer()
    buffer.set_arg(0, memoryview(point))
    buffer.set_res(0, memoryview(result))
    buffer.set_res(1, memoryview(gradient))

    def run() -> Any:
        call()
        return [result[0], *gradient]

    run.kept = (function, buffer, point)  # type: ignore[attr-defined]  # CasADi holds addresses only
    return run


def workloads(tiny: bool = False) -> list[Workload]:
    n = 5 if tiny else 200
    return [
        Workload(
            f"Lotka-Volterra, {n} RK4 steps, a Python loop on floats",
            [
                *compiled(
                    lambda: with_chainrule(distance(n), POINT, INPUTS), lambda: with_function(distance(n), POINT)
                ),
                Contender("by hand", lambda: by_hand(n), note="C"),
                Contender("JAX", lambda: jax_run(n), "jax", "jit, lax.scan"),
                Contender("CasADi", lambda: casadi_run(n), "casadi", "SX"),
                Contender("PyTorch", lambda: with_torch(distance(n), POINT, INPUTS), "torch"),
            ],
        )
    ]
