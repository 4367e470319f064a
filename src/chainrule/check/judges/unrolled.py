"""Costs of nets whose parameters are one long vector, which the function cuts by sizes that it is told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.judges.named import DATA, is_label
from chainrule.check.subject import quiet
from chainrule.signatures import needed

VECTOR = re.compile(r"(nn_?|initial_?|all_?)?(params?|parameters|theta|weights|w|thetas?_?vec)", re.IGNORECASE)
SIZES = {
    r"(n_?)?(input|visible|in)\w*size|n_?(in|inputs?|features|visible)|input_?(layer|dim|units)\w*": 3,
    r"(n_?)?hidden\w*size|n_?(h|hidden)\w*|hidden_?(layer|dim|units)\w*": 4,
    r"(n_?|num_?)?(labels|classes|outputs?|out)(_?(layer_?)?size|_?dim)?": 3,
}
ROWS, LONGEST = 5, 70


def unrolled(function: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Arguments at which a function gives a cost and a gradient as long as the vector of parameters that it is handed.

    The length is found by trying: of other lengths the vector cannot be cut into matrices.
    """
    names = needed(function)
    sizes = {n: size for n in names[1:] for p, size in SIZES.items() if re.fullmatch(p, n, re.IGNORECASE)}
    if not names or not VECTOR.fullmatch(names[0]) or len(sizes) < 2:
        return
    random = np.random.default_rng(0)
    width, outs = min(sizes.values()), 3
    whole = np.array([0, 2, 1, 1, 0])
    labels = [whole, np.eye(outs, dtype=int)[whole], whole[:, None], whole + 1, whole[:, None] + 1]
    x = random.uniform(0.1, 0.9, (ROWS, width))
    spoken = any(map(is_label, names))
    for data, y in itertools.product((x, x.T), labels if spoken else labels[:1]):
        rest = [sizes.get(n, y if is_label(n) else data if DATA.fullmatch(n) else 0.3) for n in names[1:]]
        for count in range(2, LONGEST):
            place = (random.uniform(-0.9, 0.9, count), *rest)
            if _fits(function, place):
                yield place
                break


def _fits(function: Callable[..., Any], place: tuple[Any, ...]) -> bool:
    try:
        with quiet():
            value, gradient = function(*(np.array(a) if isinstance(a, np.ndarray) else a for a in place))
        return bool(np.size(value) == 1 and np.isfinite(np.sum(value)) and np.size(gradient) == len(place[0]))
    except Exception:  # of another length
        return False
