"""Data as parts of rows: what each kind can be cut into, and how a worker gets at a part.

A part is small enough to be loaded by a worker; only its place travels where the data lies in files.
"""

from __future__ import annotations

import glob
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, MissingExtra

Bounds = list[tuple[int, int]]
"""First row of each part, and the first behind it."""

BYTES = 1 << 26
"""Of a part, where nothing else says how large it is."""


@dataclass(frozen=True)
class Held:
    """Rows that travel themselves."""

    rows: Any

    def load(self) -> Any:
        return self.rows


@dataclass(frozen=True)
class NpyRows:
    """Rows of files that NumPy saved, one behind the other."""

    pieces: tuple[tuple[str, int, int], ...]

    def load(self) -> Any:
        found = [np.array(np.load(path, mmap_mode="r")[start:stop]) for path, start, stop in self.pieces]
        return found[0] if len(found) == 1 else np.concatenate(found)


@dataclass(frozen=True)
class ZarrRows:
    """Rows of an array in a zarr store."""

    path: str
    start: int
    stop: int

    def load(self) -> Any:
        import zarr

        store: Any = zarr.open(self.path, mode="r")
        return np.asarray(store[self.start : self.stop])


@dataclass(frozen=True)
class RowGroup:
    """A group of rows of a parquet file, as a dict of columns."""

    path: str
    group: int

    def load(self) -> Any:
        from pyarrow import parquet

        table = parquet.ParquetFile(self.path).read_row_group(self.group)
        return {name: table[name].to_numpy() for name in table.column_names}


class Arrays:
    """An array of NumPy's."""

    natural: Bounds | None = None

    def __init__(self, x: Any) -> None:
        self.x = np.asarray(x)
        if not self.x.shape:
            raise ArgumentError.here(f"cluster: data expects arrays with a row for each sample, got {x!r}")
        self.length, self.row_bytes = len(self.x), self.x.nbytes // max(len(self.x), 1)

    def cut(self, bounds: Bounds) -> list[Any]:
        return [Held(self.x[start:stop]) for start, stop in bounds]


class Npy:
    """Files that `np.save` wrote, their rows one behind the other."""

    natural: Bounds | None = None

    def __init__(self, paths: list[str]) -> None:
        heads = [np.load(path, mmap_mode="r") for path in paths]
        self.paths, self.ends = paths, np.cumsum([0, *(len(x) for x in heads)]).tolist()
        self.length = int(self.ends[-1])
        self.row_bytes = max(x.nbytes // max(len(x), 1) for x in heads)

    def cut(self, bounds: Bounds) -> list[Any]:
        return [NpyRows(tuple(self._pieces(start, stop))) for start, stop in bounds]

    def _pieces(self, start: int, stop: int) -> Any:
        for path, first, last in zip(self.paths, self.ends, self.ends[1:], strict=False):
            if start < last and stop > first:
                yield path, max(start, first) - first, min(stop, last) - first


class Zarr:
    """An array in a zarr store; its parts are its chunks."""

    def __init__(self, path: str) -> None:
        try:
            import zarr
        except ImportError as error:
            raise MissingExtra(f"the data in {path}", "zarr", "cluster") from error
        x: Any = zarr.open(path, mode="r")
        if not hasattr(x, "shape"):
            names = ", ".join(sorted(x))
            raise ArgumentError(
                f"{path} is a group of Zarr's; give the path of an array in it: {names or 'it has none'}"
            )
        self.path = path
        self.length, self.row_bytes = x.shape[0], x.nbytes // max(x.shape[0], 1)
        self.natural: Bounds | None = regular(self.length, x.chunks[0])

    def cut(self, bounds: Bounds) -> list[Any]:
        return [ZarrRows(self.path, start, stop) for start, stop in bounds]


class Parquet:
    """Parquet files; their parts are their groups of rows, which the loss gets as a dict of columns."""

    length, row_bytes = None, 1
    natural: Bounds | None = None

    def __init__(self, paths: list[str]) -> None:
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise MissingExtra(f"the data in {paths[0]}", "pyarrow", "cluster") from error
        self.groups = [(path, k) for path in paths for k in range(parquet.ParquetFile(path).num_row_groups)]

    def parts(self) -> list[Any]:
        return [RowGroup(path, k) for path, k in self.groups]


class DaskArray:
    """An array of Dask's; its parts are its chunks along the first axis."""

    def __init__(self, x: Any) -> None:
        self.x = x.rechunk(dict.fromkeys(range(1, x.ndim), -1)) if any(n > 1 for n in x.numblocks[1:]) else x
        sizes = x.chunks[0]
        unknown = any(n != n for n in sizes)
        self.length, self.row_bytes = (None if unknown else x.shape[0]), 1
        ends = None if unknown else np.cumsum([0, *sizes]).tolist()
        self.natural: Bounds | None = None if ends is None else list(itertools.pairwise(ends))

    def parts(self) -> list[Any]:
        return list(self.x.to_delayed().ravel())

    def cut(self, bounds: Bounds) -> list[Any]:
        if bounds != self.natural:
            return list(self.x.rechunk({0: tuple(b - a for a, b in bounds)}).to_delayed().ravel())
        return self.parts()


class Partitions:
    """A bag or a dataframe of Dask's: its parts are its partitions."""

    length, row_bytes = None, 1
    natural: Bounds | None = None

    def __init__(self, x: Any) -> None:
        self.x = x

    def parts(self) -> list[Any]:
        return list(self.x.to_delayed())


def regular(length: int, size: int) -> Bounds:
    """Parts of so many rows; the last may be smaller.

    >>> regular(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(start + size, length)) for start in range(0, length, size)]


def opened(x: Any) -> Any:
    """What can be cut into parts, by what it is. Raises ArgumentError for what is none of these."""
    root, name = type(x).__module__.partition(".")[0], type(x).__name__
    if isinstance(x, (str, os.PathLike)):
        return _files(sorted(glob.glob(os.fspath(x))) or [os.fspath(x)])
    if isinstance(x, list) and x and all(isinstance(p, (str, os.PathLike)) for p in x):
        return _files([os.fspath(p) for p in x])
    if root in ("dask", "dask_expr") and hasattr(x, "to_delayed"):
        return DaskArray(x) if name == "Array" else Partitions(x)
    if isinstance(x, (np.ndarray, list)):
        return Arrays(x)
    advice = "; write dask.dataframe.from_pandas(data, npartitions=8)" if root == "pandas" else ""
    raise ArgumentError.here(
        "cluster: data expects arrays of NumPy's or Dask's, a bag or a dataframe of Dask's, or names of files "
        f"(.npy, .parquet, .zarr), got {name}{advice}"
    )


def _files(paths: list[str]) -> Any:
    kinds = {Path(path).suffix for path in paths}
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise ArgumentError.here(f"cluster: there is no file {missing[0]}")
    if kinds == {".npy"}:
        return Npy(paths)
    if kinds == {".parquet"}:
        return Parquet(paths)
    if kinds == {".zarr"} and len(paths) == 1:
        return Zarr(paths[0])
    raise ArgumentError.here(f"cluster: files are .npy, .parquet or one .zarr, got {', '.join(sorted(kinds))}")
