"""Claims about losses: judged at predictions and labels, by the predictions or by the scores that they are made of."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import arrays_of
from chainrule.check.backward.left import gradient_left, output_left
from chainrule.check.claims.claim import Claim
from chainrule.check.judges.named import DATA, Identity, differentiated, is_label, labelled, links, speaks_of_labels
from chainrule.check.judges.said import codes, of_form, read_as
from chainrule.check.verdict import Conclusion, Reason, Verdict
from chainrule.signatures import needed

ACTIVATION = re.compile(r"(act|activation)(_?(fn|func|function))?", re.IGNORECASE)


def with_labels(claim: Claim, drawn: Callable[[], Any], call: functools.partial[Any]) -> Any:
    """The report at labels or at drawn points. Of a loss that is negative and lies opposite to its gradient it says
    that it is a log likelihood."""
    report = _not_by_labels(claim, _with_labels(claim, drawn, call), call)
    if not _of_the_sign(report):
        return report
    values = [j.subject.value for j in report.points if j.wrong]
    if not any(map(is_label, needed(claim.function))) or any(np.any(v > 0) for v in values):
        return report
    more = "; the function is negative, as a log likelihood is: a minus is missing in one of the two"
    return replace(report, causes=[report.causes[0] + more, *report.causes[1:]])


def _not_by_labels(claim: Claim, report: Any, call: functools.partial[Any]) -> Any:
    """The report; where a gradient is right by the labels alone, beside predictions, that by the predictions: a sign is
    wrong, and labels are not differentiated by."""
    names, by = needed(claim.function), differentiated(claim.function)
    read = getattr(report, "reading", "") or ""
    alone = any(f"the derivative by {n} alone" in read for n in names if is_label(n))
    if report.verdict is not Verdict.CORRECT or not alone or not by or "argnums" in claim.settings:
        return report
    if not speaks_of_labels(names):
        return report
    found = call(at=None, argnums=by)
    return found if found.verdict is Verdict.WRONG else report


def _with_labels(claim: Claim, drawn: Callable[[], Any], call: functools.partial[Any]) -> Any:
    """The report at labels where a function speaks of them and takes logarithms: a cross entropy and its gradient agree
    for rows with a one, and need not elsewhere. Else that at drawn points, or at labels where these decide nothing."""
    names = needed(claim.function)
    tells = speaks_of_labels(names) and any({"log", "exp", "log1p"} & set(c.co_names) for c in codes(claim.function))
    found = at_labels(claim, call) if tells else None
    if found is not None and found.verdict is not Verdict.UNDECIDED:
        return read_as(found, "for labels, as its arguments are called") if found.verdict is Verdict.CORRECT else found
    report, failure = None, None
    try:
        report = drawn()
    except Exception as error:  # whole numbers are needed, for one
        failure = error
    if not tells and any(map(is_label, names)) and (report is None or report.verdict is Verdict.UNDECIDED):
        found = at_labels(claim, call, far=True)
        if found is not None:
            return found
    if report is None:
        assert failure is not None
        raise failure
    if tells and report.verdict is Verdict.WRONG and of_form(report):
        advice = "give predictions and labels that it takes: check(f, df, at=...)"
        return report.concluded(Conclusion(Verdict.UNDECIDED, Reason.FORM, advice=advice))
    return report


def at_labels(claim: Claim, call: functools.partial[Any], *, far: bool = False) -> Any:
    """The report at the first predictions and labels where a claim is right, by the predictions or by the scores that
    they are made of, else where it has the form that is due; None where there are none.

    far   whether what is right there is looked at with predictions far from the labels too, beyond where a loss turns
          from squares to absolute values, or is cut off
    """
    first, failure = None, None
    names, by = needed(claim.function), differentiated(claim.function)
    # Weights and data may predict several columns, whose mean is taken or their sum: with one that is the same.
    has_columns = len(names) > 2 and any(map(DATA.fullmatch, names))
    which = by[0] if len(by) == 1 else None
    ours = call if "argnums" in claim.settings or not by else functools.partial(call, argnums=by)
    for place in labelled(claim.function):
        ways: list[Callable[..., Any]] = [ours, *_through_links(which, place, ours)]
        ways += [call] if ours is not call else []
        for asked in ways:
            try:
                found = asked(at=place)
            except Exception as error:  # the derivative takes none of these
                failure = failure or error
                continue
            if found.verdict is Verdict.CORRECT and asked is ours:
                found = _farther(found, place, by, ours, FAR if far else APART)
                if found.verdict is Verdict.WRONG:
                    return found
            if found.verdict is Verdict.CORRECT:  # of one example a sum and a mean are the same
                return first if first is not None and _of_a_factor(first) and _is_thin(place) else found
            if found.verdict is Verdict.WRONG and of_form(found):
                continue
            if first is None or (_of_a_factor(found) and not _of_a_factor(first)):
                first = found
        told = first is not None and (_of_the_sign(first) or (_of_a_factor(first) and not has_columns))
        if told and not _is_thin(place):
            break  # elsewhere it would be the same
    if first is None and isinstance(failure, (NameError, ImportError)):
        raise failure
    return first


# How predictions are moved: far to both sides of 0, first one too large and then one too small; apart from where they
# add up to 1 in each row, as those of labels do, so that all differences cancel.
FAR, APART = ((9.0, -4.0), (-9.0, 4.0)), ((0.7, 0.1), (0.5, 0.3))


def _farther(
    report: Any, place: tuple[Any, ...], by: tuple[int, ...], call: functools.partial[Any], moves: Any = FAR
) -> Any:
    """The report, or that at predictions that are moved, where a claim is wrong there."""
    if not by:
        return report
    try:
        there = call(at=[tuple(m * a + c if k in by else a for k, a in enumerate(place)) for m, c in moves])
    except Exception:  # it takes none so far
        return report
    return there if there.verdict is Verdict.WRONG and not of_form(there) else report


def _of_a_factor(report: Any) -> bool:
    """Whether a report blames nothing but a constant factor, as that between a sum and a mean."""
    return report.verdict is Verdict.WRONG and bool(report.causes) and "a constant factor" in report.causes[0]


def _of_the_sign(report: Any) -> bool:
    return report.verdict is Verdict.WRONG and bool(report.causes) and "the sign is wrong" in report.causes[0]


def _is_thin(place: tuple[Any, ...]) -> bool:
    """Whether every table of a place has a single row or column."""
    return all(min(np.shape(a)) == 1 for a in place if np.ndim(a) == 2)


def _through_links(
    which: int | None, place: tuple[Any, ...], call: functools.partial[Any]
) -> Iterator[Callable[..., Any]]:
    """The check of a gradient by the scores that softmax or a sigmoid turns into the predictions at `place`."""
    if which is None or not isinstance(place[which], np.ndarray) or np.min(place[which]) <= 0:
        return
    f, df = call.args
    for name, link, scores in links(place[which]):

        def linked(g: Any, link: Any = link) -> Any:
            return lambda *a: g(*a[:which], link(a[which]), *a[which + 1 :])

        def asked(at: Any, linked: Any = linked, name: str = name, scores: Any = scores, **settings: Any) -> Any:
            there = (*at[:which], scores, *at[which + 1 :])
            report = call.func(linked(f), linked(df), **{**call.keywords, **settings, "at": there})
            return read_as(report, f"the gradient by the scores that {name} makes the predictions of")

        yield asked


def filled(claim: Claim) -> Claim:
    """A claim whose derivative takes, beside the arguments of its function, an activation and what goes into it: the
    identity, at the predictions."""
    mine, more = needed(claim.function), needed(claim.derivative)
    extra = more[len(mine) :]
    activation = [n for n in extra if ACTIVATION.fullmatch(n)]
    by = differentiated(claim.function)
    if more[: len(mine)] != mine or not activation or len(extra) > 2 or len(by) != 1:
        return claim

    def derivative(*args: Any) -> Any:
        return claim.derivative(*args, *(Identity() if n in activation else args[by[0]] for n in extra))

    derivative.__name__ = claim.name
    return replace(claim, derivative=derivative)


def takes_labels(claim: Claim) -> bool:
    """Whether both passes of a layer take labels as their second argument: it is a loss whose backward pass is handed
    the values, and no gradient from above."""
    forward, backward = needed(claim.function), needed(claim.derivative)
    return len(forward) == len(backward) == 2 and is_label(forward[1]) and is_label(backward[1])


def of_values(claim: Claim) -> Claim:
    """Such a loss, the mean over its rows where it gives one for each, with the gradient by what went forward. Where it
    keeps an output of its own, as softmax and cross entropy in one do, backward is handed that."""
    owner: Any = claim.function.__self__  # type: ignore[attr-defined]
    forward, back = claim.function.__name__, claim.derivative.__name__

    def loss(values: Any, labels: Any) -> Any:
        return np.mean(getattr(copy.deepcopy(owner), forward)(values, labels))

    def gradient(values: Any, labels: Any) -> Any:
        thing = copy.deepcopy(owner)
        getattr(thing, forward)(values, labels)
        kept = output_left(thing)
        given = np.array(values if kept is None or np.shape(kept) != np.shape(values) else kept)
        found = getattr(thing, back)(given, labels)
        return found if found is not None else getattr(thing, gradient_left(arrays_of(thing)), None)

    gradient.__name__ = claim.name
    return replace(claim, function=loss, derivative=gradient, kind="gradient", settings={"argnums": 0})
