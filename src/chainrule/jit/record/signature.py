"""What a recording is made for: the types and shapes of numbers among the arguments, and the values of all else."""

from __future__ import annotations

import enum
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, container_advice

_STATIC = frozenset({int, bool, str, bytes, complex})
_SCALARS = frozenset({np.float64, np.float32})
RANDOM = (random.Random, np.random.Generator, np.random.RandomState)
"""Generators of random numbers, whose state a recording would freeze."""
_DTYPES = frozenset(map(np.dtype, ("f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")))


def kinds_of(leaves: Sequence[Any]) -> Any:
    """What a recording is made for: types, shapes and static values; None where a leaf is none of the usual ones."""
    kinds: list[Any] = []
    for x in leaves:
        kind = type(x)
        if kind is np.ndarray:
            kinds.append(x.dtype)
            kinds.append(x.shape)
        elif kind is float or kind in _SCALARS:
            kinds.append(kind)
        elif kind in _STATIC:
            kinds.append(kind)
            kinds.append(x)
        else:
            return None
    return tuple(kinds)


def native_byte_order(x: Any) -> Any:
    """An array in this machine's order of bytes."""
    return x.astype(x.dtype.newbyteorder("=")) if type(x) is np.ndarray and not x.dtype.isnative else x


def normalised(x: Any) -> Any:
    """An argument as one of the usual kinds: whole numbers of NumPy's as ints, subclasses of arrays as arrays."""
    if isinstance(x, np.integer | np.bool_):
        return x.item()
    if type(x) is np.ndarray or (isinstance(x, np.ndarray) and not isinstance(x, (np.ma.MaskedArray, np.matrix))):
        return np.asarray(x)
    holds_numbers = hasattr(x, "__dict__") and not callable(x) and not isinstance(x, enum.Enum)
    if isinstance(x, np.generic) or hasattr(x, "shape") or type(x).__hash__ is None or holds_numbers:
        raise _not_an_argument(x)
    if isinstance(x, RANDOM):
        raise ArgumentError.here(
            "a generator of random numbers is no argument for jit, which would use the numbers of its first call "
            "again and again; draw them outside, and pass them as an array"
        )
    return x


def is_dynamic(x: Any) -> bool:
    """Whether `x` is a number that may change from call to call."""
    if type(x) is np.ndarray:
        if x.dtype not in _DTYPES:
            raise _not_an_argument(x)
        return True
    return type(x) is float or type(x) in _SCALARS


def _not_an_argument(x: Any) -> ArgumentError:
    kind = f"an array of {x.dtype}" if isinstance(x, np.ndarray) else f"{type(x).__name__} {x!r:.60}"
    root = type(x).__module__.partition(".")[0].removesuffix("lib")
    if root in ("jax", "torch"):
        kind += f"; its arrays are taken, and given, by jit(f, backend={root!r})"
    elif advice := container_advice(x):
        kind += f"; {advice}"
    return ArgumentError.here(
        "jit takes floats, NumPy arrays of float64, float32, integers and booleans, and lists, tuples and dicts of "
        f"them; besides, fixed for a recording, ints, bools, strings, None and functions; got {kind}"
    )
