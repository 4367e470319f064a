"""The ways to call a claim that is not called as its function is: in another order, with a gradient from above, or
with the function's value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from chainrule import trees
from chainrule.check.claims.claim import name_of
from chainrule.check.subject import quiet
from chainrule.patterns import pattern
from chainrule.signatures import accepts, needed, parameters

UPSTREAM = pattern(
    r"d_?(out|y|a|h|z|l|s|v|output|prev|next|score|scores|out_?\w*)\d?|dA\w*|grad(s|ient)?(_?(out(put)?|in|y|z|above|next))?"
    r"|(out|output|upstream|top|incoming)_?(grad(ient)?|diff)?|delta\w*|g|ct|cotangent|error|err|accum_grad|adjoint|v_?bar",
    re.IGNORECASE,
)


class Caller(NamedTuple):
    """How a claim is called: `call(*args)` or, of the kind vjp, `call(*args, cotangent)`."""

    call: Callable[..., Any]
    kind: str = ""
    says: str = ""


def all_needed(function: Callable[..., Any]) -> list[str] | None:
    """The names of the arguments a call needs; None where that is not known (written in C, *args)."""
    found = parameters(function)
    return None if found is None or any(p.kind is p.VAR_POSITIONAL for p in found) else needed(function)


def callers(f: Callable[..., Any], df: Callable[..., Any], count: int, names: list[str]) -> Iterator[Caller]:
    """The ways to call `df` at `count` arguments of `f`, as it is documented first."""
    if accepts(df, count):
        yield Caller(df)
    wanted = all_needed(df) or []
    if wanted and set(wanted) < set(names):
        order = [names.index(name) for name in wanted]
        yield Caller(lambda *a: df(*(a[k] for k in order)), says=f"called with {', '.join(wanted)} alone")
    if name_of(df).rpartition("_")[2] == "score" and accepts(df, count):
        says = "the score, which is the gradient of the log-likelihood, minus this function"
        yield Caller(lambda *a: trees.map(lambda x: -x, df(*a)), says=says)
    for place in _upstream(wanted, names, count):
        where = "first" if place == 0 else "last"

        def pulled(*a: Any, place: int = place) -> Any:
            return df(*a[:-1][:place], a[-1], *a[:-1][place:])

        yield Caller(pulled, "vjp", f"a backward pass that takes the gradient from above {where}")
    for shown, given in (("1", (1,)), ("f", (f,)), ("", ())):
        maker = made_by(df, given)
        if maker is not None:
            yield Caller(maker, says=f"a function that makes the derivative: df({shown})")
    if count == 1 and accepts(df, 1):
        yield Caller(lambda x: df(f(x)), says="the derivative written in the output: df(f(x))")
    if count == 1:
        for place in _upstream(wanted, names, count):

            def by_value(x: Any, ct: Any, place: int = place) -> Any:
                return df(ct, f(x)) if place == 0 else df(f(x), ct)

            yield Caller(by_value, "vjp", "a backward pass that takes the gradient from above and the output")


def made_by(df: Callable[..., Any], given: tuple[Any, ...]) -> Callable[..., Any] | None:
    """The function that df(*given) returns; None where it returns something else."""
    if not accepts(df, len(given)):
        return None
    try:
        with quiet():
            found = df(*given)
    except Exception:  # no maker
        return None
    return found if callable(found) and not hasattr(found, "shape") else None


def takes_upstream(df: Callable[..., Any], names: list[str]) -> bool:
    """Whether a claim has one argument more than its function, called like a gradient from above."""
    wanted = all_needed(df) or []
    count = len(names)
    return len(wanted) == count + 1 and any(
        UPSTREAM.fullmatch(wanted[k]) and wanted[k] not in names for k in (0, count)
    )


def _upstream(wanted: list[str], names: list[str], count: int) -> list[int]:
    """Where among the arguments of a claim the gradient from above may stand."""
    if len(wanted) != count + 1:
        return []
    named = [k for k in (0, count) if UPSTREAM.fullmatch(wanted[k]) and wanted[k] not in names]
    return named or [k for k in (count, 0) if wanted[k] not in names]
