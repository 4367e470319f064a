"""The places that a walk has found, in the order in which it found them."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.jit.captured.watch import Watch

MOST = 1_000_000
"""Things that a function may read and that can be watched; a list counts as many as it has elements."""


class Found:
    """Places to watch, each with a name, and work that waits.

    names   of the places
    data    names of numbers, arrays and strings among them
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.data: dict[str, None] = {}
        self._kinds, self._holders = bytearray(), list[Any]()
        self._keys, self._were = list[Any](), list[Any]()
        self._pending: collections.deque[Iterator[None]] = collections.deque()
        self._count = 0

    def watch(self) -> Watch:
        """What asks whether all of it is still the same."""
        return Watch(bytes(self._kinds), self._holders, self._keys, self._were)

    def add(self, name: str, kind: int, holder: Any, key: Any, was: Any) -> None:
        self._kinds.append(kind)
        self.names.append(name)
        self._holders.append(holder)
        self._keys.append(key)
        self._were.append(was)
        self.counted(1)

    def counted(self, n: int) -> None:
        self._count += n
        if self._count > MOST:
            raise ArgumentError.here(
                f"a jitted function reads more than {MOST:,} things besides its arguments ({self.names[-1]}, ...), "
                "too many to watch whether they change; pass them as an argument, as an array"
            )

    def later(self, work: Iterator[None]) -> None:
        self._pending.append(work)

    def work(self) -> None:
        """What is found is looked into one after the other, so that no depth is too deep."""
        while self._pending:
            for _ in self._pending.popleft():
                pass
