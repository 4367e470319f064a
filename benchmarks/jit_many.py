"""Many derivatives at once, compiled: gradients of each example, dense Jacobians, Hessians, a sparse Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload

Function = Callable[..., Any]


def with_chainrule(transformed: Function, args: list[Any]) -> Run:
    return lambda: [transformed(*args)]


def with_jax(make: Callable[[Any, Any], Function], args: list[Any]) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(make(jax, jax.numpy))
    return lambda: [jax.block_until_ready(compiled(*args))]


def with_torch(make: Callable[[Any, Any], Function], args: list[Any]) -> Run:
    import torch

    transformed, tensors = make(torch.func, torch), [torch.tensor(x) for x in args]
    return lambda: [transformed(*tensors).detach().numpy()]


def with_autograd(make: Callable[[Any, Any], Function], args: list[Any]) -> Run:
    import autograd
    import autograd.numpy

    transformed = make(autograd, autograd.numpy)
    return lambda: [transformed(*args)]


def loss(xp: Any) -> Function:
    return lambda w, x: xp.sum(xp.tanh(w @ x) ** 2)


def layer(xp: Any) -> Function:
    return lambda w, x: xp.tanh(w @ x)


def energy(xp: Any) -> Function:
    return lambda w, x: xp.sum(xp.tanh(w @ x) ** 2) + xp.sum(x**3)


def broyden(x: Any) -> Any:
    inner = (3.0 - 2.0 * x[1:-1]) * x[1:-1] - x[:-2] - 2.0 * x[2:] + 1.0
    return np.concatenate([x[:1], inner, x[-1:]])


def _examples(count: int, n: int) -> Workload:
    draw = np.random.default_rng(0)
    args = [draw.normal(size=(n, n)), draw.normal(size=(count, n))]

    def theirs(m: Any, xp: Any) -> Function:
        each: Function = m.vmap(m.grad(loss(xp), 1), (None, 0))
        return each

    ours = cr.vmap(cr.grad(loss(np), argnums=1), in_axes=(None, 0))

    def by_hand() -> Run:
        w, x = args

        def run() -> list[Any]:
            y = np.tanh(x @ w.T)
            return [(2.0 * y * (1.0 - y * y)) @ w]

        return run

    return Workload(
        f"gradients of each of {count:,} examples of {n} numbers",
        [
            Contender("Chainrule", lambda: with_chainrule(cr.jit(ours), args), "chainrule", "jit"),
            Contender("Chainrule, not compiled", lambda: with_chainrule(ours, args), "chainrule"),
            Contender("by hand", by_hand, note="NumPy"),
            Contender("JAX", lambda: with_jax(theirs, args), "jax", "jit"),
            Contender("PyTorch", lambda: with_torch(theirs, args), "torch"),
        ],
    )


def _matrix(title: str, f: Callable[[Any], Function], ours: Function, name: str, theirs: str, n: int) -> Workload:
    draw = np.random.default_rng(1)
    args = [draw.normal(size=(n, n)) / np.sqrt(n), draw.normal(size=n)]
    transformed = ours(f(np), argnums=1)
    return Workload(
        title,
        [
            Contender("Chainrule", lambda: with_chainrule(cr.jit(transformed), args), "chainrule", "jit"),
            Contender("Chainrule, not compiled", lambda: with_chainrule(transformed, args), "chainrule"),
            Contender("JAX", lambda: with_jax(lambda m, xp: getattr(m, name)(f(xp), 1), args), "jax", "jit"),
            Contender("PyTorch", lambda: with_torch(lambda m, xp: getattr(m, name)(f(xp), 1), args), "torch"),
            Contender(
                "HIPS autograd", lambda: with_autograd(lambda m, xp: getattr(m, theirs)(f(xp), 1), args), "autograd"
            ),
        ],
    )


def _sparse(n: int) -> Workload:
    x = np.linspace(-1.0, 1.0, n)

    def by_hand() -> Run:
        def run() -> list[Any]:
            data = np.empty(3 * (n - 2) + 2)
            data[0] = data[-1] = 1.0
            inner = data[1:-1].reshape(-1, 3)
            inner[:, 0], inner[:, 1], inner[:, 2] = -1.0, 3.0 - 4.0 * x[1:-1], -2.0
            return [data]

        return run

    def entries(compiled: bool) -> Run:
        jacobian = cr.sparse_jacobian(broyden, compiled=compiled)
        return lambda: [jacobian(x).tocsr().data]

    return Workload(
        f"the sparse Jacobian of Broyden's tridiagonal function of {n:,} variables",
        [
            Contender("Chainrule", lambda: entries(True), "chainrule", "jit"),
            Contender("Chainrule, not compiled", lambda: entries(False), "chainrule"),
            Contender("by hand", by_hand, note="NumPy, the entries only"),
        ],
    )


def workloads(tiny: bool = False) -> Iterator[Workload]:
    yield _examples(*((5, 3) if tiny else (1000, 32)))
    for n in [4] if tiny else [100, 1000]:
        yield _matrix(f"dense Jacobian of {n:,} results by as many inputs", layer, cr.jacobian, "jacrev", "jacobian", n)
    for n in [4] if tiny else [100, 500]:
        yield _matrix(
            f"Hessian of a function of {n} variables with a product", energy, cr.hessian, "hessian", "hessian", n
        )
    yield _sparse(7 if tiny else 10_000)
