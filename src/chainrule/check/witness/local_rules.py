"""Which operator of a recording has a wrong rule? Each one's pull is held against differences of its own values."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import numeric
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, quiet
from chainrule.check.witness.seen import spread
from chainrule.numbers import new_level, primal, shape
from chainrule.recording import order
from chainrule.sweeps.reverse import pull
from chainrule.values.located import Located, place

LONGEST = 400  # nodes


def first_wrong_rule(subject: Subject) -> str:
    """The first operator whose rule disagrees with its values, with its line; "" where all agree."""
    level = new_level()
    inputs = [Located.leaf(np.array(x) if isinstance(x, np.ndarray) else x, level) for x in subject.leaves]
    for v in inputs:
        v.where = ("", 0)  # type: ignore[attr-defined]
    with quiet():
        try:
            results = [y for y in spread(subject)(*inputs) if isinstance(y, Located)]
        except Exception:  # not traceable
            return ""
        nodes = [node for node in order(*results) if node.op is not None]
        for node in nodes[:LONGEST]:
            if _is_wrong(node):
                name = getattr(node.op, "name", "") or str(node.op)
                where = f" ({place(node)})" if place(node) else ""
                return f"the rule of {name}{where} is wrong: it disagrees with differences of its own values"
    return ""


def _is_wrong(node: Any) -> bool:
    random = RandomNumbers(len(node.operands))
    operands = [primal(x) for x in node.operands]
    ct = random.standard_normal(shape(node.stored)) if shape(node.stored) else 1.0
    moves = {}
    for i in node.active:
        size = np.maximum(np.abs(np.asarray(operands[i], dtype=float)), 1e-3)
        moves[i] = random.standard_normal(shape(operands[i])) * size
    try:
        pulled = pull(node, ct)
        claim = sum(
            float(np.sum(np.asarray(share) * moves[i])) for i, (_, share) in zip(node.active, pulled, strict=True)
        )
        found = numeric.derivative(lambda t: _value(node, operands, moves, t, ct), 0.0)
    except Exception:  # the operator does not run on such numbers: nothing is said about it
        return False
    size = abs(float(found.value))
    return found.reason is None and abs(claim - float(found.value)) > 4 * float(found.error) + 1e-9 * size


def _value(node: Any, operands: list[Any], moves: dict[int, Any], t: float, ct: Any) -> float:
    moved = [x + t * moves[i] if i in moves else x for i, x in enumerate(operands)]
    moved = [x.item() if isinstance(x, np.ndarray) and not x.shape else x for x in moved]
    return float(np.sum(np.asarray(ct) * np.asarray(node.op(*moved, **node.settings))))
