"""Training loops at the top level of a program: hand-written slopes that are computed and used for an update at once.

The values were updated after the slopes of the last step were computed, so one more step is run, without its updates.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

STEPS = (ast.Assign, ast.AugAssign, ast.AnnAssign)


def loops(body: Sequence[ast.stmt]) -> Iterator[ast.For | ast.While]:
    """The innermost loops of a program, outside its functions.

    >>> [loop.lineno for loop in loops(ast.parse("for i in x:\\n  for j in y:\\n    a = 1\\nwhile True: b = 2").body)]
    [2, 4]
    """
    for node in body:
        if isinstance(node, (ast.For, ast.While)):
            inner = list(loops(node.body))
            yield from inner or [node]
        elif isinstance(node, (ast.If, ast.With, ast.Try)):
            yield from loops(node.body)


def slopes_in(loop: ast.For | ast.While, known: Collection[str] = ()) -> dict[str, ast.stmt]:
    """The `d<name>` that a loop computes and by which it updates `<name>`, if there are two of them at least; and those
    from which they are computed.

    >>> text = "while True:\\n  z = w * x + b\\n  dz = z - y\\n  dw, db = dz * x, dz\\n  w -= dw\\n  b -= db"
    >>> sorted(slopes_in(ast.parse(text).body[0]))
    ['db', 'dw', 'dz']
    """
    names = {n for s in loop.body for n in bound(s)}.union(known)
    first: dict[str, ast.stmt] = {}
    for s in loop.body:
        if isinstance(s, ast.Assign):
            for n in bound(s):
                first.setdefault(n, s)
    found = {n: s for n, s in first.items() if len(n) > 1 and n[0] == "d" and n[1:].lstrip("_") in names}
    updated = [n for n in found if any(_updates(s, {n}) for s in loop.body)]
    return found if len(updated) >= 2 else {}


def _updates(s: ast.stmt, slopes: set[str]) -> bool:
    """Whether a statement changes a value by its slope."""
    return isinstance(s, STEPS) and bool({n[1:].lstrip("_") for n in slopes & _read(s)} & bound(s))


def once_more(
    loop: ast.For | ast.While, slopes: Collection[str], namespace: Mapping[str, Any]
) -> tuple[list[ast.stmt], dict[str, Any]]:
    """The statements of a step without its updates, and the names after they were run again."""
    steps = [s for s in loop.body if isinstance(s, STEPS) and not _updates(s, set(slopes))]
    names = {n: copy.copy(x) if isinstance(getattr(x, "ndim", None), int) else x for n, x in namespace.items()}
    exec(compile(ast.Module(list(steps), []), "<again>", "exec"), names)
    return list(steps), names


def bound(s: ast.stmt) -> set[str]:
    """The names that a statement assigns to."""
    return {n.id for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _read(s: ast.stmt) -> set[str]:
    return {n.id for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
