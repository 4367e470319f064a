"""The latency of one small compiled gradient: a function of three floats, written in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import compiled, with_chainrule, with_function, with_jax, with_torch
from benchmarks.three_variables import POINT, formula, plain

INPUTS = range(3)


def by_hand() -> Run:
    gradient = np.empty(3)
    call = in_c("three_variables", *POINT, gradient)

    def run() -> Any:
        return [call(), *gradient]

    return run


def jax_run() -> Run:
    import jax

    return with_jax(formula(jax.numpy.sin), POINT, INPUTS)


def torch_run() -> Run:
    import torch

    return with_torch(formula(torch.sin), POINT, INPUTS)


def workloads(tiny: bool = False) -> list[Workload]:
    return [
        Workload(
            "gradient of a function of three variables, compiled",
            [
                *compiled(lambda: with_chainrule(plain, POINT, INPUTS), lambda: with_function(plain, POINT)),
                Contender("by hand", by_hand, note="C"),
                Contender("JAX", jax_run, "jax", "jit"),
                Contender("PyTorch", torch_run, "torch"),
            ],
        )
    ]
