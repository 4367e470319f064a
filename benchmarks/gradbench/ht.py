"""Hand tracking: the vertices of a hand model in a pose, beside measured points; and the derivatives by the pose, and
by where on a triangle each point lies."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


def turned(angles: Any) -> Any:
    """The rotations about x, then y, then z, of angles given in the order x, z, y: one matrix for each line."""
    sx, sz, sy = np.sin(angles).T
    cx, cz, cy = np.cos(angles).T
    rows = [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def about(axis: Any) -> Any:
    """The rotation about an axis by its length."""
    angle = np.sqrt(np.sum(axis * axis))
    if angle < 0.0001:
        return np.eye(3)
    x, y, z = axis / angle
    s, c = np.sin(angle), np.cos(angle)
    skew = np.stack([0.0 * x, -z, y, z, 0.0 * x, -x, -y, x, 0.0 * x]).reshape(3, 3)
    line = np.stack([x, y, z])
    return c * np.eye(3) + s * skew + (1.0 - c) * line[:, None] * line


def angles_of(theta: Any, bones: int) -> Any:
    """Of the wrist's two bones and the last of each finger none; of the other three of a finger one, one and one, and
    for the first of them a second."""
    zero = 0.0 * theta[0]
    found = [[zero] * 3 for _ in range(bones)]
    at = 6
    for finger in range(5):
        first = 2 + 4 * finger
        found[first] = [theta[at], theta[at + 1], zero]
        found[first + 1], found[first + 2] = [theta[at + 2], zero, zero], [theta[at + 3], zero, zero]
        at += 4
    return np.stack([np.stack(line) for line in found])


def vertices(theta: Any, model: Any, parents: tuple[int, ...], mirrored: bool) -> Any:
    """The vertices of the posed hand: each is moved by its bones, weighted, then all together."""
    base, inverse, positions, weights = model
    relative = base[:, :, :3] @ turned(angles_of(theta, len(parents)))
    relative = np.concatenate([relative, base[:, :, 3:]], axis=2)
    absolute: list[Any] = []
    for k, parent in enumerate(parents):
        absolute.append(relative[k] if parent < 0 else absolute[parent] @ relative[k])
    moves = np.stack(absolute) @ inverse
    each = np.reshape(weights @ moves.reshape(len(parents), 16), (-1, 4, 4))
    found = np.sum(each[:, :3, :] * positions[:, None, :], axis=2)
    if mirrored:
        found = found * np.array([-1.0, 1.0, 1.0])
    return found @ about(theta[:3]).T + theta[3:6]


def objective(theta: Any, us: Any, model: Any, parents: Any, mirrored: bool, points: Any, corners: Any) -> Any:
    """`corners`: the vertex of each point, or, with `us`, three of them."""
    found = vertices(theta, model, parents, mirrored)
    if us is None:
        return np.ravel(points - found[corners])
    a, b, c = [found[corner] for corner in corners]
    u, v = us[:, :1], us[:, 1:]
    return np.ravel(points - (u * a + v * b + (1.0 - u - v) * c))


def jacobian(theta: Any, us: Any, *rest: Any) -> Any:
    """By the place on the triangle, two columns for all points as each has its own; then by the pose."""
    by_pose = cr.jacfwd(lambda theta: objective(theta, us, *rest))(theta)
    if us is None:
        return by_pose
    columns = [np.tile(unit, (len(us), 1)) for unit in ([1.0, 0.0], [0.0, 1.0])]
    along = [cr.jvp(lambda us: objective(theta, us, *rest), (us,), (column,))[1] for column in columns]
    return np.concatenate([np.stack(along, axis=1), by_pose], axis=1)


def _of(f: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        data, run = given["data"], tool(f)
        m, us = data["model"], np.array(given["us"], dtype=float).reshape(-1, 2)
        names = ("base_relatives", "inverse_base_absolutes", "base_positions", "weights")
        model = [np.array(m[name], dtype=float) for name in names]
        corners: Any = np.array(data["correspondences"])
        if len(us):
            corners = list(np.array(m["triangles"])[corners].T.copy())
        args = np.array(given["theta"]), us if len(us) else None, model, tuple(m["parents"]), bool(m["is_mirrored"])
        return lambda: run(*args, np.array(data["points"]), corners), np.ndarray.tolist

    return prepared


FUNCTIONS: dict[str, Any] = {"objective": _of(objective), "jacobian": _of(jacobian)}
