"""What refusals say, without the place they were raised at: what happens, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from chainrule.errors import ChainruleError, forgiven

_PLACE = re.compile(r"\S[^\n]*\.py:\d+(?:   .*)?|<[^\n]*>:\d+(?:   .*)?")


def said(refusal: Callable[[], ChainruleError], what: str = "") -> tuple[str, str]:
    """What a refusal says, and what it says to write; with `what` in place of the first.

    >>> from chainrule.carriers.refusals import no_cast
    >>> said(lambda: no_cast(1.0, int))[1]
    'write .data for the plain numbers'
    """
    with forgiven():
        text = str(refusal())
    found, way = parted(text)
    return what or found, way


def parted(text: str) -> tuple[str, str]:
    """The message of a refusal as what happens and what to write, without the line of code below it."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _PLACE.fullmatch(line.strip())]
    if not lines:
        return "", ""
    if len(lines) == 1:
        what, _, way = lines[0].partition("; ")
        return what.rstrip("."), way[:1].lower() + way[1:]
    what, way = lines[0], " ".join(lines[1:])
    head, _, tail = what.partition("; ")
    if tail and not what.endswith("."):
        what, way = head, f"{tail} {way}"
    return what.rstrip("."), way[:1].lower() + way[1:] if way[1:2].islower() else way
