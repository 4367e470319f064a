"""What recording costs per NumPy operation on small arrays: forward alone, and forward with the sweep; for a mixture of
elementwise operations, and for each of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks import array_operations
from benchmarks.common import Contender, Run, Workload

LENGTH = 64
REPEATS = 20
PER_REPEAT = 8
"""Operations in one pass of the loop below."""


def chain(x: Any, w: Any, repeats: int, exp: Any, sqrt: Any, maximum: Any) -> Any:
    """Multiplications, additions, a division and functions, one after the other on arrays of one shape."""
    y = x
    for _ in range(repeats):
        gate = 1.0 / (exp(-(y * w + x)) + 1.0)
        y = maximum(sqrt(gate), x)
    return y


def start(length: int) -> tuple[Any, Any]:
    return np.linspace(0.1, 0.9, length), np.linspace(-1.0, 2.0, length)


# -- forward --------------------------------------------------------------------------------------------------------


def recorded(length: int, repeats: int) -> Run:
    def run() -> Any:
        x, w = map(cr.Value, start(length))
        return [chain(x, w, repeats, np.exp, np.sqrt, np.maximum).data]

    return run


def computed(length: int, repeats: int) -> Run:
    return lambda: [chain(*start(length), repeats, np.exp, np.sqrt, np.maximum)]


def recorded_by_autograd(length: int, repeats: int) -> Run:
    import autograd
    import autograd.numpy as anp

    record = autograd.make_vjp(lambda xw: chain(xw[0], xw[1], repeats, anp.exp, anp.sqrt, anp.maximum))
    return lambda: [record(start(length))[1]]


def recorded_by_torch(length: int, repeats: int) -> Run:
    import torch

    def run() -> Any:
        x, w = (torch.tensor(a, requires_grad=True) for a in start(length))
        return [chain(x, w, repeats, torch.exp, torch.sqrt, torch.maximum).detach()]

    return run


# -- forward and sweep ----------------------------------------------------------------------------------------------


def swept(length: int, repeats: int) -> Run:
    def run() -> Any:
        x, w = map(cr.Value, start(length))
        chain(x, w, repeats, np.exp, np.sqrt, np.maximum).backward(np.ones(length))
        return [x.grad, w.grad]

    return run


def by_hand(length: int, repeats: int) -> Run:
    """The same in NumPy: every intermediate kept, every operation's derivative written out."""

    def run() -> Any:
        x, w = start(length)
        y, kept = x, []
        for _ in range(repeats):
            e = np.exp(-(y * w + x))
            gate = 1.0 / (e + 1.0)
            root = np.sqrt(gate)
            kept.append((y, e, gate, root))
            y = np.maximum(root, x)
        by_x, by_w, by_y = np.zeros(length), np.zeros(length), np.ones(length)
        for y, e, gate, root in reversed(kept):
            larger = root > x
            by_x += by_y * ~larger
            by_root = by_y * larger
            by_gate = by_root * (0.5 / root)
            by_e = by_gate * -(gate * gate)
            by_sum = -(by_e * e)
            by_x += by_sum
            by_w += by_sum * y
            by_y = by_sum * w
        by_x += by_y
        return [by_x, by_w]

    return run


def swept_by_autograd(length: int, repeats: int) -> Run:
    import autograd
    import autograd.numpy as anp

    record = autograd.make_vjp(lambda xw: chain(xw[0], xw[1], repeats, anp.exp, anp.sqrt, anp.maximum))
    return lambda: record(start(length))[0](np.ones(length))


def swept_by_torch(length: int, repeats: int) -> Run:
    import torch

    def run() -> Any:
        x, w = (torch.tensor(a, requires_grad=True) for a in start(length))
        chain(x, w, repeats, torch.exp, torch.sqrt, torch.maximum).backward(torch.ones(length, dtype=torch.float64))
        return [x.grad, w.grad]

    return run


def workloads(tiny: bool = False) -> Iterator[Workload]:
    size = (3, 2) if tiny else (LENGTH, REPEATS)
    count = size[1] * PER_REPEAT
    yield Workload(
        f"recording {count} operations on arrays of {size[0]} numbers",
        [
            Contender("Chainrule", lambda: recorded(*size), "chainrule", "Value"),
            Contender("NumPy", lambda: computed(*size), "numpy", "nothing recorded"),
            Contender("HIPS autograd", lambda: recorded_by_autograd(*size), "autograd"),
            Contender("PyTorch", lambda: recorded_by_torch(*size), "torch"),
        ],
        operations=count,
        beside="NumPy",
    )
    yield Workload(
        f"recording and sweeping {count} operations on arrays of {size[0]} numbers",
        [
            Contender("Chainrule", lambda: swept(*size), "chainrule", "Value"),
            Contender("by hand", lambda: by_hand(*size), note="NumPy, both ways written out"),
            Contender("HIPS autograd", lambda: swept_by_autograd(*size), "autograd"),
            Contender("PyTorch", lambda: swept_by_torch(*size), "torch"),
        ],
        operations=count,
        beside="by hand",
    )
    yield from array_operations.workloads(tiny)
