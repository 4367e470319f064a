"""European calls by Black and Scholes: prices and their first Greeks, one of each for every option."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import compiled, with_chainrule, with_function, with_jax, with_torch

GREEKS = (0, 2, 3, 4)  # delta, rho, theta (for time to expiry), vega


def arguments(n: int) -> list[Any]:
    """Spot, strike, rate, years to expiry, volatility."""
    random = np.random.default_rng(0)
    ranges = [(50, 150), (50, 150), (0.0, 0.05), (0.1, 2.0), (0.1, 0.5)]
    return [random.uniform(least, most, n) for least, most in ranges]


def pricing(library: Any, erf: Callable[[Any], Any]) -> Callable[..., Any]:
    def normal(x: Any) -> Any:
        return 0.5 + 0.5 * erf(x * math.sqrt(0.5))

    def price(spot: Any, strike: Any, rate: Any, time: Any, volatility: Any) -> Any:
        spread = volatility * library.sqrt(time)
        d = (library.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
        return spot * normal(d) - strike * library.exp(-rate * time) * normal(d - spread)

    return price


def summed(price: Callable[..., Any]) -> Callable[..., Any]:
    """(sum of the prices, prices): each option's Greeks are its share of the gradient of the sum."""

    def total(*at: Any) -> tuple[Any, Any]:
        prices = price(*at)
        return prices.sum(), prices

    return total


def by_hand(at: list[Any]) -> Run:
    results = [np.empty_like(at[0]) for _ in range(5)]
    call = in_c("black_scholes", len(at[0]), *at, *results)

    def run() -> Any:
        call()
        return results

    return run


def jax_run(at: list[Any]) -> Run:
    import jax

    return with_jax(summed(pricing(jax.numpy, jax.scipy.special.erf)), at, GREEKS, has_aux=True)


def torch_run(at: list[Any]) -> Run:
    import torch

    return with_torch(summed(pricing(torch, torch.erf)), at, GREEKS, has_aux=True)


def workloads(tiny: bool = False) -> list[Workload]:
    n = 13 if tiny else 1_000_000
    at = arguments(n)
    price = pricing(np, cr.erf)
    return [
        Workload(
            f"Black-Scholes prices and Greeks of {n:,} options",
            [
                *compiled(
                    lambda: with_chainrule(summed(price), at, GREEKS, has_aux=True), lambda: with_function(price, at)
                ),
                Contender("by hand", lambda: by_hand(at), note="C"),
                Contender("JAX", lambda: jax_run(at), "jax", "jit"),
                Contender("PyTorch", lambda: torch_run(at), "torch"),
            ],
        )
    ]
