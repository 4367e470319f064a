"""Complex functions and claims, checked as functions of real and imaginary parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from chainrule import trees
from chainrule.check import points as where
from chainrule.check.asked import Asked, look_over
from chainrule.check.complexes import conventions
from chainrule.check.complexes.in_parts import InParts
from chainrule.check.complexes.parts import any_in, apart, is_one
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.reports.replay import replay
from chainrule.check.reports.report import Report
from chainrule.check.subject import quiet
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError
from chainrule.numeric.sampling import above_0
from chainrule.transforms.jacobians.jacobian import jacobian

Checked = Callable[[Any, Any, Any, Asked], Report]  # (f, df, at, settings): the check of real numbers
DRAWN = 8  # points in a box of complex numbers


def gives_complex_numbers(f: Callable[..., Any], at: Any) -> bool:
    """Whether f gives complex numbers for real ones: asked where a check found no real value of it."""
    count = where.arity(f)
    drawn = [(1.5,) * count, (np.array([1.5, 0.5, 2.5]),) * count]
    places = drawn if at is None else where.given(at, f)
    for place in places:
        try:
            with quiet():
                if any_in(f(*place)) and any_in(f(*map(above_0, place))):
                    return True
        except Exception:  # not defined there
            continue
    return False


def checked(f: Any, df: Any, at: Any, asked: Asked, check: Checked) -> Report:
    """The report on a complex claim."""
    places = _places(f, at, asked)
    with quiet():
        parts = InParts(f, asked.kind, _like(f, places), asked.by, pair=df in (None, f))
    if df is None and asked.kind in ("gradient", "jacobian") and not parts.pair:
        df = _own_derivative(f, parts, asked)
    names = asked.names or trees.argument_names(f, parts.count)
    inner = dataclasses.replace(asked, names=names, box=None if any_in(asked.box) else asked.box)
    inside = None if places is None else [apart(place) for place in places]
    function = parts.function()

    def judged(claim: Any) -> Report:
        return check(function, None if claim is None else parts.claim(claim), inside, inner)

    report = judged(df)
    if report.verdict is Verdict.WRONG and df is not None and report.points:
        causes = conventions.explained(parts, df, report, list(names), judged)
        if causes:
            report = dataclasses.replace(report, causes=causes)
    return dataclasses.replace(report, replay=replay(f, df, report.points, asked.given(), asked.start, at))


def _like(f: Any, places: list[Any] | None) -> tuple[Any, ...]:
    return places[0] if places else (1.5,) * where.arity(f)


def _own_derivative(f: Any, parts: InParts, asked: Asked) -> Any:
    wanted = parts.positions
    holomorphic = parts.folded and all(parts.complex)
    if parts.folded and any(parts.complex) and not holomorphic:
        raise ArgumentError(
            "check: a complex function of real and of complex arguments has no single derivative; name one kind of "
            "them with argnums="
        )
    return jacobian(f, wanted[0] if len(wanted) == 1 else wanted, holomorphic=holomorphic)


def _places(f: Any, at: Any, asked: Asked) -> list[tuple[Any, ...]] | None:
    """The points that were given, or drawn in a complex box; None where real ones are to be drawn."""
    if at is not None:
        places = where.given(at, f)
        look_over(f, at, places, asked.names)
        return [tuple(_as_array(a) for a in place) for place in places]
    if not any_in(asked.box):
        return None
    random = RandomNumbers(asked.start)
    low, high = (side if isinstance(side, tuple) else (side,) for side in asked.box)
    found = []
    for _ in range(DRAWN):
        ends = zip(low, high, strict=True)
        found.append(tuple(_between(random, np.asarray(a), np.asarray(b)) for a, b in ends))
    return found


def _between(random: Any, low: Any, high: Any) -> Any:
    x = random.uniform(low.real, high.real)
    if is_one(low) or is_one(high):
        x = x + 1j * random.uniform(low.imag, high.imag)
    return x.item() if np.ndim(x) == 0 and hasattr(x, "item") else x


def _as_array(arg: Any) -> Any:
    """Scalars of NumPy as Python's complex numbers; all else as it is."""
    return optree.tree_map(lambda x: x.item() if isinstance(x, np.complexfloating) else x, arg)
