"""Processes that programs run in. One that dies, or takes too long, is replaced."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from .programs import Program, drawn

ENDS = -1
"""A task at which the process ends."""
CONTEXT = multiprocessing.get_context("spawn")


def _work(pipe: Connection) -> None:
    """Answer programs, or the seeds of programs, with their outcomes."""
    os.environ["CHAINRULE_CACHE_DIR"] = "off"
    from .compare import outcome

    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    faulthandler.disable()
    while True:
        task = pipe.recv()
        if task == ENDS:
            os._exit(1)
        try:
            program = task if isinstance(task, Program) else drawn(task)
            pipe.send(outcome(program))
        except Exception as error:
            pipe.send(f"the comparison failed: {type(error).__name__}: {error}")


class Worker:
    """A process, and the task it is at."""

    def __init__(self) -> None:
        self.pipe, end = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_work, args=(end,), daemon=True)
        self.process.start()
        end.close()
        self.task: Any = None
        self.begun = 0.0

    def give(self, task: Any) -> None:
        self.task, self.begun = task, time.monotonic()
        self.pipe.send(task)

    def answer(self) -> str:
        try:
            return str(self.pipe.recv())
        except EOFError:
            self.process.join()
            return f"the process ended with {self.process.exitcode}"

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def outcomes(tasks: Iterable[Any], processes: int, limit: float) -> Iterator[tuple[Any, str]]:
    """Each task with its outcome, in the order in which they come. `limit` seconds for each."""
    pending = iter(tasks)
    idle, busy = [Worker() for _ in range(processes)], list[Worker]()
    more = True
    try:
        while more or busy:
            while more and idle:
                task = next(pending, None)
                more = task is not None
                if more:
                    worker = idle.pop()
                    worker.give(task)
                    busy.append(worker)
            ready = wait([w.pipe for w in busy], timeout=0.5)
            for worker in list(busy):
                late = time.monotonic() - worker.begun > limit
                if worker.pipe in ready or late:
                    busy.remove(worker)
                    found = worker.answer() if worker.pipe in ready else f"took more than {limit:g} s"
                    lost = found.startswith(("took", "the process"))
                    if lost:
                        worker.stop()
                    idle.append(Worker() if lost else worker)
                    yield worker.task, found
    finally:
        for worker in [*idle, *busy]:
            worker.stop()
