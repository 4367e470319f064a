"""Columns that share no row can be computed in one direction: such columns get one color.

Curtis, Powell and Reid, IMA J. Appl. Math. 13 (1974); Gebremedhin, Manne and Pothen, What color is your Jacobian?,
SIAM Review 47 (2005), algorithm 3.1, the columns with most entries first.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def colored(pattern: Any) -> Any:
    """A color for each column of a boolean matrix, 0, 1, ...: columns of one color have no row in common. -1 for a
    column without entries.

    >>> import numpy as np, scipy.sparse as sp
    >>> colored(sp.csr_array(np.eye(5) + np.eye(5, k=1))).tolist()
    [1, 0, 1, 0, 1]
    """
    by_column = pattern.tocsc()
    by_row = pattern.tocsr()
    found = np.full(pattern.shape[1], -1)
    starts, rows = by_column.indptr.tolist(), by_column.indices.tolist()
    used: list[set[int]] = [set() for _ in range(by_row.shape[0])]
    sizes = np.diff(by_column.indptr)
    for column in np.argsort(-sizes, kind="stable").tolist():
        own = rows[starts[column] : starts[column + 1]]
        if not own:
            break
        taken = used[own[0]].union(*(used[row] for row in own[1:]))
        color = 0
        while color in taken:
            color += 1
        found[column] = color
        for row in own:
            used[row].add(color)
    return found


def crowded(pattern: Any) -> Any:
    """Rows with so many entries that each is worth a pass of its own, as a mask."""
    sizes = np.diff(pattern.tocsr().indptr)
    if not len(sizes):
        return np.zeros(0, dtype=bool)
    usual = max(8.0, 8 * float(np.median(sizes)))
    many = sizes > usual
    return many if many.sum() < sizes.max() else np.zeros(len(sizes), dtype=bool)


def without(pattern: Any, rows: Any, columns: Any = None) -> Any:
    """The pattern with no entries in these rows and columns, given as masks."""
    entries = pattern.tocoo()
    kept = ~rows[entries.row] if columns is None else ~rows[entries.row] & ~columns[entries.col]
    places = (entries.row[kept], entries.col[kept])
    return type(pattern)((np.ones(int(kept.sum()), dtype=bool), places), shape=pattern.shape)
