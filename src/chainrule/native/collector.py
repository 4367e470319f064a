"""What the garbage collector looks at. Compiled, `collector.pxd` takes this file's place."""

from __future__ import annotations

import ctypes
from typing import Any

_untrack = ctypes.pythonapi.PyObject_GC_UnTrack
_untrack.argtypes, _untrack.restype = [ctypes.py_object], None


def hide(x: Any) -> None:
    """Hide an object that is in no cycle: it goes with the last reference to it."""
    _untrack(x)
