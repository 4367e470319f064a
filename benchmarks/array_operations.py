"""What recording costs for NumPy's operations one by one, on arrays of 64 numbers: sums, extremes, products, shapes,
elements. Each result is added to a total, so half of the operations are additions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.common import Contender, Run, Workload

SIDE = 8
REPEATS = 50
CHOSEN = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % 3 == 0
MATRIX = np.cos(np.arange(SIDE * SIDE)).reshape(SIDE, SIDE)
VECTOR = MATRIX[0].copy()
PLACES = np.array([0, 2, 2, 5])


@dataclass
class Operation:
    """An operation on a square matrix, with functions of NumPy or of its like; and how NumPy adds its cotangent to a
    gradient: add(gradient, ct, x, y)."""

    name: str
    apply: Callable[[Any, Any], Any]
    add: Callable[[Any, Any, Any, Any], None]


def _add_to(gradient: Any, share: Any) -> None:
    np.add(gradient, share, out=gradient)


def _to_both_factors(g: Any, ct: Any, x: Any, y: Any) -> None:
    _add_to(g, ct @ x.T)
    _add_to(g, x.T @ ct)


def _to_both_parts(g: Any, ct: Any, x: Any, y: Any) -> None:
    _add_to(g, ct[:SIDE])
    _add_to(g, ct[SIDE:])


def _to_both_layers(g: Any, ct: Any, x: Any, y: Any) -> None:
    _add_to(g, ct[0])
    _add_to(g, ct[1])


def _logsumexp(x: Any, xp: Any) -> Any:
    if isinstance(x, cr.Value):
        return cr.logsumexp(x, axis=1)
    top = xp.max(x, axis=1, keepdims=True)
    return xp.log(xp.sum(xp.exp(x - top), axis=1)) + top[:, 0]


OPERATIONS = (
    Operation("x * w", lambda x, xp: x * MATRIX, lambda g, ct, x, y: _add_to(g, ct * MATRIX)),
    Operation("x * v", lambda x, xp: x * VECTOR, lambda g, ct, x, y: _add_to(g, ct * VECTOR)),
    Operation("x.sum()", lambda x, xp: x.sum(), lambda g, ct, x, y: _add_to(g, ct)),
    Operation("np.sum(x, axis=0)", lambda x, xp: xp.sum(x, axis=0), lambda g, ct, x, y: _add_to(g, ct)),
    Operation("x.mean(axis=1)", lambda x, xp: x.mean(axis=1), lambda g, ct, x, y: _add_to(g, (ct / SIDE)[:, None])),
    Operation(
        "x.max(axis=1)", lambda x, xp: x.max(axis=1), lambda g, ct, x, y: _add_to(g, ct[:, None] * (x == y[:, None]))
    ),
    Operation("logsumexp(x, axis=1)", _logsumexp, lambda g, ct, x, y: _add_to(g, ct[:, None] * np.exp(x - y[:, None]))),
    Operation("x @ w", lambda x, xp: x @ MATRIX, lambda g, ct, x, y: _add_to(g, ct @ MATRIX.T)),
    Operation("x @ x", lambda x, xp: x @ x, _to_both_factors),
    Operation("x @ v", lambda x, xp: x @ VECTOR, lambda g, ct, x, y: _add_to(g, ct[:, None] * VECTOR)),
    Operation("x.reshape(64)", lambda x, xp: x.reshape(x.size), lambda g, ct, x, y: _add_to(g, ct.reshape(x.shape))),
    Operation("x.T", lambda x, xp: x.T, lambda g, ct, x, y: _add_to(g, ct.T)),
    Operation("x[2]", lambda x, xp: x[2], lambda g, ct, x, y: _add_to(g[2], ct)),
    Operation("x[1:]", lambda x, xp: x[1:], lambda g, ct, x, y: _add_to(g[1:], ct)),
    Operation("x[:, 1:3]", lambda x, xp: x[:, 1:3], lambda g, ct, x, y: _add_to(g[:, 1:3], ct)),
    Operation("x at 4 places", lambda x, xp: x[PLACES], lambda g, ct, x, y: np.add.at(g, PLACES, ct)),
    Operation("np.concatenate((x, x))", lambda x, xp: xp.concatenate([x, x]), _to_both_parts),
    Operation("np.stack((x, x))", lambda x, xp: xp.stack([x, x]), _to_both_layers),
    Operation(
        "np.where(c, x, 0.0)",
        lambda x, xp: xp.where(CHOSEN, x, 0.0),
        lambda g, ct, x, y: _add_to(g, np.where(CHOSEN, ct, 0.0)),
    ),
    Operation(
        "np.broadcast_to(x[:1], (8, 8))",
        lambda x, xp: xp.broadcast_to(x[:1], (SIDE, SIDE)),
        lambda g, ct, x, y: _add_to(g[0], ct.sum(axis=0)),
    ),
)


def start() -> Any:
    return np.sin(np.arange(SIDE * SIDE)).reshape(SIDE, SIDE)


def total(operation: Operation, x: Any, repeats: int, xp: Any = np) -> Any:
    y = operation.apply(x, xp)
    for _ in range(repeats - 1):
        y = y + operation.apply(x, xp)
    return y


def recorded(operation: Operation, repeats: int) -> Run:
    return lambda: [total(operation, cr.Value(start()), repeats).data]


def computed(operation: Operation, repeats: int) -> Run:
    return lambda: [total(operation, start(), repeats)]


def recorded_by_autograd(operation: Operation, repeats: int) -> Run:
    import autograd
    import autograd.numpy as anp

    record = autograd.make_vjp(lambda x: total(operation, x, repeats, anp))
    return lambda: [record(start())[1]]


def swept(operation: Operation, repeats: int) -> Run:
    def run() -> Any:
        x = cr.Value(start())
        y = total(operation, x, repeats)
        y.backward(np.ones(y.shape) if y.shape else None)
        return [x.grad]

    return run


def by_hand(operation: Operation, repeats: int) -> Run:
    def run() -> Any:
        x = start()
        gradient = np.zeros_like(x)
        results = [operation.apply(x, np)]
        y = results[0]
        for _ in range(repeats - 1):
            results.append(operation.apply(x, np))
            y = y + results[-1]
        ct = np.ones_like(y)
        for result in reversed(results):
            operation.add(gradient, ct, x, result)
        return [gradient]

    return run


def swept_by_autograd(operation: Operation, repeats: int) -> Run:
    import autograd
    import autograd.numpy as anp

    record = autograd.make_vjp(lambda x: total(operation, x, repeats, anp))

    def run() -> Any:
        sweep, y = record(start())
        return [sweep(np.ones_like(y))]

    return run


def workloads(tiny: bool = False) -> Iterator[Workload]:
    repeats = 2 if tiny else REPEATS
    for operation in OPERATIONS:
        for verb, ours, plain, theirs, note in (
            ("recording", recorded, computed, recorded_by_autograd, "nothing recorded"),
            ("recording and sweeping", swept, by_hand, swept_by_autograd, "both ways written out"),
        ):
            yield Workload(
                f"{verb} {operation.name} and an addition, {repeats} times",
                [
                    Contender("Chainrule", lambda f=ours, o=operation: f(o, repeats), "chainrule", "Value"),
                    Contender("NumPy", lambda f=plain, o=operation: f(o, repeats), "numpy", note),
                    Contender("HIPS autograd", lambda f=theirs, o=operation: f(o, repeats), "autograd"),
                ],
                operations=2 * repeats,
                beside="NumPy",
            )
