"""Nets whose parameters are a list of layers, each a dict of its own, `[{"W": W, "b": b, "act": "tanh"}, ...]`, or a
dict of such. Their sizes are those of the file's own calls."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import Path, arrays_of, put_at
from chainrule.check.judges.from_labels.propagation import LARGEST, Arrays, Net, at_hand_after, by_names, cost_of
from chainrule.check.judges.named import DATA
from chainrule.check.readings.by_name import MISSING, entry_for
from chainrule.signatures import needed


def nets_of_lists(forward: Any, backward: Any, noted: Sequence[Any]) -> Iterator[Net]:
    """The nets of the calls that were noted, with labels of the kinds that their cost may take."""
    cost = cost_of(forward, backward)
    for place in noted:
        given = dict(zip(needed(forward), place, strict=False))
        whole = next((n for n, x in given.items() if _is_nested(x)), "")
        data = next((x for n, x in given.items() if DATA.fullmatch(n) and isinstance(x, np.ndarray)), None)
        paths = arrays_of(given[whole]) if whole else {}
        if (
            not paths
            or cost is None
            or data is None
            or sum(np.size(_at(given[whole], path)) for path in paths.values()) > LARGEST
        ):
            continue
        for labels in _labels(at_hand_after(forward, given)[""]):
            held = {"input of the net": data, "labels of the net": labels}
            yield _net(forward, backward, cost, {**given, **held}, whole)


def _net(forward: Any, backward: Any, cost: Any, given: Arrays, whole: str) -> Net:
    """The net of one call, by the arrays in the argument `whole`, moved aside from zeros."""
    paths = arrays_of(given[whole])
    random = np.random.default_rng(0)
    made = {f"{whole}{key}": _at(given[whole], path) for key, path in paths.items()}
    made = {key: x + 0.1 * random.normal(size=x.shape) for key, x in made.items()}

    def run(arrays: Arrays) -> Arrays:
        tree = copy.deepcopy(given[whole])
        for x, path in zip(arrays.values(), paths.values(), strict=True):
            put_at(tree, path, x)
        return at_hand_after(forward, {**given, whole: tree})

    def gradients(at_hand: Arrays) -> Arrays:
        result = by_names(backward, copy.deepcopy(at_hand))
        parts = result if isinstance(result, tuple) else (result,)
        tree = next(p for p in parts if isinstance(p, (list, dict)))
        found = {f"{whole}{key}": _slope(tree, path) for key, path in paths.items()}
        return {key: g for key, g in found.items() if g is not None}

    labels = given["labels of the net"]
    return Net(made, run, lambda at_hand: by_names(cost, at_hand), gradients, labels, len(paths), seen=True)


def _is_nested(x: Any) -> bool:
    """Whether an argument is a list, or a dict, of dicts that hold arrays."""
    layers = list(x) if isinstance(x, (list, tuple)) else list(x.values()) if isinstance(x, dict) else []
    return bool(layers) and all(isinstance(layer, dict) for layer in layers) and bool(arrays_of(x))


def _at(tree: Any, path: Path) -> Any:
    for _, key in path:
        tree = tree[key]
    return tree


def _slope(tree: Any, path: Path) -> Any:
    """The gradient in a list or dict like that of the parameters, where it may be called dW for W."""
    for _, key in path:
        entry = entry_for(key, tree) if isinstance(tree, Mapping) and isinstance(key, str) else key
        if entry is MISSING:
            return None
        tree = tree[entry]
    return tree


def _labels(output: Any) -> Iterator[Any]:
    """Labels for an output of this shape: numbers, ones, whole numbers."""
    rows, *rest = np.shape(output)
    yield np.random.default_rng(3).normal(size=(rows, *rest))
    if rest:
        whole = np.arange(rows) % rest[0]
        yield np.eye(rest[0], dtype=int)[whole]
        yield whole
    else:
        yield np.arange(rows) % 2
