"""Training with momentum, Adam, RMSprop and their like: the gradient that enters an update, through what adds up."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

from chainrule.patterns import pattern

SLOPE = pattern(r"d_?[A-Za-z]\w{0,12}|d[A-Z]\w*|\w*grads?(ient)?s?(_\w+)?|\w*deltas?", re.IGNORECASE)
OTHERS = pattern(r"data\w*|d(ays?|ate|est|ict|im|iff|ist|rop\w*|ecay|type|irs?|escription)", re.IGNORECASE)
Gradient = tuple[ast.expr, int]  # how it is written, and the sign with which it enters


def plain_steps(node: Any) -> Any:
    """A function, or a loop, whose updates are steps along the gradient itself: averages of gradients are left out.

    >>> text = "for _ in X:\\n  dw = g(w)\\n  v = 0.9 * v - lr * dw\\n  w += v\\n  s = s + dw**2\\n  b -= lr * db / s"
    >>> print(ast.unparse(plain_steps(ast.parse(text).body[0])))
    for _ in X:
        dw = g(w)
        w -= dw
        b -= db
    """
    found = _Averages(node)
    return found.visit(copy.deepcopy(node)) if found.means or found.squares else node


class _Averages(ast.NodeTransformer):
    """Leaves out what adds up gradients or their squares, and writes updates by them as steps along the gradient.

    means    the gradient that each average, or what is made of it, stands for
    squares  the averages of squares
    """

    def __init__(self, node: ast.AST) -> None:
        self.means: dict[str, Gradient] = {}
        self.squares: set[str] = set()
        for s in _in_order(node):
            self._note(s)

    def _note(self, s: ast.stmt) -> None:
        target, value = _written(s)
        if target is None or value is None or SLOPE.fullmatch(_last(target)) or self._is_bare(value):
            return
        name, read = ast.unparse(target), {ast.unparse(n) for n in _names(value)}
        adds_up = isinstance(s, ast.AugAssign) or name in read
        if (adds_up and any(map(_is_square, ast.walk(value)))) or (not _is_step(s) and read & self.squares):
            self.squares.add(name)
            return
        given = self._entering(value) if adds_up and _is_scaled(s) else None if adds_up else self._made_of(value)
        if given:
            self.means[name] = given

    def _is_bare(self, value: ast.expr) -> bool:
        """Whether a name is set to where it begins: a constant, what a function makes of no average."""
        made = any(ast.unparse(n) in {*self.means, *self.squares} for n in _names(value))
        return isinstance(value, (ast.Call, ast.Constant)) and not made

    def _entering(self, value: ast.expr, sign: int = 1) -> Gradient | None:
        """The gradient in a sum, and its sign there."""
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
            turned = -1 if isinstance(value.op, ast.Sub) else 1
            return self._entering(value.left, sign) or self._entering(value.right, sign * turned)
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
            return self._entering(value.operand, -sign)
        slopes = [n for n in _names(value) if SLOPE.fullmatch(_last(n)) and not OTHERS.fullmatch(_last(n))]
        return (slopes[0], sign) if slopes else None

    def _made_of(self, value: ast.expr) -> Gradient | None:
        """The gradient that an average stands for which another name is made of: `m_hat = m / (1 - beta**t)`."""
        return next((self.means[n] for n in map(ast.unparse, _names(value)) if n in self.means), None)

    def generic_visit(self, node: ast.AST) -> Any:
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            target, value = _written(node)
            if target is None or value is None:
                return node
            if ast.unparse(target) in self.means or ast.unparse(target) in self.squares:
                return None if not self._is_bare(value) else node
            given = self._made_of(value)
            if given is None and any(ast.unparse(n) in self.squares for n in _names(value)):
                given = self._entering(value)
            if given is None or not _is_step(node):
                return node
            place: Any = copy.deepcopy(target)
            op = node.op if isinstance(node, ast.AugAssign) else node.value.op  # type: ignore[attr-defined]
            downhill = isinstance(op, ast.Sub) == (given[1] > 0)
            step = ast.AugAssign(place, ast.Sub() if downhill else ast.Add(), copy.deepcopy(given[0]))
            return ast.copy_location(step, node)
        return super().generic_visit(node)


def _in_order(node: ast.AST) -> Iterator[ast.stmt]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt):
            yield inner
        yield from _in_order(inner)


def _written(s: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(s, ast.AugAssign):
        return s.target, s.value
    if isinstance(s, ast.Assign) and len(s.targets) == 1:
        return s.targets[0], s.value
    return None, None


def _names(value: ast.AST) -> list[ast.expr]:
    """The names, attributes and entries that an expression reads, the outermost of each."""
    if isinstance(value, (ast.Name, ast.Attribute, ast.Subscript)):
        return [value]
    return [n for part in ast.iter_child_nodes(value) for n in _names(part)]


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_square(n: ast.AST) -> bool:
    """Whether an expression is the square of a gradient: `dw**2`, `dw * dw`, `np.square(dw)`."""
    if isinstance(n, ast.Call) and _last(n.func) == "square" and n.args:
        return bool(SLOPE.fullmatch(_last(n.args[0])))
    if not isinstance(n, ast.BinOp):
        return False
    power = isinstance(n.op, ast.Pow) and isinstance(n.right, ast.Constant) and n.right.value == 2
    product = isinstance(n.op, ast.Mult) and ast.unparse(n.left) == ast.unparse(n.right)
    return (power or product) and SLOPE.fullmatch(_last(n.left)) is not None


def _is_scaled(s: ast.stmt) -> bool:
    """Whether a name is assigned a part of itself and something else: `v = beta * v + dw`."""
    target, value = _written(s)
    if target is None or not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return False
    name = ast.unparse(target)
    products = [x for x in (value.left, value.right) if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Mult)]
    return any(name in (ast.unparse(x.left), ast.unparse(x.right)) for x in products)


def _is_step(s: ast.AST) -> bool:
    """Whether a statement is w -= ..., w += ... or w = w - ..."""
    if isinstance(s, ast.AugAssign):
        return isinstance(s.op, (ast.Add, ast.Sub))
    target, value = _written(s)
    return (
        target is not None
        and isinstance(value, ast.BinOp)
        and isinstance(value.op, (ast.Add, ast.Sub))
        and ast.unparse(value.left) == ast.unparse(target)
    )
