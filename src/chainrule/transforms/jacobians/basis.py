"""The unit vectors in which derivatives are computed, and how many of them at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.libraries import beside, library, zeros_like
from chainrule.numbers import Number, is_array, primal, shape


def basis(x: Number) -> list[Number]:
    """The unit vectors of the space `x` lives in; [1] for a number."""
    x = primal(x)
    if not is_array(x):
        return [zeros_like(x) + 1]
    n = math.prod(shape(x))
    if not isinstance(x, np.ndarray):
        xp = library(x).xp
        zero = zeros_like(x)  # of a recorded array: so that what becomes of the units is recorded
        eye = xp.eye(n, dtype=x.dtype, **beside(x))
        return [xp.reshape(eye[k, ...], shape(x)) + zero for k in range(n)]
    return [row.reshape(x.shape) for row in np.eye(n, dtype=x.dtype if x.dtype.kind == "f" else float)]


def units(x: Any, chunk: int | None) -> Iterator[Any]:
    """The unit vectors of an array, stacked: all, or `chunk` of them at a time.

    >>> [len(some) for some in units(np.zeros((2, 3)), 4)]
    [4, 2]
    """
    n = math.prod(shape(x))
    step = min(chunk or n, n)
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    for start in range(0, n, step):
        count = min(step, n - start)
        yield np.eye(count, n, start, dtype=dtype).reshape(count, *shape(x))


def check_chunk(chunk: Any, verb: str, what: str = "rows or columns") -> None:
    """Raises ArgumentError for what is no number of things to compute at once."""
    if chunk is not None and (not isinstance(chunk, (int, np.integer)) or isinstance(chunk, bool) or chunk < 1):
        raise ArgumentError.here(f"{verb}: chunk expects how many {what} to compute at once, 1 or more, got {chunk!r}")
