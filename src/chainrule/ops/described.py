"""What `help` and `inspect.signature` say about an operator, from its row: derivative, domain, kinks, source, shapes.

The formulas of the derivatives are the rules run on SymPy's symbols. That takes a second, so they are kept in
`derivatives.py`, which is generated.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any

from chainrule.ops.derivatives import FORMULAS
from chainrule.ops.domain import Domain
from chainrule.ops.names import operands
from chainrule.ops.row import TABLE, Operator

CALLS = {"where": "where", "clip": "clip", "matmul": "matmul", "einsum": "einsum", "slogdet": "logdet"}
"""Public name -> the row it calls, where the row has a setting in a form of its own."""
KINDS = {
    "Reduction": "a weight for each element that is reduced",
    "Linear": "linear: itself, of the tangents; cotangents go through its adjoint",
    "Multilinear": "the product rule: by each operand while the others rest",
    "Tangent": "by the rule of its tangent, transposed for reverse mode",
    "PiecewiseConstant": "0",
}
ANYWHERE = """\
On floats, arrays and what carries derivatives, in every mode and to any order. Outside of its domain it answers as
IEEE 754 does, with nan or inf, and as NumPy's function of that name where there is one."""


def row_of(name: str, function: object) -> Operator | None:
    """The row a public name stands for; None for functions made of several rows."""
    return function if isinstance(function, Operator) else TABLE.get(CALLS.get(name, name))


def describe(functions: Mapping[str, Any], names: Iterable[str]) -> None:
    """Give the operators among `functions` their docstrings and signatures, and add to those of the others what the
    table knows."""
    for name in names:
        function = functions[name]
        row = row_of(name, function)
        if function is row and row is not None:
            if name == row.name:
                row.__doc__ = of_row(row, operands(row.arity))
                row.__signature__, row.__text_signature__ = _written(operands(row.arity))
        else:
            known = facts(row, operands(row.arity) if row is not None else ())
            function.__doc__ = _joined(function.__doc__ or "", known)


def signature(names: Iterable[str]) -> Signature:
    """The signature of a function of these operands, in this order."""
    return Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])


@lru_cache(maxsize=64)
def _written(names: tuple[str, ...]) -> tuple[Signature, str]:
    made = signature(names)
    return made, str(made)


def of_row(row: Operator, names: tuple[str, ...], derivatives: Sequence[str] | None = None) -> str:
    """The docstring of an operator that is its own row; `derivatives` where the table has no formulas.

    >>> print(TABLE["sqrt"].__doc__)
    sqrt(x), element by element.
    <BLANKLINE>
    derivative  1/(2*sqrt(x))
    domain      [0, inf)
    at kinks    slope inf at 0
    shapes      the result has that of x
    <BLANKLINE>
    On floats, arrays and what carries derivatives, in every mode and to any order. Outside of its domain it answers as
    IEEE 754 does, with nan or inf, and as NumPy's function of that name where there is one.
    """
    called, lines = f"{row.name}({', '.join(names)})", facts(row, names, derivatives)
    if row.kind not in ("Elementwise", "PiecewiseConstant"):
        return "\n".join([f"{called}, {'a reduction' if row.kind == 'Reduction' else 'linear'}.", "", *lines])
    one = f"the result has that of {names[0]}"
    lines.append(f"shapes      {one if len(names) == 1 else ' and '.join(names) + ' broadcast against each other'}")
    return "\n".join([f"{called}, element by element.", "", *lines, "", ANYWHERE])


def facts(row: Operator | None, names: tuple[str, ...], derivatives: Sequence[str] | None = None) -> list[str]:
    """What the table says of an operator, a line each."""
    if row is None:
        return ["derivative  that of the operators it is made of"]
    formulas = derivatives or FORMULAS.get(row.name)
    if formulas is None:
        derivative = KINDS.get(row.kind, "by the rule it was given")
    elif len(formulas) == 1:
        derivative = formulas[0]
    else:
        derivative = "; ".join(f"by {name}: {text}" for name, text in zip(names, formulas, strict=True))
    known = {"derivative": derivative}
    if row.kind in ("Elementwise", "PiecewiseConstant"):
        known["domain"] = domain(row, names)
    known |= {"at kinks": row.kinks, "source": row.source}
    return [f"{title:<12}{text}" for title, text in known.items() if text]


def domain(row: Operator, names: tuple[str, ...]) -> str:
    """The domain in words, operand by operand where they differ."""
    parts = [row.domain] if isinstance(row.domain, Domain) else list(row.domain)
    shown = [str(part) for part in parts]
    if len(set(shown)) == 1:
        return shown[0]
    return "; ".join(f"{name}: {text}" for name, text in zip(names, shown, strict=True))


def as_method(function: Any, name: str) -> tuple[str, Signature]:
    """Docstring and signature of an operator as a method of what carries derivatives."""
    said = (function.__doc__ if isinstance(function, Operator) else inspect.getdoc(function)) or ""
    said = said.partition("\n>>> ")[0].rstrip()  # the example calls the function by its name
    return f"chainrule.{name} of it.\n\n{said}", method_signature(function)


def method_signature(function: Any) -> Signature:
    """The signature of `function` as a method: its first operand is `self`."""
    if isinstance(function, Operator):
        return _written(("self", *operands(function.arity)[1:]))[0]
    _, *others = inspect.signature(function).parameters.values()
    return Signature([Parameter("self", Parameter.POSITIONAL_ONLY), *others])


def _joined(said: str, lines: list[str]) -> str:
    """A docstring, indented as it is, with lines added to it."""
    if "carries no derivative" in said:
        return said
    margin = "    " if "\n    " in said else ""
    return f"{said.rstrip()}\n\n" + "\n".join(margin + line for line in lines) + f"\n{margin}"
