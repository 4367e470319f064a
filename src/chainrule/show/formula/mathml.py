"""Formulas as MathML, which browsers set themselves: readable where no MathJax is, in an exported notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.entities import html5
from typing import Any
from xml.sax.saxutils import escape

from chainrule.show.picture.svg import DARK, LIGHT

_ENTITY = re.compile(r"&(?!lt|gt|amp)([A-Za-z]+);")  # of HTML, which XML does not know

OWN = ".chainrule-formula, .chainrule-formula table"
INK, LIGHT_INK = "color: #1d2733", "color: #e6ebf2"
COLOURS = (
    f":is({OWN}) {{ {INK} }} @media (prefers-color-scheme: dark) "
    f"{{ :root:not({LIGHT}, :has({LIGHT})) :is({OWN}) {{ {LIGHT_INK} }} }} :is({DARK}) :is({OWN}) {{ {LIGHT_INK} }}"
)
"""Notebooks' themes count, and else the system's."""
STYLE = "border:0; text-align:left; padding:0.3em 0.4em; background:none"


def expression(e: Any) -> str:
    """A formula of SymPy's, as the inside of a `<math>` element."""
    from sympy.printing.mathml import mathml

    written: str = mathml(e, printer="presentation")
    return _ENTITY.sub(lambda found: html5[f"{found[1]};"], written)


def slope(name: str, by: Any) -> str:
    """∂name/∂by."""
    return f"<mfrac><mrow><mo>∂</mo><mi>{escape(name)}</mi></mrow><mrow><mo>∂</mo>{expression(by)}</mrow></mfrac>"


def call(name: str, symbols: Iterable[Any]) -> str:
    """name(symbols)."""
    inside = "<mo>,</mo>".join(map(expression, symbols))
    return f"<mi>{escape(name)}</mi><mo>(</mo>{inside}<mo>)</mo>"


def table(rows: Iterable[tuple[str, str]], below: str = "") -> str:
    """Equations one below the other; each side is the inside of a `<math>` element, `below` is text."""
    lines = "".join(
        f'<tr style="background:none"><td style="{STYLE}">{_math(left)}</td>'
        f'<td style="{STYLE}">{_math(f"<mo>=</mo>{right}")}</td></tr>'
        for left, right in rows
    )
    text = f"<div>{escape(below)}</div>" if below else ""
    body = f'<style>{COLOURS}</style><table style="margin:0; width:auto">{lines}</table>{text}'
    return f'<div class="chainrule-formula">{body}</div>'


def _math(inside: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mstyle displaystyle="true">{inside}</mstyle></math>'
