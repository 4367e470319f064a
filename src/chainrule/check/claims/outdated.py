"""Names and statements that newer versions of Python and NumPy no longer have: what was written with them is checked
all the same."""

from __future__ import annotations

import ast
import builtins
import collections
import collections.abc
import functools
import re
from typing import Any

import numpy as np

PRINTS = re.compile(
    r"(\s*(?:(?:if|else|elif|for|while|with)\b[^'\"#\n]*:\s*)?)print(?:[ \t]+(?![(\s])|(?=\s*$))(.*)", re.DOTALL
)
CATCHES = re.compile(r"^(\s*except\s+[\w.]+|\s*except\s*\([^()]*\))\s*,\s*(\w+)\s*:", re.MULTILINE)
RAISES = re.compile(r"^(\s*raise\s+\w+)\s*,\s*(.+)$", re.MULTILINE)


def parse(text: str, filename: str) -> ast.Module:
    """The syntax tree of a program; one of Python 2, with `print x` and `except E, e`, as of Python 3.

    Raises SyntaxError and ValueError as `ast.parse` does.

    >>> ast.unparse(parse("print 'cost', cost(3)", ""))
    "print('cost', cost(3))"
    """
    try:
        return ast.parse(text, filename)
    except SyntaxError as error:
        for newer in (_renewed(text), _renewed(text.expandtabs())):
            try:
                return ast.parse(newer, filename)
            except SyntaxError:
                continue
        raise error


def _renewed(text: str) -> str:
    """Statements of Python 2 as those of Python 3, as far as lines show them; each stays on its lines."""
    lines, found = text.splitlines(keepends=True), list[str]()
    while lines:
        line = lines.pop(0)
        while PRINTS.match(line) and lines and (line.rstrip().endswith("\\") or _open(line)):
            line += lines.pop(0)
        if shown := PRINTS.match(line):
            said = shown[2].rstrip()
            line = f"{shown[1]}print({said})" + shown[2][len(said) :]
        found.append(line)
    return RAISES.sub(r"\1(\2)", CATCHES.sub(r"\1 as \2:", "".join(found)))


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
