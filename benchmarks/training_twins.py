"""The losses of examples/training written once for JAX and PyTorch.

`xp` is the library: the functions that are needed, under one name each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


def jax_names() -> Any:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def over(step: Callable[..., Any], start: Any, xs: Any) -> tuple[Any, Any]:
        return jax.lax.scan(step, start, xs)

    return SimpleNamespace(
        asarray=jnp.asarray, relu=jax.nn.relu, log_softmax=lambda x: jax.nn.log_softmax(x, axis=-1), exp=jnp.exp,
        softplus=jax.nn.softplus, sin=jnp.sin, log=jnp.log, stack=lambda xs: jnp.stack(xs), over=over,
        picked=lambda x, which: jnp.take_along_axis(x, which[..., None], axis=-1)[..., 0], outer=jnp.outer,
        softmax=lambda x: jax.nn.softmax(x, axis=-1), where=jnp.where, cholesky=jnp.linalg.cholesky,
        triangular=lambda a, b: jax.scipy.linalg.solve_triangular(a, b, lower=True), rsqrt=jax.lax.rsqrt,
        swap=lambda x, i, j: jnp.swapaxes(x, i, j), lower=lambda n: jnp.tril(jnp.ones((n, n), bool)),
    )  # fmt: skip


def torch_names() -> Any:
    import torch
    import torch.nn.functional as F

    def over(step: Callable[..., Any], carry: Any, xs: Any) -> tuple[Any, Any]:
        outs = []
        for x in xs:
            carry, out = step(carry, x)
            outs.append(out)
        return carry, torch.stack(outs)

    return SimpleNamespace(
        asarray=lambda x: torch.as_tensor(x, dtype=torch.float64), relu=torch.relu,
        log_softmax=lambda x: torch.log_softmax(x, -1), exp=torch.exp,
        softplus=F.softplus, sin=torch.sin, log=torch.log, stack=lambda xs: torch.stack(xs), over=over,
        picked=lambda x, which: torch.gather(x, -1, which[..., None])[..., 0], outer=torch.outer,
        softmax=lambda x: torch.softmax(x, -1), where=torch.where, cholesky=torch.linalg.cholesky,
        triangular=lambda a, b: torch.linalg.solve_triangular(a, b[:, None], upper=False)[:, 0], rsqrt=torch.rsqrt,
        swap=lambda x, i, j: torch.swapaxes(x, i, j), lower=lambda n: torch.tril(torch.ones((n, n), dtype=torch.bool)),
    )  # fmt: skip


def mlp(xp: Any, x: Any, w: Any, b: Any, *more: Any) -> Any:
    x = x @ w + b
    return mlp(xp, xp.relu(x), *more) if more else x


def two_moons(xp: Any, p: Any, points: Any, labels: Any) -> Any:
    loss = xp.relu(1 - labels * mlp(xp, points, *p)[:, 0]).mean()
    return loss + 1e-4 * sum((w * w).sum() for w in p)


def digits(xp: Any, p: Any, pictures: Any, labels: Any) -> Any:
    return -xp.picked(xp.log_softmax(mlp(xp, pictures, *p)), labels).mean()


def norm(xp: Any, x: Any, gain: Any) -> Any:
    return x * xp.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def names(xp: Any, p: Any, rows: Any) -> Any:
    letters, places, before, *rest = p
    pairs, between, inner, (w, b) = rest[:8], rest[8], rest[9:13], rest[13:]
    given, following = rows[:, :-1], rows[:, 1:]
    x = letters[given] + places
    n, long, width = x.shape
    y, parts = norm(xp, x, before), []
    for k in (0, 2, 4):
        parts.append(xp.swap((y @ pairs[k] + pairs[k + 1]).reshape(n, long, 4, width // 4), 1, 2))
    q, k, v = parts
    scores = xp.where(xp.lower(long), q @ xp.swap(k, 2, 3) / math.sqrt(width // 4), -math.inf)
    mixed = xp.swap(xp.softmax(scores) @ v, 1, 2).reshape(n, long, width)
    x = x + mixed @ pairs[6] + pairs[7]
    x = x + mlp(xp, norm(xp, x, between), *inner)
    counted = xp.where(given != 0, 1.0, 0.0 * given + (xp.asarray(range(long)) == 0))
    return -(xp.picked(xp.log_softmax(x @ w + b), following) * counted).sum() / counted.sum()


def pendulum(xp: Any, p: Any, angles: Any) -> Any:
    friction, length = p
    h = 0.05

    def slope(s: Any) -> Any:
        return xp.stack([s[1], -9.81 / length * xp.sin(s[0]) - friction * s[1]])

    def step(s: Any, seen: Any) -> tuple[Any, Any]:
        k1 = slope(s)
        k2 = slope(s + h / 2 * k1)
        k3 = slope(s + h / 2 * k2)
        s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(s + h * k3))
        return s, (s[0] - seen) ** 2

    return xp.over(step, xp.asarray([1.2, 0.0]) + 0.0 * length, angles)[1].mean()


def logistic(xp: Any, p: Any, x: Any, y: Any) -> Any:
    z = x @ p[0]
    return (xp.softplus(z) - y * z).mean() + 1e-2 * (p[0] * p[0]).sum()


def gaussian_process(xp: Any, p: Any, x: Any, y: Any) -> Any:
    height, length, noise = p
    apart = (x[:, None] - x[None]) / xp.exp(length)
    same = (x[:, None] == x[None]) + 0.0 * apart  # of its precision
    L = xp.cholesky(xp.exp(2 * height) * xp.exp(-0.5 * apart**2) + xp.exp(2 * noise) * same)
    inner = xp.triangular(L, y)
    return (0.5 * (inner**2).sum() + xp.log(L.diagonal()).sum()) / len(x) + 0.5 * math.log(2 * math.pi)


def kalman(xp: Any, p: Any, seen: Any) -> Any:
    meter, push = p
    move = xp.asarray([[1.0, 1.0], [0.0, 1.0]]) + 0.0 * meter
    pushed = xp.asarray([[0.25, 0.5], [0.5, 1.0]]) * xp.exp(2 * push)
    variance = xp.exp(2 * meter)

    def step(state: Any, position: Any) -> tuple[Any, Any]:
        mean, spread = state
        mean, spread = move @ mean, move @ spread @ move.T + pushed
        error, width = position - mean[0], spread[0, 0] + variance
        gain = spread[:, 0] / width
        part = 0.5 * (xp.log(2 * math.pi * width) + error * error / width)
        return (mean + gain * error, spread - xp.outer(gain, spread[0])), part

    start = xp.asarray([0.0, 0.0]) + 0.0 * meter, xp.asarray([[10.0, 0.0], [0.0, 10.0]]) + 0.0 * meter
    return xp.over(step, start, seen)[1].mean()
