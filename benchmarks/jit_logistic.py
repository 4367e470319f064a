"""Logistic regression, compiled: the mean of log(1 + exp(-y x.w)) over the rows x of a tall matrix, by the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, compiled, with_chainrule, with_function, with_jax, with_torch


def arguments(n: int, d: int) -> list[Any]:
    """Weights (d), rows (n, d), labels -1 or 1 (n)."""
    random = np.random.default_rng(0)
    w, x = random.standard_normal(d) / np.sqrt(d), random.standard_normal((n, d))
    return [w, x, np.where(x @ w + random.logistic(size=n) > 0, 1.0, -1.0)]


def regression(logaddexp: Function) -> Function:
    def loss(w: Any, x: Any, labels: Any) -> Any:
        return logaddexp(0.0, -labels * (x @ w)).mean()

    return loss


def by_hand(w: Any, x: Any, labels: Any) -> Run:
    gradient = np.empty_like(w)
    call = in_c("logistic", *x.shape, x, labels, w, gradient)
    return lambda: [call(), gradient]


def jax_run(at: list[Any]) -> Run:
    import jax

    return with_jax(regression(jax.numpy.logaddexp), at, [0])


def torch_run(at: list[Any]) -> Run:
    import torch

    zero = torch.zeros((), dtype=torch.float64)
    return with_torch(regression(lambda _, m: torch.logaddexp(zero, m)), at, [0])


def workloads(tiny: bool = False) -> list[Workload]:
    n, d = (13, 3) if tiny else (100_000, 50)
    at, loss = arguments(n, d), regression(np.logaddexp)
    return [
        Workload(
            f"logistic regression, {n:,} rows of {d}",
            [
                *compiled(lambda: with_chainrule(loss, at, [0]), lambda: with_function(loss, at)),
                Contender("by hand", lambda: by_hand(*at), note="C, reads the rows once"),
                Contender("JAX", lambda: jax_run(at), "jax", "jit"),
                Contender("PyTorch", lambda: torch_run(at), "torch"),
            ],
        )
    ]
