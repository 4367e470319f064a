"""The statements of a program: what each binds, changes and reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from chainrule.records import record

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@record
class Statement:
    """A top-level statement: what it binds or changes, what it reads, and what of that when it runs itself."""

    node: ast.stmt
    binds: set[str]
    changes: set[str]
    reads: set[str]
    reads_now: set[str]
    needed: bool = False


def statement_of(node: ast.stmt, modules: set[str]) -> Statement:
    binds, changes = set(bound(node)), set[str]()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Subscript, ast.Attribute)) and isinstance(inner.ctx, (ast.Store, ast.Del)):
            changes |= _root(inner)
    for call in (n for n in _top(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
        alone = isinstance(node, ast.Expr) and node.value is call  # np.random.seed(0), and not w = np.zeros(3)
        changes |= _root(call.func) if alone else _root(call.func) - modules
    reads = read_by(node)
    now = _reads_now(node)
    return Statement(node, binds, changes, reads, now)


def flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a program, with those inside if, try and with."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for part in ("body", "orelse", "finalbody"):
                yield from flat(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from flat(handler.body)


def bound(node: ast.stmt) -> Iterator[str]:
    for inner in _top(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, (*FUNCTIONS, ast.ClassDef)):
            yield inner.name
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            yield from ((a.asname or a.name).partition(".")[0] for a in inner.names)


def _top(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and what runs with it: not the bodies of functions it defines."""
    yield node
    skipped = {"body"} if isinstance(node, (*FUNCTIONS, ast.Lambda)) else set()
    for name, value in ast.iter_fields(node):
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST) and name not in skipped:
                yield from _top(inner)


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def read_by(node: ast.AST) -> set[str]:
    """The names that a statement or the functions in it read from outside."""
    found: set[str] = set()
    for inner in ast.iter_child_nodes(node):
        found |= read_by(inner)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        found.add(node.id)
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        args = node.args
        own = {a.arg for a in (*args.args, *args.posonlyargs, *args.kwonlyargs, args.vararg, args.kwarg) if a}
        body = node.body if isinstance(node.body, list) else []
        free = {name for n in ast.walk(node) if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
        own |= {name for statement in body for name in bound(statement)} - free
        found -= own
    return found


def _reads_now(node: ast.AST) -> set[str]:
    return {n.id for n in _top(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
