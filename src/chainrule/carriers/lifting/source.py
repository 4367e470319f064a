"""A function as it is written, and code of one that was changed."""

from __future__ import annotations

import ast
import copy
import dis
import functools
import inspect
import linecache
import textwrap
import types
from typing import Any


@functools.lru_cache(maxsize=4096)
def branching(code: types.CodeType) -> bool:
    """Whether code, or a function inside it, has branches, or asks for the largest of numbers."""
    jumps = any(step.opname.startswith("POP_JUMP") for step in dis.get_instructions(code))
    extreme = not {"max", "min"}.isdisjoint(code.co_names)
    return jumps or extreme or any(branching(c) for c in code.co_consts if isinstance(c, types.CodeType))


@functools.lru_cache(maxsize=256)
def source(code: types.CodeType) -> ast.FunctionDef | None:
    """The function as it is written; None where that cannot be known for certain."""
    mangled = any(name.startswith("__") and not name.endswith("__") for name in (*code.co_names, *code.co_varnames))
    if "__class__" in code.co_freevars or mangled:
        return None
    find = _lambdas if code.co_name == "<lambda>" else _definition
    try:
        candidates = find(linecache.getlines(code.co_filename), code)
    except (SyntaxError, ValueError):
        return None
    for found in candidates:
        shares = any(isinstance(x, (ast.Global, ast.Nonlocal)) for x in ast.walk(found))
        if not shares and found.name == code.co_name and _alike(compiled(code, found), code):
            return found
    return None  # the file may have changed since


def _definition(lines: list[str], code: types.CodeType) -> list[ast.FunctionDef]:
    tree = ast.parse(textwrap.dedent("".join(inspect.getblock(lines[code.co_firstlineno - 1 :]))))
    ast.increment_lineno(tree, code.co_firstlineno - 1)
    return [x for x in tree.body if isinstance(x, ast.FunctionDef)]


def _lambdas(lines: list[str], code: types.CodeType) -> list[ast.FunctionDef]:
    found = [x for x in _all_lambdas("".join(lines)) if x.lineno == code.co_firstlineno]
    return [_as_definition(x) for x in found]


@functools.lru_cache(maxsize=16)
def _all_lambdas(text: str) -> list[ast.Lambda]:
    return [x for x in ast.walk(ast.parse(text)) if isinstance(x, ast.Lambda)]


def _as_definition(x: ast.Lambda) -> ast.FunctionDef:
    returned = ast.copy_location(ast.Return(x.body), x.body)
    return ast.copy_location(plain(ast.FunctionDef("<lambda>", x.args, [returned], [], None, None)), x)


def plain(made: ast.FunctionDef) -> ast.FunctionDef:
    """A definition without parameters of types."""
    if "type_params" in made._fields:
        made.type_params = []  # type: ignore[attr-defined, unused-ignore]
    return made


def _alike(a: types.CodeType, b: types.CodeType) -> bool:
    """Whether two codes do the same; methods of imported modules have instructions of their own."""
    return _done(a) == _done(b)


def _done(code: types.CodeType) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for step in dis.get_instructions(code):
        name = "LOAD_ATTR" if step.opname == "LOAD_METHOD" else step.opname
        if isinstance(step.argval, types.CodeType):
            found += _done(step.argval)
        elif name not in _FILLING:
            found.append((name, None if "JUMP" in name or name in _PLACES else step.argval))
    return found


_FILLING = frozenset({"PUSH_NULL", "CACHE", "EXTENDED_ARG", "NOP", "RESUME"})
_PLACES = frozenset({"FOR_ITER", "SEND", "SETUP_FINALLY", "SETUP_WITH"})


def compiled(code: types.CodeType, tree: ast.FunctionDef) -> types.CodeType:
    """The code of a function for the place of other code that has the same closure."""
    bare = copy.deepcopy(tree)
    bare.decorator_list, bare.returns = [], None
    bare.args.defaults = [ast.Constant(None) for _ in bare.args.defaults]
    bare.args.kw_defaults = [d and ast.Constant(None) for d in bare.args.kw_defaults]
    for a in ast.walk(bare.args):
        if isinstance(a, ast.arg):
            a.annotation = None
    assigned = [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in code.co_freevars]
    outer = plain(ast.FunctionDef("closure", parameters(), [*assigned, bare], [], None, None))
    module = ast.fix_missing_locations(ast.Module([outer], []))
    whole = compile(module, code.co_filename, "exec", flags=code.co_flags & 0xFFFE0000, dont_inherit=True)
    (closure,) = (c for c in whole.co_consts if isinstance(c, types.CodeType))
    (made,) = (c for c in closure.co_consts if isinstance(c, types.CodeType))
    return made.replace(co_qualname=code.co_qualname)


def parameters(*names: str) -> ast.arguments:
    """Parameters of these names, by place."""
    args = [ast.arg(name) for name in names]
    return ast.arguments(posonlyargs=[], args=args, vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
