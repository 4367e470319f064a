"""The log-likelihood of a mixture of Gaussians in the form of ADBench, by weights, means and inverse factors.

A factor of d x d is given as a row: the logarithms of its diagonal, then what is below the diagonal, column by column.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, compiled, with_chainrule, with_function, with_jax, with_torch

PARAMETERS = range(3)


def arguments(n: int, d: int, k: int) -> list[Any]:
    """Logits of the weights (k), means (k, d), factors (k, d + d (d - 1) / 2), points (n, d)."""
    random = np.random.default_rng(0)
    factors = random.standard_normal((k, d * (d + 1) // 2)) / d
    return [random.standard_normal(k), random.random((k, d)), factors, random.standard_normal((n, d))]


def below(d: int) -> tuple[Any, Any]:
    """Rows and columns of the elements below the diagonal, column by column."""
    columns, rows = np.triu_indices(d, 1)
    return rows, columns


def constant(n: int, d: int, k: int) -> float:
    """What does not depend on the parameters: of the density, and of the Wishart prior with gamma 1 and m 0."""
    gammas = 0.25 * d * (d - 1) * math.log(math.pi) + sum(math.lgamma(0.5 * (d + 1 - j)) for j in range(d))
    return -0.5 * n * d * math.log(2 * math.pi) + k * (0.5 * d * (d + 1) * math.log(2.0) + gammas)


def likelihood(d: int, exp: Function, logsumexp: Function, asarray: Function = np.asarray) -> Function:
    """The same source for every library; `logsumexp` along the last axis, `asarray` for constants."""
    where = np.zeros((d, d), dtype=int)
    where[below(d)] = np.arange(d, d * (d + 1) // 2)
    lower, diagonal = asarray(np.tril(np.ones((d, d)), -1)), asarray(np.eye(d))

    def f(logits: Any, means: Any, rows: Any, points: Any) -> Any:
        n, k = len(points), len(logits)
        logs = rows[:, :d]
        factors = rows[:, where] * lower + exp(logs)[:, :, None] * diagonal
        shifts = (factors @ means[:, :, None])[:, :, 0]
        scaled = (points @ factors.reshape(k * d, d).T).reshape(n, k, d) - shifts
        heights = logits + logs.sum(1) - 0.5 * (scaled * scaled).sum(2)
        prior = 0.5 * (exp(2.0 * logs).sum() + (rows[:, d:] ** 2).sum())
        return constant(n, d, k) + logsumexp(heights).sum() - n * logsumexp(logits) + prior

    return f


def by_hand(logits: Any, means: Any, rows: Any, points: Any) -> list[Any]:
    (n, d), k = points.shape, len(logits)
    lower, diagonal, logs = below(d), np.arange(d), rows[:, :d]
    scales = np.exp(logs)
    factors = np.zeros((k, d, d))
    factors[:, lower[0], lower[1]] = rows[:, d:]
    factors[:, diagonal, diagonal] = scales
    scaled = points @ factors.reshape(k * d, d).T
    scaled -= (factors @ means[:, :, None]).ravel()
    scaled = scaled.reshape(n, k, d)
    heights = logits + logs.sum(1) - 0.5 * np.einsum("nkd,nkd->nk", scaled, scaled)
    highest, top = heights.max(1, keepdims=True), logits.max()
    shares, weights = np.exp(heights - highest), np.exp(logits - top)
    totals, total = shares.sum(1, keepdims=True), weights.sum()
    shares /= totals
    value = (highest + np.log(totals)).sum() - n * (top + np.log(total)) + constant(n, d, k)
    value += 0.5 * ((scales * scales).sum() + (rows[:, d:] ** 2).sum())
    taken = shares.sum(0)
    scaled *= shares[:, :, None]
    by_shifts = scaled.sum(0)
    by_factors = by_shifts[:, :, None] * means[:, None, :] - (scaled.reshape(n, k * d).T @ points).reshape(k, d, d)
    by_rows = np.empty_like(rows)
    by_rows[:, :d] = taken[:, None] + by_factors[:, diagonal, diagonal] * scales + scales * scales
    by_rows[:, d:] = by_factors[:, lower[0], lower[1]] + rows[:, d:]
    by_means = (by_shifts[:, None, :] @ factors)[:, 0, :]
    return [value, taken - n * weights / total, by_means, by_rows]


def jax_run(at: list[Any], d: int) -> Run:
    import jax

    return with_jax(likelihood(d, jax.numpy.exp, lambda x: jax.nn.logsumexp(x, axis=-1)), at, PARAMETERS)


def torch_run(at: list[Any], d: int) -> Run:
    import torch

    return with_torch(likelihood(d, torch.exp, lambda x: x.logsumexp(-1), torch.from_numpy), at, PARAMETERS)


def workloads(tiny: bool = False) -> Iterator[Workload]:
    for n, d, k in [(7, 3, 2)] if tiny else [(1000, 10, 25), (1000, 64, 5)]:
        at, f = arguments(n, d, k), likelihood(d, np.exp, lambda x: cr.logsumexp(x, axis=-1))
        yield Workload(
            f"mixture of {k} Gaussians in {d} dimensions, {n:,} points",
            [
                *compiled(
                    lambda at=at, f=f: with_chainrule(f, at, PARAMETERS), lambda at=at, f=f: with_function(f, at)
                ),
                Contender("by hand", lambda at=at: lambda: by_hand(*at), note="NumPy"),
                Contender("JAX", lambda at=at, d=d: jax_run(at, d), "jax", "jit"),
                Contender("PyTorch", lambda at=at, d=d: torch_run(at, d), "torch"),
            ],
        )
