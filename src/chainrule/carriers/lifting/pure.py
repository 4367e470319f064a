"""Whether statements and expressions only compute: then they may run more often than the user has them run, and where a
condition does not hold."""

from __future__ import annotations

import ast
import builtins
import functools
import types
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.carriers.lifting.objects import contents, foreign, foreign_function
from chainrule.carriers.lifting.source import source

_BUILTINS = frozenset({
    "abs", "bool", "divmod", "float", "int", "len", "max", "min", "pow", "range", "round", "sum", "zip", "enumerate",
    "isinstance", "tuple", "complex",
})  # fmt: skip
_MODULES = frozenset({"math", "numpy", "chainrule"})
_ACTING = frozenset({
    "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "save", "savetxt", "savez", "seterr", "at",
    "setbufsize", "set_printoptions", "random", "errstate", "nditer", "vectorize", "frompyfunc", "memmap", "fromfile",
    "load", "loadtxt", "genfromtxt", "fromiter", "apply_along_axis", "apply_over_axes", "piecewise", "fromfunction",
    "lib", "ctypeslib", "testing", "shuffle", "checkpoint", "jit",
})  # fmt: skip
"""What these modules hold that writes, reads files, draws, or calls what it is given."""
_EXPRESSIONS = (
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Constant, ast.Attribute, ast.Subscript, ast.Name,
    ast.Tuple, ast.Slice, ast.Call, ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
_TEXT = (ast.JoinedStr, ast.FormattedValue)
DEPTH = 8
"""Functions that call each other, at most."""


class Purity:
    """What one function may call: `scope` are its globals, `cells` what its closure holds, by name."""

    def __init__(self, f: types.FunctionType, scope: dict[str, Any], depth: int = DEPTH) -> None:
        self.scope, self.depth = scope, depth
        self.cells = dict(zip(f.__code__.co_freevars, map(contents, f.__closure__ or ()), strict=True))
        self.names = {*f.__code__.co_varnames, *f.__code__.co_cellvars}

    def inner(self, names: Iterable[str]) -> Purity:
        """For what is inside and has more local names."""
        made = object.__new__(Purity)
        made.scope, made.depth, made.cells, made.names = self.scope, self.depth, self.cells, {*self.names, *names}
        return made

    def local(self, names: Iterable[str]) -> set[str]:
        """The names among them that are local, or of the closure."""
        return {n for n in names if n in self.names or n in self.cells}

    def is_extreme(self, name: str) -> bool:
        """Whether it is Python's own max or min."""
        return name in ("max", "min") and not self.local({name}) and name not in self.scope

    def expression(self, x: ast.AST, texts: bool = False) -> bool:
        allowed = (*_EXPRESSIONS, *_TEXT) if texts else _EXPRESSIONS
        for node in ast.walk(x):
            if not isinstance(node, allowed):
                return False
            if isinstance(node, ast.Call) and not self._callee(node.func):
                return False
            if isinstance(node, ast.Attribute) and self._acts(node):
                return False
        return True

    def statements(self, listed: list[ast.stmt], returns: bool) -> bool:
        return all(self._statement(s, returns) for s in listed)

    def _statement(self, s: ast.stmt, returns: bool) -> bool:
        match s:
            case ast.If():
                return self.expression(s.test) and self.statements([*s.body, *s.orelse], returns)
            case ast.Pass():
                return True
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                parts = [n for t in _targets(s) for n in ast.walk(t)]
                plain = all(isinstance(n, (ast.Name, ast.Tuple, ast.expr_context)) for n in parts)
                return plain and (s.value is None or self.expression(s.value))
            case ast.Return():
                return returns and s.value is not None and self.expression(s.value)
            case ast.Raise() | ast.Assert():
                return all(self.expression(x, texts=True) for x in ast.iter_child_nodes(s))
            case ast.Expr():
                return isinstance(s.value, ast.Constant)
            case ast.For() if returns and isinstance(s.iter, ast.Call) and isinstance(s.iter.func, ast.Name):
                inside = s.iter.func.id == "range" and self.expression(s.iter) and isinstance(s.target, ast.Name)
                return inside and self.statements([*s.body, *s.orelse], returns)
        return False

    def _acts(self, x: ast.Attribute) -> bool:
        """Whether something that the function does not get as an argument may act when it is read from."""
        root: ast.expr = x
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in self.names:
            return False
        found = self.cells.get(root.id, self.scope.get(root.id))
        return found is not None and acting(found)

    def _callee(self, x: ast.expr) -> bool:
        path: list[str] = []
        while isinstance(x, ast.Attribute):
            path.insert(0, x.attr)
            x = x.value
        if not isinstance(x, ast.Name) or not _ACTING.isdisjoint(path) or x.id in self.names:
            return False
        if x.id in self.cells:
            found = self.cells[x.id]
        elif x.id in self.scope:
            found = self.scope[x.id]
        else:
            known = getattr(builtins, x.id, None)
            error = isinstance(known, type) and issubclass(known, Exception)
            return not path and (x.id in _BUILTINS or error)
        for name in path:
            if not isinstance(found, types.ModuleType):
                return False
            found = getattr(found, name, None)
        return self._function(found)

    def _function(self, f: Any) -> bool:
        """Whether a function only computes."""
        if isinstance(f, np.ufunc):
            return True
        if type(f) is types.FunctionType and not foreign_function(f):
            return self.depth > 0 and pure(f, f.__globals__, self.depth - 1)
        module, name = getattr(f, "__module__", None), getattr(f, "__name__", "")
        if isinstance(f, type):
            return issubclass(f, (np.generic, Exception))
        known = isinstance(module, str) and module.partition(".")[0] in _MODULES
        return known and callable(f) and name not in _ACTING


def _targets(s: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return s.targets if isinstance(s, ast.Assign) else [s.target]


def pure(f: types.FunctionType, scope: dict[str, Any], depth: int = DEPTH) -> bool:
    """Whether a function of the user's only computes from what it is given."""
    tree = source(f.__code__)
    if tree is None:
        return False
    body = tree.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    in_place = any(isinstance(x, ast.AugAssign) for x in ast.walk(tree))
    return not in_place and Purity(f, scope, depth).statements(body, returns=True)


_ACTS: weakref.WeakKeyDictionary[type, bool] = weakref.WeakKeyDictionary()


def acting(x: Any, depth: int = 2) -> bool:
    """Whether an attribute of an object may be a property that does more than compute, or what it holds has one."""
    kind = type(x)
    known = _ACTS.get(kind)
    if known is None:
        own = [c for c in kind.__mro__ if c.__flags__ & _IN_PYTHON and not foreign(c.__module__)]
        attributes = [a for c in own for a in vars(c).values()]
        getters = [getattr(a, "fget", None) or getattr(a, "func", None) for a in attributes if isinstance(a, _GETTERS)]
        getters += [vars(c)[name] for c in own for name in ("__getattr__", "__getattribute__") if name in vars(c)]
        held = [*getattr(x, "__dict__", {}).values()] if own and depth else []
        _ACTS[kind] = False  # what an object holds may hold it
        compute = all(isinstance(g, types.FunctionType) and pure(g, g.__globals__) for g in getters)
        known = _ACTS[kind] = not compute or any(acting(v, depth - 1) for v in held)
    return known


_IN_PYTHON = 1 << 9  # a class that a class statement has made
_GETTERS = (property, functools.cached_property)
