"""Memory for large results, taken back when the caller drops the array.

The first touch of fresh memory costs a page fault for every 4 kB, for large arrays as much as the arithmetic that
fills them. Memory that was used before costs nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule.ops import reuse

LEAST = 1024**2  # bytes; below, arrays own their memory, which `reuse` takes back as soon as they are large
MOST = 1024**3  # bytes kept idle; what is returned beyond goes back to the system
_LINE, _HUGE = 64, 2 * 1024**2  # bytes of a cache line, and of a huge page on x86 and most Arm


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Memory: `size` bytes from `address`, as long as `memory` lives."""

    memory: NDArray[np.uint8]
    address: int
    size: int


class _Lease:
    """What an array from the pool stands on. Arrays and their views hold it; when the last of them is gone, its
    memory goes back to the pool."""

    __slots__ = ("__array_interface__", "_block", "_pool")

    def __init__(self, block: _Block, shape: tuple[int, ...], dtype: np.dtype[Any], pool: Pool) -> None:
        self._block, self._pool = block, pool
        data = (block.address, False)  # not read-only
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": dtype.str, "data": data}

    def __del__(self) -> None:
        self._pool._take_back(self._block)


class Pool:
    """Memory blocks of used and dropped arrays, by size. Safe in threads."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._idle: list[_Block] = []  # the one returned last is last: its memory is likely in a cache
        self._returned: deque[_Block] = deque()
        self._lock = threading.Lock()

    @property
    def idle(self) -> int:
        """Bytes that wait for their next use."""
        return sum(block.size for block in [*self._idle, *self._returned])

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike = float) -> NDArray[Any]:
        """An array of that shape with arbitrary content, like `numpy.empty`.

        Memory of a dropped array is used again, never while the array, a view of it or anything else that refers
        to it is alive. The array does not own its memory, so that its method `resize` refuses.

        >>> pool = Pool()
        >>> x = pool.empty((1000, 1000))
        >>> address = x.ctypes.data
        >>> del x
        >>> pool.empty((500, 2000)).ctypes.data == address
        True
        """
        dtype = np.dtype(dtype)
        size = prod(shape) * dtype.itemsize
        if size < LEAST:
            made: NDArray[Any] = reuse.inside(np.empty, (shape, dtype), {})
            return made
        return np.asarray(_Lease(self._block(_rounded(size)), shape, dtype, self))

    def clear(self) -> None:
        """Give all idle memory back to the system."""
        with self._lock:
            self._idle.clear()
            self._returned.clear()

    def _block(self, size: int) -> _Block:
        with self._lock:
            self._collect()
            for k in reversed(range(len(self._idle))):
                if self._idle[k].size == size:
                    return self._idle.pop(k)
        return _fresh(size)

    def _take_back(self, block: _Block) -> None:
        """Called when an array dies, which may be at any moment, also while this thread holds the lock."""
        self._returned.append(block)
        if self._lock.acquire(blocking=False):
            try:
                self._collect()
            finally:
                self._lock.release()

    def _collect(self) -> None:
        """Sort in what was returned and keep no more than `most`, the youngest first. The lock is held."""
        with suppress(IndexError):
            while True:
                self._idle.append(self._returned.popleft())
        total = 0
        for k in reversed(range(len(self._idle))):
            total += self._idle[k].size
            if total > self.most:
                del self._idle[: k + 1]
                return


def _rounded(size: int) -> int:
    """The size of the block for `size` bytes: in steps of an eighth at most, so that like sizes share blocks."""
    step = max(4096, 1 << (size.bit_length() - 4))
    return -(-size // step) * step


def _fresh(size: int) -> _Block:
    """Memory of the system. NumPy asks for huge pages, which make 512 times fewer faults, and they need blocks that
    begin where such a page does."""
    boundary = _HUGE if size >= 2 * _HUGE else _LINE
    memory = np.empty(size + boundary, np.uint8)
    first = memory.ctypes.data
    return _Block(memory, first + -first % boundary, size)


SHARED = Pool()
empty = SHARED.empty
