"""Who judges which kind of claim. A kind that nobody judges is told as such and skipped."""

from __future__ import annotations

import copy
import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check import points as where
from chainrule.check.backward.checking import check_backward, check_layer
from chainrule.check.backward.left import called
from chainrule.check.claims.claim import Claim, name_of
from chainrule.check.claims.pairs import names_of
from chainrule.check.frameworks import library_of
from chainrule.check.judges.losses import at_labels, filled, of_values, takes_labels, with_labels
from chainrule.check.judges.named import Guessed, held
from chainrule.check.judges.net_objects import nets_of_objects
from chainrule.check.judges.nets import aside, gives_a_dict, inputs_of, parameters_of, passes_of
from chainrule.check.judges.objects import needed as needed_by
from chainrule.check.judges.propagation import nets_of_functions, takes_no_upstream
from chainrule.check.judges.said import but_for_epsilon, codes, of_form, read_as
from chainrule.check.judges.trained import by_cost
from chainrule.check.subject import quiet
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError

Check = Callable[..., Any]
Judge = Callable[[Claim, Any, Mapping[str, Any], Check], Any]

PLAIN: dict[str, dict[str, Any]] = {"gradient": {}, "slope": {}, "inline": {}}
LOOK = 5.0  # seconds for drawn points where the file's own have decided
TRIED = 24  # drawn points of different shapes
SHAPES: tuple[tuple[int, ...], ...] = (
    (4, 3), (3, 2), (2,), (3,), (), (4, 2), (4,), (2, 2, 4, 4), (2, 2, 3, 3), (2, 4, 4, 2), (2, 3, 3),
)  # fmt: skip


def judge_claim(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """The report on a claim: at its own points, at those of the file's calls, at drawn ones."""
    return JUDGES.get(claim.kind, by_check)(claim, at, settings, check)


def by_check(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """By `check`. Points that the file itself uses come first; drawn ones look at what these cannot decide or show."""
    if (place := _of_a_net(claim, at)) is not None:
        forward, backward = passes_of(claim.function, claim.derivative)
        parameters = aside(claim.function)
        named = ["params", *names_of(claim.function)][: 1 + len(place)]
        settings = {**claim.settings, **settings}
        judged = functools.partial(check_backward, forward, backward, (parameters, *place), names=named)
        return but_for_epsilon(claim, judged(**settings), functools.partial(judged, **settings), settings)
    kind = PLAIN.get(claim.kind, {"kind": claim.kind})
    claim = filled(claim)
    call = functools.partial(check, claim.function, claim.derivative, **{**kind, **claim.settings, **settings})
    at = claim.at if claim.at is not None else at
    if at is not None:
        return but_for_epsilon(claim, call(at=at), functools.partial(call, at=at), settings)
    if not claim.noted:
        return with_labels(claim, lambda: _clipped(claim, call(at=None), call), call)
    try:
        report = call(at=list(claim.noted))
    except Exception:  # the derivative takes other arguments than those of this call
        return call(at=None)
    if report.verdict is Verdict.WRONG:
        return report
    try:
        drawn = _clipped(claim, call(at=None, budget=LOOK), call)
    except Exception:  # it takes nothing that can be drawn
        return report
    decided = report.verdict is Verdict.CORRECT
    worse = drawn.verdict is Verdict.WRONG and not of_form(drawn)
    return drawn if worse or (not decided and drawn.verdict is Verdict.CORRECT) else report


def _of_a_net(claim: Claim, at: Any) -> Any:
    """Inputs and labels where a claim is about the parameters that an object holds by name; None for others."""
    thing = getattr(claim.function, "__self__", None)
    if claim.kind not in ("gradient", "value_and_grad") or thing is None or not parameters_of(thing)[0]:
        return None
    if getattr(claim.derivative, "__self__", None) is not thing:
        return None
    given = claim.at if claim.at is not None else at
    places = (given if isinstance(given, list) else [given]) if given is not None else claim.noted
    for place in itertools.chain(places, inputs_of(claim.function)):
        place = place if isinstance(place, tuple) else (place,)
        if gives_a_dict(claim.derivative, place):
            return place
    return None


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


# -- backward passes --------------------------------------------------------------------------------------------------


def by_backward(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """A backward pass, by `check_backward`; one that starts from labels by the cost that its net has."""
    failure = None
    names = needed_by(claim.derivative)
    if len(names) > 1 and names == needed_by(claim.function):
        return by_check(replace(claim, kind="gradient"), at, settings, check)  # backward(x, theta) of forward(x, theta)
    if claim.at is None and at is None and takes_no_upstream(claim.derivative):
        try:
            return by_cost(nets_of_functions(claim.function, claim.derivative), claim.name, settings)
        except ArgumentError as error:
            failure = error

    def judged(place: Any) -> Any:
        return check_backward(claim.function, claim.derivative, at=place, **claim.settings, **settings)

    try:
        return _first(judged, claim, at, claim.function)
    except ArgumentError as error:
        raise failure or error from None


def by_layer(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """An object with a forward and a backward pass, by `check_layer`."""
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
        return judge(layer, *_arguments(place), **claim.settings, **settings)

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
        return bool(np.size(of_a_copy(claim.function)(*place)) == 1)
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
    for place in ((scores, labels), (scores, np.eye(3)[labels])):
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
    numbers = [x for x in place if np.asarray(x).dtype.kind in "iuf" and not isinstance(x, bool)]
    if numbers and all(np.asarray(x).dtype.kind in "iu" for x in numbers):  # forward(100, 2): there are no others
        return tuple(_real(x) if any(x is n for n in numbers) else x for x in place)
    return tuple(place)


def _real(x: Any) -> Any:
    return np.asarray(x, dtype=float) if np.ndim(x) else float(x)


def _first(judged: Callable[[Any], Any], claim: Claim, at: Any, forward: Any) -> Any:
    """The report at the points that were given or seen, or at the first drawn shapes at which the gradients have the
    form that is due."""
    given = claim.at if claim.at is not None else at if at is not None else list(claim.noted) or None
    if given is not None:
        return judged(given)
    first, failure = None, None
    for place in itertools.islice(fitting(forward), TRIED):
        try:
            report = judged(place)
        except Exception as error:  # the backward pass does not take these shapes
            failure = failure or error
            continue
        if report.verdict is Verdict.CORRECT or (report.verdict is Verdict.WRONG and not of_form(report)):
            return report
        if first is None or (_named(report) and not _named(first)):
            first = report
    if first is not None and (first.verdict is not Verdict.WRONG or _named(first)):
        return first
    if first is not None:  # at points that the file never used, another form is nobody's mistake
        said = f"at the inputs that were drawn its gradients have another form: {first.headline}"
    else:
        said = f"no inputs were found that go forward and back{f' ({failure})' if failure else ''}"
    raise ArgumentError(f"{claim.name}: {said}; call it once in the file")


def _named(report: Any) -> bool:
    """Whether a report that blames a form knows what would make it right."""
    return any(cause.startswith("argument ") for cause in report.causes or ())


def by_framework(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """What a framework says by the backward passes in it (of a torch.autograd.Function, a jax.custom_vjp), at arrays of
    numbers where none are given."""
    given: Any = claim.at if claim.at is not None else at if at is not None else list(claim.noted) or None
    given = drawn_by(claim.derivative) if given is None else given
    if "jax" in sys.modules and not library_of(claim.derivative, (given,)):
        given = trees.map(sys.modules["jax"].numpy.asarray, given)
    return check(claim.derivative, at=given, **claim.settings, **settings)


def drawn_by(function: Any) -> Any:
    """Arrays that a framework's function takes: of PyTorch for an autograd.Function or a module, else of JAX."""
    torch, random = sys.modules.get("torch"), np.random.default_rng(0)
    if torch is not None and isinstance(function, type):  # an autograd.Function
        count = len(needed_by(function.forward)) - 1  # type: ignore[attr-defined]
        return (*(torch.tensor(random.uniform(0.2, 1.5, 4), dtype=torch.float64) for _ in range(max(count, 1))),)
    numpy = sys.modules["jax"].numpy
    count = len(needed_by(function)) or 1
    for shapes in itertools.islice(itertools.product(((4,), (), (4, 3), (3, 2)), repeat=count), TRIED):
        place = tuple(numpy.asarray(random.uniform(0.2, 1.5, s)) for s in shapes)
        try:
            function(*place)
            return place
        except Exception:  # not of these shapes
            continue
    raise ArgumentError(f"{name_of(function)}: no arrays were found that it takes; give a point: --at")


def output(result: Any) -> Any:
    """What a forward pass gives, without what it keeps."""
    return result[0] if isinstance(result, tuple) else result


def passes(thing: Any, forward: str, back: str) -> bool:
    """Whether some drawn input goes through a forward pass and ones of its output through the backward pass."""
    for place in itertools.islice(fitting(getattr(thing, forward)), 3):
        try:
            with quiet():
                layer = copy.deepcopy(thing)
                out = output(called(getattr(layer, forward), *place[0]))
                backward = getattr(layer, back)
                takes = len(inspect.signature(backward).parameters)
                backward(*(np.ones_like(out), 0.1)[: len(needed_by(backward)) or min(takes, 1)])
            return True
        except Exception:  # not of this shape
            continue
    return False


def of_a_copy(function: Any) -> Any:
    """A method of a copy of its object: layers keep what went through them."""
    try:
        if (thing := getattr(function, "__self__", None)) is not None:
            return getattr(copy.deepcopy(thing), function.__name__)
        return function if isinstance(function, FunctionType) else copy.deepcopy(function)
    except Exception:  # nothing that can be copied
        return function


def fitting(forward: Any) -> Iterator[Any]:
    """Points of shapes that a forward pass accepts, the commonest first: (4, 3), weights (3, 2), biases (2,)."""
    needed = [
        p for p in inspect.signature(forward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    random = np.random.default_rng(0)
    smaller = [SHAPES[-3], *SHAPES[:-4], SHAPES[-2], SHAPES[-1]]  # a kernel fits several times into its image
    kinds: list[Any] = [
        [p.name] if held(p.name) is not None else smaller if k else SHAPES for k, p in enumerate(needed)
    ]
    for shapes in itertools.islice(itertools.product(*kinds), 2000):
        args = tuple(
            held(s) if isinstance(s, str) else random.uniform(-1.0, 1.0, s) if s else float(random.uniform(0.2, 1.0))
            for s in shapes
        )
        try:
            with np.errstate(all="ignore"):
                out = output(called(of_a_copy(forward), *(np.array(a) if np.ndim(a) else a for a in args)))
                finite = out is not None and np.all(np.isfinite(np.asarray(out, dtype=float)))
        except Exception:  # shapes that do not go together
            continue
        if finite:
            yield [tuple(dict(a) if isinstance(a, Guessed) else a for a in args)]


# A judge for each kind of claim that `check` does not take as it is.
JUDGES: dict[str, Judge] = {"backward": by_backward, "layer": by_layer, "framework": by_framework, "net": by_net}

__all__ = ["JUDGES", "judge_claim"]
