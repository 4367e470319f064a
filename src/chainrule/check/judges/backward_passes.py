"""Backward passes, layers and nets, judged by `check_backward` and `check_layer`."""

from __future__ import annotations

import copy
import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from chainrule.check.backward.checking import check_backward, check_layer
from chainrule.check.backward.examples import as_means, layer_as_means
from chainrule.check.backward.gradients import bare, matched
from chainrule.check.backward.left import called
from chainrule.check.backward.passes import fitted
from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.methods import UPSTREAM
from chainrule.check.judges.fitting import fitting, of_a_copy, output
from chainrule.check.judges.from_labels.layer_lists import nets_of_lists
from chainrule.check.judges.from_labels.net_objects import nets_of_objects
from chainrule.check.judges.from_labels.propagation import nets_of_functions, takes_no_upstream
from chainrule.check.judges.from_labels.trained import by_cost
from chainrule.check.judges.losses import at_labels, of_values, takes_labels
from chainrule.check.judges.plain import by_check
from chainrule.check.judges.policies import by_policy
from chainrule.check.judges.said import of_form, read_as
from chainrule.check.readings.by_name import returned_names
from chainrule.check.subject import quiet
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError
from chainrule.signatures import needed as needed_by
from chainrule.trees import argument_names

Check = Callable[..., Any]

TRIED = 24  # drawn points of different shapes


def by_backward(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """A backward pass, by `check_backward`; one that starts from labels by the cost that its net has."""
    failure = None
    claim = _of_some_outputs(_cache_last(_upstream_last(claim)))
    names = needed_by(claim.derivative)
    if len(names) > 1 and names == needed_by(claim.function):
        return _without_upstream(claim, by_check(replace(claim, kind="gradient"), at, settings, check))
    if claim.at is None and at is None and takes_no_upstream(claim.derivative):
        try:
            both = claim.function, claim.derivative, claim.noted
            return by_cost(itertools.chain(nets_of_lists(*both), nets_of_functions(*both)), claim.name, settings)
        except ArgumentError as error:
            failure = error

    def judged(place: Any) -> Any:
        def call(forward: Callable[..., Any]) -> Any:
            return check_backward(forward, claim.derivative, at=place, **{**claim.settings, **settings})

        report = call(claim.function)
        for args in place if isinstance(place, list) else [place]:
            args = args if isinstance(args, tuple) else (args,)
            report = as_means(report, claim.function, args[:1], args[1:], call)
        return report

    try:
        return _first(judged, claim, at, claim.function)
    except Exception as error:  # it is no pass of a layer
        report = by_policy(claim, settings) if claim.at is None and at is None else None
        if report is not None:
            return report
        if failure is not None and isinstance(error, ArgumentError):
            raise failure from None
        raise


def _without_upstream(claim: Claim, report: Any) -> Any:
    """The report on backward(x, theta) beside forward(x, theta): the gradient of one number, or slopes of a function of
    each element. Of others it is none, as the other half of the forward-backward algorithm."""
    if report.verdict is not Verdict.WRONG or all(_of_each_element(j.subject) for j in report.points):
        return report
    raise ArgumentError(f"{claim.name} takes no gradient from above, and has not the form of a Jacobian")


def _of_each_element(subject: Any) -> bool:
    """Whether a function gives one number, or changes nothing but one element when one of its first argument moves."""
    if np.size(subject.value) < 2:
        return True
    args = copy.deepcopy(subject.args)
    moved = np.array(args[0], dtype=float)
    if moved.shape != np.shape(subject.value):
        return False
    moved.flat[0] += 0.1
    with quiet():
        after = np.asarray(output(subject.f(moved, *args[1:])))
    return bool(np.count_nonzero(after != subject.value) < 2)


def by_layer(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """An object with a forward and a backward pass, by `check_layer`."""
    of_class = isinstance(getattr(claim.function, "__self__", claim.function), (type, FunctionType))  # or static
    if of_class or (turned := _upstream_last(claim)) is not claim:  # nothing is kept in between: two functions
        return by_backward(claim if of_class else turned, at, settings, check)
    judge: Callable[..., Any] = check_layer
    thing = getattr(claim.function, "__self__", claim.function)
    layer = thing if claim.name.endswith(".backward") else _renamed(claim, thing)

    if not takes_labels(claim) and takes_no_upstream(claim.derivative) and claim.at is None and at is None:
        return by_net(claim, at, settings, check)
    if takes_labels(claim) and claim.at is None and at is None:
        loss = of_values(claim)
        call = functools.partial(check, loss.function, loss.derivative, **{**loss.settings, **settings})
        report = at_labels(loss, call) if not claim.noted else by_check(loss, None, settings, check)
        if report is None:
            raise ArgumentError(f"{claim.name}: no predictions and labels were found that it takes; call it once")
        return report
    if _stands_last(claim, at):
        return by_check(_of_loss(claim), at, settings, check)

    def judged(place: Any) -> Any:
        args = _arguments(place)
        report = judge(layer, *args, **{**claim.settings, **settings})
        return layer_as_means(report, layer, args, {**claim.settings, **settings})

    return _first(judged, claim, at, claim.function)


def by_net(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """A net that is an object, by the gradients of its weights; at inputs and labels that are drawn."""
    thing: Any = claim.function.__self__  # type: ignore[attr-defined]
    nets = nets_of_objects(thing, claim.function.__name__, claim.derivative.__name__)
    return by_cost(nets, claim.name, settings)


def _stands_last(claim: Claim, at: Any) -> bool:
    """Whether a layer is a loss: one number comes out, and its backward pass needs no gradient from above."""
    try:
        inspect.signature(claim.derivative).bind()
        if claim.at is not None or at is not None:
            return False
        place = (
            claim.noted[0] if claim.noted else next(scored(claim.function), None) or next(fitting(claim.function))[0]
        )
        thing = copy.deepcopy(claim.function.__self__)  # type: ignore[attr-defined]
        value = getattr(thing, claim.function.__name__)(*place)
        return bool(np.size(value) == 1) and getattr(thing, claim.derivative.__name__)() is not None
    except Exception:  # it needs the gradient from above, or was never called
        return False


def _of_loss(claim: Claim) -> Claim:
    """A loss with its gradient by the scores, at scores and labels, as they come where nothing else was seen."""

    def gradient(*args: Any) -> Any:
        claim.function(*args)
        return claim.derivative()

    gradient.__name__ = claim.name
    noted = claim.noted or tuple(scored(claim.function))[:1]
    noted = noted or (next(fitting(claim.function))[0],)
    return replace(claim, derivative=gradient, kind="gradient", at=list(noted))


def scored(function: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Scores and labels, numbers or rows with a one, that a loss takes."""
    scores, labels = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 2, 1, 1])
    for place in ((scores, labels), (scores, np.eye(3)[labels]), (scores[:, 0], np.minimum(labels, 1))):
        if len(inspect.signature(function).parameters) == 2 and _works(of_a_copy(function), place):
            yield place


def _works(function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    try:
        return bool(np.size(function(*args)) == 1 and np.all(np.isfinite(function(*args))))
    except Exception:  # not of these shapes
        return False


def _renamed(claim: Claim, thing: Any) -> Any:
    forward, backward = (getattr(f, "__name__", "__call__") for f in (claim.function, claim.derivative))
    return Renamed(thing, forward, backward)


class Renamed:
    """An object whose passes have other names, called as `check_layer` calls them."""

    def __init__(self, layer: Any, forward: str, backward: str) -> None:
        self.layer, self.names = layer, (forward, backward)

    @property
    def forward(self) -> Any:
        return getattr(self.layer, self.names[0])

    @property
    def backward(self) -> Any:
        return getattr(self.layer, self.names[1])


def _arguments(place: Any) -> tuple[Any, ...]:
    place = place[0] if isinstance(place, list) else place
    place = place if isinstance(place, tuple) else (place,)
    numbers = [x for x in place if isinstance(x, (int, float, np.number)) and not isinstance(x, bool)]
    whole = bool(numbers) and all(isinstance(x, (int, np.integer)) for x in numbers)
    if whole and len(numbers) == len(place):  # forward(100, 2): there are no others
        return tuple(map(float, place))
    return tuple(place)


def _first(judged: Callable[[Any], Any], claim: Claim, at: Any, forward: Any) -> Any:
    """The report at the points that were given or seen, or at the first drawn shapes at which the gradients have the
    form that is due."""
    given = claim.at if claim.at is not None else at
    if given is not None:
        return judged(given)
    first, failure = None, None
    if noted := [p for p in claim.noted if _runs(forward, p)]:  # of the calls of all objects of a class
        try:
            return judged(noted)
        except Exception as error:
            failure = error
    for place in itertools.islice(fitting(forward), TRIED):
        try:
            report = judged(place)
        except Exception as error:  # the backward pass does not take these shapes
            failure = failure or error
            continue
        if report.verdict is Verdict.CORRECT or (report.verdict is Verdict.WRONG and not of_form(report)):
            return _for_images(judged, forward, place, _for_columns(judged, place, report))
        if (told := _as_gradients_say(claim, place)) is not None and (found := judged(told)).verdict is Verdict.CORRECT:
            return found
        if first is None or (_named(report) and not _named(first)):
            first = report
    if first is not None and (first.verdict is not Verdict.WRONG or _named(first)):
        return first
    if first is not None:  # at points that the file never used, another form is no mistake
        said = f"at the inputs that were drawn its gradients have another form: {first.headline}"
    else:
        said = f"no inputs were found that go forward and back{f' ({failure})' if failure else ''}"
    raise ArgumentError(f"{claim.name}: {said}; call it once in the file")


def _runs(forward: Callable[..., Any], place: Any) -> bool:
    try:
        with quiet():
            of_a_copy(forward)(*copy.deepcopy(place if isinstance(place, tuple) else (place,)))
        return True
    except Exception:  # another object of the class took it
        return False


def _as_gradients_say(claim: Claim, place: Any) -> Any:
    """The place with columns and rows in place of single numbers whose gradients are columns and rows: a bias of shape
    (n, 1) was meant. None where there is none."""
    (args,) = place
    try:
        passes = fitted(claim.function, claim.derivative, args)
        outputs, _ = passes.run(copy.deepcopy(args))
        names = argument_names(claim.function, len(args))
        found = matched(passes.gradients(args, [np.ones_like(y) for y in outputs]), args, names)
        sizes = {n: np.shape(g) for n, g in zip(found.names, found.values, strict=True) if 1 in np.shape(g)}
    except Exception:  # it does not come so far
        return None
    random = np.random.default_rng(2)
    told = [
        random.uniform(-1, 1, sizes[n]) if np.ndim(x) == 0 and n in sizes else x
        for n, x in zip(names, args, strict=True)
    ]
    return [tuple(told)] if any(a is not b for a, b in zip(told, args, strict=True)) else None


def _for_columns(judged: Callable[[Any], Any], place: Any, report: Any) -> Any:
    """The report, or that for columns in place of drawn vectors where a pass is wrong for these and right for columns:
    then it was written for columns."""
    (args,) = place
    if report.verdict is not Verdict.WRONG or {np.ndim(a) for a in args if isinstance(a, np.ndarray)} != {1}:
        return report
    try:
        found = judged([tuple(a[:, None] if isinstance(a, np.ndarray) else a for a in args)])
    except Exception:  # it takes none
        return report
    return read_as(found, "for columns, arrays of shape (n, 1)") if found.verdict is Verdict.CORRECT else report


def _for_images(judged: Callable[[Any], Any], forward: Any, place: Any, report: Any) -> Any:
    """The report, or that for images where a pass is right for a matrix and wrong for these, of which it leaves fewer
    axes: it was written for them."""
    (args,) = place
    if report.verdict is not Verdict.CORRECT or len(args) != 1 or np.ndim(args[0]) > 2:
        return report
    images = (np.random.default_rng(3).uniform(-1, 1, (2, 3, 2, 4)),)
    try:
        with quiet():
            out = called(of_a_copy(forward), *copy.deepcopy(images))
        if not 0 < np.ndim(out[0] if isinstance(out, tuple) else out) < 4:
            return report
        found = judged([images])
    except Exception:  # it takes none
        return report
    return found if found.verdict is Verdict.WRONG and not of_form(found) else report


def _upstream_last(claim: Claim) -> Claim:
    """A backward pass that takes the arguments of its forward pass, and then the gradient from above, as one that takes
    that first."""
    mine, theirs = needed_by(claim.function), needed_by(claim.derivative)
    if not mine or theirs[:-1] != mine or not UPSTREAM.fullmatch(theirs[-1]):
        return claim

    def derivative(dout: Any, *args: Any) -> Any:
        return claim.derivative(*args, dout)

    given = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in (theirs[-1], *mine)]
    derivative.__signature__ = inspect.Signature(given)  # type: ignore[attr-defined]
    derivative.__name__ = claim.name
    return replace(claim, derivative=derivative)


CACHE = re.compile(r"(\w+_)?(cache|ctx|context|saved|memory|residuals?|res|mem)", re.IGNORECASE)


def _cache_last(claim: Claim) -> Claim:
    """A backward pass `backward(cache, dout)` as one that takes the gradient from above first: known by the names of
    both, else by the name of what forward keeps."""
    given = needed_by(claim.derivative)
    if len(given) != 2:
        return claim
    kept, upstream = given
    said = returned_names(claim.function)[1:]
    known = CACHE.fullmatch(kept) or kept in said[-1:]
    if not known or not UPSTREAM.fullmatch(upstream) or CACHE.fullmatch(upstream) or upstream in said[-1:]:
        return claim

    @functools.wraps(claim.derivative)
    def derivative(dout: Any, cache: Any) -> Any:
        return claim.derivative(cache, dout)

    derivative.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in (upstream, kept)]
    )
    return replace(claim, derivative=derivative)


def _of_some_outputs(claim: Claim) -> Claim:
    """A backward pass that takes gradients from above for some of the outputs, by their names, as one of a forward pass
    that gives only these: `da_next, cache` of `a_next, y_pred, cache`."""
    said, given = returned_names(claim.function), needed_by(claim.derivative)
    wanted = [bare(n) for n in given[:-1]]
    if len(given) >= len(said) or len(set(said)) != len(said) or not wanted or not set(wanted) <= set(said[:-1]):
        return claim
    places = [said.index(n) for n in wanted]

    @functools.wraps(claim.function)
    def forward(*args: Any) -> Any:
        result = claim.function(*args)
        return (*(result[k] for k in places), result[-1])

    return replace(claim, function=forward)


def _named(report: Any) -> bool:
    """Whether a report that blames a form knows what would make it right; an array of as many numbers in another shape
    is of an input that was drawn in the wrong one."""
    return any(c.startswith("argument ") and ": reshape it" not in c for c in report.causes or ())
