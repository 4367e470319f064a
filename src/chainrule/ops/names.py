"""What a row of the operator table is called in other libraries, and its operands here; calls that are refused.

A row bears NumPy's name. The inverse functions are `asin` for `arcsin` elsewhere; where a library has another name
still, the row says so in `names`. Everything that finds a row by a foreign name asks here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.signatures import parameters

OF_A_NUMBER = {"math": "{}"}
"""How a reduction of a single number is written: as that number."""

PYTHONS = ("+", "-", "*", "/", "//", "%", "**", "@")
"""The symbols of Python's own operators: what is written with them needs no method."""


def called(row: Any, library: str) -> str:
    """The name of a row in "math", "c", "array" (the array API), "mpmath" or "sympy"; "" where the function of that
    name is another one. A name that the row states for `math` holds for the others too, unless they have their own.

    >>> from chainrule.ops import arcsin, gamma, sin
    >>> called(sin, "math"), called(arcsin, "mpmath"), called(gamma, "math"), called(gamma, "c")
    ('sin', 'asin', 'gamma', 'tgamma')
    """
    names: dict[str, str] = row.names
    if library in names:
        return names[library]
    usual = names.get("math")
    return (
        short(row.name.removeprefix("scipy.special.") if library == "array" else row.name) if usual is None else usual
    )


def short(name: str) -> str:
    """`asin` for `arcsin`."""
    return f"a{name[3:]}" if name.startswith("arc") else name


def of_math(rows: Iterable[Any]) -> dict[str, Any]:
    """The functions of the math module that are rows: name there -> row."""
    return {name: row for row in rows if row.elementwise and hasattr(math, name := called(row, "math"))}


def of_numpy(rows: Iterable[Any], functions: dict[str, Any]) -> dict[np.ufunc, Any]:
    """The ufuncs that are operators: those of their names, and what the rows say beyond them."""
    found = {f: function for name, function in functions.items() if isinstance(f := getattr(np, name, None), np.ufunc)}
    for row in rows:
        found.update({getattr(np, name): row for name in row.names.get("numpy", "").split()})
    return found


def of_scipy(rows: Iterable[Any]) -> dict[str, Any]:
    """The ufuncs of scipy.special that are rows, by name: SciPy itself is not imported for it."""
    return {name: row for row in rows for name in row.names.get("scipy", "").split()}


def methods(rows: Iterable[Any]) -> dict[str, Any]:
    """The rows that are methods of what carries derivatives, under their names and short ones."""
    found = {row.name: row for row in rows if row.public and row.elementwise and row.symbol not in PYTHONS}
    return found | {short(name): row for name, row in found.items()}


OPERANDS = {1: ("x",), 2: ("a", "b"), 3: ("x", "low", "high")}


def operands(count: int) -> tuple[str, ...]:
    """How the operands of an elementwise operator are called."""
    return OPERANDS.get(count) or tuple("abcdefgh"[:count])


def refuse_operands(name: str, count: int, args: tuple[Any, ...], settings: dict[str, Any]) -> NoReturn:
    """Raise ArgumentError for a call of an operator with too few or too many operands, or with settings."""
    expected = f"{count} operand{'s' * (count > 1)}"
    if settings:
        expected += f", by place; write {name}({', '.join(operands(count))})"
    given = ", ".join(f"{setting}=" for setting in settings)
    raise ArgumentError.here(f"{name} expects {expected}, got {len(args)}{given and f' and {given}'}")


def refuse_misuse(row: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> None:
    """Raise ArgumentError where the number of operands is not the row's, or a public row's rules lack a setting."""
    rules = [rule for rule in getattr(row, "partials", ()) if callable(rule)]
    known = not row.public or any(settings.keys() <= {p.name for p in parameters(rule) or ()} for rule in rules)
    if len(args) != row.operand_count or (settings and not known):
        refuse_operands(row.name, row.operand_count, args, settings)
