"""Claims that `check` judges: at their own points, at those of the file's calls, at drawn ones."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check import points as where
from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.pairs import names_of
from chainrule.check.judges.said import codes, of_form, read_as, read_by
from chainrule.check.verdict import Conclusion, Reason, Verdict

Check = Callable[..., Any]

PLAIN: dict[str, dict[str, Any]] = {"gradient": {}, "slope": {}, "inline": {}}
LOOK = 5.0  # seconds for drawn points where the file's own have decided


def by_check(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """By `check`. Points that the file itself uses come first; drawn ones look at what these cannot decide or show."""
    if claim.kind in ("gradient", "value_and_grad") and _of_one_object(claim):
        from chainrule.check.judges.nets import by_parameters

        if (report := by_parameters(claim, at, settings)) is not None:
            return report
        from chainrule.check.judges.returned import by_attributes

        if (report := by_attributes(claim, at, settings)) is not None:
            return report
    kind = PLAIN.get(claim.kind, {"kind": claim.kind})
    more = max(where.arity(claim.function), where.arity(claim.derivative)) > 1
    if more:  # labels beside predictions, settings
        from chainrule.check.judges.losses import filled, with_labels

        claim = filled(claim)
    call = functools.partial(check, claim.function, claim.derivative, **{**kind, **claim.settings, **settings})
    at = claim.at if claim.at is not None else at
    if at is not None:
        return call(at=at)
    if not claim.noted:
        drawn = functools.partial(_at_drawn, claim, call)
        return with_labels(claim, drawn, call) if more else drawn()
    try:
        report = call(at=list(claim.noted))
    except Exception:  # the derivative takes other arguments than those of this call
        return call(at=None)
    if report.verdict is Verdict.CORRECT:
        report = _beside_zeros(claim, report, call)
    if report.verdict is Verdict.WRONG:
        return _by_its_object(claim, _told_elsewhere(report, call))
    try:
        drawn = _clipped(claim, call(at=None, budget=LOOK), call)
    except Exception:  # it takes nothing that can be drawn
        return report
    decided = report.verdict is Verdict.CORRECT
    worse = drawn.verdict is Verdict.WRONG and not of_form(drawn) and _alike(drawn, claim.noted)
    if decided:  # a claim that overflows far from the file's points is none of its mistakes
        worse = worse and _by_numbers(drawn) and drawn.reading == report.reading and _wrong_elsewhere(report, call)
    return drawn if worse or (not decided and drawn.verdict is Verdict.CORRECT) else report


def _by_numbers(report: Any) -> bool:
    """Whether a claim is wrong at a point at which it gives numbers."""
    claimed = [j.claimed.values for j in report.points if j.wrong and j.claimed is not None]
    return any(v is not None and np.all(np.isfinite(v)) for v in claimed)


def _beside_zeros(claim: Claim, report: Any, call: Callable[..., Any]) -> Any:
    """The report that is right where a file starts from zeros, or one that is wrong beside them: a term with a factor 0
    can be anything."""
    from chainrule.check.judges.named import is_label

    names = names_of(claim.function)
    for place in claim.noted:
        moved = tuple(x if is_label(n) else _off_zero(x) for n, x in zip(names, place, strict=False))
        if len(moved) != len(place) or all(a is b for a, b in zip(moved, place, strict=True)):
            continue
        try:
            beside = call(at=[moved])
        except Exception:  # it takes no other numbers
            return report
        same = beside.verdict is Verdict.WRONG and beside.reading == report.reading
        return beside if same and any(f.status == "wrong" for f in beside.findings) else report
    return report


def _off_zero(x: Any) -> Any:
    """Numbers near 0 in place of a float, or an array of them, that is 0 throughout; all others as they are."""
    if type(x) is float and x == 0.0:
        return 0.3
    if isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.size and not x.any():
        return np.asarray(np.random.default_rng(0).uniform(0.1, 0.5, x.shape), dtype=x.dtype)
    return x


def _wrong_elsewhere(report: Any, call: Callable[..., Any]) -> bool:
    """Whether a claim that is right at the file's points, by some of its arguments, is wrong at others with the rest as
    it is there: data may have to be of a kind that no drawn ones are, such as probabilities."""
    subject = report.points[0].subject
    if len(subject.argnums) == len(subject.args):
        return True
    try:
        return bool(call(at=_moved(subject, 2)).verdict is Verdict.WRONG)
    except Exception:  # it takes no others
        return False


def _told_elsewhere(report: Any, call: Callable[..., Any]) -> Any:
    """The report on what is wrong; where no cause is seen at the file's points, with that which is seen at others, as
    fewer numbers there are 0 or alike."""
    wrong = [j.subject for j in report.points if j.wrong]
    if report.causes or not wrong:
        return report
    try:
        there = call(at=[place for subject in wrong[-3:] for place in _moved(subject, 4 // len(wrong[-3:]) + 1)])
    except Exception:  # it takes no others
        return report
    same = there.verdict is Verdict.WRONG and there.reading == report.reading and not of_form(there)
    return replace(report, causes=there.causes) if same else report


def _moved(subject: Any, count: int) -> list[tuple[Any, ...]]:
    """Points with other numbers for what is differentiated by, and the same for the rest."""
    random = np.random.default_rng(1)
    moves = random.normal(size=(count, subject.n)) * (1 + np.abs(subject.x))
    return [subject.arguments(x) for x in subject.x + moves]


def _alike(report: Any, noted: tuple[Any, ...]) -> bool:
    """Whether the points of a report hold arrays of as many axes as those that the file uses: of a function of a table
    of points the values for a vector mean nothing."""
    axes = [{tuple(map(np.ndim, p)) for p in places} for places in ([j.subject.args for j in report.points], noted)]
    return not axes[0] or not axes[1] or bool(axes[0] & axes[1])


def _at_drawn(claim: Claim, call: Callable[..., Any]) -> Any:
    return _clipped(claim, call(at=None), call)


def _by_its_object(claim: Claim, report: Any) -> Any:
    """The report; where an answer has not the form of the arguments, a method may differentiate by arrays that its
    object holds."""
    if not of_form(report) or not _of_one_object(claim) or not read_by(claim.function):
        return report
    advice = "say what it differentiates by: check(f, df, at=...) of functions that take the weights"
    return report.concluded(Conclusion(Verdict.UNDECIDED, Reason.FORM, advice=advice))


def _of_one_object(claim: Claim) -> bool:
    """Whether function and derivative are methods of one object, which may hold what it is differentiated by."""
    thing = getattr(claim.function, "__self__", None)
    return thing is not None and getattr(claim.derivative, "__self__", None) is thing


def _clipped(claim: Claim, report: Any, call: Callable[..., Any]) -> Any:
    """The report on a claim about a function that clips its arguments, as losses clip probabilities: if it is right
    between 0 and 1, where they lie, drawn points beyond say nothing."""
    if report.verdict is not Verdict.WRONG or not any("clip" in code.co_names for code in codes(claim.function)):
        return report
    count = where.arity(claim.function)
    inside = call(at=None, box=((0.05,) * count, (0.95,) * count))
    if inside.verdict is Verdict.CORRECT:
        return read_as(inside, "for arguments between 0 and 1, beyond which it clips")
    return report
