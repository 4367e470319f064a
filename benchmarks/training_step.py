"""A step of training with Adam: two moons, a network 2-16-16-1, hinge loss; loss, gradient and update together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from chainrule import nn, optim

RATE, B1, B2, EPS = 0.01, 0.9, 0.999, 1e-8
COUNT = 10  # steps already taken


class Data:
    """Points and labels, and a training in the middle of its way."""

    def __init__(self, samples: int) -> None:
        random = np.random.default_rng(0)
        angle, upper = np.pi * random.random(samples), random.random(samples) < 0.5
        x = np.where(upper, np.cos(angle), 1 - np.cos(angle))
        y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
        self.points, self.labels = np.stack([x, y], axis=1), np.where(upper, 1.0, -1.0)
        self.opt = optim.Adam(RATE, (B1, B2), EPS)
        self.model: Any = nn.MLP(2, [16, 16, 1], random)
        self.state = self.opt.start(self.model)
        for _ in range(COUNT):
            self.model, self.state, _ = self.step(self.model, self.state, self.points, self.labels)

    def step(self, model: Any, state: Any, points: Any, labels: Any) -> tuple[Any, Any, Any]:
        value, grads = cr.value_and_grad(lambda m: nn.hinge(m(points)[:, 0], labels))(model)
        return *self.opt.step(model, grads, state), value

    @property
    def plain(self) -> list[list[Any]]:
        """Parameters and both averages, as lists of arrays."""
        return [cr.trees.flatten(tree)[0] for tree in (self.model, self.state["m"], self.state["v"])]


def with_chainrule(data: Data, compiled: bool) -> Run:
    step = cr.jit(data.step) if compiled else data.step

    def run() -> Any:
        model, _, value = step(data.model, data.state, data.points, data.labels)
        return [value, *model.parameters()]

    return run


def hinge(relu: Any, p: Any, points: Any, labels: Any) -> Any:
    w1, b1, w2, b2, w3, b3 = p
    scores = (relu(relu(points @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]
    return relu(1.0 - labels * scores).mean()


def adam(p: Any, g: Any, m: Any, v: Any) -> list[Any]:
    m, v = B1 * m + (1 - B1) * g, B2 * v + (1 - B2) * g * g
    t = COUNT + 1
    return [p - RATE / (1 - B1**t) * m / (v**0.5 / (1 - B2**t) ** 0.5 + EPS), m, v]


def with_torch(data: Data) -> Run:
    import torch

    points, labels = torch.tensor(data.points), torch.tensor(data.labels)
    leaves = [torch.tensor(p, requires_grad=True) for p in data.plain[0]]
    m, v = ([torch.tensor(x) for x in tree] for tree in data.plain[1:])

    def run() -> Any:
        value = hinge(torch.relu, leaves, points, labels)
        grads = torch.autograd.grad(value, leaves)
        with torch.no_grad():
            return [value.detach(), *(adam(*each)[0] for each in zip(leaves, grads, m, v, strict=True))]

    return run


def with_jax(data: Data) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    gradient = jax.value_and_grad(lambda p, x, y: hinge(jax.nn.relu, p, x, y))

    @jax.jit
    def step(p: Any, m: Any, v: Any, x: Any, y: Any) -> Any:
        value, grads = gradient(p, x, y)
        return value, [adam(*each) for each in zip(p, grads, m, v, strict=True)]

    p, m, v, x, y = jax.tree.map(jax.numpy.asarray, [*data.plain, data.points, data.labels])

    def run() -> Any:
        value, moved = step(p, m, v, x, y)
        value.block_until_ready()
        return [value, *(each[0] for each in moved)]

    return run


def workloads(tiny: bool = False) -> Iterator[Workload]:
    for samples in [13] if tiny else [100, 10_000]:
        data = Data(samples)
        yield Workload(
            f"a step of training with Adam: two moons, network 2-16-16-1, batch {samples:,}",
            [
                Contender("Chainrule", lambda data=data: with_chainrule(data, True), note="jit"),
                Contender("Chainrule", lambda data=data: with_chainrule(data, False), note="eager"),
                Contender("JAX", lambda data=data: with_jax(data), "jax", "jit"),
                Contender("PyTorch", lambda data=data: with_torch(data), "torch", "Adam written out"),
            ],
        )
