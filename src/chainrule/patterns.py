"""Regular expressions that are compiled when they are first asked. A check imports two dozen that name what people call
their gradients, of which a file needs a few; compiling them all takes as long as two of its evaluations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["pattern"]

if TYPE_CHECKING:
    from re import compile as pattern
else:

    class pattern:
        """A regular expression, as `re.compile` gives it, but that a mistake in it is found by its first use.

        >>> pattern(r"d_?\\w+").fullmatch("d_x")[0]
        'd_x'
        """

        def __init__(self, text: str, flags: int = 0) -> None:
            self._asked = text, flags

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            found = getattr(re.compile(*self._asked), name)  # compiled once: re keeps it
            setattr(self, name, found)
            return found
