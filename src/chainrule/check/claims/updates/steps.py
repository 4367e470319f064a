"""Functions that return parameters after one step of descent: `return [new_b, new_m]`, beside a cost of the same."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim, source_of
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.pairs import COST_WORDS, names_of, snake
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.statements import FUNCTIONS
from chainrule.check.claims.updates.unread import RATE


def moved(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[list[str], str]:
    """The arguments of which a function returns what a step of descent makes of them, in their order, and the one that
    is the learning rate; ([], "") for other functions.

    >>> text = "def f(b, m, xs, lr):\\n  c = b - lr * sum(xs)\\n  d = m - (lr * m)\\n  return [c, d]"
    >>> moved(ast.parse(text).body[0])
    (['b', 'm'], 'lr')
    """
    given = [a.arg for a in node.args.args]
    rate = next((n for n in given if RATE.fullmatch(snake(n))), "")
    last = node.body[-1] if node.body else None
    if not rate or not isinstance(last, ast.Return) or last.value is None:
        return [], ""
    made = {
        s.targets[0].id: s.value for s in node.body if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
    }
    parts: Sequence[ast.expr] = last.value.elts if isinstance(last.value, (ast.Tuple, ast.List)) else [last.value]
    whole = [made.get(p.id, p) if isinstance(p, ast.Name) else p for p in parts]
    found = [
        p.left.id
        for p in whole
        if isinstance(p, ast.BinOp)
        and isinstance(p.op, ast.Sub)
        and isinstance(p.left, ast.Name)
        and any(isinstance(n, ast.Name) and n.id == rate for n in ast.walk(p.right))
    ]
    return (found, rate) if len(found) == len(whole) and set(found) <= set(given) else ([], "")


def step_candidates(functions: Mapping[str, ast.stmt]) -> Iterator[Possible]:
    """The functions that return stepped parameters, each with the only cost that takes them and the data."""
    nodes = {name: node for name, node in functions.items() if isinstance(node, FUNCTIONS)}
    for name, node in nodes.items():
        parameters, rate = moved(node)
        rest = [a.arg for a in node.args.args if a.arg != rate]
        costs = [
            other
            for other, cost in nodes.items()
            if parameters and COST_WORDS & set(snake(other).split("_")) and order([a.arg for a in cost.args.args], rest)
        ]
        if len(costs) == 1:
            yield Possible(name, costs[0], node.lineno, "step")


def order(wanted: Sequence[str], given: Sequence[str]) -> list[str]:
    """For each argument of a cost that of a step that is called alike, `b_current` for `b`; [] where not all are."""
    found = [next((g for g in given if g == w or g.split("_")[0] == w.split("_")[0]), "") for w in wanted]
    return found if found and all(found) and len(set(found)) == len(given) else []


def step_claims(
    namespace: Mapping[str, Any], path: str, possible: Collection[Possible], body: Sequence[ast.stmt], seen: Seen
) -> tuple[Claim, ...]:
    """The claims of functions that return stepped parameters: what they take off, divided by the rate, is the
    gradient."""
    found = []
    texts = {node.name: node for node in body if isinstance(node, FUNCTIONS)}
    for p in possible:
        step, cost, node = namespace.get(p.name), namespace.get(p.function), texts.get(p.name)
        if not callable(step) or not callable(cost) or node is None:
            continue
        parameters, rate = moved(node)
        given = names_of(step)
        mine = order(names_of(cost), [n for n in given if n != rate])
        if not mine:
            continue
        gradient = _taken_off(step, given, mine, parameters, rate)
        points = [
            tuple(dict(zip(given, args, strict=False))[n] for n in mine)
            for args in seen.points(step)
            if len(args) == len(given)
        ]
        by = tuple(mine.index(n) for n in parameters)
        noted = tuple(tuple(_float(x) if k in by else x for k, x in enumerate(args)) for args in points)
        line = source_of(step)[1] or p.line
        found.append(Claim(p.name, cost, gradient, path, line, settings={"argnums": by}, noted=noted))
    return tuple(found)


def _float(x: Any) -> Any:
    return float(x) if isinstance(x, int) else x


def _taken_off(
    step: Callable[..., Any], given: Sequence[str], mine: Sequence[str], parameters: Sequence[str], rate: str
) -> Callable[..., Any]:
    """The gradient that a step takes off its parameters, as a function of the arguments of the cost."""

    def gradient(*args: Any) -> Any:
        known = {**dict(zip(mine, args, strict=True)), rate: 1.0}
        after = step(*(known[n] for n in given))
        parts = after if len(parameters) > 1 else [after]
        found = tuple(np.asarray(known[n]) - np.asarray(x) for n, x in zip(parameters, parts, strict=True))
        return found if len(found) > 1 else found[0]

    gradient.__name__ = step.__name__
    gradient.__wrapped__ = step  # type: ignore[attr-defined]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    gradient.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in mine])  # type: ignore[attr-defined]
    return gradient
