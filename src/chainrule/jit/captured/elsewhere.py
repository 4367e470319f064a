"""What is kept outside of what can be watched: files, databases, other processes and machines, frames."""

from __future__ import annotations

import gc
import glob
import inspect
import os
import sys
from typing import Any

import numpy as np

from chainrule.jit.captured.states import unwatchable

_READERS: tuple[Any, ...] = (
    np.load, np.loadtxt, np.genfromtxt, np.fromfile, np.fromregex, np.memmap, np.lib.format.open_memmap, os.listdir,
    os.scandir, os.walk, os.stat, glob.glob, glob.iglob, os.popen, os.system, os.read, os.open,
    *(getattr(os.path, name) for name in ("exists", "isfile", "isdir", "getsize", "getmtime")),
)  # fmt: skip
_FRAMES: tuple[Any, ...] = (sys._getframe, inspect.currentframe, inspect.stack)
_OBJECTS: tuple[Any, ...] = (gc.get_objects, gc.get_referrers, gc.get_count, gc.get_stats)
_MODULES = frozenset({
    "sqlite3", "_sqlite3", "dbm", "_dbm", "_gdbm", "shelve", "subprocess", "_posixsubprocess", "socket", "_socket",
    "multiprocessing", "urllib", "http", "ftplib", "ssl", "psutil", "resource", "requests",
})  # fmt: skip


def refuse_elsewhere(name: str, x: Any) -> None:
    """Raise ArgumentError for a function, or the class of an object, that asks what lies outside of this process, or
    what no name refers to."""
    if any(x is reader for reader in _READERS):
        raise unwatchable(f"reads a file ({name})", "read it outside, and pass what it holds as an argument")
    if any(x is frame for frame in _FRAMES):
        raise unwatchable(f"looks into frames ({name}), where it may find anything", "pass it as an argument")
    if any(x is ask for ask in _OBJECTS):
        raise unwatchable(f"asks for all objects ({name})", "ask outside, and pass the answer as an argument")
    module = getattr(x, "__module__", None)
    if isinstance(module, str) and module.partition(".")[0] in _MODULES:
        raise unwatchable(
            f"asks {module.partition('.')[0].strip('_')} ({name})", "ask outside, and pass the answer as an argument"
        )
