"""Where the entries of a sparse array lie among the slopes of its terms."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from chainrule.numbers import Number, primal, shape
from chainrule.ops.shape import broadcast_to, concatenate, reshape, stack
from chainrule.sparse.terms import Term, Unknown, terms

RUNS = 16
"""Slices that are put side by side; more are taken one by one."""


class Layout:
    """Of the results of one recording: the slopes of all terms of an element, element by element, result by result.

    at  for each entry, by rows and by columns within them, its place there; where these follow each other, but for
        a few gaps, slices
    """

    def __init__(self, results: list[list[Term]], sizes: list[tuple[int, ...]], dtype: Any, pattern: Any) -> None:
        self.sizes, self.dtype = sizes, dtype
        self.places = [_places(some) for some in results]
        rows, columns, slots = [], [], []
        row = slot = 0
        for places, size in zip(self.places, sizes, strict=True):
            element, term = np.nonzero(places >= 0)
            rows.append(row + element)
            columns.append(places[element, term])
            slots.append(slot + element * places.shape[1] + term)
            row, slot = row + math.prod(size), slot + places.size
        by_row, by_column, at = map(np.concatenate, (rows, columns, slots))
        order = np.lexsort((by_column, by_row))
        by_row, by_column, at = by_row[order], by_column[order], at[order]
        starts = np.searchsorted(by_row, np.arange(row + 1))
        if not (np.array_equal(starts, pattern.indptr) and np.array_equal(by_column, pattern.indices)):
            raise Unknown  # an entry twice, or one that is always 0
        ends = [0, *(np.flatnonzero(np.diff(at) != 1) + 1).tolist(), len(at)]
        runs = tuple([slice(int(at[k]), int(at[m - 1]) + 1) for k, m in itertools.pairwise(ends)]) if len(at) else ()
        self.at: Any = runs if 0 < len(runs) <= RUNS else at

    def slopes(self, recorded: Any) -> Number:
        """The slopes of a recording in this layout, in an array of any shape. Raises Unknown where it has another."""
        with np.errstate(all="ignore"):
            of = terms(recorded)
        if of is None or [shape(y) for y in recorded.results] != self.sizes:
            raise Unknown
        parts = []
        for some, size, places in zip(of, self.sizes, self.places, strict=True):
            if not np.array_equal(_places(some), places):
                raise Unknown
            if some:
                wide = [self._wide(term.slope, size) for term in some]
                parts.append(stack(wide, axis=1) if len(wide) > 1 else wide[0])
        found = concatenate([reshape(part, (-1,)) for part in parts]) if len(parts) > 1 else parts[0]
        if getattr(primal(found), "dtype", None) != self.dtype:
            raise Unknown
        return found

    def _wide(self, slope: Number, size: tuple[int, ...]) -> Number:
        if isinstance(slope, float):
            return np.full(math.prod(size), slope, self.dtype)
        return reshape(broadcast_to(slope, size or (1,)), (-1,))


def layout_of(recorded: Any, pattern: Any) -> Layout | None:
    """The layout of a recording. None where its terms are unknown, or more than one meet at an entry."""
    with np.errstate(all="ignore"):
        found = terms(recorded)
    if not found or not any(found):
        return None
    dtypes = {getattr(primal(recorded.plain(y)), "dtype", np.dtype(float)) for y in recorded.results}
    if len(dtypes) > 1:
        return None
    try:
        return Layout(found, [shape(y) for y in recorded.results], dtypes.pop(), pattern)
    except Unknown:
        return None


def _places(some: list[Term]) -> Any:
    """A row for each element, a column for each term."""
    return np.stack([term.places.ravel() for term in some], axis=1) if some else np.zeros((0, 0), int)
