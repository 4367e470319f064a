"""Rows of numbers. Compiled, `blocks.pxd` takes this file's place: C's own, which somebody has to give back."""

from __future__ import annotations

from typing import Any


def doubles(count: int) -> list[float]:
    """A block of `count` floats, all zero."""
    return [0.0] * count


def marks(count: int) -> bytearray:
    """A block of `count` bytes, all zero."""
    return bytearray(count)


def release(_: Any) -> None:
    """Give back what `doubles` or `marks` gave."""
