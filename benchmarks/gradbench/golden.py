"""What the evals should give, by other ways: closed forms, SciPy's distributions and rotations, loops over single
numbers, and differences of these. Nothing of Chainrule is used."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

Given = dict[str, Any]


def slopes(f: Callable[[Any], Any], x: Any, step: float = 1e-5) -> Any:
    """Central differences of f, along a last axis, by each number of `x`."""
    x, columns = np.asarray(x, dtype=float), []
    for k in range(x.size):
        moved = np.zeros(x.size)
        moved[k] = step
        ahead, behind = f(x + moved.reshape(x.shape)), f(x - moved.reshape(x.shape))
        columns.append((np.asarray(ahead) - np.asarray(behind)) / (2.0 * step))
    return np.stack(columns, axis=-1)


def _llsq(given: Given) -> Any:
    x, n = np.array(given["x"]), given["n"]
    t = np.linspace(-1.0, 1.0, n)
    powers = np.vander(t, len(x), increasing=True)
    rest = powers @ x - np.sign(t)
    return {"primal": 0.5 * rest @ rest, "gradient": powers.T @ rest}


def _lse(given: Given) -> Any:
    shares = np.exp(given["x"])
    return {"primal": math.log(shares.sum()), "gradient": shares / shares.sum()}


def _kmeans(given: Given) -> Any:
    points, centroids = np.array(given["points"]), np.array(given["centroids"])
    square = ((points[:, None] - centroids) ** 2).sum(axis=2)
    nearest = square.argmin(axis=1)
    step = [c - points[nearest == k].mean(axis=0) for k, c in enumerate(centroids)]
    return {"cost": square.min(axis=1).sum(), "dir": np.array(step)}


def _ode(given: Given) -> Any:
    """Exact for up to four numbers: the solution is a polynomial of degree four, as the method is exact for."""
    x = np.array(given["x"])
    y = [np.prod(x[: k + 1]) * 2.0 ** (k + 1) / math.factorial(k + 1) for k in range(len(x))]
    return {"primal": np.array(y), "gradient": y[-1] / x}


def _det(given: Given) -> Any:
    a = np.reshape(given["A"], (given["ell"], given["ell"]))
    return {"primal": np.linalg.det(a), "gradient": (np.linalg.det(a) * np.linalg.inv(a).T).ravel()}


def _gmm(given: Given) -> Any:
    from scipy.stats import multivariate_normal, wishart

    d, k, x, m = given["d"], given["k"], np.array(given["x"]), given["m"]
    sizes = [k, k * d, k * d, k * d * (d - 1) // 2]
    names = ("alpha", "mu", "q", "l")

    def objective(flat: Any) -> float:
        alpha, mu, q, lower = np.split(flat, np.cumsum(sizes)[:-1])
        mu, q, lower = mu.reshape(k, d), q.reshape(k, d), lower.reshape(k, -1)
        likely, prior = np.zeros(len(x)), 0.0
        for j in range(k):
            root = np.diag(np.exp(q[j]))
            root.T[np.triu_indices(d, 1)] = lower[j]
            precision = root.T @ root
            law = multivariate_normal(mu[j], np.linalg.inv(precision))
            likely += np.exp(alpha[j]) / np.exp(alpha).sum() * law.pdf(x)
            prior += wishart.logpdf(precision, d + m + 1, np.eye(d) / given["gamma"] ** 2)
        return float(np.log(likely).sum() + prior)

    flat = np.concatenate([np.ravel(given[name]) for name in names])
    by = np.split(slopes(objective, flat), np.cumsum(sizes)[:-1])
    return {
        "objective": objective(flat),
        "jacobian": {name: part.reshape(np.shape(given[name])) for name, part in zip(names, by, strict=True)},
    }


def _ba(given: Given) -> Any:
    from scipy.spatial.transform import Rotation

    def errors(flat: Any) -> Any:
        camera, point, weight = flat[:11], flat[11:14], flat[14]
        x = Rotation.from_rotvec(camera[:3]).apply(point - camera[3:6])
        seen = x[:2] / x[2]
        square = seen @ seen
        seen = seen * (1.0 + camera[9] * square + camera[10] * square**2)
        return weight * (camera[6] * seen + camera[7:9] - given["feat"])

    n, m, p, w = given["n"], given["m"], given["p"], given["w"]
    flat = np.array([*given["cam"], *given["x"], w])
    block = slopes(errors, flat)
    rows, cols, vals = [0], [], []
    for k in range(p):
        camera, point = 11 * (k % n), 11 * n + 3 * (k % m)
        own = [*range(camera, camera + 11), *range(point, point + 3), 11 * n + 3 * m + k]
        for line in block:
            rows.append(rows[-1] + 15)
            cols += own
            vals += line.tolist()
    for k in range(p):
        rows.append(rows[-1] + 1)
        cols.append(11 * n + 3 * m + k)
        vals.append(-2.0 * w)
    return {
        "objective": {
            "reproj_error": {"elements": errors(flat), "repeated": p},
            "w_err": {"element": 1.0 - w * w, "repeated": p},
        },
        "jacobian": {name: [*x[:30], x[-1]] for name, x in (("rows", rows), ("cols", cols), ("vals", vals))},
    }


def _ht(given: Given) -> Any:
    from scipy.spatial.transform import Rotation

    model, points = given["data"]["model"], np.array(given["data"]["points"])
    base, inverse = np.array(model["base_relatives"]), np.array(model["inverse_base_absolutes"])
    positions, weights, parents = np.array(model["base_positions"]), np.array(model["weights"]), model["parents"]

    def errors(theta: Any, us: Any) -> Any:
        angles = np.zeros((len(parents), 3))  # about x, y, z
        for finger in range(5):
            first, at = 2 + 4 * finger, 6 + 4 * finger
            angles[first, 0], angles[first, 2] = theta[at], theta[at + 1]
            angles[first + 1, 0], angles[first + 2, 0] = theta[at + 2], theta[at + 3]
        moves: list[Any] = []
        for k, parent in enumerate(parents):
            turn = np.eye(4)
            turn[:3, :3] = Rotation.from_euler("xyz", angles[k]).as_matrix()
            own = base[k] @ turn
            moves.append(own if parent < 0 else moves[parent] @ own)
        found = np.zeros((len(positions), 3))
        for v, x in enumerate(positions):
            for k, move in enumerate(moves):
                found[v] += weights[v, k] * (move @ inverse[k] @ x)[:3]
        if model["is_mirrored"]:
            found[:, 0] *= -1.0
        found = Rotation.from_rotvec(theta[:3]).apply(found) + theta[3:6]
        rest = []
        for k, at in enumerate(given["data"]["correspondences"]):
            corners = found[model["triangles"][at]] if len(us) else None
            rest.append(points[k] - (found[at] if corners is None else _on(corners, us[k])))
        return np.ravel(rest)

    theta, us = np.array(given["theta"]), np.array(given["us"])
    by_pose = slopes(lambda theta: errors(theta, us), theta)
    if len(us):
        by_us = slopes(lambda us: errors(theta, us), us).reshape(len(us), 3, len(us), 2)
        own = np.concatenate([by_us[k, :, k] for k in range(len(us))])
        by_pose = np.hstack([own, by_pose])
    return {"objective": errors(theta, us), "jacobian": by_pose}


def _on(corners: Any, u: Any) -> Any:
    return u[0] * corners[0] + u[1] * corners[1] + (1.0 - u[0] - u[1]) * corners[2]


def _lstm(given: Given) -> Any:
    sequence, start = np.array(given["sequence"]), np.array(given["state"])
    main, extra = np.array(given["main_params"]), np.array(given["extra_params"])
    bits = sequence.shape[1]

    def gate(x: float) -> float:
        return 1.0 / (1.0 + math.exp(-x))

    def loss(flat: Any) -> float:
        main_, extra_ = flat[: main.size].reshape(main.shape), flat[main.size :].reshape(extra.shape)
        state, total = start.copy(), 0.0
        for now, then in itertools.pairwise(sequence):
            guess = np.zeros(bits)
            for b in range(bits):  # the matrices are diagonal
                x = now[b] * extra_[0, b]
                for k in range(0, len(main), 2):
                    w, c = main_[k].reshape(4, bits)[:, b], main_[k + 1].reshape(4, bits)[:, b]
                    memory = state[k + 1, b] * gate(x * w[0] + c[0])
                    memory += gate(state[k, b] * w[1] + c[1]) * math.tanh(state[k, b] * w[3] + c[3])
                    x = gate(x * w[2] + c[2]) * math.tanh(memory)
                    state[k, b], state[k + 1, b] = x, memory
                guess[b] = x * extra_[1, b] + extra_[2, b]
            total += then @ (guess - math.log(np.exp(guess).sum() + 2.0))
        return -total / ((len(sequence) - 1) * bits)

    flat = np.concatenate([main.ravel(), extra.ravel()])
    return {"objective": loss(flat), "jacobian": slopes(loss, flat)}


EXPECTED: dict[str, Callable[[Given], Any]] = {
    "gmm": _gmm, "ba": _ba, "ht": _ht, "lstm": _lstm, "kmeans": _kmeans, "llsq": _llsq, "lse": _lse, "ode": _ode,
    "det": _det,
}  # fmt: skip
