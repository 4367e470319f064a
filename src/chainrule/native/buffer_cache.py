"""Buffers that large arrays left. Compiled, `buffer_cache.pxd` takes this file's place: an allocator for NumPy that
keeps them. Uncompiled, NumPy's own allocator does everything.
"""

from __future__ import annotations

from typing import Any


def start() -> None:
    """Called once before the others."""


def begin() -> bool:
    """Put the allocator in place of NumPy's own in this context, until `end`; False where another one is at work."""
    return False


def end() -> None:
    """NumPy's own is back, unless the user chose another in the meantime. Arrays made in between give their memory
    back to where it came from, whenever they die."""


def large(args: tuple[Any, ...]) -> bool:
    """Whether an array among them is large enough (64 kB) for its like to be kept."""
    return False


def empty_address() -> int:
    """Where the C function is that makes arrays like PyArray_Empty, in the memory of earlier ones; 0 where there is
    none."""
    return 0


def idle() -> int:
    """Bytes that wait for their next use."""
    return 0


def clear() -> None:
    """Give them back to the system."""
