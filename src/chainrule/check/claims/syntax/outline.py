"""A file looked at before it runs: what in its syntax tree could be a claim, and which statements that needs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import TypeGuard

from chainrule.check.claims.syntax.candidates import candidates
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.statements import FUNCTIONS, Statement, bound, flat, statement_of
from chainrule.records import record

WANTING = {"value_and_grad", "returned", "backward", "step"}  # claims for which arguments are hard to guess
ALWAYS = {"sys", "os", "warnings", "random", "matplotlib"}


@record
class Outline:
    """The possible claims of a program and its statements, those marked that the claims need."""

    possible: tuple[Possible, ...] = ()
    statements: list[Statement] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Functions and derivatives, whose calls are worth noting."""
        named = {name for p in self.possible for name in (p.name.split(".")[-1], p.function.split(".")[-1])}
        return named | ({"forward"} if "apply" in named else set())


def outline(
    body: Sequence[ast.stmt], more: Callable[[Sequence[ast.stmt], Sequence[Possible]], Iterable[Possible]] | None = None
) -> Outline:
    """What could be a claim in a program, and what of the program is needed for it.

    >>> found = outline(ast.parse("def f(x): return k * x\\ndef df(x): return k\\nk = 2\\nprint(f(3))\\nx = 5").body)
    >>> found.possible[0].name, [s.needed for s in found.statements]
    ('df', [True, True, True, True, False])
    """
    body = _with_main(body)
    modules = {name for node in flat(body) if isinstance(node, ast.Import) for name in bound(node)}
    statements = [statement_of(node, modules) for node in body]
    possible = tuple(dict.fromkeys(candidates(body)))
    possible += tuple(more(body, possible)) if more else ()
    found = Outline(possible, statements)
    if possible:
        _mark(found)
    return found


def _mark(found: Outline) -> None:
    """Mark the statements that define the claims or call their functions, and all that these rest on."""
    roots = {name.split(".")[0] for p in found.possible for name in (p.name, p.function, p.inside)} - {""}
    lines = {p.line for p in found.possible if p.kind in ("use", "inline")}
    users = _callers(found, {p.inside for p in found.possible if p.inside})
    wanting = _callers(found, {p.function.split(".")[0] for p in found.possible if p.kind in WANTING})
    waiting = []
    for s in found.statements:
        last = s.node.end_lineno or s.node.lineno
        used = any(s.node.lineno <= line <= last for line in lines)
        simple = not isinstance(s.node, (ast.For, ast.While, ast.AsyncFor))
        if _is_main(s.node) and (used or s.reads_now & (users | wanting | roots)):  # points, if it takes no longer
            simple = used or bool(s.reads_now & (users | wanting))
            s.node = ast.copy_location(ast.If(ast.copy_location(ast.Constant(True), s.node), s.node.body, []), s.node)
        used = used or bool(s.reads_now & users)
        if s.binds & roots or used or (simple and s.reads_now & roots) or s.changes & ALWAYS or "*" in s.binds:
            waiting.append(s)
    inline = any(p.kind == "inline" for p in found.possible)
    while waiting:
        s = waiting.pop()
        if s.needed:
            continue
        s.needed = True
        for other in found.statements:
            if not other.needed and (s.reads & (other.binds | other.changes) or (inline and s.binds & other.binds)):
                waiting.append(other)


def _with_main(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a program; those below `if __name__ == "__main__"` beside the others where functions or classes
    are defined there."""
    found = list[ast.stmt]()
    for node in body:
        inside = node.body if _is_main(node) else ()
        found += inside if any(isinstance(s, (*FUNCTIONS, ast.ClassDef)) for s in inside) else [node]
    return found


def _callers(found: Outline, inside: set[str]) -> set[str]:
    """The functions and classes that hand over a claim when they are called, and those that call them."""
    reached: set[str] = set()
    fresh = set(inside)
    while fresh:
        reached |= fresh
        fresh = {
            s.node.name
            for s in found.statements
            if isinstance(s.node, (*FUNCTIONS, ast.ClassDef)) and s.reads & reached
        } - reached
    return reached


def _is_main(node: ast.stmt) -> TypeGuard[ast.If]:
    """Whether a statement is `if __name__ == "__main__":`, below which files call what they define."""
    return isinstance(node, ast.If) and ast.unparse(node.test).replace("'", '"') in (
        '__name__ == "__main__"', '"__main__" == __name__',
    )  # fmt: skip
