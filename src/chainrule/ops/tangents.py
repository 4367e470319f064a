"""Tangents pushed through an operator, and those among them that leave the range of floats: noticed, so that their
transform looks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import chainrule.native.arrays as arrays
import chainrule.native.libm as libm
import chainrule.native.opcodes as opcodes
import chainrule.ops.branches as branches
import chainrule.ops.reuse as reuse
from chainrule.libraries import without_warnings
from chainrule.numbers import Carrier, Number, primal
from chainrule.ops.row import Operands, Operator, Settings, Tangents
from chainrule.ops.scaled import HUGE, TINY

LEFT: set[float] = set()
"""Levels at which a tangent left the range of floats on the way, until their transform has looked."""

NOTED = [0]
"""How often an element has left the range of floats in the operation at hand."""


def pushed(
    level: float, operator: Operator, y: Number, args: Operands, tangents: Tangents, masks: Any, settings: Settings
) -> tuple[Number | None, Any]:
    """The tangent of y, and its mask where those of the operands are given (see `branches`)."""
    before = NOTED[0]
    found: tuple[Number | None, Any]
    if _by_floats(operator, y, args, tangents, masks):
        if masks is None:
            found = _pushed(operator, y, args, tangents, None, settings)
        else:
            moved = operator.push(y, args, tangents, settings)
            found = moved, moved is not None
    else:
        moved = None
        if masks is None and has_loop(operator.code):
            moved = reuse.beside(y, by_loops, (operator.code, y, args, tangents))
        if moved is not None:
            found = moved, None
        else:
            push = _silently if type(y) is float else _noting
            found = reuse.beside(y, push, (operator, y, args, tangents, masks, settings))
    if NOTED[0] != before:
        NOTED[0] = before  # levels around this one did not leave the range
        LEFT.add(level)
    return found


def has_loop(code: int) -> bool:
    """Whether the slopes of an operator take no more than sums, products and quotients."""
    return code in (
        opcodes.MULTIPLY, opcodes.DIVIDE, opcodes.RECIPROCAL, opcodes.NEGATIVE, opcodes.SQUARE, opcodes.ABSOLUTE,
        opcodes.EXP, opcodes.LOG, opcodes.LOG1P, opcodes.SQRT, opcodes.TAN,
    )  # fmt: skip


def by_loops(code: int, y: Number, args: Operands, tangents: Tangents) -> Any:
    """The tangent of an array, in one loop for each operand; None where the row has to be asked."""
    if not arrays.alike(y, y):
        return None
    for t in tangents:
        if t is not None and not arrays.alike(t, y):
            return None
    a, b = args[0], args[1] if len(args) == 2 else None
    total: list[Any] = []
    libm.forget_range()
    for i, t in enumerate(tangents):
        if t is not None and not total:
            total.append(arrays.share(code, i, t, y, a, b))
            if total[0] is None:
                return None
        elif t is not None and not arrays.add_share(total, 0, code, i, t, y, a, b):
            return None
    if libm.left_range():
        NOTED[0] += 1
    return total.pop() if total else None


def noticed(level: float, run: Callable[..., Any], *args: Any) -> tuple[Any, bool]:
    """run(*args), and whether a tangent of that level left the range of floats on the way."""
    try:
        return run(*args), level in LEFT
    finally:
        LEFT.discard(level)


def _by_floats(operator: Operator, y: Number, args: Operands, tangents: Tangents, masks: Any) -> bool:
    """Whether NumPy computes nothing of a tangent, with nothing to be silenced, and no mask asks for a choice."""
    if not operator.code or not _is_float(y):
        return False
    if masks is not None:
        if operator.selects:
            return False
        for t, mask in zip(tangents, masks, strict=True):
            if t is not None and mask is not True:
                return False
    for x in args:
        if type(x) is not int and not _is_float(x):
            return False
    for t in tangents:  # noqa: SIM110  (compiled, a loop needs no generator)
        if t is not None and not _is_float(t):
            return False
    return True


def _is_float(x: Number) -> bool:
    """Whether x is a float, below all carriers: then rows compute it, and what is pushed with it, by floats."""
    return type(x) is float or (isinstance(x, Carrier) and type(primal(x)) is float)


def _pushed(
    operator: Operator, y: Number, args: Operands, tangents: Tangents, masks: Any, settings: Settings
) -> tuple[Number | None, Any]:
    if masks is not None:
        return branches.moved(operator, y, args, tangents, masks, settings)
    tangent = operator.push(y, args, tangents, settings)
    if (
        isinstance(tangent, float)
        and not TINY <= abs(tangent) <= HUGE
        and _leaves(operator, y, args, tangents, settings)
    ):
        NOTED[0] += 1
    return tangent, None


def _note(what: str, flags: int) -> None:
    NOTED[0] += 1


# Arrays are pushed in a state in which the processor notices where an element leaves the range.
_silently = without_warnings(_pushed)
_noting = without_warnings(_pushed, under="call", over="call", call=_note)


def _leaves(operator: Operator, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> bool:
    """Whether a tangent that is 0, subnormal or not finite is so because it left the range: those of larger or
    smaller ones are not."""
    moving = [t for t in tangents if t is not None and not (isinstance(t, float) and t == 0.0)]
    if not moving or operator.selects or not all(isinstance(t, float) and t - t == 0.0 for t in moving):
        return False
    for factor in (2.0**1000, 2.0**600, 2.0**-600, 2.0**-1000):
        again = operator.push(y, args, [t if t is None else t * factor for t in tangents], settings)
        if isinstance(again, float) and TINY <= abs(again) <= HUGE:
            return True
    return False


arrays.start()
