"""Which reading of a claim is judged: the only one that is right, or, where none is, the one that is nearest."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.diagnosis.diagnose import by_factors_alone
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.readings.callers import all_needed
from chainrule.check.readings.forms import readings, whole
from chainrule.check.readings.reading import Reading, distance
from chainrule.check.reports.report import Report
from chainrule.check.subject import Subject, flat, quiet
from chainrule.check.verdict import Conclusion, Reason, Verdict

NEAR = 1e-3  # relative: a reading further off at a point is not judged in full
MOST = 60  # readings that are looked at
Place = tuple[Any, ...]
Judge = Callable[..., Report]  # of a reading at places, by default with a search for more


def choose(
    plain: Reading, report: Report | None, places: list[Place], names: Any, judged: Judge, *, given: bool = False
) -> Report | None:
    """The report on the reading that a claim is judged by, when taken as documented (`report`) it is not right.

    given   whether the user chose the places: at drawn ones a form that does not fit says that they are of another kind

    None stands for no reading at all that `places` allow. `judged(reading, places)` makes a report.
    """
    places = sorted(places, key=lambda args: not _has_value(plain.f, args))  # where it has none nothing can be read
    far: list[tuple[float, Reading]] = []
    right: dict[Any, Report] = {}
    fits = report is not None and not malformed(report)
    for count, (reading, call, answer) in enumerate(readings(plain, places[0], names, fits=fits)):
        claimed = call.read(answer)
        gap = distance(call, claimed)
        far.append((gap, reading))
        if gap <= NEAR and claimed.values is not None and not chance(reading, places, names):
            with by_factors_alone():
                found = _safely(judged, reading, places)
            if found is not None and found.verdict is Verdict.CORRECT:
                key = reading.argnums, call.kind, np.round(claimed.values, 12).tobytes()
                right.setdefault(key, replace(found, reading=reading.says))
        if count == MOST:
            break
    if len(right) == 1:
        return next(iter(right.values()))
    if right:
        return _several(next(iter(right.values())) if report is None else report, right.values())
    if fits or not far:
        return report
    labels = trees.argument_names(plain.f, len(places[0]))
    spare = {k for k, name in enumerate(labels) if name not in (all_needed(plain.f) or labels)}
    nearest = min(far, key=lambda pair: (bool(pair[1].argnums) and spare >= set(pair[1].argnums or ()), pair[0]))[1]
    found = _safely(judged, nearest, places)
    if found is None:
        return report
    if report is None or found.verdict is not Verdict.WRONG or (given and _but_data(nearest, places[0], labels, spare)):
        return replace(found, reading=nearest.says)
    fault = next(j for j in report.points if j.fault or j.unread)
    causes = list(dict.fromkeys([fault.cause or fault.unread, *found.causes]))
    return replace(found, reading=nearest.says, form=fault.fault or fault.unread, causes=causes)


def _but_data(reading: Reading, args: Place, names: list[str], spare: set[int]) -> bool:
    """Whether a reading is by all arguments but labels with their data, whole numbers, and those that have a default:
    these are not differentiated by, and leaving them out is no mistake."""
    from chainrule.check.judges.named import DATA, is_label

    rest = set(range(len(args))) - set(reading.argnums or range(len(args)))
    told = {k for k in rest if is_label(names[k]) or whole(args[k])}
    data = {k for k in rest if DATA.fullmatch(names[k])} if told else set()
    return bool(rest) and rest <= told | data | spare


def _has_value(f: Callable[..., Any], args: Place) -> bool:
    try:
        with quiet():
            return bool(np.all(np.isfinite(flat(f(*copy.deepcopy(args))))))
    except Exception:  # it does not take these
        return False


def chance(reading: Reading, places: list[Place], names: Any) -> bool:
    """Whether a reading is right at the points by chance: near them it is not."""
    random = RandomNumbers(0)
    for args in [*places[:2], *places[:1]]:
        subject = Subject(reading.f, args, names, reading.argnums)
        moved = subject.arguments(
            subject.x * (1 + random.uniform(0.05, 0.3, subject.n)) + random.uniform(0.01, 0.1, subject.n)
        )
        try:
            call = reading.at(moved, names)
            if NEAR < distance(call, call.read(call.raw())) < np.inf:
                return True
        except Exception:  # undefined there
            continue
    return False


def _safely(judged: Judge, reading: Reading, places: list[Place]) -> Report | None:
    """The report on a reading; None where the claim cannot be read so at every point."""
    try:
        return judged(reading, places)
    except Exception:  # another form there
        return None


def malformed(report: Report) -> bool:
    """Whether the claim has, as documented, the wrong form at the first point at which its function has a value."""
    first = next((j for j in report.points if j.fault or j.unread or j.claimed is not None), None)
    return (
        first is not None
        and bool(first.fault or first.unread)
        and (first.claimed is None or first.claimed.values is None)
    )


def _several(report: Report, right: Iterable[Report]) -> Report:
    ways = [found.reading for found in right]
    advice = "say which is meant, by argnums=... or kind=...: " + "; or ".join(ways)
    return report.concluded(Conclusion(Verdict.UNDECIDED, Reason.AMBIGUOUS, advice=advice))
