"""Names and statements that newer versions of Python and NumPy no longer have: what was written with them is checked
all the same."""

from __future__ import annotations

import ast
import builtins
import collections
import collections.abc
import contextlib
import functools
import re
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source
from typing import Any

import numpy as np

from chainrule.patterns import pattern

PRINTS = pattern(
    r"(\s*(?:(?:if|else|elif|for|while|with)\b[^'\"#\n]*:\s*)?)print(?:[ \t]+(?![(\s])|(?=\s*$))(.*)", re.DOTALL
)
CATCHES = pattern(r"^(\s*except\s+[\w.]+|\s*except\s*\([^()]*\))\s*,\s*(\w+)\s*:", re.MULTILINE)
RAISES = pattern(r"^(\s*raise\s+\w+)\s*,\s*(.+)$", re.MULTILINE)


OLDER = pattern(r"\b(xrange|raw_input|basestring)\b|^\s*print\s+[\w'\"%]", re.MULTILINE)
DIVISION = pattern(r"^from __future__ import .*\bdivision\b", re.MULTILINE)


def is_older(text: str) -> bool:
    """Whether a program was written for Python 2, where 7 / 2 is 3: it prints by a statement, or counts by `xrange`."""
    return OLDER.search(text) is not None and DIVISION.search(text) is None and "import six" not in text


def parse(text: str, filename: str, older: bool | None = None) -> ast.Module:
    """The syntax tree of a program; one of Python 2, with `print x` and `except E, e`, as of Python 3. What it does is
    that of Python 2 too.

    Raises SyntaxError and ValueError as `ast.parse` does.

    >>> ast.unparse(parse("print 'cost', cost(3)", ""))
    "print('cost', cost(3))"
    """
    older = is_older(text) if older is None else older
    tree = None
    try:
        tree = ast.parse(text, filename)
    except SyntaxError as error:
        for newer in (_renewed(text), _renewed(text.expandtabs())):
            try:
                tree = ast.parse(newer, filename)
                break
            except SyntaxError:
                continue
        if tree is None:
            raise error
    if older:
        tree = ast.fix_missing_locations(_Quotients().visit(tree))
    return tree


class _Quotients(ast.NodeTransformer):
    """In Python 2 a quotient of whole numbers is a whole number."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        constants = (x.value for x in (node.left, node.right) if isinstance(x, ast.Constant))
        if not isinstance(node.op, ast.Div) or any(isinstance(c, float) for c in constants):
            return node
        builtins.__dict__.setdefault(QUOTIENT, _quotient)
        name = ast.Name(QUOTIENT, ast.Load())
        return ast.copy_location(ast.Call(name, [node.left, node.right], []), node)


QUOTIENT = "_quotient_of_python_2"


def _quotient(a: Any, b: Any) -> Any:
    return a // b if isinstance(a, (int, np.integer)) and isinstance(b, (int, np.integer)) else a / b


@contextlib.contextmanager
def older_imports() -> Iterator[None]:
    """Modules of Python 2 can be imported."""
    loader: Any = SourceFileLoader
    plain = loader.source_to_code

    def source_to_code(self: Any, data: Any, path: Any, *args: Any, **settings: Any) -> Any:
        with contextlib.suppress(SyntaxError, UnicodeDecodeError):
            if not (isinstance(data, bytes) and b"xrange" in data):
                return plain(self, data, path, *args, **settings)
        tree = parse(decode_source(data), str(path))
        return compile(tree, str(path), "exec", dont_inherit=True)

    loader.source_to_code = source_to_code
    try:
        yield
    finally:
        loader.source_to_code = plain


def _renewed(text: str) -> str:
    """Statements of Python 2 as those of Python 3, as far as lines show them; each stays on its lines."""
    lines, found = text.splitlines(keepends=True), list[str]()
    while lines:
        line = lines.pop(0)
        while PRINTS.match(line) and lines and (line.rstrip().endswith("\\") or _open(line)):
            line += lines.pop(0)
        if shown := PRINTS.match(line):
            said = _uncommented(shown[2])
            line = f"{shown[1]}print({said})" + shown[2][len(said) :]
        found.append(line)
    return RAISES.sub(r"\1(\2)", CATCHES.sub(r"\1 as \2:", "".join(found)))


def _uncommented(text: str) -> str:
    """What is printed, without a comment after it.

    >>> _uncommented("'#1', x # shown")
    "'#1', x"
    """
    bare = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", lambda quoted: "_" * len(quoted[0]), text)
    return text[: bare.find("#")].rstrip() if "#" in bare else text.rstrip()


def _open(line: str) -> bool:
    """Whether a bracket is open at the end of a line, outside of quotes."""
    bare = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "", line)
    return sum(map(bare.count, "([{")) > sum(map(bare.count, ")]}"))


def supply() -> None:
    """Put back, in this process, the names that are gone: `xrange` and the like (Python 2), `collections.Hashable` and
    the like (Python 3.10), `np.int`,
    `np.float`, `np.object` (NumPy 1.24), `np.float_`, `np.product`, `np.asscalar` (NumPy 2)."""
    older = {"xrange": range, "unicode": str, "long": int, "basestring": str, "raw_input": input, "unichr": chr}
    for name, value in {**older, "reduce": functools.reduce}.items():
        if not hasattr(builtins, name):
            setattr(builtins, name, value)
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    gone: dict[str, Any] = {
        "int": int, "float": float, "object": object, "complex": complex, "str": str, "float_": np.float64,
        "complex_": np.complex128, "int0": np.intp, "unicode_": np.str_, "NaN": np.nan, "Inf": np.inf,
        "infty": np.inf, "product": np.prod, "cumproduct": np.cumprod, "sometrue": np.any, "alltrue": np.all,
        "row_stack": np.vstack, "asscalar": lambda x: x.item(), "in1d": lambda a, b, **k: np.isin(np.ravel(a), b, **k),
        "trapz": getattr(np, "trapezoid", None),
    }  # fmt: skip
    for name, value in gone.items():
        if name not in vars(np) and value is not None:
            setattr(np, name, value)
