"""The user's line that each of many steps comes from."""

from __future__ import annotations

import inspect
from sys import _getframe
from types import CodeType, FrameType, FunctionType
from typing import Any

from chainrule.errors import author, file_name, whose
from chainrule.numbers import primal

_RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
LONG = 3
"""Frames between a step and the user's line from which on they are remembered."""
_COMPILED = not isinstance(primal, FunctionType)
"""Uncompiled, a frame that is remembered would keep the operands of a rule alive, and in-place operators count who
holds an array."""


class Lines:
    """Where the steps of one run are recorded. A backward pass records thousands of them from the same line, with a
    dozen frames in between. While one of these frames is running those that called it stay where they are, so that
    the next walk may end there."""

    __slots__ = ("_frames", "_known", "_line")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Let go of the frames."""
        self._frames: set[FrameType] = set()
        self._known: dict[int, tuple[CodeType, str, dict[int, str]]] = {}
        self._line = ""

    def now(self) -> str:
        """ "file.py:12" of the innermost frame that runs the user's code, as `errors.user_frame` finds it; "" when
        unknown."""
        frame: Any = _getframe(0)
        installed: Any = None
        passed: list[FrameType] = []
        remembered = len(self._frames) > 0
        while frame is not None:
            if remembered and frame in self._frames:
                return self._line
            known = self._of(frame)
            of = known[1] or author(frame)
            if of == "user":
                line = self.written(frame, known)
                if len(passed) >= LONG and _COMPILED:
                    self._frames = {f for f in passed if not f.f_code.co_flags & _RESUMED}
                    self._line = line
                return line
            if of == "installed" and installed is None:
                installed = frame
            passed.append(frame)
            frame = frame.f_back
        return "" if installed is None else self.written(installed, self._of(installed))

    def _of(self, frame: Any) -> tuple[CodeType, str, dict[int, str]]:
        """The code that a frame runs, who wrote it ("": the frame says), and its lines. Code hashes by all that it
        holds, so it is known by where it lies."""
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            path = code.co_filename
            known = self._known[id(code)] = code, whose(path) if path != "<string>" else "", {}
        return known

    def written(self, frame: Any, known: tuple[CodeType, str, dict[int, str]]) -> str:
        """The line that a frame is at. Python counts lines from the start of the function, so each is asked for
        once."""
        code, lines = known[0], known[2]
        line = lines.get(frame.f_lasti)
        if line is None:
            line = lines[frame.f_lasti] = f"{file_name(code.co_filename)}:{frame.f_lineno}"
        return line
