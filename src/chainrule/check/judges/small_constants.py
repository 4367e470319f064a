"""Small constants that keep a logarithm or a quotient finite, as in log(p + 1e-7) and x / (std + 1e-8).

A gradient that leaves out what they do is as it is meant. How much they do differs: nothing for most predictions, much
for a probability that is as small. So they are left out for a while, of the function and of the gradient, and the claim
is held against that. A constant that the gradient alone has is a mistake of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import CodeType
from typing import Any

from chainrule.check.claims.claim import Claim
from chainrule.check.judges.said import functions, held_by, read_as
from chainrule.check.verdict import Conclusion, Reason, Verdict

SMALL = 1e-5  # the largest constant that is taken for one of these
NEARLY = 1e-4  # how much they may matter where nothing is left out
NAMED = re.compile(r"(\w*_)?(eps(ilon)?|tiny|small|delta|smooth(ing)?)\d*(_\w*)?", re.IGNORECASE)

Place = tuple[Any, Any, Any]
"""A function (and None), or a dict and its key; and what stands there."""


def but_for_small_constants(
    claim: Claim, report: Any, judge: Callable[[Claim, Mapping[str, Any]], Any], settings: Mapping[str, Any]
) -> Any:
    """A report that says WRONG, or the one that `judge` gives with other settings, or without small constants, if the
    claim is right then. Where it has no value without them they decide what it is, and nothing is said."""
    places, constants = small_constants(claim)
    of_gradient = set(constants) - set(small_constants(replace(claim, derivative=claim.function))[1])
    if of_gradient:
        return report
    constants += [x for point in claim.noted if isinstance(point, tuple) for x in point if _is_small(x)]
    if not constants or "rtol" in settings:
        return report
    said = f"but for the {constants[0]:g} in the function"
    with left_out(places):
        without = judge(replace(claim, noted=tuple(map(_without_small, claim.noted))), settings)
    if without.verdict is Verdict.CORRECT:
        return read_as(without, said)
    about = judge(claim, {**settings, "rtol": NEARLY})
    if about.verdict is not Verdict.WRONG:
        return read_as(about, said)
    if without.verdict is Verdict.UNDECIDED and without.reason in (Reason.NON_FINITE, Reason.OUT_OF_DOMAIN):
        advice = f"give points at which the {constants[0]:g} in the function matters less: at=..."
        return report.concluded(Conclusion(Verdict.UNDECIDED, without.reason, advice=advice))
    return report


def _without_small(point: Any) -> Any:
    """A point of the file's own calls without such constants among its arguments."""
    return tuple(0.0 if _is_small(x) else x for x in point) if isinstance(point, tuple) else point


def small_constants(claim: Claim) -> tuple[list[Place], list[float]]:
    """Where a claim's functions, and those that they call, have such constants, and which: in their code, as settings,
    as attributes of their object, in their module by name."""
    places: list[Place] = []
    constants: list[float] = []
    for function in dict.fromkeys([*functions(claim.function), *functions(claim.derivative)]):
        found = [c for code in _nested(function.__code__) for c in code.co_consts if _is_small(c)]
        given = [c for c in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()) if _is_small(c)]
        if found or given:
            places.append((function, None, (function.__code__, function.__defaults__, function.__kwdefaults__)))
            constants += found + given
        for name in function.__code__.co_names:
            _look_up(function.__globals__, name, places, constants)
    for thing in held_by(getattr(claim.function, "__self__", None)):
        for name in list(vars(thing)):
            _look_up(vars(thing), name, places, constants)
    return places, constants


def _look_up(table: dict[str, Any], name: str, places: list[Place], constants: list[float]) -> None:
    value: Any = table.get(name)
    if _is_small(value) and NAMED.fullmatch(name):
        places.append((table, name, value))
        constants.append(value)


@contextmanager
def left_out(places: list[Place]) -> Iterator[None]:
    """The same functions and objects without these constants, for a while: 0 stands for 1e-7, 1 for 1 - 1e-7."""
    try:
        for where, name, kept in places:
            if name is not None:
                where[name] = 0.0
                continue
            where.__code__ = _without(kept[0])
            where.__defaults__ = None if kept[1] is None else tuple(map(_replaced, kept[1]))
            where.__kwdefaults__ = None if kept[2] is None else {k: _replaced(c) for k, c in kept[2].items()}
        yield
    finally:
        for where, name, kept in places:
            if name is not None:
                where[name] = kept
            else:
                where.__code__, where.__defaults__, where.__kwdefaults__ = kept


def _without(code: CodeType) -> CodeType:
    consts = tuple(_without(c) if isinstance(c, CodeType) else _replaced(c) for c in code.co_consts)
    return code.replace(co_consts=consts)


def _replaced(constant: Any) -> Any:
    if _is_small(constant):
        return 0.0
    return 1.0 if isinstance(constant, float) and 0 < 1 - constant <= SMALL else constant


def _is_small(constant: Any) -> bool:
    return isinstance(constant, float) and 0 < constant <= SMALL


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


__all__ = ["but_for_small_constants", "left_out", "small_constants"]
