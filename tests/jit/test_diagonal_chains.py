"""Jacobians and Hessians of drawn chains of operations, without products with the zeros of unit matrices."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
from jit.agreement import by_rows

import chainrule as cr
from chainrule.jit.plan.diagonals import by_diagonals
from chainrule.jit.program import Program
from chainrule.jit.replay import Replay

DRAWN = int(os.environ.get("CHAINRULE_CHAINS", "80"))


def operations(draw: Any, n: int) -> list[Any]:
    w, v, c = draw.normal(size=(n, n)), draw.normal(size=(n, 3)), draw.normal(size=n)
    return [
        lambda x: w @ x, lambda x: x @ w, lambda x: w.T @ x, lambda x: np.sum(w * x, axis=1),
        lambda x: np.sum(w * x[:, None], axis=0), lambda x: np.einsum("ij,j->i", w, x), np.sin, lambda x: x * c,
        lambda x: x / (2.0 + c * c), lambda x: np.tanh(x) + x, lambda x: np.roll(x, 1), np.cumsum,
        lambda x: np.concatenate([x[1:], x[:1]]), lambda x: x[::-1], lambda x: np.where(x > 0.0, x, 0.1 * x),
        lambda x: np.where(c > 0.0, x, 0.0), lambda x: x - np.mean(x), lambda x: x * np.max(x),
        lambda x: (w @ x[:, None])[:, 0], lambda x: (x[None, :] @ w)[0], lambda x: np.outer(x, x) @ c,
        lambda x: np.sum(v[:, :, None] * x[:, None, None] * np.ones((1, 1, 2)), axis=(1, 2)),
        lambda x: (w @ np.stack([x, x * c], 1)).sum(1), lambda x: x[np.arange(n)] * 2.0, lambda x: -x, np.square,
        lambda x: (x.reshape(4, -1) @ np.ones((n // 4, n // 4))).ravel(), lambda x: x.reshape(4, -1).T.ravel(),
    ]  # fmt: skip


def test_drawn_chains(monkeypatch: Any) -> None:
    changed = 0
    for seed in range(DRAWN):
        choose, draw = random.Random(seed), np.random.default_rng(seed)
        n = choose.choice([8, 12, 16])
        some = operations(draw, n)
        chain = [choose.choice(some) for _ in range(choose.randint(0, 2))]
        chain += [choose.choice(some[:6]), *(choose.choice(some[6:]) for _ in range(choose.randint(0, 2)))]

        def f(x: Any, chain: Any = chain) -> Any:
            for operation in chain:
                x = operation(x)
            return x

        scalar = lambda x, f=f: np.sum(np.sin(f(x)))
        slopes = choose.choice([cr.jacobian(f), cr.jacfwd(f), cr.hessian(scalar), cr.jacobian(f, chunk=5)])
        x, expected = draw.normal(size=n), None
        compiled = by_rows(slopes, monkeypatch)
        found, expected = compiled(x), slopes(x)
        tolerance = 1e-9 * max(1.0, float(np.max(np.abs(expected))))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=tolerance)
        short, suspect = by_diagonals(compiled.program)
        changed += short is not compiled.program
        np.testing.assert_allclose(Replay(short).run([x])[1][0], expected, rtol=1e-9, atol=tolerance)
        assert not any(np.any(y) for y in Replay(Program(short.inputs, suspect)).results([x]))
    assert changed >= DRAWN // 20
