"""How a file gets a process of its own, and how the two speak: a copy of this one where that is safe, else one that
`multiprocessing` starts, which takes as long to import as a tenth of NumPy."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol

from chainrule.libraries import late

UNSAFE = {"torch", "jax", "jaxlib", "tensorflow"}  # their threads do not survive a fork


class Process(Protocol):
    """A process that works, and what it says."""

    pid: int

    def fileno(self) -> int: ...
    def hear(self) -> Any:
        """What it says next. Raises EOFError when it has closed its pipe."""

    def close(self) -> None:
        """Hear no more."""

    def kill(self) -> None: ...
    def finish(self) -> None:
        """End it, after it has said its last."""

    def ended(self) -> int:
        """Wait for its end; its exit code, negative for a signal."""

    def printed(self) -> str:
        """What it wrote to its standard streams. It is asked once, at the end."""


def may_copy() -> bool:
    """Whether a copy of this process can work."""
    return hasattr(os, "memfd_create") and threading.active_count() == 1 and not UNSAFE & set(sys.modules)


_started_apart = late("chainrule.check.reports.apart.Apart")


def start(work: Callable[..., None], *args: Any) -> Process:
    """Call `work(*args, pipe, output)` in a new process: it says things by `pipe.send`, and writes to `output`, a file
    descriptor or the name of a file."""
    return Copy(work, args) if may_copy() else _started_apart(work, args)


def speaking(processes: Iterable[Process], timeout: float) -> list[Process]:
    """Which of them have said something, or closed their pipes, within a time."""
    found = {process.fileno(): process for process in processes}
    if all(isinstance(process, Copy) for process in found.values()):
        import select

        poll = select.poll()
        for descriptor in found:
            poll.register(descriptor, select.POLLIN)
        return [found[descriptor] for descriptor, _ in poll.poll(1000.0 * timeout)]
    from multiprocessing.connection import wait

    ready: list[Any] = wait(list(found), timeout)
    return [found[descriptor] for descriptor in ready]


class Pipe:
    """The end of a pipe that speaks: each thing as the length of its pickle, and the pickle."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, said: Any) -> None:
        content = pickle.dumps(said)
        left = memoryview(len(content).to_bytes(8, "little") + content)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def close(self) -> None:
        os.close(self.descriptor)


class Copy:
    """A copy of this process."""

    def __init__(self, work: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.ears, mouth = os.pipe()
        self.output = os.memfd_create("chainrule")
        self.code: int | None = None
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # what waits there is ours, and would be written twice
        self.pid = os.fork()
        if not self.pid:
            os.close(self.ears)
            _work_and_leave(work, (*args, Pipe(mouth), self.output))
        os.close(mouth)

    def fileno(self) -> int:
        return self.ears

    def hear(self) -> Any:
        return pickle.loads(self._read(int.from_bytes(self._read(8), "little")))

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            part = os.read(self.ears, min(count, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        os.close(self.ears)

    def kill(self) -> None:
        for end in (os.killpg, os.kill):  # what it started, if it has a group of its own; and itself
            with contextlib.suppress(OSError):
                end(self.pid, signal.SIGKILL)

    def finish(self) -> None:
        if self.code is None:
            self.kill()  # threads of the user's may never end
            self.ended()

    def ended(self) -> int:
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def printed(self) -> str:
        with open(self.output, "rb") as file:
            file.seek(0)
            return file.read().decode("utf-8", "replace")


def _work_and_leave(work: Callable[..., None], args: tuple[Any, ...]) -> NoReturn:
    code: Any = 1
    try:
        work(*args)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)
