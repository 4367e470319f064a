"""Small constants that keep a logarithm or a quotient finite, as in log(p + 1e-7) and x / (std + 1e-8).

A gradient that leaves out what they do is as it is meant. How much they do differs: nothing for most predictions, much
for a probability that is as small. So they are left out for a while, of the function and of the gradient, and the claim
is held against that. What the gradient alone has stays: it is no constant of the function's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.diagnosis.diagnose import by_factors_alone
from chainrule.check.judges.said import functions, held_by, read_as
from chainrule.check.verdict import Conclusion, Reason, Verdict

SMALL = 1e-5  # the largest constant that is taken for one of these
LESS = 1e-3  # what is left of them where nothing has no value
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
    constants += [x for point in claim.noted if isinstance(point, tuple) for x in point if _is_small(x)]
    if not constants or "rtol" in settings:
        return report
    said = f"but for the {constants[0]:g} in the function"
    with by_factors_alone(), left_out(places, constants):
        without = judge(replace(claim, noted=tuple(map(_without_small, claim.noted))), settings)
    if without.verdict is Verdict.CORRECT:
        return read_as(without, said)
    with by_factors_alone():
        about = judge(claim, {**settings, "rtol": NEARLY})
    if about.verdict is not Verdict.WRONG:
        return read_as(about, said)
    if without.verdict is Verdict.UNDECIDED and without.reason in (Reason.NON_FINITE, Reason.OUT_OF_DOMAIN):
        with by_factors_alone(), left_out(places, constants, LESS):
            less = judge(claim, settings)
        if _same_truth(report, less):  # how small they are does not matter
            return report
        advice = f"give points at which the {constants[0]:g} in the function matters less: at=..."
        return report.concluded(Conclusion(Verdict.UNDECIDED, without.reason, advice=advice))
    return report


def _same_truth(report: Any, other: Any) -> bool:
    """Whether two reports know the same derivatives at the same points, to the digits that small constants may move."""
    both = [(a.reference, b.reference) for a, b in zip(report.points, other.points, strict=False)]
    known = [(a, b) for a, b in both if a is not None and b is not None and np.shape(a) == np.shape(b)]
    return bool(known) and all(np.max(np.abs(a - b)) <= NEARLY * np.max(np.abs(a)) for a, b in known)


def _without_small(point: Any) -> Any:
    """A point of the file's own calls without such constants among its arguments."""
    return tuple(0.0 if _is_small(x) else x for x in point) if isinstance(point, tuple) else point


def small_constants(claim: Claim) -> tuple[list[Place], list[float]]:
    """Where a claim's functions, and those that they call, hold a small constant of the function, and which there are:
    in their code, as settings, as attributes of their object, in their module by name."""
    thing, of_function = getattr(claim.function, "__self__", None), functions(claim.function)
    constants = list(dict.fromkeys(c for _, found in _held(of_function, thing) for c in found))
    both = [*of_function, *functions(claim.derivative)]
    return [
        place for place, found in _held(dict.fromkeys(both), thing) if not {*found}.isdisjoint(constants)
    ], constants


def _held(some: Iterable[Any], thing: Any) -> Iterator[tuple[Place, list[float]]]:
    """The places at which functions, and an object, hold small constants, and these."""
    for function in some:
        given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        found = [c for code in _nested(function.__code__) for c in (*code.co_consts, *given) if _is_small(c)]
        if found:
            yield (function, None, (function.__code__, function.__defaults__, function.__kwdefaults__)), found
        yield from _by_name(function.__globals__, function.__code__.co_names)
    for held in held_by(thing):
        table = getattr(held, "__dict__", {})
        yield from _by_name(table, list(table))


def _by_name(table: dict[str, Any], names: Iterable[str]) -> Iterator[tuple[Place, list[float]]]:
    for name in names:
        value: Any = table.get(name)
        if _is_small(value) and NAMED.fullmatch(name):
            yield (table, name, value), [value]


@contextmanager
def left_out(places: list[Place], constants: Iterable[float], left: float = 0.0) -> Iterator[None]:
    """The same functions and objects without these constants, for a while: 0 stands for 1e-7, 1 for 1 - 1e-7; or with
    the part of them that is `left`."""
    instead = {c: c * left for c in constants}
    instead |= {1 - c: 1 - c * left for c in instead}

    def replaced(constant: Any) -> Any:
        return instead.get(constant, constant) if isinstance(constant, float) else constant

    try:
        for where, name, kept in places:
            if name is not None:
                where[name] = kept * left
                continue
            where.__code__ = _without(kept[0], replaced)
            where.__defaults__ = None if kept[1] is None else tuple(map(replaced, kept[1]))
            where.__kwdefaults__ = None if kept[2] is None else {k: replaced(c) for k, c in kept[2].items()}
        yield
    finally:
        for where, name, kept in places:
            if name is not None:
                where[name] = kept
            else:
                where.__code__, where.__defaults__, where.__kwdefaults__ = kept


def _without(code: CodeType, replaced: Callable[[Any], Any]) -> CodeType:
    consts = tuple(_without(c, replaced) if isinstance(c, CodeType) else replaced(c) for c in code.co_consts)
    return code.replace(co_consts=consts)


def _is_small(constant: Any) -> bool:
    return isinstance(constant, float) and 0 < constant <= SMALL


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
