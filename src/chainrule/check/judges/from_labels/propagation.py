"""Nets written as two functions, `forward_propagation(X, parameters)` and `backward_propagation(cache, X, Y)`, or as
methods of an object, with the cost between them: the gradients by the parameters, by their names.

Arguments are handed on by name: to the backward pass and to the cost goes what the caller would have at hand, which are
the inputs, the labels, the parameters, the results of the forward pass under the names it returns them by, and what is
in its cache. Where a file holds no cost, the usual ones are tried: the gradients of the last layer tell which is meant.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.backward.gradients import bare
from chainrule.check.backward.moved import ONLY_HERE
from chainrule.check.backward.passes import is_number
from chainrule.check.judges.named import DATA, is_label
from chainrule.check.judges.objects import by_name
from chainrule.check.readings.by_name import returned_names
from chainrule.check.subject import quiet
from chainrule.numbers import primal, shape
from chainrule.records import record
from chainrule.signatures import needed

COSTS = ("compute_cost", "cost", "loss", "compute_loss", "cost_function", "loss_function", "calculate_cost", "get_cost",
    "calc_cost", "compute_total_loss", "cross_entropy", "cross_entropy_loss", "mse", "cost_fn", "loss_fn", "J",
)  # fmt: skip
_COSTS = {c.lower() for c in COSTS}
CACHE = re.compile(r"\w*(cache|memory|store|intermediate|state|saved|history|activation)\w*", re.IGNORECASE)
INS, HIDDEN, ROWS = 3, 4, 5
LARGEST = 2000  # parameters of a net of the file's own sizes
Arrays = dict[str, Any]


@record
class Net:
    """Two passes and a cost at an input with labels.

    parameters  the arrays that are differentiated by, by name
    run         what a forward pass makes of parameters: all that is at hand after it, by name; "" stands for its output
    cost        the cost of what is at hand; None where the file holds none
    size        what tells nets of different numbers of layers apart
    seen        whether its parameters have the shapes that the file itself uses
    gradients   what the backward pass makes of what is at hand: gradients by the names of their parameters
    """

    parameters: Arrays
    run: Callable[[Arrays], Arrays]
    cost: Callable[[Arrays], Any] | None
    gradients: Callable[[Arrays], Arrays]
    labels: Any
    size: Any = None
    seen: bool = False

    def value(self, cost: Callable[[Arrays], Any], arrays: Sequence[Any]) -> Any:
        """The cost at other parameters; no float is made of it, so that what is traced gets through."""
        return np.squeeze(cost(self.run(dict(zip(self.parameters, arrays, strict=True)))))

    def slopes(self, arrays: Sequence[Any]) -> Arrays:
        """The gradients at other parameters."""
        return self.gradients(self.run(dict(zip(self.parameters, arrays, strict=True))))

    def passes(self, cost: Callable[[Arrays], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The cost as a forward pass from the parameters, and its backward pass."""

        def forward(*arrays: Any) -> Any:
            return self.value(cost, arrays), arrays

        def backward(dout: Any, arrays: Any) -> Any:
            return {name: dout * np.asarray(g) for name, g in self.slopes(arrays).items()}

        setattr(forward, ONLY_HERE, getattr(cost, ONLY_HERE, False))
        return forward, backward


def is_cost(name: str) -> bool:
    """Whether a result of that name is the cost."""
    return name.lower() in _COSTS


def takes_no_upstream(backward: Any) -> bool:
    """Whether a backward pass starts from labels and not from a gradient from above."""
    return any(map(is_label, needed(backward))) and not any(
        n.lower().startswith(("d", "grad")) for n in needed(backward)
    )


def by_names(function: Any, at_hand: Mapping[str, Any]) -> Any:
    """A call with what is at hand under the names of the arguments. Raises KeyError where something is missing."""
    small = {k.lower().strip("_"): v for k, v in reversed(list(at_hand.items()))}
    args = []
    for name in needed(function):
        found = at_hand.get(name, small.get(name.lower().strip("_")))
        if found is None and is_label(name):
            found = at_hand["labels of the net"]
        elif found is None and CACHE.fullmatch(name):
            found = at_hand["cache"]
        elif found is None and DATA.fullmatch(name):
            found = at_hand["input of the net"]
        elif found is None and by_name(name) and not name.lower().startswith(("a", "z", "y")):
            found = by_name(name)[0]
        elif found is None:
            found = at_hand[""]  # the output, as A2, AL or y_hat
        args.append(found)
    return function(*args)


def at_hand_after(forward: Any, given: Arrays) -> Arrays:
    """What is at hand after a forward pass."""
    result = by_names(forward, copy.deepcopy(given))
    parts = list(result) if isinstance(result, tuple) else [result]
    names = returned_names(forward)
    names = names if len(names) == len(parts) else [f"result {k}" for k in range(len(parts))]
    kept = [k for k, p in enumerate(parts) if isinstance(p, (dict, list, tuple))]
    names = ["cache" if [k] == kept else n for k, n in enumerate(names)]
    found = {**given, **dict(zip(names, parts, strict=True))}
    for part in parts:
        if isinstance(part, dict):
            found = {**part, **found}
    arrays = [(n, p) for n, p in zip(names, parts, strict=True) if is_number(p)]
    outputs = [p for n, p in arrays if n.lower().startswith(("a", "y", "o", "p", "h"))] or [p for _, p in arrays]
    found[""] = outputs[0] if isinstance(result, tuple) and isinstance(parts[-1], (dict, list, tuple)) else outputs[-1]
    found["results"] = dict(zip(names, parts, strict=True))
    return found


def named_gradients(backward: Any, result: Any, parameters: Arrays) -> Arrays:
    """The gradients that a backward pass gives, under the names of their parameters."""
    if not isinstance(result, dict):
        parts = list(result) if isinstance(result, tuple) else [result]
        if dicts := [p for p in parts if isinstance(p, dict)]:
            result = dicts[0]
        else:
            names = returned_names(backward)
            names = names if len(names) == len(parts) else list(parameters)[: len(parts)]
            result = dict(zip(names, parts, strict=False))
    small = {n.lower(): n for n in parameters}
    return {small[k]: g for n, g in result.items() if (k := bare(str(n)).lower()) in small}


# -- nets of functions ------------------------------------------------------------------------------------------------


def nets_of_functions(forward: Any, backward: Any, noted: Sequence[Any] = ()) -> Iterator[Net]:
    """Nets of the sizes of the calls that were noted, then of several sizes, each way round, at inputs and labels that
    the functions take."""
    names = list(dict.fromkeys([*needed(forward), *needed(backward)]))
    cost = cost_of(forward, backward)
    whole = next((n for n in needed(forward) if n.lower() in ("parameters", "params", "weights", "theta")), "")
    single = [n for n in names if n.rstrip("0123456789").lower() in ("w", "b", "weights", "bias", "weight", "biases")]
    called = [dict(zip(needed(forward), place, strict=False)) for place in noted]
    used = [found for given in called if (found := _used(given.get(whole) if whole else given))][:1]
    names = single if not whole else []
    drawn = (
        (by_columns, layers, outs, drawn_parameters(names, layers, outs, by_columns=by_columns))
        for by_columns, layers, outs in itertools.product((True, False), (2, 3, 1), (1, 3))
    )
    for k, (by_columns, layers, outs, made) in enumerate(itertools.chain(used, drawn)):
        first = np.shape(next(x for n, x in made.items() if n.lower().startswith("w")))
        x = np.random.default_rng(1).normal(size=(first[-1], ROWS) if by_columns else (ROWS, first[0]))
        for labels in drawn_labels(outs, by_columns=by_columns):

            def run(arrays: Arrays, x: Any = x, labels: Any = labels) -> Arrays:
                given = {"input of the net": x, "labels of the net": labels, **({whole: arrays} if whole else arrays)}
                return at_hand_after(forward, given)

            def own(at_hand: Arrays) -> Any:
                scalar = [v for n, v in at_hand["results"].items() if n.lower() in map(str.lower, COSTS)]
                return scalar[0] if scalar else by_names(cost, at_hand)

            def gradients(at_hand: Arrays, made: Arrays = made) -> Arrays:
                given = at_hand["results"] if forward is backward else by_names(backward, copy.deepcopy(at_hand))
                return named_gradients(backward, given, made)

            of_file = own if cost or _gives_cost(forward) else None
            yield Net(made, run, of_file, gradients, labels, layers, k < len(used))


def cost_of(forward: Any, backward: Any) -> Any:
    """The cost of a file, by its name; None where there is none."""
    space = getattr(inspect.unwrap(forward), "__globals__", {})
    known = {k.lower(): k for k in space}
    return next((f for c in COSTS if callable(f := space.get(known.get(c.lower(), c))) and f is not backward), None)


def _used(parameters: Any) -> tuple[bool, int, int, Arrays] | None:
    """How the weights and biases W1, b1, W2, ... of a call stand: by columns or rows, how many layers and outputs, and
    they themselves, moved aside from zeros; None for others, or too many."""
    if not isinstance(parameters, Mapping):
        return None
    names = [n for n, x in parameters.items() if re.fullmatch(r"[Wb]\d+", str(n)) and is_number(x) and np.ndim(x) == 2]
    total = sum(np.size(parameters[n]) for n in names)
    biases = [np.shape(parameters[n]) for n in names if n[0] == "b"]
    if not biases or 2 * len(biases) != len(names) or total > LARGEST or all(1 not in size for size in biases):
        return None
    random = np.random.default_rng(0)
    by_columns = all(size[1] == 1 for size in biases)
    made = {n: np.asarray(parameters[n]) + 0.3 * random.normal(size=np.shape(parameters[n])) for n in names}
    return by_columns, len(biases), int(np.prod(biases[-1])), made


def _gives_cost(forward: Any) -> bool:
    return any(n.lower() in map(str.lower, COSTS) for n in returned_names(forward))


def drawn_parameters(names: list[str], layers: int, outs: int, *, by_columns: bool) -> Arrays:
    """Weights and biases of a net, of the names `names`, else W1, b1, W2, ..."""
    random = np.random.default_rng(0)
    numbers = sorted({n[len(n.rstrip("0123456789")) :] for n in names}) or [str(k + 1) for k in range(layers)]
    names = names or [f"{kind}{k}" for k in numbers for kind in ("W", "b")]
    sizes = [INS, *([HIDDEN] * (len(numbers) - 1)), outs]
    found: Arrays = {}
    for name in names:
        k = numbers.index(name[len(name.rstrip("0123456789")) :])
        into, out = sizes[k], sizes[k + 1]
        alone = name == "w"  # of logistic regression: a column
        if name.lower().startswith("w"):
            found[name] = random.normal(size=(into, out) if alone or not by_columns else (out, into))
        else:
            size = (out, 1) if by_columns else (1, out)
            found[name] = 0.3 * random.normal(size=size) if name != "b" else 0.3
    return found


def drawn_labels(outs: int, *, by_columns: bool) -> list[Any]:
    whole = np.array([0, 2, 1, 1, 0])
    two = (whole > 0).astype(int)
    whole = whole % max(outs, 2)
    if outs == 1:
        return [two[None] if by_columns else two[:, None]]
    ones = np.eye(outs, dtype=int)[whole]
    return [ones.T if by_columns else ones, whole]


# -- costs that a file leaves out -------------------------------------------------------------------------------------


def usual_costs(labels: Any) -> Iterator[tuple[str, Callable[[Arrays], Any]]]:
    """The costs that nets are usually trained by, in words and as functions of what is at hand."""

    def rows(y: Any) -> Any:
        labels_ = np.asarray(labels)
        if labels_.shape == shape(y):
            return labels_
        axis = 0 if shape(y)[-1] == labels_.size else 1
        eye = np.eye(shape(y)[axis])[labels_.ravel()]
        return eye.T if axis == 0 else eye

    def entropy(y: Any) -> Any:
        t, p = rows(y), np.asarray(primal(y))
        if np.allclose(p.sum(axis=0), 1) or np.allclose(p.sum(axis=-1), 1):
            return -np.sum(t * np.log(y))
        return -np.sum(t * np.log(y) + (1 - t) * np.log(1 - y))

    def squares(y: Any) -> Any:
        return np.sum((y - rows(y)) ** 2)

    count = max(np.shape(labels), default=1)
    factors = {"the mean": 1 / count, "the sum": 1.0, "half the sum": 0.5, "half the mean": 0.5 / count}
    if count < np.size(labels):
        factors |= {"the mean over all numbers": 1 / np.size(labels)}
    for what, total in (("cross entropy", entropy), ("squared error", squares)):
        for words, factor in factors.items():

            def cost(at_hand: Arrays, total: Callable[[Any], Any] = total, factor: float = factor) -> Any:
                return factor * total(at_hand[""])

            yield f"{words} of the {what}", cost


def agreeing(net: Net, cost: Callable[[Arrays], Any]) -> set[str]:
    """The parameters whose gradient is that of the cost along a direction, by a difference."""
    random = np.random.default_rng(2)
    with quiet():
        gradients = net.slopes(list(net.parameters.values()))
        found = set()
        for name, g in gradients.items():
            move = random.normal(size=np.shape(net.parameters[name]))
            up, down = (
                net.value(cost, list({**net.parameters, name: net.parameters[name] + h * move}.values()))
                for h in (1e-5, -1e-5)
            )
            slope = float(np.sum(np.reshape(g, np.shape(move)) * move)) if _fits(g, move) else np.inf
            due = float(up - down) / 2e-5
            if abs(slope - due) <= 1e-6 * max(abs(due), 1e-3):
                found.add(name)
    return found


def works(net: Net) -> bool:
    """Whether both passes run, and give gradients in the shapes of their parameters."""
    found = _gradients(net)
    return bool(found) and all(_fits(g, net.parameters[n]) for n, g in found.items())


def nearly_works(net: Net) -> bool:
    """Whether both passes run, and give gradients of which some have the shapes of their parameters and the others are
    single numbers: an update spreads them without a word."""
    found = _gradients(net)
    misfits = [g for n, g in found.items() if not _fits(g, net.parameters[n])]
    return 0 < len(misfits) < len(found) and all(np.size(g) == 1 for g in misfits)


def _gradients(net: Net) -> Arrays:
    try:
        with quiet():
            arrays = list(net.parameters.values())
            found = net.slopes(arrays)
            known = net.cost is None or np.isfinite(net.value(net.cost, arrays))
        return found if known else {}
    except Exception:  # not of these shapes
        return {}


def _fits(gradient: Any, parameter: Any) -> bool:
    """Whether a gradient has the shape of its parameter, but for axes of one number in front."""
    got, due = np.shape(gradient), np.shape(parameter)
    front = due[: len(due) - len(got)]
    return got == due[len(front) :] and len(got) + len(front) == len(due) and all(n == 1 for n in front)
