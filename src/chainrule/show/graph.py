"""One picture of a recording, which every drawing, text and page reads: boxes, arrows, and what stands on them."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from chainrule import trees
from chainrule.carriers.located import Located, trace
from chainrule.carriers.value import Value
from chainrule.errors import ArgumentError, at_user_line
from chainrule.numbers import Number, primal, shape
from chainrule.ops.row import Elementwise
from chainrule.recording import order
from chainrule.show.words import brief, trouble
from chainrule.sweeps.by_hand import HandMade
from chainrule.sweeps.reverse import pull, sweep

Kind = Literal["input", "op", "output", "constant"]


@dataclass(slots=True)
class Node:
    """A box.

    name       how the operator is written (`*`, `**2`, `[0]`), an input's label, a constant's number
    gradient   None before the first backward pass, and where none arrives
    passes     how many backward passes the gradient adds up; 0 when it holds more than passes over this graph
    once       what one pass over this graph gives
    operands   the boxes it is computed from, constants among them
    op         the operator's name in the table
    uses       how many arrows leave it: so many terms does its gradient add up
    count      how many values a folded box stands for
    """

    id: int
    kind: Kind
    name: str
    value: Number
    label: str = ""
    gradient: Number = None
    passes: int = 1
    once: Number = None
    where: tuple[str, int] = ("", 0)
    op: str = ""
    operands: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    uses: int = 0
    count: int = 1

    @property
    def title(self) -> str:
        """The label and the operator, whichever there are: `L = *`."""
        name = f"{self.label} = {self.name}" if self.label and self.op else self.name
        return f"{name} × {self.count:,}" if self.count > 1 else name

    @property
    def place(self) -> str:
        path, line = self.where
        return f"{Path(path).name}:{line}" if path else ""

    @property
    def source(self) -> str:
        """The user's line that computed it."""
        return linecache.getline(*self.where).strip() if self.where[0] else ""

    @property
    def trouble(self) -> str:
        return trouble(self.value) or trouble(self.gradient)


@dataclass(slots=True)
class Edge:
    """An arrow from an operand to a result.

    partial        the local derivative; None where it is a matrix too large to say (array operators)
    contribution   what it sends back to the operand's gradient: partial times the result's gradient
    """

    source: int
    target: int
    partial: Number = None
    contribution: Number = None
    count: int = 1


@dataclass(frozen=True)
class Picture:
    """What a drawing shows.

    total        the number of values recorded, also when fewer boxes are drawn
    swept        whether a backward pass was run
    highlighted  boxes somebody should look at
    note         what the reader must know beside the boxes
    """

    nodes: list[Node]
    edges: list[Edge]
    total: int
    swept: bool
    title: str = ""
    note: str = ""
    highlighted: frozenset[int] = frozenset()

    @property
    def root(self) -> Node:
        return next(n for n in self.nodes if n.kind == "output")

    @property
    def headline(self) -> str:
        """The number of nodes first, then what was left out."""
        parts = [f"{self.total:,} node{'s' * (self.total != 1)}"]
        values = sum(n.kind != "constant" for n in self.nodes)
        if values < self.total:
            parts.append(f"folded to {len(self.nodes):,} boxes")
        if not self.swept:
            parts.append("no backward yet")
        return ", ".join(parts + [self.note] * bool(self.note))

    def gradient_text(self, node: Node) -> str:
        """The gradient as a box shows it; "" for constants."""
        if node.kind == "constant":
            return ""
        if not self.swept and node.gradient is None:
            return "no backward yet"
        if node.gradient is None:
            return "not reached"
        text = f"grad {brief(node.gradient)}"
        if node.passes == 0:
            return f"{text}, {brief(node.once)} from here"
        return text if node.passes == 1 else f"{text} ({node.passes} passes)"


# -- from a value or a function ----------------------------------------------------------------------------


def picture_of(x: Any, *at: Any, fresh: bool = False) -> Picture:
    """The picture of a Value, or of a function at the arguments after it (traced, one backward pass).

    fresh   show what one backward pass over this graph gives, whatever `.grad` holds

    Raises ArgumentError for anything else, and for functions whose result is not one recorded value.

    >>> p = picture_of(lambda a, b: a * b + a, 2.0, 3.0)
    >>> p.headline, [(n.title, n.value, n.gradient) for n in p.nodes]
    ('4 nodes', [('a', 2.0, 4.0), ('b', 3.0, 2.0), ('*', 6.0, 1.0), ('+', 8.0, 1.0)])
    """
    if isinstance(x, Value):
        if at:
            raise ArgumentError(at_user_line("a Value is drawn as it is; arguments belong after a function"))
        return picture(x, fresh=fresh)
    if not callable(x):
        raise ArgumentError(at_user_line(f"expected a Value or a function with its arguments, got {type(x).__name__}"))
    with np.errstate(all="ignore"):
        result, _ = trace(x, *at)
        root = _single(result)
        root.backward(np.ones(shape(root._data)) if shape(root._data) else None)
    name = getattr(x, "__name__", "")
    return replace(picture(root, fresh=fresh), title="" if name == "<lambda>" else name)


def _single(result: Any) -> Located:
    found = [leaf for leaf in trees.flatten(result)[0] for leaf in _elements(leaf)]
    values = [v for v in found if isinstance(v, Located)]
    if len(found) == 1 and values:
        return values[0]
    if not values:
        raise ArgumentError(at_user_line("the function's result does not depend on its arguments: nothing was recorded"))
    raise ArgumentError(at_user_line(f"the function returned {len(found)} numbers; draw one of them, or their sum"))


def _elements(leaf: Any) -> list[Any]:
    return list(leaf.flat) if isinstance(leaf, np.ndarray) and leaf.dtype == object else [leaf]


def picture(root: Value, *, fresh: bool = False) -> Picture:
    """The picture of everything that led to `root`; `fresh` shows one backward pass instead of `.grad`."""
    recorded = order(root)
    swept = root._data is not None and (fresh or any(v._grad is not None for v in recorded))
    weight, passes = _weight(root, fresh) if swept else (None, 1)
    once = _one_pass(root, recorded, weight) if swept else {}
    ids: dict[int, int] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for value in recorded:
        first = len(nodes)
        nodes.extend(_constants(value, first))
        operands = list(range(first, len(nodes)))
        ids[id(value)] = len(nodes)
        single = once.get(id(value))
        gradient = single if fresh else value._grad
        arrows = list(_arrows(value, ids, gradient)) if value.op is not None else []
        nodes.append(_node(value, root, ids, operands, gradient, single, passes))
        edges += [Edge(k, ids[id(value)]) for k in operands] + arrows
    for edge in edges:
        nodes[edge.source].uses += 1
    note = ""
    if passes > 1:
        note = f"the result's gradient is {passes}: {passes} backward passes, or one from further on"
    elif swept and np.size(primal(root._data)) > 1 and np.all(primal(weight) == 1):
        note = "gradients are of the sum of the result's elements"
    return Picture(nodes, edges, len(recorded), swept, note=note)


def _weight(root: Value, fresh: bool) -> tuple[Number, int]:
    """The weight one pass starts with, and how many such passes the result's gradient adds up."""
    data, grad = root._data, root._grad
    one = np.ones(shape(data)) if shape(data) else 1.0
    if fresh or grad is None:
        return one, 1
    first = float(np.ravel(primal(grad))[0]) if np.size(primal(grad)) else 1.0
    passes = round(first) if np.isfinite(first) and first >= 1 else 0
    return (one, passes) if passes and np.all(primal(grad) == passes) else (grad, 1)


def _one_pass(root: Value, recorded: list[Value], weight: Number) -> dict[int, Number]:
    """The adjoints of a single pass, to hold accumulated gradients against."""
    try:
        return {id(v): ct for v, ct in sweep(root, weight, recorded)}
    except (ArithmeticError, ValueError, TypeError):  # a hand-made step that cannot be run again
        return {}


def _node(
    value: Value,
    root: Value,
    ids: dict[int, int],
    constants: list[int],
    gradient: Number,
    once: Number,
    passes: int,
) -> Node:
    op = value.op
    kind: Kind = "output" if value is root else "input" if op is None else "op"
    numbers = iter(constants)
    parents = dict(zip(value.active, value.parents, strict=True))
    shown = [i for i in range(len(value.operands)) if i in parents or not _hidden(value, i)]
    return Node(
        id=ids[id(value)],
        kind=kind,
        name=(value.label or "input") if op is None else _written(value),
        value=primal(value._data),
        label=value.label,
        gradient=primal(gradient),
        passes=_passes(primal(gradient), primal(once), passes),
        once=primal(once),
        where=getattr(value, "where", ("", 0)),
        op="" if op is None else op.name,
        operands=tuple(ids[id(parents[i])] if i in parents else next(numbers) for i in shown),
        settings=_settings(value),
    )


def _settings(value: Value) -> dict[str, Any]:
    if value.op is None:
        return {}
    return {"exponent": value.operands[1]} if value._constant_exponent else value.settings


def _passes(gradient: Number, once: Number, passes: int) -> int:
    """`passes` when so many of one pass make the gradient, else 0."""
    if gradient is None or once is None or shape(gradient) != shape(once):
        return 1
    if type(gradient) is float and gradient == passes * once:
        return passes
    with np.errstate(all="ignore"):
        expected = passes * np.asarray(once, float)
        same = np.allclose(np.asarray(gradient, float), expected, rtol=1e-6, atol=0, equal_nan=True)
    return passes if same else 0


def _written(value: Value) -> str:
    """How a drawing writes the operator, with what belongs to it: `**2`, `[0]`, `sum axis 0`."""
    assert value.op is not None
    if value._constant_exponent:
        return f"**{brief(value.operands[1])}"
    if value.op.name == "getitem":
        text = str(value.settings.get("index", "")).strip("()").removesuffix(",")
        return f"[{text}]" if len(text) < 16 else "[…]"
    axis = value.settings.get("axis")
    return value.op.symbol if axis is None else f"{value.op.symbol} axis {axis}"


def _hidden(value: Value, i: int) -> bool:
    """Whether the operator's name says the constant already."""
    return value._constant_exponent and i == 1


def _constants(value: Value, first: int) -> Iterator[Node]:
    for i, x in enumerate(value.operands):
        if i not in value.active and not _hidden(value, i):
            name = f"{x:.6g}" if isinstance(x, (int, float)) else brief(x)
            yield Node(first, "constant", name, primal(x), where=getattr(value, "where", ("", 0)))
            first += 1


# -- arrows ------------------------------------------------------------------------------------------------


def _arrows(value: Value, ids: dict[int, int], gradient: Number) -> Iterator[Edge]:
    target = ids[id(value)]
    distinct = isinstance(value.op, HandMade)
    parents = list({id(p): p for p in value.parents}.values()) if distinct else list(value.parents)
    with np.errstate(all="ignore"):
        partials = _partials(value, len(parents))
        sent = _shares(value, gradient, len(parents)) if gradient is not None else [None] * len(parents)
    for parent, partial, share in zip(parents, partials, sent, strict=True):
        yield Edge(ids[id(parent)], target, primal(partial), primal(share))


def _partials(value: Value, count: int) -> list[Number]:
    """dy/dx for each operand: a number, an array where every element has its own, None for larger Jacobians."""
    if value._data is None:
        return [None] * count
    if not shape(value._data):
        return _shares(value, 1.0, count)
    if isinstance(value.op, Elementwise):
        rules = [value.op.partials[i] for i in value.active]
        return [
            _tried(lambda p=p: p(value._data, *value.operands, **value.settings)) if callable(p) else p for p in rules
        ]
    return [None] * count


def _shares(value: Value, cotangent: Number, count: int) -> list[Number]:
    """What `cotangent` on the value sends to each operand; 0 where the operator sends nothing."""
    shares: list[Number] = [0.0] * count
    rest = list(value.parents) if count == len(value.parents) else list({id(p): p for p in value.parents}.values())
    free = dict.fromkeys(range(count))
    for parent, share in _tried(lambda: list(pull(value, cotangent))) or []:
        slot = next((k for k in free if rest[k] is parent), None)
        if slot is not None:
            del free[slot]
            shares[slot] = share
    return shares


def _tried(compute: Callable[[], Any]) -> Any:
    """A drawing never fails for a derivative that cannot be computed: the box stays without it."""
    try:
        return compute()
    except (ArithmeticError, ValueError, TypeError):
        return None
