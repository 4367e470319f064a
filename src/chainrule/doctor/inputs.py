"""Which parameters of a function are numbers that a derivative can be asked by."""

from __future__ import annotations

import ast

from chainrule.doctor.names import Function, dotted
from chainrule.doctor.what import parameters

_NO_NUMBERS = frozenset({
    "self", "cls", "path", "file", "filename", "fname", "name", "url", "folder", "directory", "seed", "rng", "key",
    "axis", "shape", "size", "dtype", "mode", "verbose", "kind", "title", "label", "ax", "fig", "args", "kwargs",
})  # fmt: skip
_TYPES = frozenset({"int", "str", "bool", "bytes", "Path", "Callable", "dict", "None"})
_SIZES = frozenset({"range", "zeros", "ones", "empty", "eye", "identity", "randn", "rand", "standard_normal", "arange"})


def inputs(function: Function) -> frozenset[str]:
    """The parameters that can be numbers: not those that are sizes, indices, texts or functions by their use, their
    annotation, their usual value or their name.

    >>> def f(x, n, name="loss", scale=1.0): pass
    >>> tree = ast.parse("def f(x, n, name='loss', scale=1.0): return [scale * x for k in range(n)]")
    >>> sorted(inputs(tree.body[0]))
    ['scale', 'x']
    """
    found = {p.arg for p in parameters(function)} - _NO_NUMBERS
    found -= {p.arg for p in parameters(function) if p.annotation is not None and _typed(p.annotation)}
    found -= {name for name, value in _usual(function) if _no_number(value)}
    return frozenset(found - _used_otherwise(function))


def _typed(annotation: ast.expr) -> bool:
    text = annotation.value if isinstance(annotation, ast.Constant) else dotted(annotation)
    head = dotted(annotation.value) if isinstance(annotation, ast.Subscript) else ""
    return (str(text).rpartition(".")[2] or head.rpartition(".")[2]) in _TYPES


def _usual(function: Function) -> list[tuple[str, ast.expr]]:
    a = function.args
    placed = [*a.posonlyargs, *a.args]
    with_usual = zip(reversed(placed), reversed(a.defaults), strict=False)
    named = [(p.arg, v) for p, v in zip(a.kwonlyargs, a.kw_defaults, strict=True) if v is not None]
    return [(p.arg, v) for p, v in with_usual] + named


def _no_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, (bool, str, bytes))


def _used_otherwise(function: Function) -> set[str]:
    found = set[str]()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                found.add(node.func.id)
            if dotted(node.func).rpartition(".")[2] in _SIZES:
                found |= {n.id for arg in node.args for n in _direct(arg)}
        elif isinstance(node, ast.Subscript):
            found |= {n.id for n in _direct(node.slice)}
        elif isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides):
                found |= {side.id for side in sides if isinstance(side, ast.Name)}
    return found


def _direct(node: ast.expr) -> list[ast.Name]:
    """The names in an expression of sizes or indices, not those inside of calls, attributes and elements."""
    if isinstance(node, ast.Name):
        return [node]
    if isinstance(node, (ast.Tuple, ast.List)):
        return [n for part in node.elts for n in _direct(part)]
    if isinstance(node, ast.BinOp):
        return [*_direct(node.left), *_direct(node.right)]
    if isinstance(node, ast.Slice):
        return [n for part in (node.lower, node.upper, node.step) if part is not None for n in _direct(part)]
    return []
