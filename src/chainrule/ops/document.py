"""The table of operators as a page: what `python -m chainrule.made` writes to docs/operators.md."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from chainrule import ops
from chainrule.libraries import late
from chainrule.ops import described, names
from chainrule.ops.described import domain
from chainrule.ops.kinds import Elementwise, Linear, Multilinear, Reduction, Tangent
from chainrule.ops.names import operands
from chainrule.ops.row import Operator

HEAD = """# Operators

<!-- made by `python -m chainrule.made`; change the rows in src/chainrule/ops, not this page -->

Every function with a known derivative, under NumPy's name. All of them work on floats, arrays, and the values that
carry derivatives; they answer as IEEE 754 does (`log(0.0)` is `-inf`). A kink is a point without a derivative; the page
states what is answered there.

Functions written out by hand cannot always be saved: `log1p(exp(x))` overflows from x = 710 on, so its value at 800 is
`inf` and its slope `nan`. `softplus(x)` is the same function and right everywhere; likewise `sigmoid` for
`1 / (1 + exp(-x))`, `logsumexp` for `log(sum(exp(x)))` and `log_softmax` for `log(softmax(x))`.
"""

_ALIASES = {"abs": "absolute", "pow": "power", "mod": "remainder", "round": "rint", "identity": "positive"}


LINE = 120
FORMULAS_HEAD = '''"""The derivative of each elementwise operator by its operands, for docstrings.

Made by `python -m chainrule.made`; change the rows in src/chainrule/ops, not this file.
"""
'''


def row_of(name: str) -> Operator | None:
    """The row a public name stands for; None for functions made of several rows."""
    return described.row_of(name, getattr(ops, name))


def page() -> str:
    """The whole page."""
    rows = {name: row_of(name) for name in ops.PUBLIC if name not in _ALIASES}
    elementwise = {n: r for n, r in rows.items() if r is not None and r.kind in ("Elementwise", "PiecewiseConstant")}
    others = {n: r for n, r in rows.items() if r is not None and n not in elementwise}
    made_of_rows = [n for n, r in rows.items() if r is None]
    lines = [HEAD, "## Elementwise", ""]
    lines += table(["name", "domain", "derivative", "at kinks", "source"], map(_elementwise, *_columns(elementwise)))
    lines += ["", "## Reductions, selections, products, systems", ""]
    lines += table(["name", "kind", "does", "at kinks", "source"], map(_structured, *_columns(others)))
    lines += ["", "## Made of other operators", ""]
    lines += table(["name", "does"], ([f"`{n}`", first_line(getattr(ops, n))] for n in made_of_rows))
    lines += ["", "## Other names", ""]
    lines += [", ".join(f"`{short}` is `{long}`" for short, long in _ALIASES.items()) + ".", ""]
    return "\n".join(lines)


def _columns(rows: dict[str, Operator]) -> tuple[list[str], list[Operator]]:
    return list(rows), list(rows.values())


def table(head: list[str], rows: Iterator[list[str]] | Any) -> list[str]:
    """A Markdown table."""
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return [_row(head), _row(["---"] * len(head)), *map(_row, escaped)]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _elementwise(name: str, row: Operator) -> list[str]:
    formulas = ", ".join(f"`{formula}`" for formula in derivatives(row)) if isinstance(row, Elementwise) else "0"
    return [f"`{name}`", domain(row, operands(row.arity)), formulas, row.kinks, row.source]


def _structured(name: str, row: Operator) -> list[str]:
    return [f"`{name}`", _KINDS[row.kind], first_line(getattr(ops, name)), row.kinks, row.source]


_KINDS = {
    Reduction.__name__: "reduction",
    Linear.__name__: "linear",
    Multilinear.__name__: "product",
    Tangent.__name__: "by its tangent",
    "PiecewiseConstant": "steps",
}


def derivatives(row: Elementwise) -> list[str]:
    """The partials as formulas: the rules themselves, run on symbols."""
    symbols = tuple(late("sympy.Symbol")(name, real=True) for name in operands(row.arity))
    y = row(*symbols)
    shown = []
    for partial in row.partials:
        found = partial(y, *symbols) if callable(partial) else partial
        simple = late("sympy.simplify")(found)
        shown.append(min(map(_readable, (found, simple)), key=len))
    return shown


def formulas() -> str:
    """The file of the derivatives of all elementwise operators."""
    found = {row.name: tuple(derivatives(row)) for row in map(row_of, ops.PUBLIC) if isinstance(row, Elementwise)}
    entries = [_entry(name, [f'"{text}"' for text in texts]) for name, texts in sorted(found.items())]
    return "\n".join([FORMULAS_HEAD, "FORMULAS: dict[str, tuple[str, ...]] = {", *entries, "}", ""])


def _entry(name: str, quoted: list[str]) -> str:
    """A line of the file, or several, as the formatter has them."""
    line = f'    "{name}": ({", ".join(quoted)}{"," if len(quoted) == 1 else ""}),'
    if len(line) <= LINE:
        return line
    return "\n".join([f'    "{name}": (', *(f"        {text}," for text in quoted), "    ),"])


def methods() -> str:
    """The operators that are methods of carriers, as lines of their class."""
    found = names.methods(row for name, row in ops.TABLE.items() if getattr(ops, name, None) is row)
    named, lines = sorted(found), []
    for k in range(0, len(named), 3):
        part = named[k : k + 3]
        lines.append(f"    {', '.join(part)} = {', '.join(f'_method(ops.{found[name].name})' for name in part)}\n")
    return "".join(lines)


def _readable(formula: Any) -> str:
    text = re.sub(r"Heaviside\(([^,()]+)(?:, (?:0|1/2))?\)", r"[\1 > 0]", str(formula))
    return re.sub(r"\[-(\w+) \+ (\w+) > 0\]", r"[\2 - \1 > 0]", text)


def first_line(function: Any) -> str:
    """The first sentence of a docstring."""
    return (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
