"""When an input was given a new number: a count of such changes. Compiled, `version.pxd` takes this file's place and
the count starts over at 2**32, so versions are compared by how long ago they were."""

from __future__ import annotations


def age(now: int, version: int) -> int:
    """How many changes ago that time was."""
    return (now - version) & 0xFFFFFFFF
