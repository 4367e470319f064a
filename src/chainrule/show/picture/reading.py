"""From a recording to its picture: a Value, or a function that is traced, becomes boxes and arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.numbers import Number, primal, shape
from chainrule.recording import order
from chainrule.show.argument_paths import parameters_of, places_of
from chainrule.show.picture.arrows import arrows
from chainrule.show.picture.graph import Decision, Edge, Node, Picture, row_named
from chainrule.show.picture.number_format import brief
from chainrule.show.printable import printable
from chainrule.show.traced_run import Run, watch
from chainrule.show.used import used
from chainrule.sweeps.gradients import gradient
from chainrule.sweeps.reverse import sweep
from chainrule.values.value import Value

SIGNS = ("<", "<=", ">", ">=", "==", "!=")
MOST_DECISIONS = 500
OWN_RULE = "own rule"
"""What stands for the operator where the derivative was written by hand."""


def picture_of(x: Any, *at: Any, fresh: bool = False, argnums: int | Sequence[int] | None = None) -> Picture:
    """The picture of a Value, or of a function at the arguments after it (traced, one backward pass).

    fresh     show what one backward pass over this graph gives, whatever `.grad` holds
    argnums   the arguments whose numbers are shown; by default all that the function takes as numbers

    Raises ArgumentError for anything else, and for functions whose result is not one recorded value.

    >>> p = picture_of(lambda a, b: a * b + a, 2.0, 3.0)
    >>> p.headline, [(n.title, n.value, n.gradient) for n in p.nodes]
    ('4 nodes', [('a', 2.0, 4.0), ('b', 3.0, 2.0), ('*', 6.0, 1.0), ('+', 8.0, 1.0)])
    """
    if isinstance(x, Value):
        if at:
            raise ArgumentError.here("a Value is drawn as it is; arguments belong after a function")
        return _as_used(picture(x, fresh=fresh), order(x))
    if not callable(x):
        raise ArgumentError.here(f"expected a Value or a function with its arguments, got {type(x).__name__}")
    name = getattr(x, "__name__", "")
    with np.errstate(all="ignore"):
        run = watch(x, at, partly=True, argnums=argnums)
        if run.stop is None and not run.found:
            raise ArgumentError.here("nothing was recorded: the result does not depend on the arguments")
        for v, place in zip(run.inputs, run.split.of(places_of(at, parameters_of(x, len(at)))), strict=True):
            v.label = place
        if run.stop is None:
            root = run.total()
            shown = picture(root, fresh=True, name=run.log.name)
            shown = replace(shown, decisions=tuple(_decisions(run, shown, order(root))))
        else:
            shown = _broken(run)
    order_of = {printable(v.label): k for k, v in enumerate(run.inputs)}
    for n in shown.nodes:
        n.argument = order_of.get(n.label, 0) if not n.op else 0
    return replace(shown, title="" if name == "<lambda>" else printable(name))


def _decisions(run: Run, shown: Picture, recorded: list[Any]) -> Iterator[Decision]:
    """The comparisons whose sides are boxes of the picture or plain numbers."""
    boxes = (n.id for n in shown.nodes if n.kind != "constant")
    ids = {id(v): k for v, k in zip(recorded, boxes, strict=True) if not shape(v.stored)}

    def side(x: Any) -> Any:
        if isinstance(x, Value):
            return ids.get(id(x))
        return (float(x),) if isinstance(x, (int, float, np.number)) else None

    found = ((side(c.left), c.sign, side(c.right), c.answer) for c in run.log.comparisons if c.sign in SIGNS)
    known = (c for c in found if c[0] is not None and c[2] is not None and isinstance(c[3], (bool, np.bool_)))
    for left, sign, right, answer in list(dict.fromkeys(known))[:MOST_DECISIONS]:
        yield Decision(left, sign, right, bool(answer))


def _as_used(shown: Picture, recorded: list[Value]) -> Picture:
    """The picture with the numbers that inputs had when they were used, not those they were given afterwards."""
    changed = used(recorded)
    if not changed:
        return shown
    nodes = [n for n in shown.nodes if n.kind != "constant"]
    for n, value in zip(nodes, recorded, strict=True):
        if id(value) in changed:
            n.value = changed[id(value)][0]
    names = [n.title for n, value in zip(nodes, recorded, strict=True) if id(value) in changed]
    what = f"{', '.join(names[:3])}{', …' * (len(names) > 3)} had when used"
    note = f"with the number{'s' * (len(names) > 1)} {what}, not the later one{'s' * (len(names) > 1)}"
    return replace(shown, note=", ".join(filter(None, [shown.note, note])))


def picture(root: Value, *, fresh: bool = False, name: Callable[[Value], str] = lambda value: "") -> Picture:
    """The picture of everything that led to `root`.

    fresh   show one backward pass instead of `.grad`
    name    of Values that have no label
    """
    recorded = order(root)
    swept = root.stored is not None and (fresh or any(gradient(v) is not None for v in recorded))
    weight, passes = _weight(root, fresh) if swept else (None, 1)
    once = _one_pass(root, recorded, weight) if swept else {}
    gradients = once if fresh else {id(v): gradient(v) for v in recorded}
    nodes, edges = _boxes(recorded, root, gradients, once, passes, name)
    if not fresh:
        values = [n for n in nodes if n.kind != "constant"]
        for node, value in zip(values, recorded, strict=True):
            node.counted = passes_of(value)
    note = ""
    if passes > 1:
        guessed = f"the result's gradient is {passes}: {passes} backward passes, or one from further on"
        note = guessed if passes_of(root) is None else f"{passes} backward passes"
    elif swept and np.size(primal(root.stored)) > 1 and np.all(primal(weight) == 1):
        note = "gradients are of the sum of the result's elements"
    return Picture(nodes, edges, len(recorded), swept, note=note)


def _broken(run: Run) -> Picture:
    """What was recorded before the run stopped; the last value is marked."""
    recorded = [*run.inputs, *run.log.recorded]
    nodes, edges = _boxes(recorded, None, {}, {}, 1, run.log.name)
    return Picture(nodes, edges, len(recorded), False, stop=run.stop, highlighted=frozenset([nodes[-1].id]))


def _boxes(
    recorded: list[Any],
    root: Value | None,
    gradients: dict[int, Number],
    once: dict[int, Number],
    passes: int,
    name: Callable[[Value], str],
) -> tuple[list[Node], list[Edge]]:
    """A box for each recorded value and for each constant, before those that use it; and their arrows."""
    ids: dict[int, int] = {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for value in recorded:
        first = len(nodes)
        nodes.extend(_constants(value, first))
        operands = list(range(first, len(nodes)))
        ids[id(value)] = len(nodes)
        single, gradient = once.get(id(value)), gradients.get(id(value))
        node = _node(value, ids, operands, printable(value.label or name(value)))
        node.kind = "output" if value is root else node.kind
        node.gradient, node.once = primal(gradient), primal(single)
        node.passes = _passes(node.gradient, node.once, passes)
        nodes.append(node)
        if value.op is not None:
            edges += _in_order(node, operands, arrows(value, ids, gradients))
    for edge in edges:
        nodes[edge.source].uses += 1
    return nodes, edges


def passes_of(value: Value) -> int | None:
    """How many backward passes have reached a value; None where Values do not count them."""
    return getattr(value, "passes", None)


def _weight(root: Value, fresh: bool) -> tuple[Number, int]:
    """The weight one pass starts with, and how many such passes the result's gradient adds up.

    Where passes are not counted, a gradient of n everywhere is taken for n passes.
    """
    data, grad = root.stored, gradient(root)
    one = np.ones(shape(data)) if shape(data) else 1.0
    if fresh or grad is None:
        return one, 1
    passes = passes_of(root)
    if passes is None:
        first = float(np.ravel(primal(grad))[0]) if np.size(primal(grad)) else 1.0
        passes = round(first) if np.isfinite(first) and first >= 1 else 0
    return (one, passes) if passes and np.all(primal(grad) == passes) else (grad, 1)


def _one_pass(root: Value, recorded: list[Value], weight: Number) -> dict[int, Number]:
    """The adjoints of a single pass, to hold accumulated gradients against."""
    try:
        return {id(v): ct for v, ct in sweep(root, weight, recorded)}
    except (ArithmeticError, ValueError, TypeError):  # a hand-made step that cannot be run again
        return {}


def _node(value: Value, ids: dict[int, int], constants: list[int], label: str) -> Node:
    op = value.op
    numbers = iter(constants)
    parents = dict(zip(value.active, value.parents, strict=True))
    shown = [i for i in range(len(value.operands)) if i in parents or not _hidden(value, i)]
    return Node(
        id=ids[id(value)],
        kind="input" if op is None else "op",
        name=(label or "input") if op is None else _written(value),
        value=primal(value.stored),
        label=label,
        where=getattr(value, "where", ("", 0)),
        op="" if op is None else op.name if row_named(op.name) is op else OWN_RULE,
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


def _in_order(node: Node, constants: list[int], found: Iterator[Edge]) -> Iterator[Edge]:
    """The arrows into a box in the order of its operands, those of constants among them."""
    from_values = list(found)
    for k in node.operands:
        if k in constants:
            yield Edge(k, node.id)
        elif from_values and from_values[0].source == k:
            yield from_values.pop(0)
