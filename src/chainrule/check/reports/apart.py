"""Processes that `multiprocessing` starts, where a copy of this one could not work."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

GRACE = 3.0  # seconds that a process has to leave after it has said its last


def context() -> Any:
    """How processes are started: as copies of a server that has done nothing but import this package, which spares them
    the imports, or each anew."""
    if sys.platform == "darwin" or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    served = multiprocessing.get_context("forkserver")
    served.set_forkserver_preload(["chainrule.check.reports.worker"])
    return served


class Apart:
    """A process that shares nothing with this one."""

    def __init__(self, work: Callable[..., None], args: tuple[Any, ...]) -> None:
        started = context()
        self.pipe, theirs = started.Pipe(duplex=False)
        descriptor, self.output = tempfile.mkstemp(prefix="chainrule-", suffix=".out")
        os.close(descriptor)
        self.process = started.Process(target=work, args=(*args, theirs, self.output), daemon=False)
        self.process.start()
        theirs.close()
        self.pid: int = self.process.pid

    def fileno(self) -> int:
        descriptor: int = self.pipe.fileno()
        return descriptor

    def hear(self) -> Any:
        return self.pipe.recv()

    def close(self) -> None:
        self.pipe.close()

    def kill(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.kill()

    def finish(self) -> None:
        self.process.join(GRACE)
        if self.process.exitcode is None:  # threads of the user's that never end
            self.kill()
            self.process.join(GRACE)

    def ended(self) -> int:
        self.process.join()
        return self.process.exitcode or 0

    def printed(self) -> str:
        text = ""
        with contextlib.suppress(OSError):
            text = Path(self.output).read_text(encoding="utf-8", errors="replace")
            os.unlink(self.output)
        return text
