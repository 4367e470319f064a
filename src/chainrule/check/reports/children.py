"""Files in processes of their own: started, listened to, ended when they hang, started again after a crash."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chainrule.check.claims.discover import Problem
from chainrule.check.reports.found import Found
from chainrule.check.reports.processes import Process, speaking, start
from chainrule.check.reports.progress import EVERY, Progress
from chainrule.check.reports.worker import Job, process
from chainrule.records import record

GRACE = 3.0  # seconds beyond its limit before a process that does not listen is ended
STARTING = 60.0  # seconds until a new process says something
AGAIN = 6  # times that a file is started


@record
class Child:
    """A process that works on a file, and what it did last."""

    job: Job
    process: Process
    number: int
    deadline: float
    place: str = ""
    key: Any = None
    started: int = 1
    late: bool = False
    ended: bool = False

    def why(self) -> str:
        """How the process ended, in words."""
        code = self.process.ended()
        if self.late:
            return f"ended: it did not stop at the limit of {self.job.limit or 0:g} s"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with exit code {code}"


class Children:
    """Works on jobs, up to `most` at a time."""

    def __init__(self, check: Callable[..., Any], results: dict[str, Found], progress: Progress, most: int) -> None:
        self.check, self.results, self.progress, self.most = check, results, progress, max(most, 1)
        self.running: list[Child] = []
        self.finished = 0
        self.interrupts = 0

    def run(self, jobs: list[Job]) -> None:
        waiting = list(reversed(jobs))
        try:
            while waiting or self.running:
                try:
                    while waiting and len(self.running) < self.most and not self.interrupts:
                        self.running.append(self.start(waiting.pop()))
                    if not self.running:
                        return
                    self.listen()
                except KeyboardInterrupt:
                    self.interrupt()
        finally:
            for child in self.running:
                child.process.kill()
                child.process.close()
                self._close(child)

    def start(self, job: Job, started: int = 1) -> Child:
        new = start(process, job, self.check, dict(os.environ))
        return Child(job, new, self.finished, time.monotonic() + STARTING, started=started)

    def interrupt(self) -> None:
        """The first interrupt stops what runs, so that what stands is judged; the second ends everything."""
        self.interrupts += 1
        for child in list(self.running):
            found = self.results[child.job.path]
            found.interrupted = found.interrupted or f"{child.job.path}"
            if self.interrupts > 1:
                child.process.kill()
                continue
            with contextlib.suppress(OSError):
                os.kill(child.process.pid, signal.SIGINT)

    def listen(self) -> None:
        """Take in what the processes say, and look after those that say nothing."""
        children = {child.process: child for child in self.running}
        for speaker in speaking(children, timeout=EVERY):
            child = children[speaker]
            try:
                self.hear(child, *speaker.hear())
            except (EOFError, OSError):
                self.over(child)
        for child in self.running:
            if time.monotonic() > child.deadline and not child.late:
                child.late = True
                child.process.kill()
        self.progress.tick()

    def hear(self, child: Child, what: str, *content: Any) -> None:
        if what == "at":
            place, number, count, seconds, child.key = content
            child.place = place
            child.deadline = time.monotonic() + (seconds if seconds is not None else 1e9) + GRACE
            self.progress.show(self.finished, place, number, count)
        elif what == "end":
            child.ended = True
            child.deadline = time.monotonic() + GRACE
        else:
            found = self.results[child.job.path]
            if what == "interrupted":
                found.interrupted = ""  # the process knows better where
            if what == "outcome":
                claim = content[0].claim
                child.job = replace(child.job, done=child.job.done | {(claim.name, claim.place)})
            found.take(what, *content)

    def over(self, child: Child) -> None:
        """A process has closed its pipe: at its end, or because it was ended."""
        self.running.remove(child)
        child.process.close()
        if not child.ended and not self.interrupts:
            job = self.crashed(child)
            if job is not None and child.started < AGAIN:
                self._close(child)
                self.running.append(self.start(job, child.started + 1))
                return
        self._close(child)
        self.finished += 1

    def crashed(self, child: Child) -> Job | None:
        """Tell what ended a process; the job that does the rest without it."""
        found = self.results[child.job.path]
        job, why = child.job, child.why()
        name = os.path.basename(job.path)
        where = child.place.removeprefix(name).strip()
        if isinstance(child.key, tuple):
            claim, where = child.key
            found.problems += (Problem(job.path, where, f"checking {claim}: {why}"),)
            return replace(job, done=job.done | {child.key})
        kept = tuple(p for p in found.problems if "process" in p.message or "ended:" in p.message)
        found.problems = (*kept, Problem(job.path, where, why))
        found.skipped = ()
        return replace(job, skip=job.skip | {child.key}) if child.key is not None else None

    def _close(self, child: Child) -> None:
        """End a process, and take in what its file printed."""
        child.process.finish()
        self.results[child.job.path].output += child.process.printed()
