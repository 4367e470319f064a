"""Gradients of the right numbers in a wrong shape: not summed over an axis along which the argument was repeated,
transposed, or flattened."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.subject import local
from chainrule.numbers import shape

Repair = Callable[[NDArray[Any]], NDArray[Any]]


def repairs(name: str, value: Any, wanted: tuple[int, ...]) -> Iterator[tuple[str, Repair]]:
    """What might make an array of another shape the gradient of `name`, each with what it means."""
    got = shape(local(value))
    if _squeezed(got) == _squeezed(wanted):
        return
    for axes in _summed(got, wanted):
        along = f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
        text = f"the sum over {along}, along which {name} was repeated, is missing"
        yield text, functools.partial(_sum, axes, wanted)
    if got == wanted[::-1]:
        yield "it is transposed", lambda g: g.T
    if np.prod(got, dtype=int) == np.prod(wanted, dtype=int):
        yield f"it has shape {got}: reshape it to {wanted}", lambda g: g.reshape(wanted)
    if wanted == () or np.prod(got, dtype=int) < np.prod(wanted, dtype=int):
        for axes in _summed(wanted, got):
            text = f"it is summed over axis {', '.join(map(str, axes))} of {name}"
            yield text, functools.partial(_spread, axes, wanted)


def _sum(axes: tuple[int, ...], wanted: tuple[int, ...], g: NDArray[Any]) -> NDArray[Any]:
    return np.reshape(np.sum(g, axis=axes), wanted)


def _spread(axes: tuple[int, ...], wanted: tuple[int, ...], g: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(np.expand_dims(g.reshape(_squeezed(g.shape)), axes), wanted)


def _summed(large: tuple[int, ...], small: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The axes of `large` over which a sum leaves `small`: those in front, or those that are 1 there."""
    want = _squeezed(small)
    for keep in range(2 ** len(large)) if len(large) <= 6 else ():
        kept = [a for a in range(len(large)) if keep >> a & 1]
        gone = tuple(a for a in range(len(large)) if a not in kept)
        if gone and tuple(large[a] for a in kept if large[a] != 1) == want:
            yield gone


def _squeezed(size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in size if n != 1)
