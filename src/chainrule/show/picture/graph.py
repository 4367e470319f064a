"""One picture of a recording, which every drawing, text and page reads: boxes, arrows, and what stands on them."""

from __future__ import annotations

import linecache
import math
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chainrule.errors import file_name
from chainrule.numbers import Number
from chainrule.ops.registry import USERS
from chainrule.ops.row import TABLE, Operator
from chainrule.show.picture.number_format import brief, number, trouble
from chainrule.show.printable import printable
from chainrule.show.traced_run import Stop


def row_named(name: str) -> Operator | None:
    """The row of the table, or the user's own operator, of that name."""
    return TABLE.get(name) or USERS.get(name)


Kind = Literal["input", "op", "output", "constant"]


@dataclass(frozen=True)
class Shade:
    """What the boxes are shaded by, and the finite range of it."""

    name: str
    low: float
    high: float

    def __str__(self) -> str:
        return f"darker by {self.name}, {number(self.low)} … {number(self.high)}"

    def strength(self, quantity: float | None) -> float:
        """From 0 to 1 along the range; what is not finite is 1, what has no quantity 0."""
        if quantity is None:
            return 0.0
        if not math.isfinite(quantity):
            return 1.0
        return (quantity - self.low) / (self.high - self.low) if self.high > self.low else 0.0


@dataclass(slots=True)
class Node:
    """A box.

    name       how the operator is written (`*`, `**2`, `[0]`), an input's label, a constant's number
    gradient   None before the first backward pass, and where none arrives
    passes     how many backward passes the gradient adds up; 0 when it holds more than passes over this graph
    counted    how many passes have reached the value; None where that is not known
    once       what one pass over this graph gives
    operands   the boxes it is computed from, constants among them
    op         the operator's name in the table
    uses       how many arrows leave it: so many terms does its gradient add up
    count      how many values a folded box stands for
    members    which ones: their ids in the whole picture
    quantity   what its shade stands for
    argument   the place of an input among the numbers of the arguments
    """

    id: int
    kind: Kind
    name: str
    value: Number
    label: str = ""
    gradient: Number = None
    passes: int = 1
    counted: int | None = None
    once: Number = None
    where: tuple[str, int] = ("", 0)
    op: str = ""
    operands: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    uses: int = 0
    count: int = 1
    members: tuple[int, ...] = ()
    quantity: float | None = None
    argument: int = 0

    @property
    def title(self) -> str:
        """The label and the operator, whichever there are: `L = *`."""
        name = f"{self.label} = {self.name}" if self.label and self.op else self.name
        return f"{name} × {self.count:,}" if self.count > 1 else name

    @property
    def place(self) -> str:
        path, line = self.where
        return printable(f"{file_name(path)}:{line}") if path else ""

    @property
    def source(self) -> str:
        """The user's line that computed it."""
        return printable(linecache.getline(*self.where).strip().expandtabs()) if self.where[0] else ""

    @property
    def trouble(self) -> str:
        return trouble(self.value) or trouble(self.gradient)


@dataclass(slots=True)
class Edge:
    """An arrow from an operand to a result, or a bundle of them.

    partial        the local derivative; None where it is a matrix too large to say (array operators)
    weight         the gradient of the result
    contribution   what it sends back to the operand's gradient: partial times weight. Of a bundle from one value the
                   sum of what its arrows send, of a bundle from several values the range of their sums
    count          how many arrows each value it comes from has in the bundle; 0 where that differs
    terms          the arrows of the bundle as they were recorded
    """

    source: int
    target: int
    partial: Number = None
    weight: Number = None
    contribution: Number = None
    count: int = 1
    terms: tuple[Edge, ...] = ()


class Decision(NamedTuple):
    """A comparison of single numbers that steered the run: sides are boxes by their id, or plain numbers in a tuple."""

    left: int | tuple[float]
    sign: str
    right: int | tuple[float]
    answer: bool


@dataclass(frozen=True, repr=False)
class Picture:
    """What a drawing shows.

    total        the number of values recorded, also when fewer boxes are drawn
    swept        whether a backward pass was run
    highlighted  boxes to look at
    note         what the reader must know beside the boxes
    stop         what ended the function early; then there is no output
    shade        what the boxes are shaded by
    down         whether it is drawn from the top down
    decisions    the comparisons between boxes that the run has met: for other inputs they may turn out differently
    """

    nodes: list[Node]
    edges: list[Edge]
    total: int
    swept: bool
    title: str = ""
    note: str = ""
    highlighted: frozenset[int] = frozenset()
    stop: Stop | None = None
    shade: Shade | None = None
    down: bool = False
    decisions: tuple[Decision, ...] = ()

    def __repr__(self) -> str:
        return f"<Picture: {len(self.nodes)} boxes, {len(self.edges)} arrows>"

    @property
    def roots(self) -> list[Node]:
        """The output; where the function stopped early, whatever was not used any more, the last one first."""
        return [n for n in self.nodes if n.kind == "output"] or [n for n in reversed(self.nodes) if not n.uses]

    @property
    def inputs(self) -> list[Node]:
        """In the order of the arguments, where they are a function's."""
        found = [n for n in self.nodes if not n.op and n.kind != "constant"]
        return sorted(found, key=lambda n: n.argument)

    @property
    def headline(self) -> str:
        """The number of nodes first, then what was left out."""
        parts = [f"{self.total:,} node{'s' * (self.total != 1)}"]
        values = sum(n.kind != "constant" for n in self.nodes)
        if values < self.total:
            parts.append(f"drawn as {len(self.nodes):,} boxes")
        if self.stop is not None:
            parts.append(str(self.stop))
        elif not self.swept:
            parts.append("no backward yet")
        return ", ".join(parts + [self.note] * bool(self.note))

    def gradient_text(self, node: Node) -> str:
        """The gradient as a box shows it; "" for constants."""
        if node.kind == "constant":
            return ""
        if not self.swept and node.gradient is None:
            return "no backward yet" if self.stop is None else ""
        if node.gradient is None:
            return "not reached"
        text = f"grad {brief(node.gradient)}"
        passes = node.passes if node.counted is None else node.counted
        if passes > 1:
            text += f" ({passes} passes)"
        return text if node.passes else f"{text}, {brief(node.once)} from here"
