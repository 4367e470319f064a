"""The user's line that each of many steps comes from."""

from __future__ import annotations

import functools
import inspect
import sys
from types import FrameType, FunctionType

from chainrule.errors import author, file_name
from chainrule.numbers import primal

_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
LONG = 5
"""Frames between a step and the user's line from which on they are remembered."""
_COMPILED = not isinstance(primal, FunctionType)
"""Uncompiled, a frame that is remembered would keep the operands of a rule alive, and in-place operators count who
holds an array."""


class Lines:
    """Where the steps of one run are recorded. A backward pass records thousands of them from the same line, with a
    dozen frames in between. While one of these frames is running those that called it stay where they are, so that
    the next walk may end there."""

    __slots__ = ("_frames", "_line")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Let go of the frames."""
        self._frames: set[FrameType] = set()
        self._line = ""

    def now(self) -> str:
        """ "file.py:12" of the innermost frame that runs the user's code, as `errors.user_frame` finds it; "" when
        unknown."""
        frame: FrameType | None = sys._getframe(1)
        installed: FrameType | None = None
        passed: list[FrameType] = []
        while frame is not None:
            if frame in self._frames:
                return self._line
            of = author(frame)
            if of == "user":
                line = _written(frame.f_code.co_filename, frame.f_lineno)
                if len(passed) >= LONG and _COMPILED:
                    self._frames = {f for f in passed if not f.f_code.co_flags & _RESUMED}
                    self._line = line
                return line
            if of == "installed" and installed is None:
                installed = frame
            passed.append(frame)
            frame = frame.f_back
        return "" if installed is None else _written(installed.f_code.co_filename, installed.f_lineno)


@functools.lru_cache(maxsize=1024)
def _written(path: str, line: int) -> str:
    return f"{file_name(path)}:{line}"
