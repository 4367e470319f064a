"""How jitted results are compared with eager ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import trees
from chainrule.jit.call import compiled
from chainrule.jit.replay import Replay


def agree(got: Any, expected: Any, rtol: float = 1e-11, atol: float = 1e-13) -> None:
    """The same containers, shapes and types, and numbers within a tolerance relative to the largest of them."""
    left, structure = trees.flatten(got)
    right, wanted = trees.flatten(expected)
    assert structure == wanted
    for a, b in zip(left, right, strict=True):
        if not isinstance(b, (float, np.ndarray, np.generic)):
            assert a == b
            continue
        assert np.shape(a) == np.shape(b)
        assert np.result_type(a) == np.result_type(b)
        assert isinstance(a, np.ndarray) == (np.ndim(b) > 0)
        size = np.abs(np.asarray(b, float))
        largest = np.max(size, initial=0.0, where=np.isfinite(size))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol + rtol * largest)


WAYS = ["machine code", "rows"]


def jitted(way: str, monkeypatch: Any) -> Callable[..., Any]:
    """jit as one of WAYS: "rows" replays programs with NumPy, row by row."""
    if way == "rows":
        monkeypatch.setattr(compiled, "build", lambda program, **_: Replay(program))
    return cr.jit


def by_rows(f: Callable[..., Any], monkeypatch: Any, strict: bool = False) -> Any:
    """jit(f) whose programs are replayed with NumPy, row by row."""
    monkeypatch.setattr(compiled, "build", lambda program, **_: Replay(program))
    return cr.jit(f, strict=strict)
