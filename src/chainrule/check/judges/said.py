"""What a report says of a claim that is meant a little otherwise, and the code that a claim's function runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import CodeType, FunctionType
from typing import Any

from chainrule.check.claims.claim import Claim, innermost
from chainrule.check.verdict import Verdict

SMALL = 1e-5  # the largest constant of a function that is taken for an epsilon
NEARLY = 1e-4  # how much it may matter


def but_for_epsilon(claim: Claim, report: Any, call: Callable[..., Any], settings: Mapping[str, Any]) -> Any:
    """A gradient that leaves out what a small constant does that keeps a logarithm or a quotient finite, as in
    log(p + 1e-7), is as it is meant: right to a few digits, and said so."""
    small = [c for code in codes(claim.function) for c in code.co_consts if isinstance(c, float) and 0 < c <= SMALL]
    if report.verdict is not Verdict.WRONG or not small or "rtol" in settings:
        return report
    about = call(rtol=NEARLY)
    if about.verdict is Verdict.WRONG:
        return report
    return read_as(about, f"but for the {small[0]:g} in the function")


def read_as(report: Any, words: str) -> Any:
    """A report whose claim was read in a way to be told."""
    return replace(report, reading="; ".join(filter(None, [report.reading, words])))


def codes(function: Any, depth: int = 4) -> list[CodeType]:
    """The code of a function, of those it calls by name, and of the methods of its object."""
    f = innermost(function)
    found: dict[CodeType, None] = {}
    globals_ = getattr(f, "__globals__", {})
    thing = getattr(function, "__self__", None)
    owners = [type(x) for x in (thing, *_inside(thing))]
    waiting = [(c, depth) for c in [getattr(getattr(f, "__func__", f), "__code__", None)] if isinstance(c, CodeType)]
    while waiting:
        code, left = waiting.pop()
        if code in found:
            continue
        found[code] = None
        waiting += [(c, left) for c in code.co_consts if isinstance(c, CodeType)]
        for name in code.co_names if left else ():
            for called in map(innermost, (globals_.get(name), *(getattr(owner, name, None) for owner in owners))):
                if isinstance(called, FunctionType):
                    waiting.append((called.__code__, left - 1))
                    globals_ = {**called.__globals__, **globals_}
    return list(found)


def _inside(thing: Any) -> list[Any]:
    """The objects that an object holds, also in lists and dicts: the layers of a net."""
    held = list(getattr(thing, "__dict__", {}).values())
    held += [x for part in held if isinstance(part, dict) for x in part.values()]
    held += [x for part in held if isinstance(part, list) for x in part]
    return list({type(x): x for x in held if hasattr(x, "__dict__") and not isinstance(x, type)}.values())


def of_form(report: Any) -> bool:
    """Whether a report blames the form of a claim, which at drawn points says little."""
    return bool(getattr(report, "form", "")) or any(j.fault for j in report.points)


__all__ = ["but_for_epsilon", "codes", "of_form", "read_as"]
