"""How far a run is, on one line of a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from chainrule.check.reports.screen import seen

PATIENCE = 1.5  # seconds before the line appears
EVERY = 0.2  # seconds between two looks


class Progress:
    """A line on standard error, if that is a terminal and the run takes long enough to wonder."""

    def __init__(self, files: int) -> None:
        self.files = files
        self.screen = sys.stderr if sys.stderr.isatty() else None  # bound now: the user's code runs with it redirected
        self.start = self.since = time.monotonic()
        self.last = 0.0
        self.text = ""
        self.shown = False

    def __enter__(self) -> Progress:
        return self

    def show(self, done: int, place: str, number: int, count: int) -> None:
        """Say what is being worked on: `number` of `count` in a file, after `done` files."""
        text = seen(f"{done}/{self.files} files   {place} ({number} of {count})")
        if text != self.text:
            self.text, self.since = text, time.monotonic()
        self.tick()

    def tick(self) -> None:
        """Show the line again, with the seconds so far."""
        now = time.monotonic()
        if self.screen is None or now - self.start < PATIENCE or (self.shown and now - self.last < EVERY):
            return
        self.last, self.shown = now, True
        self.screen.write(f"\r\x1b[K{self.text[:100]}   {now - self.since:.0f} s")
        self.screen.flush()

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.screen is not None and self.shown:
            self.screen.write("\r\x1b[K")
            self.screen.flush()
