"""`explain`: the forward and the backward pass as two tables with the numbers filled in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from chainrule.numbers import Number, shape
from chainrule.show.explanation.blame import finite, reasons
from chainrule.show.explanation.table import Account, Share, account_of, brief, number
from chainrule.show.printable import printable
from chainrule.values.located import place, source_line

LONGEST = 60  # tables with more rows are shown without their middle
ENDS = 20
WIDEST = 76
LONGEST_LINE = 48


@dataclass(frozen=True)
class Row:
    """One line of a table.

    name    of the value (forward), or of the gradient: `dL/da` (backward)
    text    the whole line: `t1 = a * b = 2 * -3 = -6`
    value   the number or array
    where   `file.py:12` of the user's code, "" when unknown
    line    the text of that line
    """

    name: str
    text: str
    value: Number
    where: str = ""
    line: str = ""


class Explanation:
    """How a value came about and how its gradient did.

    forward, backward   the rows of both tables; `rows` holds both
    shares              for each input, what each of its uses contributed to its gradient, as a fraction of it
    reasons             why a gradient is nan, infinite, zero or huge, when one is
    stop                the exception that ended the function early and where; then only the forward table is there
    """

    def __init__(self, account: Account) -> None:
        self.account, self.stop = account, account.stop
        self.reasons = reasons(account)

    # -- rows ------------------------------------------------------------------------------------------------

    @property
    def forward(self) -> list[Row]:
        return [self._forward(node) for node in self.account.nodes]

    @property
    def backward(self) -> list[Row]:
        return [] if self.stop else [self._backward(node) for node in reversed(self.account.nodes)]

    @property
    def rows(self) -> list[Row]:
        return [*self.forward, *self.backward]

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        account = self.account
        inputs = [v for v in account.inputs if id(v) in account.present and v is not account.root and not self.stop]
        return {account.name(v): self._fractions(v) for v in inputs}

    def _forward(self, node: Any) -> Row:
        account = self.account
        name, value = account.name(node), brief(account.value(node))
        if node.op is None:
            return Row(name, f"{name} = {value}{self._since(node)}", account.value(node))
        pieces = [name, account.formula(node), account.numbers(node), value]
        return Row(name, _equal(pieces), node.stored, *_place(node))

    def _since(self, node: Any) -> str:
        """What an input was set to after it was used: that is not what was computed."""
        first, *others = map(brief, self.account.used.get(id(node), [node.stored]))
        now = brief(node.stored)
        later = others + ([now] if now not in (first, *others[-1:]) else [])
        return f" (set to {', '.join(later)} afterwards)" if later else ""

    def _backward(self, node: Any) -> Row:
        account = self.account
        root = account.name(account.root)
        name, total = f"d{root}/d{account.name(node)}", account.adjoint(node)
        where, line = _place(node) if node.op is not None else ("", "")
        if node is account.root or total is None:
            total = 0.0 if total is None else total
            return Row(name, f"{name} = {brief(total)}", total, where, line)
        found = list(account.shares(node))
        symbols = " + ".join(self._product(node, share) for share in found)
        numbers = " + ".join(_factors(share, account) for share in found)
        if shape(total) and len(found) == 1:
            numbers = ""  # the total says it
        said = _equal([name, symbols, numbers, brief(total)])
        if finite(total) and any(map(_no_number, found)):
            said += ", the limit, or from a branch that was not taken"
        return Row(name, said, total, where, line)

    def _product(self, node: Any, share: Share) -> str:
        """dL/de * de/da"""
        account = self.account
        root, consumer = account.name(account.root), account.name(share.consumer)
        if share.consumer is account.root:
            return f"d({account.formula(share.consumer)})/d{account.name(node)}"
        if share.slope is None:
            return f"from {consumer}"
        return f"d{root}/d{consumer} * d{consumer}/d{account.name(node)}"

    def _fractions(self, node: Any) -> dict[str, float]:
        account = self.account
        total = np.asarray(account.adjoint(node) if account.adjoint(node) is not None else 0.0, dtype=float)
        size = float(np.sum(total * total))
        fractions: dict[str, float] = {}
        for share in account.shares(node):
            part = float(np.sum(np.asarray(share.amount, dtype=float) * total))
            key = f"{account.name(share.consumer)} = {account.formula(share.consumer)}"
            fractions[key] = part / size if size and np.isfinite(size) else float("nan")
        return fractions

    # -- text ------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        account = self.account
        parts = [f"{_count(len(account.nodes), 'value')}, {_count(len(account.inputs), 'input')}"]
        if self.stop:
            parts[0] += f", {self.stop}"
        for title, nodes, row in self._passes():
            parts += [f"\n{title}", *_table(self._shown(nodes, row))]
        lines = list(self._share_lines())
        if lines:
            parts += ["\nshares", *lines]
        if self.reasons:
            parts += ["\nwhy", *(f"  {reason}" for reason in self.reasons[:LONGEST])]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return str(self)

    def _passes(self) -> Iterator[tuple[str, Sequence[Any], Callable[[Any], Row]]]:
        """The tables: title, values in order, and how the row of a value is written."""
        yield "forward", self.account.nodes, self._forward
        if not self.stop:
            yield "backward", self.account.nodes[::-1], self._backward

    def _share_lines(self) -> Iterator[str]:
        """One line for each input that is used more than once."""
        account = self.account
        several = [v for v in account.inputs if len(account.consumers.get(id(v), [])) > 1 and not self.stop]
        for v in several[:ENDS]:
            fractions = self._fractions(v)
            if all(f == f for f in fractions.values()):
                said = ", ".join(f"{f:.1%} through {name}" for name, f in list(fractions.items())[:6])
                more = f", and {len(fractions) - 6} more" if len(fractions) > 6 else ""
                yield f"  {account.name(v)}: {said}{more}"
        if len(several) > ENDS:
            yield f"  ... and {len(several) - ENDS} more inputs"

    def _shown(self, nodes: Sequence[Any], row: Any) -> list[Row | str]:
        """The rows of a table, the middle of a long one counted."""
        if len(nodes) <= LONGEST:
            return [row(node) for node in nodes]
        middle = Counter(node.op.symbol if node.op else "input" for node in nodes[ENDS:-ENDS])
        kinds = ", ".join(f"{n} {symbol}" for symbol, n in middle.most_common(6))
        more = f", {len(middle) - 6} other kinds" if len(middle) > 6 else ""
        gap = f"... {sum(middle.values())} more: {kinds}{more}"
        return [*map(row, nodes[:ENDS]), gap, *map(row, nodes[-ENDS:])]

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(str(self.stop))}</p>"] if self.stop else []
        for title, nodes, row in self._passes():
            parts.append(f"<table><caption>{title}</caption><tbody>")
            parts += [_html(r) for r in self._shown(nodes, row)]
            parts.append("</tbody></table>")
        lines = [*self._share_lines(), *self.reasons]
        if lines:
            parts.append("<ul>" + "".join(f"<li>{escape(line.strip())}</li>" for line in lines) + "</ul>")
        return "\n".join(parts)


def explain(x: Any, *at: Any, argnums: int | Sequence[int] | None = None) -> Explanation:
    """How a value came about, and its gradient: a forward table and a backward table with numbers filled in.

    x         a Value; or a function, then `at` are its arguments
    argnums   the arguments whose numbers are explained; by default all. Strings, booleans, functions and None are held
              as they are given, and whole numbers where the function raises otherwise: labels, indices, counts

    For an array, and for several results, the gradient is that of the sum of all elements. When the function raises,
    the forward table ends there, and the first line says where and why. Raises ArgumentError for anything else, and
    when the function's result does not depend on its arguments.

    >>> print(explain(lambda a, b, c, f: (a * b + c) * f, 2.0, -3.0, 10.0, -2.0))  # doctest: +ELLIPSIS
    7 values, 4 inputs
    ...
      t1 = a * b = 2 * -3 = -6 ...
      t2 = t1 + c = -6 + 10 = 4 ...
      y = t2 * f = 4 * -2 = -8 ...
    ...
      dy/dt2 = d(t2 * f)/dt2 = -2 ...
      dy/dc = dy/dt2 * dt2/dc = -2 * 1 = -2 ...
    """
    return Explanation(account_of(x, at, argnums))


def _place(node: Any) -> tuple[str, str]:
    """The user's line that computed a node: where it stands and what it says."""
    return printable(place(node)), printable(source_line(node).expandtabs())


def _equal(pieces: Sequence[str]) -> str:
    """What is equal, without repetitions."""
    said = [p for p in pieces if p]
    return " = ".join(p for k, p in enumerate(said) if k == 0 or p != said[k - 1])


def _factors(share: Share, account: Account) -> str:
    """-2 * -3, or an array in brief."""
    if share.slope is None:
        return f"({brief(share.amount)})" if shape(share.amount) else brief(share.amount)
    if share.consumer is account.root:
        return number(share.amount)
    return f"{number(share.weight)} * {number(share.slope)}"


def _no_number(share: Share) -> bool:
    """Whether what is sent is the product of 0 and infinity."""
    if share.slope is None or shape(share.slope) or shape(share.weight):
        return False
    return bool(share.weight == 0) and math.isinf(share.slope)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' if n != 1 else ''}"


def _table(rows: Sequence[Row | str]) -> list[str]:
    """Rows with the user's lines in a column of their own."""
    width = min(WIDEST, max((len(r.text) for r in rows if isinstance(r, Row) and len(r.text) <= WIDEST), default=0))
    places = max((len(r.where) for r in rows if isinstance(r, Row)), default=0)
    lines = []
    for r in rows:
        if isinstance(r, str):
            lines.append(f"  {r}")
        else:
            line = r.line if len(r.line) <= LONGEST_LINE else f"{r.line[: LONGEST_LINE - 3]}..."
            where = f"   {r.where:<{places}}  {line}" if r.where else ""
            lines.append(f"  {r.text:<{width}}{where}".rstrip())
    return lines


def _html(row: Row | str) -> str:
    if isinstance(row, str):
        return f'<tr><td colspan="2">{escape(row)}</td></tr>'
    where = f"{escape(row.where)} <code>{escape(row.line)}</code>" if row.where else ""
    cells = f"<code>{escape(row.text)}</code>", where
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"
