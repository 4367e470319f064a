"""micrograd's two moons, compiled: hinge loss of a network 2-16-16-1 written on scalars, by its 337 parameters.

The samples are the lanes: each of the two inputs is an array with one element for each sample. JAX and PyTorch get
the network as array operations, which suits them best.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import compiled, with_chainrule, with_function, with_jax, with_torch

DECAY = 1e-4
PARAMETERS = range(6)


def arguments(n: int) -> list[Any]:
    """Weights and biases of three layers, then the samples' two coordinates and labels."""
    random = np.random.default_rng(0)
    angle, upper = np.pi * random.random(n), random.random(n) < 0.5
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) + 0.1 * random.standard_normal(n)
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) + 0.1 * random.standard_normal(n)
    shapes = [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]
    return [random.uniform(-1, 1, shape) / np.sqrt(shape[-1]) for shape in shapes] + [x, y, np.where(upper, 1.0, -1.0)]


def layer(xs: list[Any], weights: Any, biases: Any) -> list[Any]:
    """What each neuron makes of its inputs, before it is bent."""
    sums = []
    for row, bias in zip(weights, biases, strict=True):
        total = bias
        for w, x in zip(row, xs, strict=True):
            total = total + w * x
        sums.append(total)
    return sums


def on_scalars(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, x: Any, y: Any, labels: Any) -> Any:
    hidden = [cr.relu(a) for a in layer([x, y], w1, b1)]
    hidden = [cr.relu(a) for a in layer(hidden, w2, b2)]
    (score,) = layer(hidden, w3, b3)
    return np.mean(cr.relu(1.0 - labels * score)) + DECAY * sum(np.sum(p * p) for p in (w1, b1, w2, b2, w3, b3))


def on_arrays(library: Any, relu: Any) -> Any:
    def loss(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, x: Any, y: Any, labels: Any) -> Any:
        hidden = relu(library.stack([x, y], 1) @ w1.T + b1)
        score = (relu(hidden @ w2.T + b2) @ w3.T + b3)[:, 0]
        squares = sum(library.sum(p * p) for p in (w1, b1, w2, b2, w3, b3))
        return library.mean(relu(1.0 - labels * score)) + DECAY * squares

    return loss


def by_hand(at: list[Any]) -> Run:
    *parameters, x, y, labels = at
    flat = np.concatenate([p.ravel() for p in parameters])
    gradient = np.empty(flat.size)
    ends = np.cumsum([p.size for p in parameters])
    parts = [g.reshape(p.shape) for g, p in zip(np.split(gradient, ends[:-1]), parameters, strict=True)]
    call = in_c("moons", len(x), x, y, labels, DECAY, flat, gradient)
    return lambda: [call(), *parts]


def jax_run(at: list[Any]) -> Run:
    import jax

    return with_jax(on_arrays(jax.numpy, jax.nn.relu), at, PARAMETERS)


def torch_run(at: list[Any]) -> Run:
    import torch

    return with_torch(on_arrays(torch, torch.relu), at, PARAMETERS)


def workloads(tiny: bool = False) -> Iterator[Workload]:
    for n in [13] if tiny else [100, 100_000]:
        at = arguments(n)
        yield Workload(
            f"two moons, network 2-16-16-1 on scalars, batch {n:,}",
            [
                *compiled(
                    lambda at=at: with_chainrule(on_scalars, at, PARAMETERS),
                    lambda at=at: with_function(on_scalars, at),
                ),
                Contender("by hand", lambda at=at: by_hand(at), note="C"),
                Contender("JAX", lambda at=at: jax_run(at), "jax", "jit, arrays"),
                Contender("PyTorch", lambda at=at: torch_run(at), "torch", "arrays"),
            ],
        )
