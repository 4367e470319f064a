"""What NumPy would be called for, written as what loops compute: elements taken at places in a regular order are a
slice, a rotation is two slices side by side, and a sum of products by letters is a matrix product, or a product and a
sum."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jit.program import Step


def written(step: Step, strict: bool) -> Step:
    """`step`, or what computes the same in loops.

    strict    only what keeps every result as it is, bit by bit
    """
    rule = _RULES.get(step.op)
    return step if rule is None or (strict and step.op in _ROUNDING) else rule(step)


# -- moves ------------------------------------------------------------------------------------------------------


def _regular(step: Step) -> Step:
    """An index with one array of places that are equally far apart, as a slice. Each place occurs once, so that what a
    `scatter` adds up there it may as well store."""
    index = step.settings["index"]
    whole = step.args[0].shape if step.op == "getitem" else step.shape
    parts = list(index) if type(index) is tuple else [index]
    arrays = [k for k, part in enumerate(parts) if isinstance(part, np.ndarray)]
    if len(arrays) != 1 or any(not isinstance(p, (slice, np.ndarray)) for p in parts) or len(parts) > len(whole):
        return step
    at = arrays[0]
    if parts[at].ndim == 2:
        return _windows(step, parts, at, whole[at])
    found = _slice(parts[at], whole[at])
    if found is None:
        return step
    parts[at] = found
    settings = {**step.settings, "index": tuple(parts)}
    return Step(step.op, step.args, settings, step.shape, step.dtype, step.line, step.at)


WINDOWS = 32
"""Slices that a table of places may become."""


def _windows(step: Step, parts: list[Any], at: int, n: int) -> Step:
    """A table of places of which each row, or each column, is a slice: sliding windows, as slices side by side."""
    short = int(np.argmin(parts[at].shape))
    rows = list(np.moveaxis(parts[at], short, 0))
    slices = [_slice(row, n) for row in rows] if len(rows) <= WINDOWS else [None]
    if not rows or None in slices:
        return step
    axis, (x,) = at + short, step.args
    front = (slice(None),) * axis
    made = []
    for k, part in enumerate(slices):
        settings = {**step.settings, "index": (*parts[:at], part, *parts[at + 1 :])}
        if step.op == "getitem":
            shape = step.shape[:axis] + step.shape[axis + 1 :]
            made.append(Step("getitem", (x,), settings, shape, step.dtype, step.line))
            continue
        shape = x.shape[:axis] + x.shape[axis + 1 :]
        own = Step("getitem", (x,), {"index": (*front, k)}, shape, step.dtype, step.line)
        made.append(Step("scatter", (own,), settings, step.shape, step.dtype, step.line))
    if step.op == "getitem":
        return Step("stack", tuple(made), {"axis": axis}, step.shape, step.dtype, step.line)
    return functools.reduce(lambda a, b: Step("add", (a, b), {}, step.shape, step.dtype, step.line), made)


def _slice(places: Any, n: int) -> slice | None:
    if places.ndim != 1 or places.dtype.kind not in "iu" or not len(places):
        return None
    first, last = int(places[0]), int(places[-1])
    if min(first, last) < -n or max(first, last) >= n or (first < 0) != (last < 0):
        return None
    stride = 1 if len(places) == 1 else int(places[1]) - first
    if stride < 1 or not np.array_equal(places, first + stride * np.arange(len(places))):
        return None
    start = first + n if first < 0 else first
    return slice(start, start + stride * (len(places) - 1) + 1, stride)


def _roll(step: Step) -> Step:
    """One axis after the other: what is pushed out at its end stands in front."""
    (x,) = step.args
    for shift, axis in zip(step.settings["shift"], step.settings["axis"], strict=True):
        n = step.shape[axis]
        by = shift % n if n else 0
        if not by:
            continue
        front = (slice(None),) * axis
        parts = []
        for span in (slice(n - by, n), slice(0, n - by)):
            shape = (*step.shape[:axis], span.stop - span.start, *step.shape[axis + 1 :])
            parts.append(Step("getitem", (x,), {"index": (*front, span)}, shape, step.dtype, step.line))
        x = Step("concatenate", tuple(parts), {"axis": axis}, step.shape, step.dtype, step.line)
    return x


# -- sums of products by letters ----------------------------------------------------------------------------------


class Lettered:
    """A step whose axes have letters."""

    def __init__(self, step: Step, letters: str) -> None:
        self.step, self.letters = step, letters

    @property
    def sizes(self) -> dict[str, int]:
        return dict(zip(self.letters, self.step.shape, strict=True))

    def summed(self, kept: set[str]) -> Lettered:
        """Without the axes whose letters are not kept."""
        axes = tuple(k for k, c in enumerate(self.letters) if c not in kept)
        if not axes:
            return self
        rest = "".join(c for c in self.letters if c in kept)
        shape = tuple(self.sizes[c] for c in rest)
        made = Step("sum", (self.step,), {"axis": axes, "keepdims": False}, shape, self.step.dtype, self.step.line)
        return Lettered(made, rest)

    def without(self, letters: str) -> Lettered:
        """Without these axes, of one element each."""
        if not letters:
            return self
        rest = "".join(c for c in self.letters if c not in letters)
        return Lettered(self.shaped(self.letters, tuple(self.sizes[c] for c in rest)), rest)

    def ordered(self, letters: str) -> Lettered:
        """With the axes in another order."""
        if letters == self.letters:
            return self
        axes = tuple(self.letters.index(c) for c in letters)
        shape = tuple(self.sizes[c] for c in letters)
        made = Step("transpose", (self.step,), {"axes": axes}, shape, self.step.dtype, self.step.line)
        return Lettered(made, letters)

    def shaped(self, letters: str, shape: tuple[int, ...]) -> Step:
        """The axes in that order, then that shape."""
        x = self.ordered(letters).step
        return x if x.shape == shape else Step("reshape", (x,), {"shape": shape}, shape, x.dtype, x.line)


def _einsum(step: Step) -> Step:
    inputs, output = step.settings["subscripts"].split("->")
    terms = inputs.split(",")
    plain = all(len(set(t)) == len(t) for t in (*terms, output)) and set(output) <= set("".join(terms))
    if not plain or step.dtype.kind != "f" or any(a.dtype != step.dtype for a in step.args):
        return step
    if any(0 in a.shape for a in step.args):
        return step
    operands = [Lettered(a, t) for a, t in zip(step.args, terms, strict=True)]
    longest = {c: max(x.sizes.get(c, 1) for x in operands) for t in terms for c in t}
    operands = [x.without("".join(c for c, n in x.sizes.items() if n < longest[c])) for x in operands]
    terms = [x.letters for x in operands]  # one element beside many is the same for all of them
    for k, x in enumerate(operands):
        others = {c for j, t in enumerate(terms) if j != k for c in t}
        operands[k] = x.summed(others | set(output))
    while len(operands) > 1:
        a, b = min(itertools.combinations(operands, 2), key=_cost)
        operands = [x for x in operands if x is not a and x is not b]
        operands.append(_product(a, b, output + "".join(x.letters for x in operands)))
    return operands[0].ordered(output).step


def _cost(pair: tuple[Lettered, Lettered]) -> int:
    """The products that two operands become."""
    return math.prod((pair[0].sizes | pair[1].sizes).values())


def _product(a: Lettered, b: Lettered, kept: str) -> Lettered:
    """Letters are those of a batch, in both and `kept`; summed over, in both alone; and of one of the two."""
    sizes = {**a.sizes, **b.sizes}
    both = [c for c in a.letters if c in b.letters]
    batch = "".join(c for c in both if c in kept)
    summed = "".join(c for c in both if c not in kept)
    rows = "".join(c for c in a.letters if c not in both)
    columns = "".join(c for c in b.letters if c not in both)
    if not summed or (batch and not (rows and columns)):
        return _spread(a, b, batch + rows + columns + summed, sizes).summed(set(kept))
    size = [math.prod(sizes[c] for c in part) for part in (batch, rows, summed, columns)]
    lead = (size[0],) if batch else ()
    left = a.shaped(batch + rows + summed, (*lead, size[1], size[2]))
    right = b.shaped(batch + summed + columns, (*lead, size[2], size[3]))
    line = a.step.line
    product = Step("matmul", (left, right), {}, (*lead, size[1], size[3]), left.dtype, line)
    letters = batch + rows + columns
    shape = tuple(sizes[c] for c in letters)
    if shape != product.shape:
        product = Step("reshape", (product,), {"shape": shape}, shape, product.dtype, line)
    return Lettered(product, letters)


def _spread(a: Lettered, b: Lettered, letters: str, sizes: dict[str, int]) -> Lettered:
    """The product of each element with each."""
    operands = []
    for x in (a, b):
        own = "".join(c for c in letters if c in x.letters)
        operands.append(x.shaped(own, tuple(sizes[c] if c in x.letters else 1 for c in letters)))
    shape = tuple(sizes[c] for c in letters)
    return Lettered(Step("multiply", tuple(operands), {}, shape, a.step.dtype, a.step.line), letters)


_ROUNDING = ("einsum", "scatter")
"""Sums in another order; and -0.0 stored, where 0.0 + -0.0 is 0.0."""

_RULES: dict[str, Callable[[Step], Step]] = {
    "getitem": _regular,
    "scatter": _regular,
    "roll": _roll,
    "einsum": _einsum,
}
