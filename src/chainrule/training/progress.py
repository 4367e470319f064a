"""How far a training is, on a line of the terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 20
PAUSE = 0.1  # seconds between two lines


class Progress:
    """A bar with loss and rate, rewritten in place; nothing where `out` is no terminal, unless it is asked for."""

    def __init__(self, total: int, done: int, shown: bool | None, out: TextIO | None = None) -> None:
        self.out = sys.stderr if out is None else out
        self.shown = self.out.isatty() if shown is None else shown
        self.total, self.first = total, done
        self.started = self.last = time.monotonic()
        self.length = 0

    def step(self, done: int, loss: float, rate: float, epoch: str) -> None:
        now = time.monotonic()
        if not self.shown or (now - self.last < PAUSE and done < self.total):
            return
        self.last = now
        full = WIDTH * done // max(self.total, 1)
        seconds = max(now - self.started, 1e-9)
        speed = (done - self.first) / seconds
        left = int((self.total - done) / speed) if speed else 0
        text = (
            f"epoch {epoch} [{'#' * full}{'.' * (WIDTH - full)}] loss {loss:.6g}  rate {rate:.3g}  "
            f"{speed:,.0f} steps/s  {left // 60}:{left % 60:02d} left"
        )
        self.out.write("\r" + text.ljust(self.length))
        self.out.flush()
        self.length = len(text)

    def end(self) -> None:
        if self.length:
            self.out.write("\n")
            self.out.flush()
