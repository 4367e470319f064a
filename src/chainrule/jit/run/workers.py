"""Threads that wait for work: native functions, which let Python go on while they run."""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread

Work = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class _Job:
    """The parts of some work that are left, what came of those done, and the processors to do them on."""

    work: Work
    left: deque[int]
    done: SimpleQueue[int]
    processors: frozenset[int]

    def help(self) -> None:
        """Take parts as long as there are any. Which thread takes which makes no difference."""
        while True:
            try:
                part = self.left.popleft()
            except IndexError:
                return
            self.done.put(self.work(part))


class Workers:
    """`together` has `count` threads help the one that calls it. They start with the first call, and end with the
    process."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._lock = Lock()
        self._jobs: SimpleQueue[_Job] | None = None

    def together(self, work: Work, parts: int) -> int:
        """work(0), ..., work(parts - 1), several at a time in no certain order: the largest of what they return.

        An interrupt does not wait for work under way; `work` keeps alive what it needs.

        >>> found = []
        >>> Workers(3).together(lambda k: found.append(k) or 0, 5)
        0
        >>> sorted(found)
        [0, 1, 2, 3, 4]
        """
        job = _Job(work, deque(range(parts)), SimpleQueue(), _others())
        jobs = self._started()
        for _ in range(min(parts - 1, self.count)):
            jobs.put(job)
        job.help()
        return max(job.done.get() for _ in range(parts))

    def forked(self) -> None:
        """Start anew: in a forked process there are no threads but the one that forked."""
        self._lock, self._jobs = Lock(), None

    def _started(self) -> SimpleQueue[_Job]:
        with self._lock:
            if self._jobs is None:
                self._jobs = SimpleQueue()
                for _ in range(self.count):
                    Thread(target=_wait, args=(self._jobs,), name="chainrule", daemon=True).start()
            return self._jobs


def _wait(jobs: SimpleQueue[_Job]) -> None:
    processors: frozenset[int] = frozenset()
    while True:
        job = jobs.get()
        if sys.platform == "linux" and job.processors != processors:
            processors = job.processors
            with suppress(OSError):
                os.sched_setaffinity(0, processors)  # of this thread
        job.help()
        del job


def _others() -> frozenset[int]:
    """The processors that this thread may run on, without the one it runs on. Linux wakes a thread where the one that
    wakes it runs, and moves it elsewhere only after some milliseconds; until then the two would take turns."""
    if sys.platform != "linux":
        return frozenset()
    allowed = frozenset(os.sched_getaffinity(0))
    return allowed - {ctypes.pythonapi.sched_getcpu()} or allowed


def _processors() -> int:
    """The numbers of the processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


SHARED = Workers(max(_processors() - 1, 1))
together = SHARED.together
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SHARED.forked)
