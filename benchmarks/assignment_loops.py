"""Loops that assign to elements and slices of arrays: the table of a dynamic program, and steps of a stencil in place.

JAX's arrays cannot be assigned to: its programs are written with `.at[].set` in `fori_loop`s. HIPS autograd's neither:
its rows are joined from parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, with_chainrule, with_jax, with_torch


def alignment(costs: Any) -> Any:
    """The softened cost of the best path through a table of costs (soft-DTW, Cuturi and Blondel 2017)."""
    n, m = costs.shape
    table = np.full((n + 1, m + 1), 30.0)
    table[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            nearest = np.logaddexp(-table[i - 1, j - 1], np.logaddexp(-table[i - 1, j], -table[i, j - 1]))
            table[i, j] = costs[i - 1, j - 1] - nearest
    return table[n, m]


def alignment_in_jax(costs: Any) -> Any:
    import jax
    from jax import numpy as jnp

    n, m = costs.shape
    start = jnp.full((n + 1, m + 1), 30.0).at[0, 0].set(0.0)

    def cell(k: Any, table: Any) -> Any:
        i, j = k // m + 1, k % m + 1
        nearest = jnp.logaddexp(-table[i - 1, j - 1], jnp.logaddexp(-table[i - 1, j], -table[i, j - 1]))
        return table.at[i, j].set(costs[i - 1, j - 1] - nearest)

    return jax.lax.fori_loop(0, n * m, cell, start)[n, m]


def alignment_of(logaddexp: Function) -> Function:
    """The same without assignments: lists of numbers."""

    def cost(costs: Any) -> Any:
        n, m = costs.shape
        above = [0.0] + [30.0] * m
        for i in range(n):
            row = [30.0]
            for j in range(m):
                row.append(costs[i, j] - logaddexp(-above[j], logaddexp(-above[j + 1], -row[j])))
            above = row
        return above[m]

    return cost


def stencil(u: Any, steps: int) -> Any:
    """The energy after steps of the heat equation, each in place."""
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return (u**2).sum()


def stencil_in_jax(u: Any, steps: int) -> Any:
    import jax

    def step(_: Any, u: Any) -> Any:
        return u.at[1:-1].add(0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2]))

    return (jax.lax.fori_loop(0, steps, step, u) ** 2).sum()


def stencil_joined(concatenate: Function) -> Function:
    def energy(u: Any, steps: int) -> Any:
        for _ in range(steps):
            inner = u[1:-1] + 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
            u = concatenate([u[:1], inner, u[-1:]])
        return (u**2).sum()

    return energy


def recorded(f: Function, x: Any) -> Run:
    """Chainrule without a compiler."""
    step = cr.value_and_grad(f)
    return lambda: list(step(x))


def with_autograd(f: Function, x: Any) -> Run:
    from autograd import value_and_grad

    step = value_and_grad(f)
    return lambda: list(step(x))


def autograd_function(name: str) -> Any:
    from autograd import numpy

    return getattr(numpy, name)


def torch_run(f: Function, x: Any, name: str) -> Run:
    import torch

    found = getattr(torch, name)

    def of_numbers(a: Any, b: Any) -> Any:
        return found(*(torch.as_tensor(v, dtype=torch.float64) for v in (a, b)))

    return with_torch(f(of_numbers if name == "logaddexp" else found), [x], [0])


def contenders(f: Function, x: Any, in_jax: Function, way_in_jax: str, of: Function, names: str, way: str) -> list[Any]:
    """Who computes the gradient of f; `of` makes it of a function that PyTorch and HIPS autograd have by `names`."""
    of_torch, of_autograd = names.split()
    return [
        Contender("Chainrule", lambda: with_chainrule(f, [x], [0]), "chainrule", "jit"),
        Contender("Chainrule", lambda: recorded(f, x), "chainrule", "recorded"),
        Contender("JAX", lambda: with_jax(in_jax, [x], [0]), "jax", f"jit, {way_in_jax}"),
        Contender("PyTorch", lambda: torch_run(of, x, of_torch), "torch", way),
        Contender("HIPS autograd", lambda: with_autograd(of(autograd_function(of_autograd)), x), "autograd", way),
    ]


def workloads(tiny: bool = False) -> list[Workload]:
    size, cells, steps = (3, 8, 3) if tiny else (20, 1000, 100)
    random = np.random.default_rng(0)
    costs, u = random.random((size, size)), random.standard_normal(cells)
    heat = lambda u: stencil(u, steps)
    in_jax = lambda u: stencil_in_jax(u, steps)
    joined = lambda concatenate: lambda u: stencil_joined(concatenate)(u, steps)
    return [
        Workload(
            f"a table of {size} by {size} filled in loops, by its {size * size} costs",
            contenders(alignment, costs, alignment_in_jax, ".at[].set", alignment_of, "logaddexp logaddexp", "lists"),
        ),
        Workload(
            f"{steps} steps of the heat equation on {cells:,} cells, in place",
            contenders(heat, u, in_jax, ".at[].add", joined, "cat concatenate", "joined"),
        ),
    ]
