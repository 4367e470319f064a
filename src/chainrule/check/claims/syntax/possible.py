"""What could be a claim, by the syntax tree of a file."""

from __future__ import annotations

from typing import NamedTuple


class Possible(NamedTuple):
    """What could be a claim: its name, its function, the line, the kind of judge it needs, and the function or class
    that has to be called for it to be made."""

    name: str
    function: str
    line: int
    kind: str
    loose: bool = False
    inside: str = ""
