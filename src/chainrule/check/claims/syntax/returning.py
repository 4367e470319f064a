"""Functions that return a value and gradients: what their last statement names."""

from __future__ import annotations

import ast
import re

from chainrule.patterns import pattern

VALUES = pattern(
    r"(total_|data_)?(loss|cost|value|val|obj|objective|energy|nll|error|err|f|j|l|e|fx|y)(_?\w{0,8})", re.IGNORECASE
)
GRADIENTS = pattern(r"\w*grad\w*|d[A-Z]\w*|d_?(x|w|b|theta|params?|l|j)\w*|g|jac\w*|df\w*|derivative\w*", re.IGNORECASE)
COST = pattern(r"(total_?|data_?|batch_?|train_?)?(loss|cost|nll|error|objective|obj|energy)|J", re.IGNORECASE)
SLOPE = pattern(r"d_?[A-Z]\w*|d_?(x|w|b|theta|params?|weights?|bias)\w*|gradients?|grads?\w*|\w+_grads?")


def returns_a_pair(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends in `return loss, grad`."""
    last = node.body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Tuple) or len(last.value.elts) != 2:
        return False
    first, second = last.value.elts
    if _makes_functions(node, last.value.elts):
        return False
    if isinstance(second, ast.Tuple):  # loss, (dw, db)
        slopes = [n for n in map(_name_in, second.elts) if GRADIENTS.fullmatch(n)]
        return isinstance(first, ast.Name) and bool(VALUES.fullmatch(first.id)) and 0 < len(slopes) == len(second.elts)
    if not isinstance(second, (ast.Name, ast.Call, ast.BinOp, ast.Attribute)):
        return False
    left = first.id if isinstance(first, ast.Name) else ""
    if left.lower() in ("costs", "losses", "errors", "values"):  # of all steps of a training
        return False
    while isinstance(second, ast.BinOp):  # dx / n
        second = second.left
    right = second.id if isinstance(second, ast.Name) else ast.unparse(second)
    return bool(VALUES.fullmatch(left) and GRADIENTS.fullmatch(right.split("(")[0].split(".")[0]) and left != right)


def returns_gradients(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends by returning a cost among gradients.

    >>> def last(line):
    ...     return returns_gradients(ast.parse(f"def f(x): return {line}").body[0])
    >>> last("loss, dWxh, dbh, hs[-1]"), last("grads, cost"), last("cost, {'dw': dw}"), last("x, dx")
    (True, True, True, False)
    """
    last = node.body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Tuple):
        return False
    if _makes_functions(node, last.value.elts):
        return False
    names = [n for p in last.value.elts if (n := _name_in(p))]
    keys = [k.value for p in last.value.elts if isinstance(p, ast.Dict) for k in p.keys if isinstance(k, ast.Constant)]
    slopes = [n for n in (*names, *map(str, keys)) if SLOPE.fullmatch(n) and not COST.fullmatch(n)]
    return bool(slopes) and any(map(COST.fullmatch, names))


def makes_functions(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends in `return f, df` of functions that it defines."""
    last = node.body[-1]
    value = last.value if isinstance(last, ast.Return) else None
    return isinstance(value, ast.Tuple) and _makes_functions(node, value.elts)


def _makes_functions(node: ast.FunctionDef | ast.AsyncFunctionDef, parts: list[ast.expr]) -> bool:
    """Whether some of what is returned are functions that are defined inside."""
    inner = {n.name for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return any(isinstance(part, ast.Name) and part.id in inner for part in parts)


def _name_in(part: ast.expr) -> str:
    """The name of what is returned, also from within np.squeeze(cost), float(cost), cost / n."""
    while not isinstance(part, ast.Name):
        if isinstance(part, ast.Call) and len(part.args) == 1:
            part = part.args[0]
        elif isinstance(part, ast.BinOp):
            part = part.left
        else:
            return ""
    return part.id
