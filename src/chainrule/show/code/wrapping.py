"""Long lines of printed source, on several lines."""

from __future__ import annotations

import re

WIDEST = 88
"""What an expression may take; `name = ` comes before it."""
MARGIN = 12
OPEN, CLOSED = "([{", ")]}"


def wrapped(line: str) -> str:
    """The line; when it is long, its results one below the other, and its sums in parentheses.

    >>> print(wrapped("y = " + " + ".join(f"weight * value[{k}]" for k in (2, 3, 5, 7, 11, 13))))
    y = (
        weight * value[2] + weight * value[3] + weight * value[5] + weight * value[7]
        + weight * value[11] + weight * value[13]
    )
    """
    if len(line) <= WIDEST + MARGIN:
        return line
    lead, head, code = _taken_apart(line)
    if code.startswith("(") and code.endswith(")") and head == "return ":
        pieces = split(code[1:-1].removesuffix(","), ", ")
        if all(piece.count("(") == piece.count(")") for piece in pieces) and _whole(code):
            return "\n".join([f"{lead}return (", *(f"{lead}    {_filled(p, lead)}," for p in pieces if p), f"{lead})"])
    if code.startswith("[") and _whole(code):
        element, *rest = split(code[1:-1], " for ")
        if rest:
            return "\n".join(
                [f"{lead}{head}[", f"{lead}    {element}", f"{lead}    for {' for '.join(rest)}", f"{lead}]"]
            )
        return f"{lead}{head}[\n{lead}    {_filled(code[1:-1], lead, ', ')},\n{lead}]"
    if len(split(code, " + ")) < 2:
        return line
    return f"{lead}{head}(\n{lead}    {_filled(code, lead)}\n{lead})"


def _taken_apart(line: str) -> tuple[str, str, str]:
    """The indentation, `name = ` or `return `, and the expression."""
    found = re.match(r"( *)(return |[\w, ]+ = )?(.*)", line)
    assert found is not None
    return found[1], found[2] or "", found[3]


def _whole(code: str) -> bool:
    """Whether the first parenthesis closes at the end."""
    depth = 0
    for i, sign in enumerate(code):
        depth += (sign in OPEN) - (sign in CLOSED)
        if depth == 0:
            return i == len(code) - 1
    return False


def _filled(code: str, lead: str, sign: str = " + ") -> str:
    """A sum, or a list, in lines of bounded length."""
    lines = [""]
    for k, part in enumerate(split(code, sign)):
        text = f"{sign}{part}" if k else part
        if lines[-1] and len(lines[-1]) + len(text) > WIDEST:
            lines[-1] += sign.rstrip() if sign[0] != " " else ""
            lines.append(text[1:] if sign[0] == " " else part)
        else:
            lines[-1] += text
    return f"\n{lead}    ".join(lines)


def split(code: str, sign: str) -> list[str]:
    """`code` at a sign that stands in no brackets.

    >>> split("f(a, b), c", ", ")
    ['f(a, b)', 'c']
    """
    pieces, depth, begin = [], 0, 0
    for i, c in enumerate(code):
        depth += (c in OPEN) - (c in CLOSED)
        if depth == 0 and code.startswith(sign, i):
            pieces.append(code[begin:i])
            begin = i + len(sign)
    return [*pieces, code[begin:]]
