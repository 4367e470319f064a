"""Factors of a matrix, of which each row is one: LAPACK computes them together, and a call for another one of the
last few matrices gets it without. A gradient through `svd` asks three times, one through `eigh` twice or more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

MATRICES = 4
MOST = 1 << 26  # bytes that are kept, of a thread's matrices and their factors


class _Kept(threading.local):
    """Of this thread: what was asked for, its factors and their bytes, the last one first."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, tuple[Any, ...], int]] = []


_kept = _Kept()


def part(name: str, compute: Callable[[Any], Any], a: Any, k: int) -> Any:
    """Number k of the factors that `compute` makes of a matrix, or a stack of them. They are told by name and by the
    numbers of `a`, bit by bit: arrays may be written to."""
    if type(a) is not np.ndarray or a.dtype.hasobject:
        return compute(a)[k]
    asked = name, a.dtype, a.shape, a.tobytes()
    for known, factors, _ in _kept.found:
        if known == asked:
            return factors[k].copy()
    factors = tuple(compute(a))
    size = a.nbytes + sum(x.nbytes for x in factors)
    if size > MOST:
        return factors[k]
    _kept.found[MATRICES - 1 :] = []
    _kept.found.insert(0, (asked, factors, size))
    while sum(size for _, _, size in _kept.found) > MOST:
        _kept.found.pop()
    return factors[k].copy()


def clear() -> None:
    """Forget this thread's."""
    _kept.found.clear()
