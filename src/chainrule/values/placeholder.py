"""Expressions built from inputs that have no number yet: give them numbers, compute everything again."""

from __future__ import annotations

from typing import Any

from chainrule.carriers.node import describe
from chainrule.carriers.versions import renumber
from chainrule.errors import ArgumentError, NoValue
from chainrule.numbers import Number
from chainrule.recording import order
from chainrule.sweeps.by_hand import HandMade
from chainrule.sweeps.gradients import put


def evaluate(root: Any, values: tuple[Number, ...], by_label: dict[str, Number]) -> None:
    """Compute the recording of `root` for new numbers: `values` for the inputs built without one, in the order
    of their first use, `by_label` for any inputs by their labels. Gradients start over."""
    nodes = order(root)
    by_hand = next((n for n in nodes if isinstance(n.op, HandMade)), None)
    if by_hand is not None:
        raise ArgumentError.here(f"forward() cannot compute the hand-made {by_hand.op.symbol!r} again")
    inputs = [n for n in nodes if n.op is None and n.open]
    if len(values) not in (0, len(inputs)):
        names = ", ".join(n.label or "without a label" for n in inputs)
        raise ArgumentError.here(
            f"forward(): this expression has {len(inputs)} inputs without a number"
            + (f" ({names})" if names else "")
            + f", got {len(values)} numbers"
        )
    new = {id(n): v for n, v in zip(inputs, values, strict=False)}
    labelled = {n.label: n for n in nodes if n.op is None and n.label}
    for label, value in by_label.items():
        if label not in labelled:
            known = ", ".join(labelled) or "none has a label"
            raise ArgumentError.here(f"forward(): no input is labelled {label!r}; inputs: {known}")
        new[id(labelled[label])] = value
    missing = [n.label or "without a label" for n in inputs if n.stored is None and id(n) not in new]
    if missing:
        raise NoValue.here(f"forward(): give a number for each input; missing: {', '.join(missing)}")
    for node in nodes:
        put(node, None)
        if node.op is not None:
            _compute(node)
        elif id(node) in new:
            node.data = new[id(node)]


def _compute(node: Any) -> None:
    operands = list(node.operands)
    for i, parent in zip(node.active, node.parents, strict=True):
        operands[i] = parent._operand
    describe(node, node.op, tuple(operands), node.parents, node.active, node.settings)
    renumber(node, node.op(*operands, **node.settings))
