"""Names and lines of other people's as text that only says something: no control characters reach a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text with everything that is not seen written as Python writes it in a string: what moves the cursor of a
    terminal, turns the direction of writing, or is not allowed in XML.

    >>> print(printable("red\x1b[31m"), printable("a\tb\n"), printable("α b"))
    red\x1b[31m a\tb\n α b
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
