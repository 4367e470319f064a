"""The Hessian of a function of 30 variables, a chained Rosenbrock function: element by element, and in arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload


def by_elements(x: Any) -> Any:
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def in_arrays(x: Any) -> Any:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def point(variables: int) -> list[float]:
    return [0.1 * (k % 7) - 0.2 for k in range(variables)]


def with_chainrule(f: Any, x: Any) -> Run:
    hessian = cr.hessian(f)
    return lambda: hessian(x)


def by_hand(x: Any) -> Run:
    def run() -> Any:
        h = np.zeros((x.size, x.size))
        k = np.arange(x.size - 1)
        h[k, k] += 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
        h[k + 1, k + 1] += 200.0
        h[k, k + 1] = h[k + 1, k] = -400.0 * x[:-1]
        return h

    return run


def with_autograd(f: Any, x: Any) -> Run:
    import autograd

    hessian = autograd.hessian(f)
    return lambda: hessian(x)


def with_torch(f: Any, x: Any) -> Run:
    import torch

    t = torch.tensor(x)
    return lambda: torch.autograd.functional.hessian(f, t)


def with_jax(f: Any, x: Any) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    hessian = jax.jit(jax.hessian(f))
    return lambda: jax.block_until_ready(hessian(x))


def workloads(tiny: bool = False) -> Iterator[Workload]:
    numbers = point(4 if tiny else 30)
    array = np.array(numbers)
    for f, x, form in ((by_elements, numbers, "element by element"), (in_arrays, array, "in arrays")):
        yield Workload(
            f"Hessian of a function of {len(numbers)} variables, {form}",
            [
                Contender("Chainrule", lambda f=f, x=x: with_chainrule(f, x), "chainrule"),
                Contender("by hand", lambda: by_hand(array), note="the formulas, in NumPy"),
                Contender("HIPS autograd", lambda f=f: with_autograd(f, array), "autograd"),
                Contender("PyTorch", lambda f=f: with_torch(f, array), "torch"),
                Contender("JAX", lambda f=f: with_jax(f, array), "jax", "jit"),
            ],
        )
