"""Who judges which kind of claim. A kind that nobody judges is told as such and skipped."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.verdict import Reason, Verdict

Check = Callable[..., Any]
Judge = Callable[[Claim, Any, Mapping[str, Any], Check], Any]

PLAIN: dict[str, dict[str, Any]] = {"gradient": {}, "slope": {}, "inline": {}}
SHAPES: tuple[tuple[int, ...], ...] = ((4, 3), (3, 2), (2,), (3,), (), (4, 2), (4,), (2, 2, 4, 4), (2, 2, 3, 3))


def judge_claim(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """The report on a claim: at its own points, at those of the file's calls, at drawn ones."""
    return JUDGES.get(claim.kind, by_check)(claim, at, settings, check)


def by_check(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """By `check`. Points that the file itself uses come first; drawn ones look at what these cannot decide or show."""
    kind = PLAIN.get(claim.kind, {"kind": claim.kind})
    call = functools.partial(check, claim.function, claim.derivative, **{**kind, **claim.settings, **settings})
    at = claim.at if claim.at is not None else at
    if at is not None or not claim.noted:
        return call(at=at)
    try:
        report = call(at=list(claim.noted))
    except Exception:  # the derivative takes other arguments than those of this call
        return call(at=None)
    if report.verdict is Verdict.WRONG:
        return report
    try:
        drawn = call(at=None)
    except Exception:  # it takes nothing that can be drawn
        return report
    decided = report.verdict is Verdict.CORRECT
    worse = drawn.verdict is Verdict.WRONG and not _of_form(drawn)
    return drawn if worse or (not decided and drawn.verdict is Verdict.CORRECT) else report


def _of_form(report: Any) -> bool:
    """Whether a report blames the form of a claim, which at drawn points says little."""
    return bool(getattr(report, "form", "")) or any(j.fault for j in report.points)


# -- backward passes --------------------------------------------------------------------------------------------------


def by_backward(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """A backward pass by the gradient from above times the Jacobian of the forward pass."""
    forward, backward = claim.function, claim.derivative
    places = _places(claim, at, forward)

    def value(*args: Any) -> Any:
        return _output(forward(*args))

    def pulled(*args: Any) -> Any:
        return backward(*_given(backward, args[-1], forward(*args[:-1]), args[:-1]))

    value.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    pulled.__name__ = claim.name
    return check(value, pulled, at=places, kind="vjp", **claim.settings, **settings)


def _output(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


def _given(backward: Any, ct: Any, result: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a backward pass: the gradient from above, and what the forward pass kept, if it takes it."""
    needed = [
        p for p in inspect.signature(backward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    if isinstance(result, tuple) and len(needed) == len(result):
        return (ct, *result[1:])
    if isinstance(result, tuple) and len(needed) == 2:
        return (ct, result[1] if len(result) == 2 else result[1:])
    return (ct, *args)[: len(needed)]


def by_layer(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """An object's backward pass after its forward pass at the same input."""
    forward, backward = claim.function, claim.derivative

    def value(x: Any) -> Any:
        return forward(x)

    def pulled(x: Any, ct: Any) -> Any:
        forward(x)
        return backward(ct)

    pulled.__name__ = claim.name
    return check(value, pulled, at=_places(claim, at, forward), kind="vjp", **claim.settings, **settings)


def _places(claim: Claim, at: Any, forward: Any) -> Any:
    """Points for a forward pass: given, from the file's own calls, or of the first shapes that fit together."""
    if claim.at is not None or at is not None:
        return claim.at if claim.at is not None else at
    if claim.noted:
        return list(claim.noted)
    return next(fitting(forward), None)


def fitting(forward: Any) -> Iterator[Any]:
    """Points of shapes that a forward pass accepts, the commonest first: (4, 3), weights (3, 2), biases (2,)."""
    needed = [
        p for p in inspect.signature(forward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    random = np.random.default_rng(0)
    for shapes in itertools.islice(itertools.product(SHAPES, repeat=len(needed)), 2000):
        args = tuple(random.uniform(-1.0, 1.0, s) if s else float(random.uniform(0.2, 1.0)) for s in shapes)
        try:
            with np.errstate(all="ignore"):
                out = np.asarray(_output(forward(*(np.array(a) if np.ndim(a) else a for a in args))), dtype=float)
        except Exception:  # shapes that do not go together
            continue
        if np.all(np.isfinite(out)):
            yield [args]


# A judge for each kind of claim that `check` does not take as it is.
JUDGES: dict[str, Judge] = {"backward": by_backward, "layer": by_layer}
UNJUDGED = {"torch_function": "a torch.autograd.Function: check(function, at=...) judges what its backward says"}

__all__ = ["JUDGES", "UNJUDGED", "Reason", "judge_claim"]
