"""Which passes give which entries of a sparse matrix, and where among their results each entry is."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.sparse.coloring import colored, crowded, without


class Plan:
    """The passes for a Jacobian of a pattern.

    columns     a color for each column, computed forward; -1: by rows
    rows        a color for each row, computed in reverse; -1: by columns
    directions  of the passes forward; `weights` of those in reverse, flat
    filled      puts what they give, one after the other, into a sparse array
    layout      of the terms that give the entries without passes; None: there are none
    """

    layout: Any = None

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern
        height, width = pattern.shape
        choices = _choices(pattern)
        self.columns, self.rows, rest = min(choices, key=lambda choice: _count(choice[0]) + _count(choice[1]))
        entries = pattern.tocoo()
        row, column = entries.row, entries.col
        self.directions: Any = _each(self.columns)
        self.weights: Any = _each(self.rows)
        in_reverse = self.columns[column] < 0 if rest == "rows" else self.rows[row] >= 0
        forward = self.columns[column] * height + row
        backward = len(self.directions) * height + self.rows[row] * width + column
        self.filled = Filled(row, column, np.where(in_reverse, backward, forward), pattern.shape)
        self.drawn = np.random.default_rng(0).normal(size=width)

    @property
    def passes(self) -> int:
        return len(self.directions) + len(self.weights)

    def told(self) -> str:
        """What the passes are, in words."""
        ways = [name for name, of in (("columns", self.directions), ("rows", self.weights)) if of]
        whole = min(self.pattern.shape)
        return f"{self.passes} passes instead of {whole}: {' and '.join(ways) or 'no entries'}"


def _choices(pattern: Any) -> list[tuple[Any, Any, str]]:
    """Colors of columns and of rows: all by columns, all by rows, and with full rows, or full columns, one by one in
    the other direction; and by which of the two the rest is."""
    across = pattern.T.tocsr()
    height, width = pattern.shape
    found = [
        (colored(pattern), np.full(height, -1), "columns"),
        (np.full(width, -1), colored(across), "rows"),
    ]
    if (apart := _apart(pattern)) is not None:
        found.append((*apart, "columns"))
    if (apart := _apart(across)) is not None:
        found.append((*apart[::-1], "rows"))
    return found


def _apart(pattern: Any) -> tuple[Any, Any] | None:
    """Colors of the columns without the full rows, and a color for each of these; None where there are none."""
    full = crowded(pattern)
    return (colored(without(pattern, full)), np.where(full, np.cumsum(full) - 1, -1)) if full.any() else None


def _count(colors: Any) -> int:
    return int(colors.max(initial=-1)) + 1


def _each(colors: Any) -> list[Any]:
    """For each color ones at what has it."""
    return [(colors == color) * 1.0 for color in range(_count(colors))]


class Filled:
    """A sparse array of a pattern, of numbers some of which are its entries.

    at  for each of the entries, given by row and column, its place among these numbers
    """

    def __init__(self, row: Any, column: Any, at: Any, size: tuple[int, int]) -> None:
        import scipy.sparse as sp

        numbered = sp.csr_array((np.arange(1, len(row) + 1), (row, column)), shape=size)
        self.at = np.ascontiguousarray(at[numbered.data - 1])
        whole = np.int32 if max(*size, len(row)) < 2**31 else np.int64
        self.indices, self.starts = numbered.indices.astype(whole), numbered.indptr.astype(whole)
        self.empty: Any = sp.csr_array((np.zeros(len(row)), self.indices, self.starts), shape=size)

    def __call__(self, numbers: Any) -> Any:
        return self.by(numbers, self.at)

    def by(self, numbers: Any, at: Any) -> Any:
        """With the entries at other places among the numbers, or in slices of them."""
        found = object.__new__(type(self.empty))  # in a tenth of the time of a constructor, which looks at all indices
        found.__dict__.update(self.empty.__dict__)
        found.data = taken(numbers, at)
        found.indices, found.indptr = self.indices.copy(), self.starts.copy()
        return found


def taken(numbers: Any, at: Any) -> Any:
    """The numbers at some places, in one slice or in several."""
    if not isinstance(at, tuple):
        return np.take(numbers, at, mode="clip")
    flat = numbers.reshape(-1)
    return flat[at[0]] if len(at) == 1 else np.concatenate([flat[run] for run in at])
