"""In which order a long body computes its steps, so that what waits for a result finds other work to do."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

LATENCY = 4  # turns until a result can be used: of an addition or a product, on processors of the last ten years
ISSUED = 2  # operations begun in a turn
WINDOW = 96  # steps that are looked at ahead of the first that is not done: what lies farther costs registers


def interleaved(needs: Sequence[Sequence[int]], window: int = WINDOW) -> list[int]:
    """An order of the steps 0, 1, ..., of which each needs earlier ones. As given, but for steps that would wait for
    a result: then one that need not, among the `window` next, comes first.

    A chain of sums takes LATENCY turns a term whatever else the processor does, and a processor looks ahead over no
    more than a hundred operations that wait. Chains written one after another leave it idle; interleaved they do not.

    >>> interleaved([[], [0], [1], [], [3], [4]])
    [0, 3, 1, 4, 2, 5]
    """
    count = len(needs)
    users: list[list[int]] = [[] for _ in needs]
    missing = [len(set(n)) for n in needs]
    for k, n in enumerate(needs):
        for a in set(n):
            users[a].append(k)
    early = [0] * count  # the turn from which on the operands are there
    ready = [k for k in range(count) if not missing[k]]
    waiting: list[tuple[int, int]] = []
    done = [False] * count
    order: list[int] = []
    first, turn = 0, 0
    while len(order) < count:
        issued = 0
        while issued < ISSUED:
            while waiting and waiting[0][0] <= turn:
                heapq.heappush(ready, heapq.heappop(waiting)[1])
            if not ready or ready[0] >= first + window:
                break
            k = heapq.heappop(ready)
            done[k] = True
            order.append(k)
            issued += 1
            for user in users[k]:
                missing[user] -= 1
                early[user] = max(early[user], turn + LATENCY)
                if not missing[user]:
                    heapq.heappush(waiting, (early[user], user))
            while first < count and done[first]:
                first += 1
        turn += 1
    return order
