"""Functions that train: one step is run without its updates, and what it would move the parameters by is held against
the gradient of the cost that most of it belongs to.

Such code seldom says what it minimises. Where the gradients of some parameters are those of one of the usual costs to
the last digits, that cost is meant, and the others are judged by it. Nothing is said where none agrees.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.judges.from_labels.propagation import Net, agreeing, is_cost, usual_costs
from chainrule.check.judges.from_labels.trained import Cost, at_net
from chainrule.check.judges.named import is_label
from chainrule.check.judges.training.step import Step, places
from chainrule.check.subject import is_real, quiet
from chainrule.errors import ArgumentError

TRIED = 24  # arguments
LARGEST = 400  # numbers of all parameters
STEP = 1e-5  # of differences
RESIDUAL = re.compile(r"err\w*|\w*_err(or)?s?|resid\w*|diff\w*|delta\w*|d?loss", re.IGNORECASE)
OWN = "the gradient of its own "
Meant = tuple[Net, str, Cost]


def by_training(claim: Claim, at: Any, settings: Mapping[str, Any], check: Any) -> Any:
    """The report on the gradients in a function that trains. Raises ArgumentError where nothing can be said."""
    try:
        step = Step(claim.function, claim.settings.get("owner"))
    except (OSError, TypeError, SyntaxError, AttributeError, ValueError):
        raise ArgumentError(f"{claim.name} is not checked: its text cannot be run step by step") from None
    for args in itertools.islice(places(claim, step), TRIED):
        found = _judged(_meant(step, args), settings, penalised=step.penalised)
        if found is not None:
            return found
    named = ", ".join(u.parameter for u in step.updates[:4])
    said = f"{claim.name} updates {named} by what it computes itself, and no cost was found that it is the gradient of"
    raise ArgumentError(f"{said}; write the loss and its gradient as two functions")


def _judged(meant: Iterator[Meant], settings: Mapping[str, Any], *, penalised: bool) -> Any:
    """The report by the first cost that all gradients are of, else by that which most are of, or which they are the
    opposite of; None where there is none."""
    nearest: tuple[int, Meant] | None = None
    tried = list(meant)
    for net, words, cost in tried:
        found = _agreeing(net, cost)
        rest = set(net.parameters) - found
        due = _penalised(net, cost, rest) if rest and (found or penalised) else {}
        if due and words.startswith(OWN):
            usual = [(n, c) for n, _, c in tried[1:] if found & _agreeing(n, c)]
            if not usual:
                return None  # whether the penalty is in this cost cannot be told
            if not any(_same_but_constant(net, cost, n, c) for n, c in usual):
                return at_net(net, words, cost, settings)
        if len(found) + len(due) == len(net.parameters):
            more = " and of a penalty on the weights" if due else ""
            return at_net(net, words + more, _and_penalty(cost, due), settings)
        if (found or due) and (nearest is None or len(found) + len(due) > nearest[0]):
            nearest = len(found) + len(due), (net, words, _and_penalty(cost, due))
    if nearest is not None:  # of a single number any gap is a multiple, as that of a penalty would be
        net, words, cost = nearest[1]
        rest = set(net.parameters) - _agreeing(net, cost)
        single = penalised and max(map(np.size, net.parameters.values())) == 1
        if single or (not words.startswith(OWN) and any(_of_itself(net, cost, n) for n in rest)):
            return None
        return at_net(net, words, cost, settings)
    for net, words, cost in tried:
        if len(_agreeing(net, _opposite(cost))) == len(net.parameters):
            return at_net(net, words, cost, settings)
    return None


def _opposite(cost: Cost) -> Cost:
    return lambda found: -cost(found)


def _same_but_constant(one: Net, cost: Cost, other: Net, usual: Cost) -> bool:
    """Whether two costs differ by no more than a constant, so that the first holds no penalty either."""
    here = list(one.parameters.values())
    there = [p + 0.5 for p in here]
    moves = [float(n.value(c, there)) - float(n.value(c, here)) for n, c in ((one, cost), (other, usual))]
    return abs(moves[0] - moves[1]) <= 1e-5 * max(map(abs, moves))


def _meant(step: Step, args: tuple[Any, ...]) -> Iterator[Meant]:
    """The step as a net, once for each result that may be its prediction, with each cost that may be meant, and how
    that is told."""
    made = step.start(args)
    if not made or sum(map(np.size, made.values())) > LARGEST:
        return
    known, moves = step.run(args, made)
    if not _fit(moves, made):
        return

    def run(arrays: Mapping[str, Any], until: str, of: Callable[[Any], Any] = lambda y: y) -> dict[str, Any]:
        found, _ = step.run(args, arrays, until)
        return {**found, "": of(found[until]), "parameters": dict(arrays)}

    def gradients(found: Mapping[str, Any]) -> dict[str, Any]:
        return step.run(args, found["parameters"])[1]

    own = next((n for n in known if is_cost(n) and is_real(known[n]) and np.size(known[n]) == 1), "")
    if own:
        yield Net(made, partial(run, until=own), None, gradients, 0.0), f"{OWN}{own}", lambda found: found[""]
    for label, name, of in _pairs(known, set(step.made)):
        net = Net(made, partial(run, until=name, of=of), None, gradients, known[label])
        for words, cost in usual_costs(known[label]):
            yield net, f"the gradient of {words} by {name} and {label}", cost


def _pairs(known: Mapping[str, Any], made: set[str]) -> Iterator[tuple[str, str, Callable[[Any], Any]]]:
    """Names of labels and of what fits them, with what makes a prediction of it: a residual is one but for the
    labels."""
    kinds = (np.ndarray, float, np.floating)
    arrays = {n: np.asarray(v) for n, v in known.items() if isinstance(v, kinds) and is_real(v)}
    for label, y in arrays.items():
        if not is_label(label.strip("_")) and not label.lower().startswith("y"):
            continue
        for name, p in arrays.items():
            whole = y.ndim == 1 and p.ndim == 2 and len(p) == len(y) and y.dtype.kind in "iu"
            if name == label or name not in made or p.dtype.kind != "f" or not (p.shape == y.shape or whole):
                continue
            if p.shape == y.shape and RESIDUAL.fullmatch(name):
                yield label, name, lambda p, y=y: y + p  # type: ignore[misc]
                yield label, name, lambda p, y=y: y - p  # type: ignore[misc]
            else:
                yield label, name, lambda p: p


def _fit(moves: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether each parameter is moved by finite numbers of its shape that are not all 0: any constant has those."""
    return set(moves) == set(made) and all(
        np.shape(moves[n]) == np.shape(p)
        and is_real(moves[n])
        and bool(np.all(np.isfinite(moves[n])) and np.any(moves[n]))
        for n, p in made.items()
    )


def _agreeing(net: Net, cost: Cost) -> set[str]:
    try:
        with quiet():
            return agreeing(net, cost) if np.isfinite(net.value(cost, list(net.parameters.values()))) else set()
    except Exception:  # a cost for other numbers
        return set()


def _penalised(net: Net, cost: Cost, names: set[str]) -> dict[str, tuple[float, float]]:
    """Of the parameters of several numbers in `names` those whose gradient is that of the cost and of a penalty, with
    the factors of half their squares and of their absolute values."""
    found = {}
    arrays = net.parameters
    for name in names:
        p = np.asarray(arrays[name], float)
        if p.size < 3:
            continue
        gap = _gap(net, cost, name, arrays)
        sides = np.stack([p.ravel(), np.sign(p.ravel())], axis=1)
        for columns in ([0], [1], [0, 1]):
            factors = np.zeros(2)
            factors[columns] = np.linalg.lstsq(sides[:, columns], gap, rcond=None)[0]
            rest = np.max(np.abs(gap - sides @ factors))
            if rest <= 1e-6 * max(float(np.max(np.abs(gap))), 1e-3):
                found[name] = (float(factors[0]), float(factors[1]))
                break
    return found


def _gap(net: Net, cost: Cost, name: str, arrays: Mapping[str, Any]) -> Any:
    """What the gradient by a parameter has besides that of the cost, which is measured by differences."""
    p = np.asarray(arrays[name], float)
    due = np.empty(p.size)
    for k in range(p.size):
        ends = []
        for sign in (1, -1):
            moved = p.copy()
            moved.flat[k] += sign * STEP
            ends.append(float(net.value(cost, list({**arrays, name: moved if p.ndim else float(moved)}.values()))))
        due[k] = (ends[0] - ends[1]) / (2 * STEP)
    return np.ravel(net.slopes(list(arrays.values()))[name]) - due


def _of_itself(net: Net, cost: Cost, name: str) -> bool:
    """Whether what the gradient by a parameter has besides does not change with the other parameters: a penalty of a
    kind that is not known."""
    arrays = net.parameters
    moved = {n: p if n == name else p + 0.25 for n, p in arrays.items()}
    with quiet():
        here, there = (_gap(net, cost, name, at) for at in (arrays, moved))
    return len(arrays) > 1 and bool(np.max(np.abs(here - there)) <= 1e-5 * np.max(np.abs(here)))


def _and_penalty(cost: Cost, penalised: Mapping[str, tuple[float, float]]) -> Cost:
    if not penalised:
        return cost

    def whole(found: Any) -> Any:
        total = cost(found)
        for name, (squares, sizes) in penalised.items():
            p = found["parameters"][name]
            total = total + squares / 2 * np.sum(p**2) + sizes * np.sum(np.abs(p))
        return total

    return whole
