"""The page in which a person types an expression and steps through its gradient: the explorer, without Python.

What an operator computes and sends back are the same rules that `explore` prints from the operator table; here all rows
of single numbers travel with the page, because what will be typed is not known beforehand.
"""

from __future__ import annotations

import json
import os
import string
import sys
from typing import Any

from chainrule.ops.names import called
from chainrule.ops.row import TABLE, Operator
from chainrule.show.page.explorer import SCRIPTS, page_path, part
from chainrule.show.page.letters import Letters, in_letters
from chainrule.show.page.rules import rule, scripts
from chainrule.show.picture.svg import style

PLACES = "\ue000\ue001\ue002"
"""What stands for the operands in a text: characters that are not typed."""
ALSO = {"absolute": ["abs"], "maximum": ["max"], "minimum": ["min"], "power": ["pow"], "remainder": ["mod"]}
EXAMPLES = [
    ("a long one", "-a**3 + sin(3*b) - 1/c + b**2.5 - a**0.5"),
    ("a neuron", "x1 = 2; x2 = 0; w1 = -3; w2 = 1; b = 6.88\nn = x1*w1 + x2*w2 + b\ntanh(n)"),
    ("one value, used twice", "a = 3\nb = a * a\nb + a"),
    ("a logistic loss", "w = 0.5; x = 2; y = 1\np = sigmoid(w * x)\n-(y * log(p) + (1 - y) * log(1 - p))"),
    ("a parabola to walk down", "x = 4\n(x - 1)**2 + 2"),
    ("not chosen: max", "a = 2; b = 5\nmax(a, b) * a"),
    ("a hill of two variables", "x = 1.5; y = -1\nexp(-(x**2 + y**2) / 4) * cos(x)"),
]
READING = SCRIPTS[:-1]
PLAYING = ("read.js", "place.js", "playground.js")
"""The explorer's scripts but for the one that opens a recording, and the page's own."""


def playground(path: str | os.PathLike[str] | None = None) -> str:
    """One HTML page that needs nothing else: an expression is typed, read in the page, and stepped through forward and
    backward; its address holds all of it. Gives the page, and writes it where a path is given.

    Raises ArgumentError for an ending other than .html and .htm.

    >>> page = playground()
    >>> "sigmoid" in page, "<script src" in page
    (True, False)
    """
    rows, rules = operators()
    table = ",\n".join(rules)
    code = [scripts(table), f"const RULES = [{table}];\n", *map(part, READING), *map(part, PLAYING)]
    data = {"rows": rows, "style": style("figure-full-svg"), "examples": EXAMPLES}
    page = string.Template(part("page.html")).substitute(
        title="Gradients, step by step",
        heading="How does a gradient come about?",
        facts="",
        form=part("playground.html"),
        css=part("page.css").rstrip(),
        figures='<div id="figure-full"></div>',
        hasSource="none",
        source="",
        table="",
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        script="".join(code).rstrip(),
    )
    if path is not None:
        page_path(path).write_text(page, encoding="utf-8")
    return page


def operators() -> tuple[list[dict[str, Any]], list[str]]:
    """Every row of single numbers, as the page knows it, and their rules as JavaScript.

    names, name, symbol, printed   how it is called, and written in a box and in a formula
    count, rule                    how many operands, and which of the rules
    whole, slopes                  itself and its local derivatives in letters, with PLACES for the operands
    """
    rules: dict[str, int] = {}
    rows = []
    for row in TABLE.values():
        if not row.public or not row.elementwise:
            continue
        text = rule(row, row.arity, {})
        operands = tuple(map(Letters, PLACES[: row.arity]))
        whole, slopes = in_letters(row, operands, {}) or ("", [""] * row.arity)
        rows.append({
            "name": row.name, "names": _names(row), "symbol": row.symbol, "printed": row.printed, "count": row.arity,
            "rule": rules.setdefault(text, len(rules)), "whole": whole, "slopes": slopes,
        })  # fmt: skip
    return rows, list(rules)


def _names(row: Operator) -> list[str]:
    foreign = [called(row, "math"), *(n for lib in ("numpy", "scipy") for n in row.names.get(lib, "").split())]
    foreign += ALSO.get(row.name, [])
    return list(dict.fromkeys(name for name in (row.name, *foreign) if name))


if __name__ == "__main__":
    sys.stdout.write(playground())
