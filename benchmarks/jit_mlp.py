"""A dense network 784-256-10, batch 128, compiled: cross entropy with its gradient by weights and biases."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, compiled, with_chainrule, with_function, with_jax, with_torch
from benchmarks.mlp_step import Data

PARAMETERS = range(4)


def cross_entropy(relu: Function, log_softmax: Function) -> Function:
    def loss(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, one_hot: Any) -> Any:
        z = relu(x @ w1 + b1) @ w2 + b2
        return -(one_hot * log_softmax(z)).sum() / len(x)

    return loss


def by_hand(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, one_hot: Any) -> list[Any]:
    hidden = x @ w1
    hidden += b1
    np.maximum(hidden, 0.0, out=hidden)
    z = hidden @ w2 + b2
    z -= z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    value = -np.sum(one_hot * (z - np.log(total))) / len(x)
    by_z = (e / total - one_hot) / len(x)
    by_a = by_z @ w2.T
    by_a *= hidden > 0
    return [value, x.T @ by_a, by_a.sum(axis=0), hidden.T @ by_z, by_z.sum(axis=0)]


def jax_run(at: list[Any]) -> Run:
    import jax

    return with_jax(cross_entropy(jax.nn.relu, jax.nn.log_softmax), at, PARAMETERS)


def torch_run(at: list[Any]) -> Run:
    import torch

    return with_torch(cross_entropy(torch.relu, lambda z: z.log_softmax(1)), at, PARAMETERS)


def workloads(tiny: bool = False) -> list[Workload]:
    sizes, batch = ((6, 5, 3), 4) if tiny else ((784, 256, 10), 128)
    data = Data(sizes, batch)
    at, loss = [*data.parameters, data.x, data.one_hot], cross_entropy(cr.relu, cr.log_softmax)
    return [
        Workload(
            f"cross entropy of a network {'-'.join(map(str, sizes))}, batch {batch}, compiled",
            [
                *compiled(lambda: with_chainrule(loss, at, PARAMETERS), lambda: with_function(loss, at)),
                Contender("by hand", lambda: lambda: by_hand(*at), note="NumPy"),
                Contender("JAX", lambda: jax_run(at), "jax", "jit"),
                Contender("PyTorch", lambda: torch_run(at), "torch"),
            ],
        )
    ]
