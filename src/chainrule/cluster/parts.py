"""The parts of all data of a loss, row by row together, and what a worker makes of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.cluster.sources import BYTES, opened, regular
from chainrule.errors import ShapeError


@dataclass(frozen=True, repr=False)
class Parts:
    """`rows[k]` are the sources of part k, one for each argument of the loss behind the parameters."""

    rows: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<{len(self)} parts>"


def parts_of(data: Sequence[Any], rows: int | None) -> Parts:
    """The data cut into parts: of so many rows; by default as it is cut already (chunks, partitions, groups of rows),
    otherwise into parts of some 64 MB. Raises ShapeError where arguments have different numbers of rows or parts."""
    sources = [opened(x) for x in data]
    if not sources:
        raise ShapeError.here("cluster: there is no data to sum over")
    lengths = {s.length for s in sources}
    if None in lengths:
        if rows is not None:
            raise ShapeError.here("cluster: bags, dataframes and parquet files are cut as they are; leave out rows=")
        found = [s.parts() if hasattr(s, "parts") else [] for s in sources]
        if len(set(map(len, found))) > 1:
            raise ShapeError.here(
                "cluster: what goes with a bag, a dataframe or parquet files has to be cut in the same way, got "
                f"{', '.join(str(len(parts)) for parts in found)} parts"
            )
        return Parts(list(zip(*found, strict=True)))
    if len(lengths) > 1:
        raise ShapeError.here(
            f"cluster: all data has to have the same number of rows, got {', '.join(map(str, lengths))}"
        )
    (length,) = lengths
    natural = next((s.natural for s in sources if s.natural is not None), None)
    if rows is not None or natural is None:
        natural = regular(length, rows or max(1, BYTES // max(1, *(s.row_bytes for s in sources))))
    return Parts(list(zip(*[s.cut(natural) for s in sources], strict=True)))


def loaded(source: Any) -> list[Any]:
    """The arguments that a part of one source stands for: an array, a dict of columns, or for rows that are tuples an
    array for each of their elements."""
    x = source.load() if hasattr(source, "load") else source
    if hasattr(x, "columns") and hasattr(x, "to_numpy"):
        return [{str(name): x[name].to_numpy() for name in x.columns}]
    if isinstance(x, (list, tuple)):
        rows = list(x)
        if rows and isinstance(rows[0], tuple):
            return [np.array(column) for column in zip(*rows, strict=True)]
        if rows and isinstance(rows[0], dict):
            return [{name: np.array([row[name] for row in rows]) for name in rows[0]}]
        return [np.array(rows)]
    return [x]


def rows_in(arguments: Sequence[Any]) -> int:
    """How many rows a part has."""
    first = arguments[0]
    if isinstance(first, dict):
        first = next(iter(first.values()), ())
    return len(first)
