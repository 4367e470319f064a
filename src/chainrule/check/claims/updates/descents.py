"""Methods that take one step of descent in the arrays of their object, beside a method that is the cost of it."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import array_at, arrays_of, put_at
from chainrule.check.claims.claim import Claim
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.pairs import COST_WORDS, snake
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.statements import FUNCTIONS
from chainrule.check.claims.updates.unread import RATE

SMALL = 2.0**-17  # a rate with which later updates of one step hardly see earlier ones


def descent_candidates(body: Sequence[ast.stmt], possible: Collection[Possible]) -> Iterator[Possible]:
    """The methods that move arrays of their object at a learning rate by gradients that no other claim is about, each
    with the only cost of the class that takes no more than their arguments."""
    known = {p.name.rpartition(".")[2] for p in possible}
    for cls in body:
        methods = {n.name: n for n in cls.body if isinstance(n, FUNCTIONS)} if isinstance(cls, ast.ClassDef) else {}
        for name, node in methods.items():
            given = [a.arg for a in node.args.args[1:]]
            costs = [
                other
                for other, cost in methods.items()
                if COST_WORDS & set(snake(other).split("_")) and _taken(cost) and set(_taken(cost)) <= set(given)
            ]
            if len(costs) == 1 and costs[0] != name and _moves(node) and not known & _called(node):
                yield Possible(f"{cls.name}.{name}", f"{cls.name}.{costs[0]}", node.lineno, "descent")  # type: ignore[attr-defined]


def _taken(node: Any) -> list[str]:
    return [a.arg for a in node.args.args[1:]]


def _moves(node: ast.AST) -> bool:
    """Whether a method takes something off an array of its object at a learning rate."""
    return any(
        isinstance(s, ast.AugAssign)
        and isinstance(s.op, (ast.Sub, ast.Add))
        and ast.unparse(s.target).startswith("self.")
        and any(RATE.fullmatch(getattr(n, "attr", getattr(n, "id", ""))) for n in ast.walk(s.value))
        for s in ast.walk(node)
    )


def _called(node: ast.AST) -> set[str]:
    return {n.func.attr for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}


def descent_claims(
    namespace: Mapping[str, Any], path: str, possible: Collection[Possible], seen: Seen
) -> tuple[Claim, ...]:
    """The claims of methods that the file called on an object: what they take off its arrays, divided by the rate, is
    the gradient of the cost by them."""
    found = []
    for p in possible:
        name, _, method = p.name.partition(".")
        step = getattr(namespace.get(name), method, None)
        cost = getattr(namespace.get(name), p.function.partition(".")[2], None)
        owner = seen.owners.get(getattr(step, "__code__", None))  # type: ignore[arg-type]
        calls = seen.points(step) if owner is not None else []
        if cost is not None and calls and (claim := _of_calls(p, owner, step, cost, calls, path)) is not None:
            found.append(claim)
    return tuple(found)


def _of_calls(p: Possible, owner: Any, step: Any, cost: Any, calls: list[Any], path: str) -> Claim | None:
    given = list(inspect.signature(step).parameters)[1:]
    wanted = list(inspect.signature(cost).parameters)[1:]
    arrays = arrays_of(owner)
    rate = next((n for n in (*given, *vars(owner)) if RATE.fullmatch(n)), "")
    rest = [n for n in given if n != rate]

    def moved(rate_now: float, numbers: Sequence[Any], args: Sequence[Any]) -> list[Any]:
        thing = copy.deepcopy(owner)
        if rate not in given:
            setattr(thing, rate, rate_now)
        for path, x in zip(arrays.values(), numbers, strict=True):
            put_at(thing, path, np.array(x, dtype=float))
        known = {**dict(zip(rest, copy.deepcopy(args), strict=True)), rate: rate_now}
        step(thing, *(known[n] for n in given))
        after = [array_at(thing, path) for path in arrays.values()]
        return [(np.asarray(x) - y) / rate_now for x, y in zip(numbers, after, strict=True)]

    def gradient(*args: Any) -> Any:
        numbers, data = args[: len(arrays)], args[len(arrays) :]
        whole, half = moved(SMALL, numbers, data), moved(SMALL / 2, numbers, data)
        return tuple(2 * h - w for w, h in zip(whole, half, strict=True))

    def value(*args: Any) -> Any:
        thing = copy.deepcopy(owner)
        for path, x in zip(arrays.values(), args, strict=False):
            put_at(thing, path, x)
        known = dict(zip(rest, args[len(arrays) :], strict=True))
        return cost(thing, *(known[n] for n in wanted))

    now = [np.array(array_at(owner, path), dtype=float) for path in arrays.values()]
    points = [(*now, *(x for n, x in zip(given, args, strict=False) if n != rate)) for args in calls]
    try:
        if not rate or not any(map(np.any, gradient(*points[0]))):
            return None
    except Exception:  # it does not run on its own
        return None
    kinds = [inspect.Parameter(n.replace(".", "_"), inspect.Parameter.POSITIONAL_ONLY) for n in (*arrays, *rest)]
    for made, of in ((value, cost), (gradient, step)):
        made.__name__, made.__wrapped__ = of.__name__, of  # type: ignore[attr-defined]
        made.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
    settings = {"argnums": tuple(range(len(arrays)))}
    return Claim(p.name, value, gradient, path, p.line, at=points, settings=settings)
