"""Programs handed to JAX's and PyTorch's compilers, beside the same programs written in them.

Run: python -m benchmarks.backends. Figures are the quickest of some calls, in turn; machine code of our own as well.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import chainrule as cr

TIMES = 7


def price(xp: Any, erf: Any, spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
    """Black-Scholes: all calls together."""
    spread = volatility * xp.sqrt(years)
    d = (xp.log(spot / strike) + (rate + volatility * volatility / 2) * years) / spread

    def normal(z: Any) -> Any:
        return 0.5 * (1 + erf(z / math.sqrt(2)))

    return xp.sum(spot * normal(d) - strike * xp.exp(-rate * years) * normal(d - spread))


def market(n: int) -> list[Any]:
    random = np.random.default_rng(0)
    ends = ((50, 150), (50, 150), (0.1, 2), (0, 0.05), (0.1, 0.5))
    return [random.uniform(a, b, n) for a, b in ends]


def moons(xp: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, x: Any, y: Any) -> Any:
    """The network 2-16-16-1 of micrograd's example, with its hinge loss."""
    relu = (lambda z: xp.maximum(z, 0.0)) if xp is not torch else torch.relu
    score = (relu(relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]
    return xp.mean(relu(1.0 - y * score))


def network(n: int) -> list[Any]:
    random = np.random.default_rng(0)
    shapes = [(2, 16), (16,), (16, 16), (16,), (16, 1), (1,)]
    return [*(random.normal(size=s) / 2 for s in shapes), random.normal(size=(n, 2)), np.sign(random.normal(size=n))]


def in_torch(f: Callable[..., Any], count: int) -> Callable[..., Any]:
    whole = torch.compile(f)

    def both(*args: Any) -> Any:
        leaves = [x.detach().requires_grad_() for x in args[:count]]
        y = whole(*leaves, *args[count:])
        return y, torch.autograd.grad(y, leaves)

    return both


def quickest(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    best = dict.fromkeys(calls, math.inf)
    for _ in range(TIMES):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def beside(name: str, of: Callable[..., Any], erf: dict[str, Any], args: list[Any], count: int) -> None:
    """Times of the value and the gradient by the first `count` arguments."""
    which = tuple(range(count))
    ours = cr.value_and_grad(lambda *a: of(np, *erf.get("np", ()), *a), argnums=which)
    theirs = jax.jit(jax.value_and_grad(lambda *a: of(jnp, *erf.get("jax", ()), *a), argnums=which))
    tensors = in_torch(lambda *a: of(torch, *erf.get("torch", ()), *a), count)
    on_jax, on_torch = cr.jit(ours, backend="jax"), cr.jit(ours, backend="torch")
    a, t, native = [jnp.asarray(x) for x in args], [torch.as_tensor(x) for x in args], cr.jit(ours)
    best = quickest({
        "JAX": lambda: jax.block_until_ready(theirs(*a)),
        "ours by JAX": lambda: jax.block_until_ready(on_jax(*a)),
        "PyTorch": lambda: tensors(*t),
        "ours by PyTorch": lambda: on_torch(*t),
        "machine code": lambda: native(*args),
    })  # fmt: skip
    print(f"{name}: " + ", ".join(f"{who} {s * 1e3:.1f} ms" for who, s in best.items()))
    print(f"  by JAX {best['ours by JAX'] / best['JAX']:.2f} of its own program's time, "
          f"by PyTorch {best['ours by PyTorch'] / best['PyTorch']:.2f}")  # fmt: skip


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    erf = {"np": (cr.erf,), "jax": (jax.scipy.special.erf,), "torch": (torch.erf,)}
    beside("Black-Scholes, 1e6", price, erf, market(1_000_000), 5)
    beside("moons, 1e5", moons, {}, network(100_000), 6)


if __name__ == "__main__":
    main()
