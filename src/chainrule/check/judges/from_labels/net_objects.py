"""Nets that are objects: `feedforward(x)` and `backprop(x, y)`, whose gradients are returned in lists or taken off the
weights at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import array_at, arrays_of, with_arrays
from chainrule.check.backward.gradients import bare
from chainrule.check.backward.layer import is_gradient
from chainrule.check.backward.left import called
from chainrule.check.backward.moved import ONLY_HERE
from chainrule.check.judges.from_labels.propagation import ROWS, Arrays, Net, by_names
from chainrule.check.readings.by_name import returned_names
from chainrule.signatures import needed

WORDS = 4  # in a sentence: gradients through time are often cut off after four or five


def nets_of_objects(thing: Any, forward: str, backward: str) -> Iterator[Net]:
    """A net that keeps its weights, as arrays or in lists, with inputs and labels as wide as its first and last."""
    places = {n: p for n, p in arrays_of(thing).items() if not is_gradient(p)}
    arrays = {n: array_at(thing, p) for n, p in places.items()}
    matrices = [a for n, a in arrays.items() if a.ndim == 2 and "w" in n.lower()]
    matrices = matrices or [a for a in arrays.values() if a.ndim == 2]
    if not matrices:
        return
    random = np.random.default_rng(1)
    for column, (ins, outs) in itertools.product(
        (True, False), ((matrices[0].shape[-1], matrices[-1].shape[0]), (matrices[0].shape[0], matrices[-1].shape[-1]))
    ):
        rows = 1 if column else ROWS
        x = random.normal(size=(ins, 1) if column else (rows, ins))
        whole = random.integers(0, outs, rows) if outs > 1 else random.integers(0, 2, rows)
        ones = np.eye(outs, dtype=int)[whole] if outs > 1 else whole[:, None]
        kept = getattr(thing, "y", None) if not needed(getattr(thing, forward)) else None
        numbers = random.uniform(0.1, 0.9, np.shape(ones.T if column else ones))
        for labels in (kept,) if kept is not None else (ones.T if column else ones, numbers):
            yield _net(thing, forward, backward, x, labels, places)
    words = min(n for a in matrices for n in a.shape)
    if words > 1 and needed(getattr(thing, forward)):  # a net that reads words
        x, labels = random.integers(0, words, (2, WORDS))
        yield _net(thing, forward, backward, x, labels, places)


def _net(thing: Any, forward: str, backward: str, x: Any, labels: Any, places: dict[str, Any]) -> Net:
    """A net at an input with labels; its weights stand at `places` of the object."""
    arrays = {n: array_at(thing, p) for n, p in places.items()}
    call = getattr(thing, backward)

    def run(given: Arrays) -> Arrays:
        new = [np.array(x) if isinstance(x, np.ndarray) else x for x in given.values()]
        made = with_arrays(thing, list(arrays.values()), new)
        output = called(getattr(made, forward), *([x] if needed(getattr(made, forward)) else []))
        if isinstance(output, (tuple, list)):
            output = next((y for y in output if _are_chances(y)), output[-1])
        return {"": output, "net": made, "input of the net": x, "labels of the net": labels, "results": {}}

    def gradients(at_hand: Arrays) -> Arrays:
        made = at_hand["net"]
        before = {n: np.array(array_at(made, p)) for n, p in places.items()}
        found = by_names(getattr(made, backward), at_hand)
        if found is not None:
            return listed_gradients(call, found, arrays)
        return {n: before[n] - array_at(made, p) for n, p in places.items()}

    return Net(arrays, run, own_cost(thing), gradients, labels, "object")


def _are_chances(y: Any) -> bool:
    """Whether an output is a table whose rows are the chances of classes."""
    return isinstance(y, np.ndarray) and y.ndim == 2 and y.shape[1] > 1 and np.allclose(y.sum(axis=1), 1.0)


def own_cost(thing: Any) -> Callable[[Arrays], Any] | None:
    """The cost of a net that is an object: `cost.fn(a, y)`, or <cost_derivative(a, y), output>, whose gradient by the
    output is what the derivative says."""
    held = getattr(thing, "cost", None)
    function = getattr(held, "fn", None)
    if callable(function):
        return lambda h: function(h[""], h["labels of the net"])
    slopes = ("cost_derivative", "loss_derivative", "cost_prime", "loss_prime")
    slope = next((getattr(thing, n) for n in slopes if hasattr(thing, n)), None)
    if slope is None:
        return None
    fixed: list[Any] = []

    def cost(h: Arrays) -> Any:
        if not fixed:  # at the parameters of the net itself
            fixed.append(np.array(slope(h[""], h["labels of the net"])))
        return np.sum(fixed[0] * h[""])

    setattr(cost, ONLY_HERE, True)
    return cost


def listed_gradients(backward: Any, result: Any, parameters: Arrays) -> Arrays:
    """The gradients that a method returns, (nabla_b, nabla_w) for `biases` and `weights`, by name or shapes."""
    names = returned_names(backward)
    several = isinstance(result, tuple) or (isinstance(result, list) and len(names) == len(result) > 1)
    parts = list(result) if several else [result]
    if isinstance(result, dict):
        parts, names = list(result.values()), list(result)
    elif len(names) != len(parts):
        names = [""] * len(parts)
    found: Arrays = {}
    for name, part in zip(map(bare, map(str, names)), parts, strict=True):
        values = list(part) if isinstance(part, (list, tuple)) else [part]
        free = [n for n in parameters if n not in found]
        own = [n for n in free if name and n.lower().lstrip("_").startswith(name.lower())]
        if len(own) != len(values):
            groups = [free[k : k + len(values)] for k in range(len(free) - len(values) + 1)]
            alike = [g for g in groups if [np.shape(parameters[n]) for n in g] == list(map(np.shape, values))]
            own = alike[0] if alike else []
        found |= dict(zip(own, values, strict=False))
    return found
