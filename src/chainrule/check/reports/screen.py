"""Lines on a terminal: coloured where that is wanted, cut to its width, or plain text in a file.

Colours are on for terminals. `NO_COLOR` (not empty) turns them off, `FORCE_COLOR` (not empty) on, as described at
no-color.org and force-color.org; a terminal that says it is "dumb" has none.
"""

from __future__ import annotations

import os
import unicodedata
from typing import IO

CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "magenta": 35}
DOTS = "\N{HORIZONTAL ELLIPSIS}"


class Screen:
    """Where lines are written to.

    colours, width   instead of what the environment says

    >>> import sys
    >>> Screen(sys.stdout, width=12).line(("red", "WRONG  "), ("", "x[2] is too large"), cut=True)
    WRONG  x[2]…
    """

    def __init__(self, file: IO[str], *, colours: bool | None = None, width: int | None = None) -> None:
        self.file = file
        self.colours = _coloured(file) if colours is None else colours
        fitted = width is not None or file.isatty() or "COLUMNS" in os.environ
        self.width = (width or columns_of_terminal()) if fitted else None

    def line(self, *parts: tuple[str, str], cut: bool = False) -> None:
        """Print (style, text) after (style, text); `cut` fits the line to the width, if there is one.

        Control characters, which names of files may hold, are written out."""
        parts = tuple([(style, seen(text)) for style, text in parts])
        if cut and self.width is not None:
            parts = self._fitted(parts, self.width)
        print("".join(self._styled(style, text) for style, text in parts), file=self.file)

    def _styled(self, style: str, text: str) -> str:
        if not (self.colours and style and text):
            return text
        codes = ";".join(str(CODES[word]) for word in style.split())
        return f"\x1b[{codes}m{text}\x1b[0m"

    def _fitted(self, parts: tuple[tuple[str, str], ...], width: int) -> tuple[tuple[str, str], ...]:
        if sum(columns(text) for _, text in parts) <= width:
            return parts
        dots = DOTS if _shows(self.file, DOTS) else "..."
        left = max(width - columns(dots), 0)
        fitted = []
        for style, text in parts:
            kept = ""
            for sign in text:
                left -= columns(sign)
                if left < 0:
                    break
                kept += sign
            fitted.append((style, kept))
            if left < 0:
                break
        return (*fitted, ("", dots))


def seen(text: str) -> str:
    r"""The text with what is not seen written as Python writes it in a string, but for ends of lines and tabs.

    >>> print(seen("red\x1b[31m.py"))
    red\x1b[31m.py
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode("ascii") for c in text)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: two for wide signs, none for marks on another.

    >>> columns("λ"), columns("導関数"), columns("é")
    (1, 6, 1)
    """
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def columns_of_terminal() -> int:
    """As `shutil` finds them, which imports all that packs archives."""
    try:
        return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size().columns or 80
    except (ValueError, OSError):
        return 80


def _coloured(file: IO[str]) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return file.isatty() and os.environ.get("TERM") not in ("dumb", "unknown") and _understands_colours()


def _understands_colours() -> bool:
    """Consoles of Windows do after they are asked; `os.system` asks (python/cpython#74261)."""
    if os.name == "nt":
        os.system("")
    return True


def _shows(file: IO[str], sign: str) -> bool:
    try:
        sign.encode(getattr(file, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
