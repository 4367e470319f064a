"""Whether calls get slower the more there were: the time of late calls over that of early ones, for every transform.

`python -m benchmarks.repeated` prints a table; 1.0 is what is wanted.
"""

from __future__ import annotations

import math
import statistics
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

    return {
        "grad": (cr.grad(loss), w),
        "value_and_grad": (cr.value_and_grad(loss), w),
        "jacobian": (cr.jacobian(predict), w),
        "hessian": (cr.hessian(loss), w),
        "hvp": (lambda w: cr.hvp(loss, w, w), w),
        "jvp": (lambda w: cr.jvp(loss, (w,), (w,)), w),
        "vjp": (lambda w: cr.vjp(loss, w)[1](1.0), w),
        "taylor": (lambda x: cr.taylor(wave, x, 3), 0.5),
        "jit": (cr.jit(loss), w),
        "jit of grad": (cr.jit(cr.value_and_grad(loss)), w),
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


def main() -> None:
    table = Table("", "early call, us", f"call {CALLS:,}, us", "late over early")
    for name, (f, x) in contenders().items():
        f(x)
        early = window(f, x)
        for _ in range(CALLS - 2 * WINDOW):
            f(x)
        late = window(f, x)
        table.add_row(name, f"{early * 1e6:.1f}", f"{late * 1e6:.1f}", f"{late / early:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
