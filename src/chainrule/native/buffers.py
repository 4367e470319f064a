"""Buffers of numbers. Compiled, `buffers.pxd` takes this file's place: they are C's, and who asked for one frees it."""

from __future__ import annotations

from typing import Any


def doubles(count: int) -> list[float]:
    """A buffer of `count` floats, all zero."""
    return [0.0] * count


def marks(count: int) -> bytearray:
    """A buffer of `count` bytes, all zero."""
    return bytearray(count)


def release(_: Any) -> None:
    """Give back what `doubles` or `marks` gave."""
