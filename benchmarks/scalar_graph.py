"""Building and sweeping a graph of 50,000 scalar operations, the load of a hand-made network of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from benchmarks.micrograd_value import deep_recursion
from benchmarks.slots_value import SlotsValue

OPERATIONS = 50_000
INPUTS = 32


def expression(xs: Sequence[Any], operations: int, relu: Any) -> Any:
    """A sum of small terms of ten operations, each on two of the inputs and a number of its own."""
    total: Any = 0.0
    for k in range(operations // 10):
        a, b, shift = xs[k % INPUTS], xs[(7 * k + 3) % INPUTS], (k % 101 - 50) / 50.5
        product, half = a * b, (a - b) * 0.5
        total = total + (relu(half + shift) + product / (b + 2.0)) ** 2
    return total


def start() -> list[float]:
    return [((37 * k) % INPUTS) / INPUTS * 1.8 - 0.9 for k in range(INPUTS)]


def of_values(kind: Any, operations: int) -> Run:
    """Leaves of a class with micrograd's names, and what `backward` gives them."""

    def run() -> Any:
        leaves = [kind(x) for x in start()]
        expression(leaves, operations, kind.relu).backward()
        return [v.grad for v in leaves]

    return run


def with_micrograd(operations: int) -> Run:
    from micrograd.engine import Value

    run = of_values(Value, operations)

    def deep() -> Any:
        with deep_recursion(20 * operations):
            return run()

    return deep


def with_autograd(operations: int) -> Run:
    import autograd
    import autograd.numpy as anp

    df = autograd.grad(lambda *xs: expression(xs, operations, lambda t: anp.maximum(t, 0.0)), tuple(range(INPUTS)))
    return lambda: df(*start())


def with_torch(operations: int) -> Run:
    import torch

    def run() -> Any:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in start()]
        return [g.item() for g in torch.autograd.grad(expression(leaves, operations, torch.relu), leaves)]

    return run


def workload(tiny: bool = False) -> Workload:
    n = 400 if tiny else OPERATIONS
    return Workload(
        f"building and sweeping a graph of {n:,} scalar operations",
        [
            Contender("Chainrule", lambda: of_values(cr.Value, n), "chainrule", "Value"),
            Contender("slots", lambda: of_values(SlotsValue, n), note="a Value in plain Python"),
            Contender("micrograd", lambda: with_micrograd(n), "micrograd", "recursion limit raised"),
            Contender("HIPS autograd", lambda: with_autograd(n), "autograd"),
            Contender("PyTorch", lambda: with_torch(n), "torch", "scalar tensors"),
        ],
    )
