"""How many tasks are done, on a line of the terminal."""

from __future__ import annotations

import sys
from typing import TextIO

WIDTH = 20


class Counter:
    """How many of many tasks are done, rewritten in place; shown on a terminal, or where it is asked for."""

    def __init__(self, total: int, name: str, shown: bool | None, out: TextIO | None = None) -> None:
        self.out = sys.stderr if out is None else out
        self.shown = self.out.isatty() if shown is None else shown
        self.total, self.name, self.done = total, name, 0

    def step(self) -> None:
        self.done += 1
        if self.shown:
            full = WIDTH * self.done // max(self.total, 1)
            self.out.write(f"\r{self.name} [{'#' * full}{'.' * (WIDTH - full)}] {self.done}/{self.total}")
            self.out.flush()

    def end(self) -> None:
        if self.shown and self.done:
            self.out.write("\n")
            self.out.flush()
