"""Rosenbrock's function of n variables, compiled: the sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import compiled, with_chainrule, with_function, with_jax, with_torch


def rosenbrock(x: Any) -> Any:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def by_hand(x: Any) -> Run:
    gradient = np.empty_like(x)
    call = in_c("rosenbrock", len(x), x, gradient)
    return lambda: [call(), gradient]


def workloads(tiny: bool = False) -> Iterator[Workload]:
    for n in [13] if tiny else [1000, 100_000, 10_000_000]:
        x = np.random.default_rng(0).uniform(-1, 1, n)
        yield Workload(
            f"Rosenbrock's function of {n:,} variables",
            [
                *compiled(lambda x=x: with_chainrule(rosenbrock, [x], [0]), lambda x=x: with_function(rosenbrock, [x])),
                Contender("by hand", lambda x=x: by_hand(x), note="C"),
                Contender("JAX", lambda x=x: with_jax(rosenbrock, [x], [0]), "jax", "jit"),
                Contender("PyTorch", lambda x=x: with_torch(rosenbrock, [x], [0]), "torch"),
            ],
        )
