"""Hand-written gradients that no claim covers: computed in the middle of a function and used there for an update."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from chainrule.check.claims.syntax.candidates import handed_to_frameworks
from chainrule.check.claims.syntax.methods import is_unwritten
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.statements import FUNCTIONS
from chainrule.check.claims.updates.momenta import OTHERS, SLOPE, plain_steps
from chainrule.patterns import pattern

RATE = pattern(r"(learning|learn|l)?_?rate|lr|eta|alpha|step_?size", re.IGNORECASE)
NAMED = pattern(r"back_?prop\w*|(grad|gradients?)_\w+|\w+_(grad|gradients?)", re.IGNORECASE)
NO_GRADIENTS = pattern(
    r".*(zero|clip|step|num|check|eval|norm|no_|require|apply|get|set|plot|test|show|print|auto|reset|stop|update|descent"
    r"|ascent|boost|finite|accum|average|sync).*",
    re.IGNORECASE,
)
OF_ARRAYS = {"dot", "sum", "mean", "copy", "reshape", "transpose"}


def unread(body: Sequence[ast.stmt], possible: Sequence[Possible]) -> Iterator[tuple[int, str, list[str]]]:
    """The functions and methods that update something by gradients which they compute, or are called after gradients,
    and which no possible claim is about: line, name, and what the gradients are called.

    >>> text = "class A:\\n  def fit(self, X, y):\\n    dw = X.T @ (X @ self.w - y)\\n    self.w -= self.lr * dw"
    >>> list(unread(ast.parse(text).body, ()))
    [(2, 'A.fit', ['dw'])]
    """
    known = {name for p in possible for name in (p.name, p.function)} | set(handed_to_frameworks(body))
    passes = {p.name.rpartition(".")[0] for p in possible if p.kind in ("layer", "net")}
    for name, node in functions(body):
        if name in known or name.rpartition(".")[0] in passes:
            continue
        slopes = list(dict.fromkeys(_used(plain_steps(node))))
        if slopes or _is_called_after_one(node):
            yield node.lineno, name, slopes


def _is_called_after_one(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function has the name of a gradient or of a backward pass, and gives something."""
    if not NAMED.fullmatch(node.name.strip("_")) or NO_GRADIENTS.fullmatch(node.name) or is_unwritten(node):
        return False
    returned = [s.value for s in ast.walk(node) if isinstance(s, ast.Return) and s.value is not None]
    inner = {s.name for s in node.body if isinstance(s, FUNCTIONS)}
    if any(isinstance(v, ast.Lambda) or (isinstance(v, ast.Name) and v.id in inner) for v in returned):
        return False  # it makes a function
    gives = bool(returned)
    return bool(node.args.args) and (gives or node.name.lower().startswith("back"))


def functions(
    body: Sequence[ast.stmt], prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions among these statements and the methods of classes, each by its name."""
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{prefix}{node.name}.")


def _used(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The gradients that are computed in a function, or kept in its objects as `delta`, and by which it changes
    something else."""
    steps = [s for s in ast.walk(node) if isinstance(s, (ast.Assign, ast.AugAssign)) and not _is_asked(s.value)]
    made = {n for s in steps for n in _targets(s)}
    given = {a.arg for a in node.args.args}
    optimiser = any(SLOPE.fullmatch(a) and not OTHERS.fullmatch(a) for a in given)
    for s in ast.walk(node):
        if not (isinstance(s, ast.AugAssign) and isinstance(s.op, (ast.Add, ast.Sub))) and not _is_step(s):
            continue
        changed = set(_targets(s))  # type: ignore[arg-type]
        if any(SLOPE.fullmatch(n) for n in changed):  # gradients that add up
            continue
        parts = [_last(p) for p in ast.walk(s.value) if isinstance(p, (ast.Name, ast.Attribute))]  # type: ignore[attr-defined]
        by_rate = not optimiser and any(map(RATE.fullmatch, parts))
        for part in ast.walk(s.value):  # type: ignore[attr-defined]
            name = _last(part) if isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)) else ""
            kept = name in ("delta", "deltas") and not isinstance(part, ast.Name)
            kept = kept or (by_rate and name in made - changed and not RATE.fullmatch(name))
            if kept or (name in made and SLOPE.fullmatch(name) and not OTHERS.fullmatch(name)):
                yield name


def _is_asked(value: ast.expr) -> bool:
    """Whether a value is what another function of the program gives: then that one is the claim."""
    if not isinstance(value, ast.Call):
        return False
    if isinstance(value.func, ast.Attribute):
        root = value.func.value.id if isinstance(value.func.value, ast.Name) else ""
        return root not in ("np", "numpy", "math", "jnp", "torch") and value.func.attr not in OF_ARRAYS
    return True


def _is_step(s: ast.AST) -> bool:
    """Whether a statement is of the form w = w - rate * dw."""
    if not isinstance(s, ast.Assign) or len(s.targets) != 1 or not isinstance(s.value, ast.BinOp):
        return False
    return isinstance(s.value.op, (ast.Add, ast.Sub)) and ast.unparse(s.targets[0]) == ast.unparse(s.value.left)


def _targets(s: ast.Assign | ast.AugAssign) -> Iterator[str]:
    for target in s.targets if isinstance(s, ast.Assign) else [s.target]:
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        yield from (n for part in parts if (n := _last(part)))


def _last(part: ast.expr) -> str:
    """The last name of `w`, `self.w`, `neuron["w"]`, `w[i]`."""
    while isinstance(part, ast.Subscript):
        if isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str):
            return part.slice.value
        part = part.value
    return part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
