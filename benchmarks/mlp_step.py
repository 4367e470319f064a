"""One step of gradient descent of a network 784-256-10 on a batch of 128, in float64: ReLU, softmax cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload

RATE = 0.1


class Data:
    """A batch of images and labels, and the parameters before the step."""

    def __init__(self, sizes: tuple[int, int, int], batch: int) -> None:
        random = np.random.default_rng(0)
        n, hidden, classes = sizes
        self.x = random.standard_normal((batch, n))
        self.labels = random.integers(0, classes, batch)
        self.one_hot = np.eye(classes)[self.labels]
        self.parameters = [
            random.standard_normal((n, hidden)) / np.sqrt(n),
            np.zeros(hidden),
            random.standard_normal((hidden, classes)) / np.sqrt(hidden),
            np.zeros(classes),
        ]


def with_chainrule(data: Data) -> Run:
    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2 = parameters
        hidden = np.maximum(data.x @ w1 + b1, 0.0)
        return -np.sum(data.one_hot * cr.log_softmax(hidden @ w2 + b2)) / len(data.x)

    step = cr.value_and_grad(loss)

    def run() -> Any:
        _, gradient = step(data.parameters)
        return [p - RATE * g for p, g in zip(data.parameters, gradient, strict=True)]

    return run


def with_reused_memory(data: Data) -> Run:
    run = with_chainrule(data)

    def inside() -> Any:
        with cr.reuse_memory():  # a loop of training would stand inside as a whole
            return run()

    return inside


def by_hand(data: Data) -> Run:
    def run() -> Any:
        w1, b1, w2, b2 = data.parameters
        a = data.x @ w1 + b1
        hidden = np.maximum(a, 0.0)
        z = hidden @ w2 + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        _loss = -np.sum(data.one_hot * (z - np.log(total))) / len(z)
        by_z = (e / total - data.one_hot) / len(z)
        by_a = (by_z @ w2.T) * (a > 0)
        gradient = (data.x.T @ by_a, by_a.sum(axis=0), hidden.T @ by_z, by_z.sum(axis=0))
        return [p - RATE * g for p, g in zip(data.parameters, gradient, strict=True)]

    return run


def with_autograd(data: Data) -> Run:
    import autograd
    import autograd.numpy as anp

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2 = parameters
        z = anp.maximum(data.x @ w1 + b1, 0.0) @ w2 + b2
        z = z - anp.max(z, axis=1, keepdims=True)
        log_softmax = z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))
        return -anp.sum(data.one_hot * log_softmax) / len(data.x)

    step = autograd.value_and_grad(loss)

    def run() -> Any:
        _, gradient = step(data.parameters)
        return [p - RATE * g for p, g in zip(data.parameters, gradient, strict=True)]

    return run


def with_torch(data: Data) -> Run:
    import torch

    x, labels = torch.tensor(data.x), torch.tensor(data.labels)
    parameters = [torch.tensor(p, requires_grad=True) for p in data.parameters]

    def run() -> Any:
        w1, b1, w2, b2 = parameters
        z = torch.relu(x @ w1 + b1) @ w2 + b2
        gradient = torch.autograd.grad(torch.nn.functional.cross_entropy(z, labels), parameters)
        with torch.no_grad():
            return [p - RATE * g for p, g in zip(parameters, gradient, strict=True)]

    return run


def with_jax(data: Data) -> Run:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, one_hot = jnp.asarray(data.x), jnp.asarray(data.one_hot)
    parameters = [jnp.asarray(p) for p in data.parameters]

    def loss(parameters: Any, x: Any, one_hot: Any) -> Any:
        w1, b1, w2, b2 = parameters
        z = jnp.maximum(x @ w1 + b1, 0.0) @ w2 + b2
        return -jnp.sum(one_hot * jax.nn.log_softmax(z)) / len(x)

    @jax.jit
    def step(parameters: Any, x: Any, one_hot: Any) -> Any:
        _, gradient = jax.value_and_grad(loss)(parameters, x, one_hot)
        return [p - RATE * g for p, g in zip(parameters, gradient, strict=True)]

    return lambda: jax.block_until_ready(step(parameters, x, one_hot))


def workload(tiny: bool = False) -> Workload:
    sizes, batch = ((6, 5, 3), 4) if tiny else ((784, 256, 10), 128)
    data = Data(sizes, batch)
    return Workload(
        f"one step of a network {'-'.join(map(str, sizes))}, batch {batch}, float64",
        [
            Contender("Chainrule", lambda: with_chainrule(data), "chainrule"),
            Contender("Chainrule", lambda: with_reused_memory(data), "chainrule", "in reuse_memory"),
            Contender("by hand", lambda: by_hand(data), note="NumPy"),
            Contender("HIPS autograd", lambda: with_autograd(data), "autograd"),
            Contender("PyTorch", lambda: with_torch(data), "torch"),
            Contender("JAX", lambda: with_jax(data), "jax", "jit"),
        ],
    )
