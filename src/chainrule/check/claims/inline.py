"""Hand-written backpropagation at the top level of a program: values, and `d<name>` for each of them.

The value of a name is changed and all that was computed from it is run again, up to the loss: that makes a function
of the value, and `d<name>` a claim about its gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.loops import loops, once_more
from chainrule.check.claims.syntax.outline import Outline
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.statements import Statement, statement_of
from chainrule.check.subject import foreign, is_real, local
from chainrule.numbers import shape

LOSSES = ("loss", "cost", "L", "J", "E", "objective", "error")


def inline_claims(namespace: Mapping[str, Any], looked_at: Outline, path: str) -> tuple[Claim, ...]:
    """A claim for each `d<name>` that belongs to a value of the program."""
    found: list[Claim] = []
    possible = [p for p in looked_at.possible if p.kind == "inline"]
    for loop in loops([s.node for s in looked_at.statements]):
        mine = [p for p in possible if loop.lineno <= p.line <= (loop.end_lineno or 0)]
        possible = [p for p in possible if p not in mine]
        if not mine:  # it adds up the slopes of one pass, and would once more
            continue
        try:
            steps, names = once_more(loop, {p.name for p in mine}, namespace)
        except Exception:  # a step that cannot be run again says nothing
            continue
        found += _claims({p.name: p for p in mine}, names, [statement_of(s, set()) for s in steps], path)
    return (*_claims({p.name: p for p in possible}, namespace, looked_at.statements, path), *found)


def uncompared(looked_at: Outline, claims: Sequence[Claim]) -> Iterator[tuple[int, str]]:
    """The line of the first hand-written slope at top level, and what is said where none of them became a claim."""
    names = [p for p in looked_at.possible if p.kind == "inline"]
    if names and not any(claim.kind == "inline" for claim in claims):
        called = ", ".join(p.name for p in names[:4]) + (", ..." if len(names) > 4 else "")
        yield names[0].line, f"{called}: not compared, as no single number (a loss) is computed from the values"


def _claims(
    pairs: Mapping[str, Possible], namespace: Mapping[str, Any], statements: list[Statement], path: str
) -> Iterator[Claim]:
    pairs = {n: p for n, p in pairs.items() if p.function in namespace}
    forward = [s for s in statements if _is_forward(s, set(pairs))]
    loss = _loss(namespace, forward, {p.function for p in pairs.values()}) if pairs else ""
    slopes = [np.asarray(local(namespace[n])) for n in pairs if is_real(namespace.get(n))]
    largest = max((float(np.max(np.abs(s), initial=0.0)) for s in slopes if s.dtype.kind == "f"), default=0.0)
    for name, p in pairs.items() if loss else ():
        value, slope = namespace.get(p.function), namespace.get(name)
        rest = _after(forward, p.function, loss)
        if p.function == loss or not rest or not is_real(value) or not is_real(slope):
            continue
        if np.shape(local(value)) != np.shape(local(slope)):
            continue
        f = _again(namespace, p.function, rest, loss, "cell" if path.endswith(".ipynb") else path)
        names, at = {"names": [p.function]}, (_plain(value),)
        yield Claim(name, f, _constant(slope, largest), path, p.line, at=at, kind="inline", settings=names)


def _plain(x: Any) -> Any:
    return x.detach().clone() if hasattr(x, "detach") else x


def _is_forward(s: Statement, slopes: set[str]) -> bool:
    """Whether a statement computes values: an assignment to names of which none is a hand-written slope."""
    return isinstance(s.node, (ast.Assign, ast.AugAssign)) and bool(s.binds) and not (s.binds | s.reads) & slopes


def _loss(namespace: Mapping[str, Any], forward: list[Statement], values: set[str]) -> str:
    """The single number that the values lead to: the last one, by preference one that is called so."""
    reached = set(values)
    numbers = []
    for s in forward:
        if s.reads_now & reached or s.binds & values:
            reached |= s.binds
            numbers += [n for n in s.binds if is_real(namespace.get(n)) and np.size(local(namespace[n])) == 1]
    named = [n for n in numbers if n in LOSSES]
    return (named or numbers or [""])[-1]


def _after(forward: list[Statement], name: str, loss: str) -> list[Statement]:
    """The statements that lead from a value to the loss, in their order; [] where they do not."""
    last = max((k for k, s in enumerate(forward) if name in s.binds), default=-1)
    reached, chain = {name}, []
    for s in forward[last + 1 :]:
        if s.reads_now & reached:
            reached |= s.binds
            chain.append(s)
        if loss in s.binds:
            break
    return chain if loss in reached else []


def _again(
    namespace: Mapping[str, Any], name: str, rest: list[Statement], loss: str, place: str
) -> Callable[[Any], Any]:
    """The loss as a function of one value, by running what depends on it again."""
    code = compile(ast.Module([s.node for s in rest], []), place, "exec")

    def again(value: Any) -> Any:
        names = {**namespace, name: value}
        exec(code, names)
        result = names[loss]
        single = np.size(local(result)) == 1 if foreign(result) else shape(result) != () and np.prod(shape(result)) == 1
        return result.reshape(()) if single and hasattr(result, "reshape") else result

    again.__name__ = f"{loss}_of_{name}"
    return again


def _constant(slope: Any, largest: float) -> Callable[[Any], Any]:
    """Numbers that were computed once, from slopes of which the largest is known: what cancels leaves its rounding."""

    def claimed(_: Any) -> Any:
        return _plain(slope)

    claimed.of_one_point, claimed.summed_from = True, largest  # type: ignore[attr-defined]
    return claimed
