"""Long sums and lists whose parts are alike but for their indices, written with a `for`."""

from __future__ import annotations

import re
from collections import Counter as Words
from collections.abc import Sequence

from chainrule.show.code.counting import WORD, Count, Counter, filled, form, indices, pairs, step_of, unused

Line = tuple[str, str]
FEWEST_PARTS = 4
OPEN, CLOSED = "([{", ")]}"
CHOICE = re.compile(r" (if|for|and|or) ")


def shortened(code: str) -> str:
    """The code with its long sums and lists written shorter.

    >>> shortened("x[0] * t[3] + x[1] * t[2] + x[2] * t[1] + x[3] * t[0]")
    'sum(x[k] * t[3 - k] for k in range(4))'
    >>> shortened("return (w, [x[0]**2, x[1]**2, x[2]**2, x[3]**2])")
    'return (w, [x[k]**2 for k in range(4)])'
    """
    head = "return " if code.startswith("return ") else ""
    return head + _inside(code.removeprefix(head), unused("k", set(WORD.findall(code))))


def joined(lines: Sequence[Line], later: Sequence[str]) -> list[Line]:
    """The lines with their sums and lists shortened. A sum that was too long for one line is put together first.

    later   the words of what follows

    >>> joined([("t", "x[0] + x[1] + x[2]"), ("u", "t + x[3] + x[4]")], ["u"])
    [('u', 'sum(x[k] for k in range(5))')]
    """
    uses = Words([*(word for _, code in lines for word in WORD.findall(code)), *later])
    done: list[Line] = []
    begin = 0
    while begin < len(lines):
        end, whole = begin + 1, lines[begin][1]
        while end < len(lines) and lines[end][1].startswith(f"{lines[end - 1][0]} + ") and uses[lines[end - 1][0]] == 1:
            whole += lines[end][1].removeprefix(lines[end - 1][0])
            end += 1
        short = shortened(whole)
        if len(short) < len(whole):
            done.append((lines[end - 1][0], short))
        else:
            done += [(name, shortened(code)) for name, code in lines[begin:end]]
        begin = end
    return done


def _inside(code: str, counter: str) -> str:
    """The code between two brackets, or all of it."""
    parts = [_series(_bracketed(part, counter), counter) for part in split(code, ", ")]
    return ", ".join(parts)


def _bracketed(code: str, counter: str) -> str:
    """The code with what stands in its brackets shortened."""
    text, depth, begin = "", 0, 0
    for i, sign in enumerate(code):
        if sign in OPEN:
            begin = i + 1 if depth == 0 else begin
            text += sign if depth == 0 else ""
            depth += 1
        elif sign in CLOSED:
            depth -= 1
            if depth == 0:
                inner = code[begin:i]
                display = sign == "]" and (begin < 2 or not (code[begin - 2].isalnum() or code[begin - 2] in "_])"))
                text += (_list(inner, counter) if display else _inside(inner, counter)) + sign
        elif depth == 0:
            text += sign
    return text


def _list(inner: str, counter: str) -> str:
    parts = split(inner, ", ")
    told = _told(parts, counter) if len(parts) >= FEWEST_PARTS else None
    return told or _inside(inner, counter)


def _series(code: str, counter: str) -> str:
    """A sum with the runs of like parts in it as `sum(...)`."""
    parts = split(code, " + ")
    done: list[str] = []
    while parts:
        end = _run(parts)
        told = _told(parts[:end], counter) if end >= FEWEST_PARTS else None
        done.append(f"sum({told})" if told else parts[0])
        parts = parts[end if told else 1 :]
    return " + ".join(done)


def _run(parts: Sequence[str]) -> int:
    """How many of the first parts are alike."""
    end = 2 if len(parts) > 1 and form(parts[0]) == form(parts[1]) else 1
    while 1 < end <= len(parts) and _counts(parts[:end]) is not None:
        end += 1
    return max(1, end - 1)


def _counts(parts: Sequence[str]) -> dict[int, Count] | None:
    """The indices that count through the parts; None when these differ in more, or not at all."""
    if CHOICE.search(parts[0]) or form(parts[0]) != form(parts[-1]):
        return None
    places, found = indices(parts[0]), dict[int, Count]()
    for w, ((x, y), (_, z)) in enumerate(zip(pairs(parts[0], parts[1]), pairs(parts[0], parts[-1]), strict=True)):
        step = step_of(x, y)
        if x == y == z:
            continue
        if w not in places or not step or step_of(x, z) != step * (len(parts) - 1):
            return None
        found[w] = Count(int(x), step)
    return found or None


def _told(parts: Sequence[str], counter: str) -> str | None:
    """`x[k] for k in range(4)`"""
    counts = _counts(parts) if _run(parts) == len(parts) else None
    if counts is None:
        return None
    through = Counter.of(counts.values(), len(parts), counter)
    words = [through.written(counts[w]) if w in counts else x for w, x in enumerate(WORD.findall(parts[0]))]
    return f"{filled(parts[0], words)} for {counter} in {through.range}"


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
