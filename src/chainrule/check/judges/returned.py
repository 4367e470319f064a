"""Functions that return a cost with the gradients that they worked out on the way: `return loss, dWxh, dWhy, h` by
arrays of the module, `return grads, cost` by arguments or entries of a dict, methods by the attributes of an object."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.pairs import names_of
from chainrule.check.judges.cost_call import CostCall
from chainrule.check.judges.fitting import fitting
from chainrule.check.judges.from_labels.propagation import drawn_labels, drawn_parameters
from chainrule.check.judges.named import labelled
from chainrule.check.judges.plain import by_check
from chainrule.check.judges.said import of_form
from chainrule.check.judges.unrolled import unrolled
from chainrule.check.readings.by_name import returned_names
from chainrule.check.subject import quiet
from chainrule.check.verdict import Reason, Verdict
from chainrule.errors import ArgumentError

TRIED = 12  # drawn places at which the function runs


def by_returned(claim: Claim, at: Any, settings: Mapping[str, Any], _: Any) -> Any:
    """The report on the gradients by their names, at the first call, seen or drawn, at which they are right: at others
    they may have been clipped."""
    given = claim.at if claim.at is not None else at
    places = given if isinstance(given, list) else [given] if given is not None else list(claim.noted)
    places = [p if isinstance(p, tuple) else (p,) for p in places]
    first, ran = None, 0
    for args in places or itertools.islice(drawn(claim.function), 40 * TRIED):
        try:
            with quiet():
                found = CostCall(claim.function, args)
                agrees = bool(found.gradients) and found.agrees()
        except Exception:  # it does not take these
            continue
        if not found.gradients:
            continue
        if agrees and (report := found.check(claim.name, settings)).verdict is Verdict.CORRECT:
            return report
        ran, first = ran + 1, first or found
        if ran == TRIED:
            break
    report = first.check(claim.name, settings) if first is not None else None
    if report is None or (not places and of_form(report)):
        raise ArgumentError(f"{claim.name}: no call was found that gives cost and gradients; call it once in the file")
    return report


def by_pair(claim: Claim, at: Any, settings: Mapping[str, Any], check: Callable[..., Any]) -> Any:
    """The report on a value with its gradient, as `check` reads the pair, else by what its gradient is called."""
    report, failure = None, None
    try:
        report = by_check(claim, at, settings, check)
    except Exception as error:  # arguments that no reading of the pair takes
        failure = error
    if report is not None and (report.verdict is not Verdict.UNDECIDED or report.reason in DECIDED):
        return report
    if at is None and claim.at is None and not claim.noted:
        for place in unrolled(claim.function):
            found = check(claim.function, claim.derivative, at=place, kind="value_and_grad", argnums=0, **settings)
            if not of_form(found):
                return found
    try:
        return by_returned(claim, at, settings, check)
    except Exception as error:
        if report is None:
            raise failure or error from None
        return report


def by_attributes(claim: Claim, at: Any, settings: Mapping[str, Any]) -> Any:
    """The report on a method that gives gradients of another method by the arrays of their object, as their names say
    (`return dJdW1, dJdW2`) or all in one array; None for a method that differentiates by its arguments."""
    given = claim.at if claim.at is not None else at
    places = given if isinstance(given, list) else [given] if given is not None else list(claim.noted)
    first = None
    elsewhere = itertools.islice(drawn(claim.function), 4 * TRIED) if given is None else ()
    for count, args in enumerate(itertools.chain(places, elsewhere)):
        if first is not None and count >= len(places):  # the calls of the file are those of other objects of the class
            break
        try:
            with quiet():
                found = CostCall(claim.function, args if isinstance(args, tuple) else (args,), claim.derivative)
                mine = found.gradients and all(found.places[n].roof == "object" for n in found.gradients)
                agrees = bool(mine) and found.agrees()
        except Exception:  # it does not take these
            continue
        if not mine and any(returned_names(claim.derivative)):
            return None
        if not mine:  # gradients without names, which have the shapes of arguments too: at others they may not
            continue
        if agrees and (report := found.check(claim.name, settings)).verdict is Verdict.CORRECT:
            return report
        first = first or found
    if first is None:
        return None
    report = first.check(claim.name, settings)
    return report if report.causes or not first.guessed else None  # else they may be those of something else


DECIDED = {Reason.KINK, Reason.RANDOM, Reason.NOISY, Reason.TOO_FEW_DIGITS, Reason.OUT_OF_TIME, Reason.DISAGREEMENT}


def drawn(function: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Arguments for a function that was never called: weights, data and labels as their names say, else of shapes that
    go together."""
    names = names_of(function)
    single = [n for n in names if n.rstrip("0123456789").lower() in ("w", "b", "weights", "bias", "weight", "biases")]
    data = [n for n in names if n not in single]
    if single and len(data) == 2:
        for columns, outs in itertools.product((True, False), (1, 3)):
            weights = drawn_parameters(single, 1, outs, by_columns=columns)
            x = np.random.default_rng(1).normal(size=(3, 5) if columns else (5, 3))
            for y in drawn_labels(outs, by_columns=columns):
                for pair in ((x, y), (y, x)):
                    given = {**weights, **dict(zip(data, pair, strict=True))}
                    yield tuple(given[n] for n in names)
    yield from labelled(function)
    for places in fitting(function):
        yield from places
