"""Reprojection errors of bundle adjustment in the form of ADBench, and the 2 x 15 block of their Jacobian for each.

The fifteen parameters of an observation: rotation vector 3, centre 3, focal length, principal point 2, radial
distortion 2, point 3, weight. The observations are the lanes: they lie along the last axis everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.by_hand import in_c
from benchmarks.common import Contender, Run, Workload
from benchmarks.gradients import Function, compiled


def arguments(n: int) -> list[Any]:
    """Parameters (15, n) and where the points were seen (2, n)."""
    random = np.random.default_rng(0)
    ranges = [(0.1, 0.5)] * 3 + [(-0.5, 0.5)] * 3 + [(400, 600)] + [(200, 300)] * 2 + [(-0.1, 0.1)] * 2
    ranges += [(-1, 1)] * 2 + [(3, 6), (0.5, 2)]
    return [np.array([random.uniform(*r, n) for r in ranges]), random.uniform(0, 500, (2, n))]


def errors(library: Any) -> Function:
    def f(p: Any, seen: Any) -> Any:
        r0, r1, r2, c0, c1, c2, focal, m0, m1, k1, k2, x0, x1, x2, weight = p
        angle = library.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
        sine, cosine = library.sin(angle), library.cos(angle)
        u0, u1, u2 = r0 / angle, r1 / angle, r2 / angle
        y0, y1, y2 = x0 - c0, x1 - c1, x2 - c2
        along = (u0 * y0 + u1 * y1 + u2 * y2) * (1.0 - cosine)
        depth = y2 * cosine + (u0 * y1 - u1 * y0) * sine + u2 * along
        a = (y0 * cosine + (u1 * y2 - u2 * y1) * sine + u0 * along) / depth
        b = (y1 * cosine + (u2 * y0 - u0 * y2) * sine + u1 * along) / depth
        square = a * a + b * b
        bent = focal * (1.0 + k1 * square + k2 * square * square)
        return library.stack([weight * (bent * a + m0 - seen[0]), weight * (bent * b + m1 - seen[1])])

    return f


def chainrule_run(at: list[Any]) -> Run:
    f, n = errors(np), at[0].shape[1]

    @cr.jit
    def blocks(p: Any, seen: Any) -> Any:
        value, pullback = cr.vjp(lambda p: f(p, seen), p)
        pulled = [pullback(np.repeat(axis, n, axis=1))[0] for axis in np.eye(2)[:, :, None]]
        return value, np.stack(pulled)

    return lambda: blocks(*at)


def function_run(at: list[Any]) -> Run:
    step = cr.jit(errors(np))
    return lambda: [step(*at)]


def by_hand(p: Any, seen: Any) -> Run:
    results = [np.empty_like(seen), np.empty((2, *p.shape))]
    call = in_c("bundle_adjustment", p.shape[1], p, seen, *results)

    def run() -> Any:
        call()
        return results

    return run


def jax_run(at: list[Any]) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    f = errors(jax.numpy)

    def with_value(p: Any, seen: Any) -> Any:
        value = f(p, seen)
        return value, value

    block = jax.jacrev(with_value, has_aux=True)
    step = jax.jit(jax.vmap(block, in_axes=-1, out_axes=-1))
    arrays = [jax.numpy.asarray(x) for x in at]

    def run() -> Any:
        jacobian, value = step(*arrays)
        value.block_until_ready()
        return [value, jacobian]

    return run


def torch_run(at: list[Any]) -> Run:
    import torch

    f = errors(torch)

    def with_value(p: Any, seen: Any) -> Any:
        value = f(p, seen)
        return value, value

    step = torch.func.vmap(torch.func.jacrev(with_value, has_aux=True), in_dims=-1, out_dims=-1)
    tensors = [torch.tensor(x) for x in at]
    return lambda: step(*tensors)[::-1]


def workloads(tiny: bool = False) -> list[Workload]:
    n = 13 if tiny else 30_000
    at = arguments(n)
    return [
        Workload(
            f"bundle adjustment, Jacobian blocks of {n:,} observations",
            [
                *compiled(lambda: chainrule_run(at), lambda: function_run(at)),
                Contender("by hand", lambda: by_hand(*at), note="C"),
                Contender("JAX", lambda: jax_run(at), "jax", "jit, vmap(jacrev)"),
                Contender("PyTorch", lambda: torch_run(at), "torch", "vmap(jacrev)"),
            ],
        )
    ]
