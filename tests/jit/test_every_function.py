"""Every function of NumPy called once in a program: it gives what NumPy gives, for other numbers too, or is refused.

A third of the functions; with CHAINRULE_EVERY_POINT=1 in the environment all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.errors import ChainruleError

EVERY = bool(os.environ.get("CHAINRULE_EVERY_POINT"))
TWICE = {np.linalg.norm: (0,), np.linalg.matrix_rank: (), np.intersect1d: (np.array([0.5, 1.5]),)}
"""Functions whose rules ask NumPy's own about the same numbers; always tried."""
NAMED = {f"{f.__module__}.{f.__name__}": f for f in (*FUNCTIONS, np.nextafter) if hasattr(f, "__name__")}
NAMES = [name for k, name in enumerate(sorted(NAMED)) if EVERY or k % 3 == 0 or NAMED[name] in TWICE]
POINTS = [np.array([0.5, -1.5, 2.25, 1.0]), np.array([1.5, 0.5, 0.0, -2.0])]


def calls(function: Any) -> list[Callable[[Any], Any]]:
    """Ways to call it; those that raise TypeError or ValueError with plain numbers are left out."""
    more = TWICE.get(function, ())
    return [
        lambda x: function(x, *more),
        lambda x: function(x, x),
        lambda x: function(x.reshape(2, 2)),
    ]


def total(y: Any) -> Any:
    y = y[0] if isinstance(y, (tuple, list)) else y
    return np.sum((np.real(y) if np.iscomplexobj(y) else y) * 1.0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_gives_what_numpy_gives(name: str) -> None:
    for call in calls(NAMED[name]):

        def f(x: Any, call: Callable[[Any], Any] = call) -> Any:
            return total(call(x))

        try:
            expected = [f(x.copy()) for x in POINTS]
        except Exception:
            continue
        fast = cr.jit(f)
        try:
            found = [fast(x.copy()) for x in POINTS]
        except ChainruleError:
            continue
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
        return
