"""Inputs of all evals in the suite's form, of any size; hands are made up, as the suite's files are its own."""

from __future__ import annotations

from typing import Any

import numpy as np

SMALL: dict[str, dict[str, int]] = {
    "gmm": {"d": 3, "k": 2, "n": 6}, "ba": {"n": 2, "m": 3, "p": 5}, "ht": {"vertices": 7, "points": 4},
    "lstm": {"layers": 2, "length": 6}, "kmeans": {"k": 3, "n": 9, "d": 2}, "llsq": {"n": 8, "m": 4}, "lse": {"n": 7},
    "ode": {"n": 4, "s": 3}, "det": {"n": 4},
}  # fmt: skip
LARGE: dict[str, dict[str, int]] = {
    "gmm": {"d": 20, "k": 25, "n": 1000}, "ba": {"n": 49, "m": 7776, "p": 31_843},
    "ht": {"vertices": 544, "points": 800}, "lstm": {"layers": 2, "length": 256},
    "kmeans": {"k": 100, "n": 10_000, "d": 16}, "llsq": {"n": 16_392, "m": 128}, "lse": {"n": 1_280_000},
    "ode": {"n": 1000, "s": 100}, "det": {"n": 8},
}  # fmt: skip


def made(name: str, sizes: dict[str, int]) -> Any:
    """The input of an eval of these sizes."""
    return _MADE[name](np.random.default_rng(0), **sizes)


def _gmm(draw: Any, d: int, k: int, n: int) -> Any:
    shapes = {"alpha": k, "mu": (k, d), "q": (k, d), "l": (k, d * (d - 1) // 2), "x": (n, d)}
    arrays = {name: draw.normal(size=shape).tolist() for name, shape in shapes.items()}
    return arrays | {"d": d, "k": k, "n": n, "m": 1, "gamma": 1.2}


def _ba(draw: Any, n: int, m: int, p: int) -> Any:
    camera = [0.3, -0.2, 0.4, 1.0, 2.0, -5.0, 400.0, 3.0, -2.0, 0.01, 0.002]
    return {"n": n, "m": m, "p": p, "cam": camera, "x": [0.5, 0.1, 1.2], "w": 0.4, "feat": [20.0, 30.0]}


def _ht(draw: Any, vertices: int, points: int) -> Any:
    bones = 22
    parents = [-1, 0, *(1 if k % 4 == 0 else k + 1 for k in range(bones - 2))]
    weights = draw.random((vertices, bones))

    def moves() -> Any:
        found = np.tile(np.eye(4), (bones, 1, 1))
        found[:, :3] += 0.1 * draw.normal(size=(bones, 3, 4))
        return found.tolist()

    model = {
        "bone_count": bones, "bone_names": [f"bone {k}" for k in range(bones)], "parents": parents,
        "base_relatives": moves(), "inverse_base_absolutes": moves(), "is_mirrored": True,
        "base_positions": np.hstack([draw.normal(size=(vertices, 3)), np.ones((vertices, 1))]).tolist(),
        "weights": (weights / weights.sum(axis=1, keepdims=True)).tolist(),
        "triangles": [[k % vertices, (k + 1) % vertices, (k + 3) % vertices] for k in range(vertices)],
    }  # fmt: skip
    data = {"model": model, "correspondences": draw.integers(0, vertices, points).tolist()}
    data["points"] = draw.normal(size=(points, 3)).tolist()
    return {"theta": (0.3 * draw.normal(size=26)).tolist(), "data": data, "us": draw.random((points, 2)).tolist()}


def _lstm(draw: Any, layers: int, length: int, bits: int = 8) -> Any:
    shapes = {"main_params": (2 * layers, 4 * bits), "extra_params": (3, bits), "state": (2 * layers, bits)}
    arrays = {name: draw.random(shape).tolist() for name, shape in shapes.items()}
    return arrays | {"sequence": draw.integers(0, 2, (length, bits)).astype(float).tolist()}


def _kmeans(draw: Any, k: int, n: int, d: int) -> Any:
    points = draw.random((n, d)).tolist()
    return {"points": points, "centroids": (np.array(points[-k:]) + 0.01).tolist()}


_MADE: dict[str, Any] = {
    "hello": lambda draw: 3.0,
    "gmm": _gmm,
    "ba": _ba,
    "ht": _ht,
    "lstm": _lstm,
    "kmeans": _kmeans,
    "llsq": lambda draw, n, m: {"x": draw.normal(size=m).tolist(), "n": n},
    "lse": lambda draw, n: {"x": draw.random(n).tolist()},
    "ode": lambda draw, n, s: {"x": draw.random(n).tolist(), "s": s},
    "det": lambda draw, n: {"A": draw.random(n * n).tolist(), "ell": n},
    "particle": lambda draw: {"w": 0.0},
    "saddle": lambda draw: {"start": [1.0, 1.0]},
}
