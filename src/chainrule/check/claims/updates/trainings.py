"""Functions and methods that train: gradients that are computed in the middle, and used there for an update."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chainrule.check.claims.claim import Claim
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.updates.momenta import OTHERS, SLOPE, plain_steps
from chainrule.check.claims.updates.steps import step_candidates
from chainrule.check.claims.updates.unread import RATE, functions, unread

LOOPS = (ast.For, ast.While)


class Update(NamedTuple):
    """A statement that changes a parameter: how that is written, what it is moved by when the learning rate is 1, and
    whether that is added (-1) or taken off (1)."""

    parameter: str
    step: ast.expr
    sign: int


def trainings(body: Sequence[ast.stmt], possible: Sequence[Possible]) -> Iterator[Possible]:
    """The functions that no other claim is about and that update parameters by gradients of their own.

    >>> text = "def fit(X, y):\\n  w = 0\\n  for _ in X:\\n    dw = X.T @ (X @ w - y)\\n    w -= 0.1 * dw"
    >>> [p.name for p in trainings(ast.parse(text).body, ())]
    ['fit']
    """
    nodes = dict(functions(body))
    steps = [
        p for p in step_candidates(nodes) if p.name not in {known.name for known in possible if known.function != "*"}
    ]
    if any(isinstance(node, ast.ClassDef) for node in body):
        from chainrule.check.claims.updates.descents import descent_candidates

        steps += descent_candidates(body, possible)
    yield from steps
    possible = (*possible, *steps)
    for line, name, slopes in unread(body, possible):
        if slopes and name.count(".") < 2 and step_of(plain_steps(nodes[name])) is not None:
            yield Possible(name, name, line, "training", loose=True)


def step_of(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.For | ast.While, marked: Callable[[ast.stmt], Any] | None = None
) -> list[ast.stmt] | None:
    """The innermost statements that run once for each step of a training: the body of a loop, or of the function, in
    which one is an update (or `marked`)."""
    for loop in (s for s in node.body if isinstance(s, LOOPS)):
        if (found := step_of(loop, marked)) is not None:
            return found
    return node.body if any(map(marked or update, node.body)) else None


def update(s: ast.stmt) -> Update | None:
    """The update that a statement makes, if it is one by a gradient or with a learning rate.

    >>> found = update(ast.parse("self.w = self.w + (lr / m) * X.T.dot(e)").body[0])
    >>> found.parameter, ast.unparse(found.step), found.sign
    ('self.w', '1.0 / m * X.T.dot(e)', -1)
    """
    if isinstance(s, ast.AugAssign):
        target, op, value = s.target, s.op, s.value
    elif isinstance(s, ast.Assign) and len(s.targets) == 1 and isinstance(s.value, ast.BinOp):
        target, op, value = s.targets[0], s.value.op, s.value.right  # type: ignore[assignment]
        if ast.unparse(target) != ast.unparse(s.value.left):
            return None
    else:
        return None
    key = target.slice.value if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) else None
    named = isinstance(target, (ast.Name, ast.Attribute)) or isinstance(key, str)
    if not named or not isinstance(op, (ast.Add, ast.Sub)) or SLOPE.fullmatch(_last(target)):
        return None
    names = {_last(n) for n in ast.walk(value) if isinstance(n, (ast.Name, ast.Attribute))}
    rated = any(map(RATE.fullmatch, names))
    if not rated and not any(SLOPE.fullmatch(n) and not OTHERS.fullmatch(n) for n in names):
        return None
    step = _Unrated(plain=not rated).visit(copy.deepcopy(value))
    return Update(ast.unparse(target), step, 1 if isinstance(op, ast.Sub) else -1)


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class _Unrated(ast.NodeTransformer):
    """1 for each learning rate; for a plain number that the step is multiplied by, where no rate has a name."""

    def __init__(self, *, plain: bool) -> None:
        self.plain = plain

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(1.0) if RATE.fullmatch(node.id) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Constant(1.0) if RATE.fullmatch(node.attr) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if self.plain and isinstance(node.op, ast.Mult):
            for factor, rest in ((node.left, node.right), (node.right, node.left)):
                if isinstance(factor, ast.Constant):
                    return rest
        self.generic_visit(node)
        return node


def training_claims(
    namespace: Mapping[str, Any], path: str, possible: Sequence[Possible], seen: Seen
) -> tuple[Claim, ...]:
    """The claims of the functions and methods that train; a method with an object that it was called on, or a new
    one."""
    from chainrule.check.judges.objects import made

    found = []
    for p in possible:
        first, _, method = p.name.partition(".")
        value: Any = namespace.get(first)
        function: Any = getattr(value, method, None) if method else value
        code = getattr(function, "__code__", None)
        if code is None or getattr(value, "__module__", "") != namespace.get("__name__"):
            continue
        owner = None
        if method and code.co_varnames[:1] == ("self",):
            owner = seen.owners.get(code) or made(namespace, value, lambda _: True)
            if owner is None:
                continue
        found.append(Claim(p.name, function, function, path, p.line, kind="training", settings={"owner": owner}))
    return tuple(found)
