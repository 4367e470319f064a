"""Factors and spectra of a matrix, differentiated: what a Gaussian process, a PCA and a nuclear norm need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.assignment_loops import with_autograd
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, with_chainrule, with_jax, with_torch
from chainrule.ops import last_factors


def likelihood(xp: Any) -> Function:
    """The log likelihood of a normal law but for a constant, by a factor of its covariance's root."""

    def value(a: Any, y: Any) -> Any:
        factor = xp.linalg.cholesky(a @ a.T / a.shape[0] + xp.eye(a.shape[0]))
        white = xp.linalg.solve(factor, y)
        return -0.5 * (white**2).sum() - xp.log(xp.diagonal(factor, 0, -1, -2)).sum()

    return value


def spectrum(xp: Any) -> Function:
    """A smooth function of the eigenvalues and eigenvectors of a symmetric matrix."""

    def value(a: Any, y: Any) -> Any:
        values, vectors = xp.linalg.eigh(a + a.T)
        return (xp.tanh(0.05 * values) * (vectors.T @ y) ** 2).sum()

    return value


def nuclear(xp: Any) -> Function:
    """The nuclear norm and the size of a solution."""

    def value(a: Any, y: Any) -> Any:
        return xp.linalg.svd(a, full_matrices=False)[1].sum() + (xp.linalg.solve(a, y) ** 2).sum()

    return value


def jax_run(make: Callable[[Any], Function], at: list[Any]) -> Run:
    import jax

    return with_jax(make(jax.numpy), at, [0])


def torch_run(make: Callable[[Any], Function], at: list[Any]) -> Run:
    import torch

    class Double:
        """torch, with `eye` in the type of the arguments."""

        def __getattr__(self, name: str) -> Any:
            return getattr(torch, name)

        def eye(self, n: int) -> Any:
            return torch.eye(n, dtype=torch.float64)

    return with_torch(make(Double()), [at[0], at[1]], [0])


def autograd_run(make: Callable[[Any], Function], at: list[Any]) -> Run:
    from autograd import numpy

    f = make(numpy)
    return with_autograd(lambda a: f(a, at[1]), at[0])


def afresh(run: Run) -> Run:
    """Chainrule keeps the factors of the last few matrices: here each call is to find its own."""

    def forgetful() -> Any:
        last_factors.clear()
        return run()

    return forgetful


def compiled(f: Function, at: list[Any]) -> Run:
    return afresh(with_chainrule(f, at, [0]))


def recorded(f: Function, at: list[Any]) -> Run:
    step = cr.value_and_grad(f)
    return afresh(lambda: list(step(*at)))


def workloads(tiny: bool = False) -> list[Workload]:
    n = 4 if tiny else 64
    random = np.random.default_rng(0)
    at = [random.standard_normal((n, n)) + 2.0 * np.sqrt(n) * np.eye(n), random.standard_normal(n)]
    found = []
    for title, make in (
        ("cholesky and solve: a normal law", likelihood),
        ("eigh: a function of a symmetric matrix", spectrum),
        ("svd and solve", nuclear),
    ):
        found.append(
            Workload(
                f"{title}, {n} by {n}",
                [
                    Contender("Chainrule", lambda make=make: compiled(make(np), at), "chainrule", "jit"),
                    Contender("Chainrule", lambda make=make: recorded(make(np), at), "chainrule", "recorded"),
                    Contender("JAX", lambda make=make: jax_run(make, at), "jax", "jit"),
                    Contender("PyTorch", lambda make=make: torch_run(make, at), "torch"),
                    Contender("HIPS autograd", lambda make=make: autograd_run(make, at), "autograd"),
                ],
                tolerance=1e-8,
            )
        )
    return found
