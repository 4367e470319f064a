"""ADBench's LSTM, two layers of 14 cells that do not mix, over a sequence of bits: a plain Python loop over time."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, compiled, with_chainrule, with_function, with_jax, with_torch

BITS, LAYERS = 14, 2
PARAMETERS = range(2)


def arguments(length: int) -> list[Any]:
    """Weights and biases of four gates, layer by layer (4, 4, 14); in- and output (3, 14); state (4, 14); bits."""
    random = np.random.default_rng(0)
    main, extra = random.uniform(-1, 1, (2 * LAYERS, 4, BITS)), random.uniform(-1, 1, (3, BITS))
    return [main, extra, random.uniform(-1, 1, (2 * LAYERS, BITS)), random.integers(0, 2, (length, BITS)).astype(float)]


def stepping(sigmoid: Function, tanh: Function) -> Function:
    """(output, new state) of one step from (state, input): a hidden and a cell vector for each layer."""

    def step(main: Any, extra: Any, state: Any, x: Any) -> Any:
        x, new = x * extra[0], []
        for layer in range(LAYERS):
            weight, bias, hidden, cell = main[2 * layer], main[2 * layer + 1], state[2 * layer], state[2 * layer + 1]
            forget = sigmoid(x * weight[0] + bias[0])
            taken = sigmoid(hidden * weight[1] + bias[1])
            out = sigmoid(x * weight[2] + bias[2])
            change = tanh(hidden * weight[3] + bias[3])
            cell = cell * forget + taken * change
            x = out * tanh(cell)
            new += [x, cell]
        return x * extra[1] + extra[2], new

    return step


def likelihood(step: Function, exp: Function, log: Function) -> Function:
    def loss(main: Any, extra: Any, state: Any, bits: Any) -> Any:
        total: Any = 0.0
        for t in range(len(bits) - 1):
            y, state = step(main, extra, state, bits[t])
            total = total + (bits[t + 1] * (y - log(exp(y).sum() + 2.0))).sum()
        return -total / ((len(bits) - 1) * BITS)

    return loss


def by_hand(main: Any, extra: Any, state: Any, bits: Any) -> Run:
    kept = np.empty((len(bits), LAYERS, 8, BITS))
    results = [np.empty_like(main), np.empty_like(extra)]
    call = in_c("lstm", len(bits), main, extra, state, bits, kept, *results)
    return lambda: [call(), *results]


def jax_run(at: list[Any]) -> Run:
    import jax
    import jax.numpy as jnp

    step = stepping(jax.nn.sigmoid, jnp.tanh)

    def loss(main: Any, extra: Any, state: Any, bits: Any) -> Any:
        def one(state: Any, now: Any) -> Any:
            y, state = step(main, extra, state, now[0])
            return state, (now[1] * (y - jnp.log(jnp.exp(y).sum() + 2.0))).sum()

        _, terms = jax.lax.scan(one, list(state), (bits[:-1], bits[1:]))
        return -terms.sum() / ((len(bits) - 1) * BITS)

    return with_jax(loss, at, PARAMETERS)


def torch_run(at: list[Any]) -> Run:
    import torch

    return with_torch(likelihood(stepping(torch.sigmoid, torch.tanh), torch.exp, torch.log), at, PARAMETERS)


def workloads(tiny: bool = False) -> list[Workload]:
    length = 5 if tiny else 1024
    at, loss = arguments(length), likelihood(stepping(cr.sigmoid, np.tanh), np.exp, np.log)
    return [
        Workload(
            f"LSTM of {LAYERS} layers over {length:,} steps of {BITS} bits",
            [
                *compiled(lambda: with_chainrule(loss, at, PARAMETERS), lambda: with_function(loss, at)),
                Contender("by hand", lambda: by_hand(*at), note="C"),
                Contender("JAX", lambda: jax_run(at), "jax", "jit, lax.scan"),
                Contender("PyTorch", lambda: torch_run(at), "torch"),
            ],
        )
    ]
