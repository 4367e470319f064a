"""Whether calls get slower the more there were: the time of late calls over that of early ones, for every transform.

`python -m benchmarks.repeated` prints a table (`... repeated 1000` for fewer calls); 1.0 is what is wanted.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import chainrule as cr

CALLS, WINDOW = 10_000, 200


def contenders() -> dict[str, tuple[Callable[[Any], Any], Any]]:
    """Each transform of a function with helpers, and an argument."""
    inputs, targets, w = np.ones((5, 3)), np.ones(5), np.array([0.1, 0.2, 0.3])

    def predict(w: Any) -> Any:
        return inputs @ w

    def loss(w: Any) -> Any:
        return np.mean((predict(w) - targets) ** 2)

    def wave(x: Any) -> Any:
        return math.sin(x) * x

    def recurrent(w: Any) -> Any:
        h = 0.1
        for k in range(1500):
            h = math.tanh(w[k % 3] * h + w[(k + 1) % 3])
        return h

    doubled = cr.custom_vjp(lambda x: 2.0 * x)
    doubled.defvjp(lambda x: (2.0 * x, None), lambda kept, ct: (2.0 * ct,))
    tripled = cr.custom_jvp(lambda x: 3.0 * x)
    tripled.defjvp(lambda primals, tangents: (3.0 * primals[0], 3.0 * tangents[0]))
    softsign = cr.operator("softsign", lambda x: x / (1 + abs(x)), lambda y, x: 1 / (1 + abs(x)) ** 2)

    return {
        "grad": (cr.grad(loss), w),
        "value_and_grad": (cr.value_and_grad(loss), w),
        "jacobian": (cr.jacobian(predict), w),
        "jacfwd": (cr.jacfwd(predict), w),
        "jacrev": (cr.jacrev(predict), w),
        "hessian": (cr.hessian(loss), w),
        "hvp": (lambda w: cr.hvp(loss, w, w), w),
        "jvp": (lambda w: cr.jvp(loss, (w,), (w,)), w),
        "vjp": (lambda w: cr.vjp(loss, w)[1](1.0), w),
        "vmap": (cr.vmap(wave), w),
        "sparse_jacobian": (cr.sparse_jacobian(predict), w),
        "sparse_hessian": (cr.sparse_hessian(loss), w),
        "checkpoint": (cr.grad(cr.checkpoint(loss)), w),
        "implicit": (cr.grad(cr.implicit(lambda a: a**0.5, lambda y, a: y * y - a)), 4.0),
        "custom_vjp": (cr.grad(doubled), 0.5),
        "custom_jvp": (cr.grad(tripled), 0.5),
        "operator": (cr.grad(softsign), 0.5),
        "stop_gradient": (cr.grad(lambda x: x * cr.stop_gradient(x)), 0.5),
        "jet": (lambda x: cr.jet(wave, (x,), ((1.0, 0.0),)), 0.5),
        "taylor": (lambda x: cr.taylor(wave, x, 3), 0.5),
        "jit": (cr.jit(loss), w),
        "jit of grad": (cr.jit(cr.value_and_grad(loss)), w),
        "jit of jacobian": (cr.jit(cr.jacobian(predict)), w),
        "jit of vmap": (cr.jit(cr.vmap(wave)), w),
        "sparse_jacobian, jit": (cr.sparse_jacobian(predict, compiled=True), w),
        "jit, rolled": (cr.jit(cr.grad(recurrent)), w),
    }


def window(f: Callable[[Any], Any], x: Any) -> float:
    """The median time of a call, of WINDOW."""
    times = []
    for _ in range(WINDOW):
        start = time.perf_counter()
        f(x)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(calls: int = CALLS) -> None:
    """Print for each transform the time of an early call and of one of the last."""
    table = Table("", "early call, us", f"call {calls:,}, us", "late over early")
    for name, (f, x) in contenders().items():
        f(x)
        early = window(f, x)
        for _ in range(calls - 2 * WINDOW):
            f(x)
        late = window(f, x)
        table.add_row(name, f"{early * 1e6:.1f}", f"{late * 1e6:.1f}", f"{late / early:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
