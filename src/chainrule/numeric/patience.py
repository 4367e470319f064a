"""Patience: a call that does not return is given up, in whatever thread it runs.

A loop `until it has converged` returns at the point and may never return beside it. Python can raise an exception
in a thread from outside (PyThreadState_SetAsyncExc); a watching thread does so for calls that have overstayed. It ends
when it has had nothing to watch for a while. Code inside a C function is interrupted only when that returns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

try:
    import ctypes

    _throw: Any = ctypes.pythonapi.PyThreadState_SetAsyncExc
    _throw.argtypes = (ctypes.c_ulong, ctypes.py_object)
except (ImportError, AttributeError):  # an interpreter without it: calls are not interrupted
    _throw = None

POLL = 0.1  # seconds between two looks
IDLE = 0.5  # seconds without a call after which the watching thread ends
AT_LEAST = 2.0  # seconds any call is granted
TIMES = 50  # a call beside the point may take so many times as long as the one at the point


class Overstayed(BaseException):
    """Raised inside a call that took too long. No subclass of Exception: code that handles all errors lets it pass."""


class TimedOut(Exception):
    """A call took longer than it was granted."""


class _Call:
    __slots__ = ("deadline", "thread", "thrown")

    def __init__(self, seconds: float) -> None:
        self.thread = threading.get_ident()
        self.deadline = time.monotonic() + seconds
        self.thrown = False


_running: list[_Call] = []
_lock = threading.Lock()
_watcher: threading.Thread | None = None


def within(seconds: float, call: Callable[[], Any]) -> Any:
    """What `call()` returns. Raises TimedOut when it takes longer than so many seconds.

    Calls nest: what is thrown on behalf of an outer one passes through the inner ones.
    """
    if _throw is None:
        return call()
    mine = _Call(seconds)
    _running.append(mine)
    try:
        _watch()
        return call()
    except Overstayed:
        if time.monotonic() < mine.deadline:
            raise
        raise TimedOut from None
    finally:
        _leave(mine)


def _leave(mine: _Call) -> None:
    """End a call. What was thrown on its behalf and has not arrived arrives here, not later in other code. (To take it
    back by throwing NULL would leave CPython 3.11 with a pending request that hangs under sys.setprofile.)"""
    while True:
        try:
            with _lock:  # from here on nothing more is thrown on behalf of this call
                if mine in _running:
                    _running.remove(mine)
            if mine.thrown:
                for _ in range(4):
                    time.sleep(0)
            return
        except Overstayed:  # of an outer call, perhaps: that is thrown again as long as it runs
            continue


def _watch() -> None:
    global _watcher
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_look, name="chainrule: calls that do not return", daemon=True)
        _watcher.start()


def _look() -> None:
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < IDLE:
        time.sleep(POLL)
        if _running:
            quiet_since = time.monotonic()
        with _lock:
            now = time.monotonic()
            for late in [call for call in _running if now > call.deadline]:
                late.thrown = True
                _throw(late.thread, Overstayed)
