"""Parameters in a dict, for functions that say in their text which they read: `parameters["Wax"]`."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.judges.said import functions

DICTS = ("parameters", "params", "weights", "p")
WIDTH, EXAMPLES, STEPS = 3, 2, 4


def keys_of(function: Callable[..., Any], name: str) -> list[str]:
    """The entries of the argument `name` that a function and those that it calls read."""
    found: dict[str, None] = {}
    for f in functions(function):
        try:
            text = inspect.getsource(f)
        except (OSError, TypeError):
            continue
        found |= dict.fromkeys(re.findall(rf"\b{name}\[\s*['\"](\w+)['\"]\s*\]", text))
    return list(found)


def with_dicts(function: Callable[..., Any], names: list[str]) -> Iterator[tuple[Any, ...]]:
    """Arguments for a function of arrays and a dict of parameters: all layers are as wide as their inputs, so that only
    the ways round, sequences, and matrices that take two vectors at once remain to be tried."""
    dicts = {n: keys_of(function, n) for n in names if n in DICTS}
    if not any(dicts.values()):
        return
    for columns, steps, wide in itertools.product((True, False), (False, True), (False, True)):
        random = np.random.default_rng(0)
        table = (WIDTH, EXAMPLES) if columns else (EXAMPLES, WIDTH)
        values: list[Any] = []
        for n in names:
            if n in dicts:
                values.append({k: random.uniform(-0.8, 0.8, _size(k, columns, wide)) for k in dicts[n]})
            else:
                values.append(random.uniform(-1, 1, (*table, STEPS) if steps and n.lower() == "x" else table))
        yield tuple(values)


def _size(key: str, columns: bool, wide: bool) -> tuple[int, ...]:
    if key.lower().startswith("b"):
        return (WIDTH, 1) if columns else (WIDTH,)
    double = 2 * WIDTH if wide and "y" not in key else WIDTH
    return (WIDTH, double) if columns else (double, WIDTH)
