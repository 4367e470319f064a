"""`check`: hold a hand-written derivative against the function it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.check import points as where
from chainrule.check.claim import name_of
from chainrule.check.diagnose import diagnose
from chainrule.check.judge import judge
from chainrule.check.judgement import Judgement
from chainrule.check.report import GradientError, Report
from chainrule.check.subject import short
from chainrule.check.verdict import Reason, Verdict
from chainrule.errors import ArgumentError
from chainrule.transforms import hessian, jacobian

RTOL = 1e-8
SEED = 20260807
THOROUGH = 2  # points at which every witness is heard; at the others, until two families agree

# Of several reasons the one a user can act on best speaks for the check.
_RANK = list(Reason)


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
    a link of the chain is dropped: the derivative of x * x is missing
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
        return Report(
            name, Verdict.UNDECIDED, [], seed, Reason.NO_POINTS, advice="give a point: check(f, df, at=...)"
        )
    claim = df if df is not None else _own_derivative(f, kind, argnums, places[0])
    judged = []
    for k, args in enumerate(places):
        thorough = k < THOROUGH
        judged.append(
            judge(
                f, claim, args, kind=kind, rtol=RTOL if rtol is None else rtol, seed=seed + k, names=names,
                argnums=argnums, thorough=thorough, kink=kink,
            )  # fmt: skip
        )
    return _conclude(f, claim, name, judged, seed, kind, given=at is not None)


def _places(f: Any, df: Any, at: Any, box: Any, seed: int, kind: str, names: Any, argnums: Any) -> list[tuple[Any, ...]]:
    if at is not None:
        return where.given(at, f)
    if box is not None:
        return where.in_box(f, box, seed, names, argnums)
    return where.drawn(f, df, seed, kind, names, argnums)


def _own_derivative(f: Any, kind: str, argnums: Any, args: tuple[Any, ...]) -> Callable[..., Any]:
    from chainrule.check.subject import Subject

    wanted = tuple(Subject(f, args, None, argnums).argnums)
    if kind not in ("gradient", "jacobian", "hessian"):
        raise ArgumentError(f"check(f) without a derivative checks gradients, Jacobians and Hessians, not kind={kind!r}")
    transform = hessian if kind == "hessian" else jacobian
    return transform(f, wanted[0] if len(wanted) == 1 else wanted)


def _conclude(
    f: Any, df: Any, name: str, judged: list[Judgement], seed: int, kind: str, *, given: bool
) -> Report:
    """One verdict from the judgements at all points."""
    replay = _replay(f, df, judged, seed, kind)
    if any(j.wrong for j in judged):
        report = Report(name, Verdict.WRONG, judged, seed, replay=replay)
        report.causes = diagnose(f, df, report, kind)
        return report
    if any(j.right for j in judged) and not _must_stay_open(judged, given):
        return Report(name, Verdict.CORRECT, judged, seed, replay=replay)
    reasons = [j.undecided for j in judged if j.undecided is not None]
    if not reasons and _is_constant(judged):
        return Report(name, Verdict.CORRECT, judged, seed, replay=replay)
    reason = min(reasons, key=_RANK.index) if reasons else Reason.FLAT
    return Report(name, Verdict.UNDECIDED, judged, seed, reason, advice=_advice(f, judged, reason, seed), replay=replay)


def _must_stay_open(judged: list[Judgement], given: bool) -> bool:
    """A point the user named and that could not be decided, unless it is merely flat, keeps the verdict open."""
    return any(j.undecided in (Reason.RANDOM, Reason.DISAGREEMENT, Reason.TOO_FEW_DIGITS) for j in judged) or (
        given and sum(j.undecided is not None for j in judged) * 2 > len(judged)
    )


def _is_constant(judged: list[Judgement]) -> bool:
    """Whether f does not depend on its arguments at all: then a derivative of 0 is the whole truth."""
    from chainrule.check.by_rules import run

    for j in judged:
        try:
            recording = run(j.subject)
        except Exception:  # not traceable: nothing is known
            return False
        if any(recording.mine(y) for y in recording.results):
            return False
    return bool(judged)


def _advice(f: Any, judged: list[Judgement], reason: Reason, seed: int) -> str:
    if reason is Reason.FLAT:
        subject = judged[0].subject
        found = where.alive_nearby(f, judged[0].subject.args, seed, subject.names, subject.argnums)
        if found is None:
            return "look where the function moves: at=..., none was found near the points tried"
        shown = ", ".join(f"{n} = {short(x)}" for n, x in zip(subject.names, found, strict=True))
        return f"look where the function moves, for example at {shown}"
    return {
        Reason.KINK: "move the point, or accept any slope between left and right: kink='subgradient'",
        Reason.RANDOM: "fix the random numbers inside the function",
        Reason.NOISY: "evaluate the function in higher precision",
        Reason.OUT_OF_DOMAIN: "give points at which the function is defined: at=...",
        Reason.NON_FINITE: "give points at which the function is finite: at=...",
        Reason.DISAGREEMENT: "see who disagrees: chainrule.compare(f, at)",
        Reason.TOO_FEW_DIGITS: "try points at which less cancels, or write the function to lose fewer digits",
    }.get(reason, "")


def _replay(f: Any, df: Any, judged: list[Judgement], seed: int, kind: str) -> str:
    worst = next((j for j in judged if j.wrong), None) or next((j for j in judged if j.undecided), judged[0])
    args = worst.subject.args
    shown = _pasteable(args[0] if len(args) == 1 and not isinstance(args[0], (tuple, list)) else args)
    extra = "" if kind == "gradient" else f", kind={kind!r}"
    return f"chainrule.check({name_of(f)}, {name_of(df)}, at={shown}{extra}, seed={seed})"


def _pasteable(x: Any) -> str:
    import numpy as np

    if isinstance(x, np.ndarray):
        return f"np.array({x.tolist()!r})" if x.size <= 12 else f"<array of shape {x.shape}>"
    if isinstance(x, tuple):
        return "(" + ", ".join(map(_pasteable, x)) + ("," if len(x) == 1 else "") + ")"
    return repr(x)


def assert_gradient(f: Callable[..., Any], df: Callable[..., Any], at: Any = None, **settings: Any) -> None:
    """Raise GradientError, an AssertionError with the whole report, unless `check` says CORRECT.

    Takes what `check` takes.

    >>> assert_gradient(lambda x: x**3, lambda x: 3 * x**2, at=[1.0, -2.0])
    """
    report = check(f, df, at, **settings)
    if report.verdict is not Verdict.CORRECT:
        raise GradientError(report)


__all__ = ["assert_gradient", "check"]
