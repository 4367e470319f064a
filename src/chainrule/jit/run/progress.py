"""A sign of life at a terminal while something takes long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

PATIENCE = 2.0  # seconds before the first sign
_PACE = 0.5  # seconds between one and the next


@contextmanager
def progress(what: str) -> Iterator[None]:
    """While the block runs, `what` and the seconds it has taken, on a line of standard error that vanishes at the end:
    after PATIENCE, and at a terminal only."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_show, args=(stream, what, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _show(stream: TextIO, what: str, done: threading.Event) -> None:
    begin, width = time.perf_counter(), 0
    pause = PATIENCE
    with suppress(OSError, ValueError):  # the terminal went away
        while not done.wait(pause):
            pause = _PACE
            line = f"{what}: {time.perf_counter() - begin:.0f} s"
            width = max(width, len(line))
            stream.write(f"\r{line}")
            stream.flush()
        if width:
            stream.write("\r" + " " * width + "\r")
            stream.flush()
