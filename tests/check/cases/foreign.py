# ruff: noqa: E501   one case a line
# fmt: off
"""Functions of other libraries' arrays: PyTorch and JAX, in and out."""

from __future__ import annotations

from typing import Any

from check.cases.case import Case, right, wrong

try:
    import torch
except ImportError:  # the cases are then left out
    torch = None  # type: ignore[assignment]
try:
    import jax
except ImportError:
    jax = None  # type: ignore[assignment]


def _torch_cases() -> list[Case]:
    x = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64)
    w = torch.tensor([[0.5, -0.2, 0.1], [0.3, 0.8, -0.4]], dtype=torch.float64)
    single = torch.tensor([0.3, -0.7, 1.1])
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).double()

    def by_autograd(f: Any) -> Any:
        def df(*args: Any) -> Any:
            leaves = [a.detach().clone().requires_grad_(True) for a in args]
            found = torch.autograd.grad(f(*leaves), leaves)
            return found[0] if len(found) == 1 else found

        return df

    def loss(x: Any) -> Any:
        return torch.sum(torch.sin(x) * x**2)

    return [
        right("torch: sum", loss, lambda x: torch.cos(x) * x**2 + torch.sin(x) * 2 * x, x),
        wrong("torch: factor of a path", loss, lambda x: torch.cos(x) * x**2 + torch.sin(x) * x, x),
        right("torch: its own gradient", loss, by_autograd(loss), x),
        right("torch: sigmoid by hand", lambda x: 1 / (1 + torch.exp(-x)), lambda x: torch.sigmoid(x) * torch.sigmoid(-x), torch.tensor(2.0, dtype=torch.float64)),
        right("torch: two arguments", lambda x, w: torch.sum(torch.tanh(w @ x)), lambda x, w: ((1 - torch.tanh(w @ x) ** 2) @ w, torch.outer(1 - torch.tanh(w @ x) ** 2, x)), (x, w)),
        wrong("torch: weights without the slope", lambda x, w: torch.sum(torch.tanh(w @ x)), lambda x, w: ((1 - torch.tanh(w @ x) ** 2) @ w, torch.outer(torch.ones(2, dtype=torch.float64), x)), (x, w)),
        right("torch: a module", lambda x: net(x)[0], by_autograd(lambda x: net(x)[0]), x),
        wrong("torch: a module, doubled", lambda x: net(x)[0], lambda x: 2 * by_autograd(lambda x: net(x)[0])(x), x, "exactly 2"),
        right("torch: float32", lambda x: torch.sum(torch.exp(x)), torch.exp, single),
        wrong("torch: float32, sign", lambda x: torch.sum(torch.cos(x)), torch.sin, single, "sign"),
        right("torch: relu", lambda x: torch.sum(torch.relu(x)), lambda x: (x > 0).double(), x),
        wrong("torch: relu mask forgotten", lambda x: torch.sum(torch.relu(x) ** 2), lambda x: 2 * x, x),
        right("torch function of a NumPy claim", loss, lambda x: (torch.cos(x) * x**2 + torch.sin(x) * 2 * x).numpy(), x),
    ]


def _jax_cases() -> list[Case]:
    jnp = jax.numpy
    x = jnp.array([0.3, -0.7, 1.1])

    def loss(x: Any) -> Any:
        return jnp.sum(jnp.sin(x) * x**2)

    return [
        right("jax: its own gradient", loss, jax.grad(loss), x),
        right("jax: by hand", loss, lambda x: jnp.cos(x) * x**2 + 2 * jnp.sin(x) * x, x),
        wrong("jax: doubled", loss, lambda x: 2 * jax.grad(loss)(x), x, "exactly 2"),
        wrong("jax: a path lost", loss, lambda x: jnp.cos(x) * x**2, x),
        right("jax: compiled", jax.jit(loss), jax.jit(jax.grad(loss)), x),
        right("jax: logsumexp", lambda x: jax.nn.logsumexp(x), jax.nn.softmax, x),
        wrong("jax: softmax without its sum", lambda x: jax.nn.logsumexp(x), jnp.exp, x),
    ]


CASES: list[Case] = [*(_torch_cases() if torch else []), *(_jax_cases() if jax else [])]
