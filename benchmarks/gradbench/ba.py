"""Bundle adjustment: where cameras see points, beside where these were observed; and the sparse Jacobian by cameras,
points and weights, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool

CAMERA = 11  # rotation (3), center (3), focal length, principal point (2), distortion (2)


def crossed(a: Any, b: Any) -> Any:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def rotated(turn: Any, x: Any) -> Any:
    """Rodrigues' formula; for no angle at all its first two terms."""
    square = turn[0] ** 2 + turn[1] ** 2 + turn[2] ** 2
    turns = square > 0.0
    angle = np.sqrt(np.where(turns, square, 1.0))
    axis = [t / angle for t in turn]
    sine, cosine = np.sin(angle), np.cos(angle)
    along = (axis[0] * x[0] + axis[1] * x[1] + axis[2] * x[2]) * (1.0 - cosine)
    far = [p * cosine + c * sine + a * along for p, c, a in zip(x, crossed(axis, x), axis, strict=True)]
    near = [p + c for p, c in zip(x, crossed(turn, x), strict=True)]
    return [np.where(turns, f, n) for f, n in zip(far, near, strict=True)]


def errors(camera: Any, point: Any, weight: Any, seen: Any) -> Any:
    """The two errors of each observation: of columns, one for each number of a camera, of a point, of what was seen."""
    x = rotated(camera[:3], [p - c for p, c in zip(point, camera[3:6], strict=True)])
    a, b = x[0] / x[2], x[1] / x[2]
    square = a * a + b * b
    scale = camera[6] * (1.0 + camera[9] * square + camera[10] * square * square)
    return weight * (a * scale + camera[7] - seen[0]), weight * (b * scale + camera[8] - seen[1])


def off(weight: Any) -> Any:
    return 1.0 - weight * weight


def columns(table: Any, rows: Any) -> Any:
    """The columns of those rows, each in one piece."""
    return list(np.take(table.T, rows, axis=1))


def objective(cameras: Any, points: Any, weights: Any, seen: Any, of: Any) -> Any:
    found = errors(columns(cameras, of[0]), columns(points, of[1]), weights, seen.T)
    return np.stack(found, axis=1), off(weights)


def blocks(cameras: Any, points: Any, weights: Any, seen: Any, of: Any) -> Any:
    """The entries of the Jacobian: 15 of each of the two errors, and one of each weight's. An error depends on its own
    observation alone, so the slopes of their sum are those of each."""
    camera, point = columns(cameras, of[0]), columns(points, of[1])
    found = []
    for k in range(2):
        slopes = cr.grad(lambda c, p, w, k=k: np.sum(errors(c, p, w, seen.T)[k]), argnums=(0, 1, 2))
        by_camera, by_point, by_weight = slopes(camera, point, weights)
        found.append(np.stack([*by_camera, *by_point, by_weight], axis=1))
    return np.stack(found, axis=1), cr.grad(lambda w: np.sum(off(w)))(weights)


def placed(entries: Any, alone: Any, n: int, m: int, of: Any) -> Any:
    """Where each row begins, the column of each entry, and the entries."""
    p = len(alone)
    columns, vals = np.empty(31 * p, dtype=np.int32), np.empty(31 * p)
    own = columns[: 30 * p].reshape(p, 2, 15)
    own[:, 0, :CAMERA] = CAMERA * of[0][:, None] + np.arange(CAMERA)
    own[:, 0, CAMERA:14] = CAMERA * n + 3 * of[1][:, None] + np.arange(3)
    own[:, 0, 14] = columns[30 * p :] = CAMERA * n + 3 * m + np.arange(p)
    own[:, 1] = own[:, 0]
    vals[: 30 * p], vals[30 * p :] = entries.ravel(), alone
    return np.concatenate([np.arange(2 * p) * 15, 30 * p + np.arange(p + 1)]), columns, vals


def _arguments(given: Any) -> Any:
    n, m, p = given["n"], given["m"], given["p"]
    every = np.arange(p)
    repeated = [np.tile(given[name], (count, 1)) for name, count in (("cam", n), ("x", m))]
    return *repeated, np.full(p, given["w"]), np.tile(given["feat"], (p, 1)), (every % n, every % m)


def _objective(given: Any, tool: Tool) -> Prepared:
    args, run = _arguments(given), tool(objective)

    def as_json(found: Any) -> Any:
        seen, weights = found
        return {
            "reproj_error": {"elements": seen[0].tolist(), "repeated": len(seen)},
            "w_err": {"element": float(weights[0]), "repeated": len(weights)},
        }

    return lambda: run(*args), as_json


def _jacobian(given: Any, tool: Tool) -> Prepared:
    args, run = _arguments(given), tool(blocks)

    def as_json(found: Any) -> Any:
        named = zip(("rows", "cols", "vals"), found, strict=True)
        return {name: [*x[:30].tolist(), x[-1].item()] for name, x in named}

    def computed() -> Any:
        with cr.reuse_memory():
            return placed(*run(*args), given["n"], given["m"], args[-1])

    return computed, as_json


FUNCTIONS: dict[str, Any] = {"objective": _objective, "jacobian": _jacobian}
