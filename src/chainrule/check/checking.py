"""`check`: hold a hand-written derivative against the function it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.check import points as where
from chainrule.check.claims.claim import name_of
from chainrule.check.conclusion import conclude
from chainrule.check.expected import Call
from chainrule.check.judging.judge import judge
from chainrule.check.judging.judgement import Judgement
from chainrule.check.reports.replay import replay
from chainrule.check.reports.report import GradientError, Report
from chainrule.check.subject import Subject
from chainrule.check.verdict import Reason, Verdict
from chainrule.check.witness.witnesses import ask
from chainrule.errors import ArgumentError
from chainrule.transforms import hessian, jacobian

RTOL = 1e-8
SEED = 20260807
THOROUGH = 1  # points at which every witness is heard; at the others, until two families agree


def check(
    f: Callable[..., Any],
    df: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    rtol: float | None = None,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    argnums: int | Sequence[int] | None = None,
    kind: str = "gradient",
    kink: str = "avoid",
    box: Any = None,
) -> Report:
    """Is `df` the derivative of `f`?

    at       one point (a number, an array, a tuple of arguments) or a list of points; left out, points are drawn
             over several scales, where f is defined and not flat
    rtol     the relative size of a mistake that must be seen (default 1e-8, wider for float32)
    seed     of the drawn points and directions; the report names it
    names    names of the arguments, for the report
    argnums  the arguments that df is the derivative by; default: all that hold real numbers
    kind     "gradient" (also of array functions), "jacobian", "value_and_grad", "vjp", "jvp", "hessian", "hvp":
             how df is called and what it returns
    kink     "subgradient" accepts at a kink any value between the slopes from the left and from the right;
             "avoid" calls a check that rests on such a point UNDECIDED
    box      (low, high): draw the points between these, each a number, an array or a tuple of them

    Without `df` Chainrule's own derivative of f is checked. Raises ArgumentError for arguments that make no sense;
    what f or df raise for other reasons than arithmetic passes through.

    >>> import math
    >>> print(check(lambda x: math.sin(x * x), lambda x: math.cos(x * x), at=[0.5, 1.0, 2.0]).causes[0])
    a link of the chain is dropped: the derivative of x * x is missing (...)
    >>> check(math.exp, math.exp).verdict.value
    'CORRECT'
    """
    if not callable(f):
        raise ArgumentError(f"check expects a function and its derivative: check(f, df, at); got {type(f).__name__}")
    if df is not None and not callable(df):
        raise ArgumentError(f"check expects the derivative as a function: check(f, df, at); got {type(df).__name__}")
    if kink not in ("avoid", "subgradient"):
        raise ArgumentError(f"check: expected kink='avoid' or 'subgradient', got {kink!r}")
    seed = SEED if seed is None else seed
    argnums = (argnums,) if isinstance(argnums, int) else argnums
    places = _places(f, df, at, box, seed, kind, names, argnums)
    name = name_of(df if df is not None else f)
    if not places:
        return Report(name, Verdict.UNDECIDED, [], seed, Reason.NO_POINTS, advice="give a point: check(f, df, at=...)")
    claim = df if df is not None else _own_derivative(f, kind, argnums, places[0])

    def judge_at(point: tuple[Any, ...], k: int = 0) -> Judgement:
        return judge(
            f, claim, point, kind=kind, rtol=RTOL if rtol is None else rtol, seed=seed + k, names=names,
            argnums=argnums, thorough=k < THOROUGH, kink=kink,
        )  # fmt: skip

    chosen, spare = (places, []) if at is not None else (places[: where.WANTED], places[where.WANTED :])
    judged = [judge_at(point, k) for k, point in enumerate(chosen)]
    if spare and kind in ("gradient", "jacobian") and not any(j.wrong for j in judged):
        judged += [judge_at(point, len(chosen)) for point in suspects(f, claim, spare, kind, names, argnums)]
    settings = {"kind": kind} if kind != "gradient" else {}
    report = Report(name, Verdict.UNDECIDED, judged, seed, replay=replay(f, df, judged, {**settings, "seed": seed}))
    report = conclude(f, claim, report, kind, given=at is not None, own=df is None, judge_at=judge_at)
    if argnums is None and all(j.fault.startswith("got one array") for j in report.points):
        first = check(f, df, places, rtol=rtol, seed=seed, names=names, argnums=0, kind=kind, kink=kink)
        return _by_the_first(first) or report
    return report


def _by_the_first(found: Report) -> Report | None:
    """One array for several arguments may well be meant as the derivative by the first alone: whether it is that."""
    if found.verdict is not Verdict.CORRECT:
        return None
    by = found.points[0].subject.names[0]
    found.points[0].notes.append(f"the claim is the derivative by {by} alone; argnums=0 says so")
    return found


def suspects(
    f: Any, claim: Any, spare: list[tuple[Any, ...]], kind: str, names: Any, argnums: Any
) -> list[tuple[Any, ...]]:
    """Of many more points those where claim and rules differ at a glance: they are worth a full judgement."""
    found: list[tuple[Any, ...]] = []
    for args in spare:
        try:
            subject = Subject(f, args, names, argnums)
            truth = ask("reverse AD", subject).value
            if truth is None:
                return []
            call = Call(claim, kind, subject, subject.call(), 0)
            values = call.read(call.raw()).values
            if values is None or not np.allclose(values, truth.ravel(), rtol=1e-6, atol=1e-9 * np.max(np.abs(truth))):
                found.append(args)
        except Exception:  # undefined here
            continue
        if len(found) == 3:
            break
    return found


def _places(
    f: Any, df: Any, at: Any, box: Any, seed: int, kind: str, names: Any, argnums: Any
) -> list[tuple[Any, ...]]:
    if at is not None:
        return where.given(at, f)
    if box is not None:
        return where.in_box(f, box, seed, names, argnums)
    return where.drawn(f, df, seed, kind, names, argnums)


def _own_derivative(f: Any, kind: str, argnums: Any, args: tuple[Any, ...]) -> Callable[..., Any]:
    wanted = tuple(Subject(f, args, None, argnums).argnums)
    if kind not in ("gradient", "jacobian", "hessian"):
        raise ArgumentError(
            f"check(f) without a derivative checks gradients, Jacobians and Hessians, not kind={kind!r}"
        )
    transform = hessian if kind == "hessian" else jacobian
    return transform(f, wanted[0] if len(wanted) == 1 else wanted)


def assert_gradient(f: Callable[..., Any], df: Callable[..., Any], at: Any = None, **settings: Any) -> None:
    """Raise GradientError, an AssertionError with the whole report, unless `check` says CORRECT.

    Takes what `check` takes.

    >>> assert_gradient(lambda x: x**3, lambda x: 3 * x**2, at=[1.0, -2.0])
    """
    report = check(f, df, at, **settings)
    if report.verdict is not Verdict.CORRECT:
        raise GradientError(report)


__all__ = ["assert_gradient", "check"]
