"""Every exception Chainrule raises, and how it points at the user's line.

A message says what was expected, what arrived, what to write instead, and where in the user's code.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
from pathlib import Path
from types import FrameType

import numpy

_LIBRARIES = (str(Path(__file__).parent), str(Path(numpy.__file__).parent))
_STANDARD = str(Path(os.__file__).parent)
_INSTALLED = ("site-packages", "dist-packages")


class ChainruleError(Exception):
    """Base of all errors raised on purpose by Chainrule."""


class DroppedDerivative(ChainruleError, TypeError):
    """A traced value was about to be turned into a plain number, which would lose its derivative."""


class UnsupportedFunction(ChainruleError, TypeError):
    """A function without a derivative rule met a traced value."""


class ArgumentError(ChainruleError, TypeError):
    """An argument has a type that cannot be differentiated or understood."""


class ShapeError(ChainruleError, ValueError):
    """Shapes or nested structures that should match do not."""


class DomainError(ChainruleError, ValueError):
    """A function was evaluated where it has no real value."""


class NoValue(ChainruleError, ValueError):
    """An expression was evaluated before its inputs were given numbers."""


class CustomRuleError(ChainruleError, ValueError):
    """A custom derivative rule disagrees with the function it belongs to."""


class StaleRecording(ChainruleError, RuntimeError):
    """A jitted function read something besides its arguments that has changed since it was recorded."""


class JitWarning(UserWarning):
    """A jitted function works, but not at the speed it could have."""


class MissingExtra(ChainruleError, ImportError):
    """An optional library is needed; the message names the extra that brings it."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(f"{what} needs {library}: pip install 'chainrule[{extra}]'")


def user_frame() -> FrameType | None:
    """The innermost frame that runs neither Chainrule's code nor NumPy's nor the standard library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not _is_users(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


@functools.lru_cache(maxsize=4096)
def _is_users(path: str) -> bool:
    if path.startswith(_LIBRARIES):
        return False
    return not path.startswith(_STANDARD) or any(part in path for part in _INSTALLED)


def user_line() -> tuple[str, int]:
    """File and line in the user's code that the current call came from; ("", 0) when unknown."""
    frame = user_frame()
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def user_expression() -> str:
    """The expression of the user's code that is being evaluated, as it stands there; "" when unknown.

    >>> def caller(): return user_expression()
    >>> caller()
    'user_expression()'
    """
    frame = user_frame()
    if frame is None:
        return ""
    positions = list(frame.f_code.co_positions())
    line, last_line, start, end = positions[frame.f_lasti // 2]
    if line is None or line != last_line:
        return ""
    text = linecache.getline(frame.f_code.co_filename, line).encode()  # columns count bytes
    return text[start:end].decode(errors="replace")


def user_location() -> str:
    """Where in the user's code the current call came from: `file.py:12   y = float(x)`; "" when unknown."""
    path, line = user_line()
    text = linecache.getline(path, line).strip() if path else ""
    return f"{Path(path).name}:{line}   {text}".rstrip() if path else ""


def at_user_line(message: str) -> str:
    """`message` with the user's line below it."""
    where = user_location()
    return f"{message}\n  {where}" if where else message
