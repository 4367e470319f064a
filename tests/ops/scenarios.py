"""Calls of every operator of the table: what is tested in all modes, against NumPy, PyTorch and JAX."""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ops import samples

import chainrule as cr
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE


@dataclass(frozen=True)
class Scenario:
    """f(*args) with plain arrays or floats.

    name     the operator first, then what is special
    numpy    the same computation in NumPy, None where NumPy has none
    """

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    numpy: Callable[..., Any] | None = None
    rows: tuple[str, ...] = field(default=())


rng = np.random.default_rng(20)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(4,))
C = rng.uniform(0.5, 2.0, size=(2, 3, 4))
SQUARE = rng.normal(size=(3, 3)) + 3 * np.eye(3)
BATCH = rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
V = np.array([0.3, -1.2, 2.5])


def call(name: str, *args: Any, **settings: Any) -> Scenario:
    """cr.name(*args, **settings) beside np.name or np.linalg.name."""
    ours, theirs = getattr(cr, name), getattr(np, name, None) or getattr(np.linalg, name, None)
    arrays = tuple(a for a in args if isinstance(a, (np.ndarray, float)))
    rest = tuple(a for a in args if not isinstance(a, (np.ndarray, float)))
    shown = ",".join([*("x".join(map(str, np.shape(a))) or "0d" for a in arrays), *map(str, rest)])
    shown += "".join(f",{k}={v}" for k, v in settings.items())
    bind = lambda function: lambda *xs: function(*xs, *rest, **settings)
    return Scenario(f"{name}({shown})", bind(ours), arrays, bind(theirs) if theirs is not None else None)


def of_rows() -> list[Scenario]:
    """Each public elementwise row at ordinary points of its domain: numbers, arrays, broadcast shapes."""
    found = []
    for row in samples.elementwise(TABLE):
        if not row.public or row.name == "clip":
            continue
        points = [interior(row, i) for i in range(row.arity)]
        found.append(call(row.name, *(p[0] for p in points)))
        found.append(call(row.name, *(np.array(p) for p in points)))
        found.append(call(row.name, *(np.array(p[:1]) for p in points)))
        found.append(call(row.name, *(np.array(p[1]) for p in points)))
        if row.arity == 2:
            a, b = (np.array(p) for p in points)
            found += [call(row.name, a[:, None], b), call(row.name, a, np.array(b[0])), call(row.name, a[:1], b)]
            found += [call(row.name, float(a[0]), b), call(row.name, a, float(b[2]))]
    return found


def interior(row: Elementwise, i: int) -> list[float]:
    """Four points inside the domain of operand i, away from every kink."""
    domain = samples.domains(row)[i]
    if row.name == "power" and i == 0:
        return [0.7, 1.3, 2.2, 0.4]
    wanted = [0.37, -0.82, 0.61, -0.13] if i == 0 else [0.53, 0.29, -0.71, 0.95]
    if domain.low >= 1:
        return [1 + abs(v) for v in wanted]
    return [v if domain.contains(v) else abs(v) for v in wanted]


REDUCTIONS = ["sum", "mean", "prod", "max", "min", "var", "std"]
SCENARIOS: list[Scenario] = [
    *of_rows(),
    *(call(n, x, **s) for n in REDUCTIONS for x, s in [
        (C, {}), (C, {"axis": 0}), (C, {"axis": (0, -1)}), (C, {"axis": -2, "keepdims": True}), (C, {"axis": (2, 0), "keepdims": True}),
        (B, {}), (np.array([1.7]), {}), (C, {"keepdims": True}), (np.array(2.5), {}),
    ]),
    *(call(n, C, axis=a) for n in ("logsumexp", "softmax", "log_softmax") for a in (0, -1, (0, 2))),
    call("logsumexp", C), call("logsumexp", C, axis=1, keepdims=True), call("softmax", V), call("log_softmax", V),
    call("var", C, ddof=1), call("std", C, ddof=1, axis=1), call("std", A, axis=-1, keepdims=True),
    call("norm", V), call("norm", A), call("norm", A, axis=1), call("norm", A, axis=0, keepdims=True),
    *(call("norm", V, p) for p in (1, 2, 3, 2.5, np.inf, -np.inf)), call("norm", A, 3, 1), call("norm", A, "fro"),
    call("average", A), call("average", A, axis=1), call("ptp", A), call("ptp", A, axis=0),
    call("cumsum", A), call("cumsum", A, axis=1), call("cumsum", C, axis=-2), call("cumprod", A), call("cumprod", C, axis=-1),
    call("clip", A, -0.5, 0.7), call("clip", np.array([0.1, 0.9]), 0.2, 0.8),
    call("reshape", C, (4, 6)), call("reshape", C, (-1,)), call("ravel", C), call("transpose", C), call("transpose", C, (2, 0, 1)),
    call("swapaxes", C, 0, -1), call("moveaxis", C, 0, -1), call("expand_dims", A, 1), call("expand_dims", B, (0, 2)),
    call("squeeze", A[:, None]), call("squeeze", A[:, None], 1), call("broadcast_to", B, (3, 4)), call("matrix_transpose", C),
    call("flip", C), call("flip", C, 1), call("roll", C, 2), call("roll", C, -1, 2), call("roll", A, (1, 2), (0, 1)),
    Scenario("concatenate", lambda a, b: cr.concatenate([a, b], 1), (A, A[:, :2]), lambda a, b: np.concatenate([a, b], 1)),
    Scenario("concatenate(axis=None)", lambda a, b: cr.concatenate([a, b], None), (A, B), lambda a, b: np.concatenate([a, b], None)),
    Scenario("stack", lambda a, b: cr.stack([a, b, a], -1), (V, 2 * V), lambda a, b: np.stack([a, b, a], -1)),
    Scenario("array", lambda a, b: cr.array([a, b]), (1.5, 2.5), lambda a, b: np.array([a, b])),
    Scenario("split", lambda a: cr.split(a, 2, 1)[1], (A,), lambda a: np.split(a, 2, 1)[1]),
    Scenario("split(at)", lambda a: cr.split(a, [1], 0)[1], (A,), lambda a: np.split(a, [1], 0)[1]),
    *(Scenario(f"getitem[{name}]", lambda a, i=index: cr.getitem(a, i), (C,), lambda a, i=index: a[i]) for name, index in {
        "0": 0, "-1": -1, "slice": (slice(None), slice(0, 2)), "step": (Ellipsis, slice(None, None, -2)), "new": (None, 1),
        "repeated": ([0, 1, 1],), "pairs": ([0, 1, 0], [2, 2, 2]), "mixed": (slice(None), [0, 0, 2], 1), "mask": C > 1, "empty": ([],),
    }.items()),
    call("take", A, [0, 0, 2], 0), call("take", A, 1, 1), call("take", A, [5, 5, 0]),
    Scenario("take_along_axis", lambda a: cr.take_along_axis(a, np.argsort(A, 1), 1), (A,), lambda a: np.take_along_axis(a, np.argsort(A, 1), 1)),
    call("sort", A), call("sort", A, 0), call("sort", A, None), call("diag", V), call("diag", V, 1), call("diag", A), call("diag", A, -1),
    call("diagonal", C), call("diagonal", C, 1, 1, 2), call("repeat", V, 2), call("repeat", A, [1, 0, 2], 0), call("tile", V, 2), call("tile", A, (2, 1)),
    call("pad", A, ((1, 0), (0, 2))), call("pad", V, 2), Scenario("pad(edge)", lambda a: cr.pad(a, 1, mode="edge"), (A,), lambda a: np.pad(a, 1, mode="edge")),
    Scenario("pad(constant)", lambda a: cr.pad(a, 1, constant_values=3.0), (V,), lambda a: np.pad(a, 1, constant_values=3.0)),
    call("triu", A), call("tril", A, 1),
    call("matmul", A, B), call("matmul", V, A), call("matmul", V, V), call("matmul", A, A.T.copy()), call("matmul", C, A.T.copy()),
    call("matmul", C, B), call("matmul", BATCH, V), call("matmul", V, BATCH), call("dot", A, B), call("dot", 2.0, B), call("dot", C, A.T.copy()),
    call("vdot", A, A + 1), call("inner", A, B), call("inner", A, A), call("outer", V, B), call("tensordot", C, A, ((1, 2), (0, 1))),
    call("tensordot", A, A.T.copy(), 1), call("tensordot", C, C, 3), call("trace", SQUARE), call("trace", A, 1), call("kron", A, SQUARE),
    call("cross", V, V[::-1].copy()), call("diff", A), call("diff", A, 2, 0), call("trapezoid", A), call("trapezoid", V),
    *(Scenario(f"einsum({s})", lambda *xs, s=s: cr.einsum(s, *xs), xs, lambda *xs, s=s: np.einsum(s, *xs)) for s, xs in [
        ("ij,j->i", (A, B)), ("ij,jk", (A, A.T.copy())), ("ii->i", (SQUARE,)), ("ii", (SQUARE,)), ("ij->j", (A,)), ("ij->", (A,)),
        ("...ij,...jk->...ik", (BATCH, SQUARE)), ("i,j,ij->", (V, B, A)), ("ij,ij->ij", (A, A + 1)), ("iij->j", (np.stack([SQUARE] * 3),)),
    ]),
    call("solve", SQUARE, V), call("solve", SQUARE, SQUARE + 1), call("solve", BATCH, BATCH + 1), call("inv", SQUARE), call("inv", BATCH),
    call("det", SQUARE), call("det", BATCH), call("matrix_power", SQUARE, 3), call("matrix_power", SQUARE, -2), call("matrix_power", SQUARE, 0),
    Scenario("slogdet", lambda a: cr.slogdet(a)[1], (SQUARE,), lambda a: np.linalg.slogdet(a)[1]),
    Scenario("where", lambda a, b: cr.where(A > 0, a, b), (A, B), lambda a, b: np.where(A > 0, a, b)),
    Scenario("where(0d)", lambda a, b: cr.where(A > 0, a, b), (A, 2.0), lambda a, b: np.where(A > 0, a, b)),
]  # fmt: skip
