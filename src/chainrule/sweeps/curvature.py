"""Second derivatives of a recording of floats, by all inputs in one pass forward and one back.

The forward pass carries for each node its derivative by every input, a row of the matrix of tangents; the reverse
sweep carries the cotangent and, beside it, how that changes with every input (forward over reverse, see Griewank and
Walther, Evaluating Derivatives, chapter 5.3).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import chainrule.carriers.float_rules as float_rules
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
from chainrule.carriers.node import Node
from chainrule.numbers import shape
from chainrule.recording import order
from chainrule.sweeps.cotangents import NOTED, noting

Rows = list[Any]
"""A row of numbers for each node, or None for zeros."""


def second_derivatives(result: Any, inputs: list[Any]) -> NDArray[np.float64] | None:
    """The matrix of second derivatives of `result` by all elements of `inputs`, one after the other.

    None where the recording holds anything but floats, elements of input vectors and the operators that have a code,
    where a slope or curvature is infinite or nan, or where a product leaves the range of floats: rules for those are
    the operator table's, and the general sweep's.
    """
    before = NOTED[0]
    with noting():
        found = _second_derivatives(order(result), inputs)
    return found if NOTED[0] == before else None


def _second_derivatives(nodes: list[Any], inputs: list[Any]) -> NDArray[np.float64] | None:
    offsets, count = _offsets(inputs)
    unit = np.eye(count)
    tangents: Rows = []
    for node in nodes:
        tangents.append(None)
        if not _tangent(node, tangents, offsets, unit):
            return None
    found = np.zeros((count, count))
    return found if _sweep(nodes, tangents, offsets, found) and np.isfinite(found).all() else None


def _offsets(inputs: list[Any]) -> tuple[dict[int, int], int]:
    """Where the elements of each input begin, by its id; and how many there are."""
    offsets: dict[int, int] = {}
    count = 0
    for x in inputs:
        offsets[id(x)] = count
        count += math.prod(shape(x.stored))
    return offsets, count


def _tangent(node: Node, tangents: Rows, offsets: dict[int, int], unit: NDArray[np.float64]) -> bool:
    """Append the row of a node, the last of those listed so far; False where it is not a float of ours."""
    left, right, code = node.left, node.right, node.code
    if code == opcodes.LEAF:
        if id(node) not in offsets:
            return False
        if node.scalar_kind:
            tangents[-1] = unit[offsets[id(node)]]
        return True  # of a vector its elements are asked
    if code == opcodes.ELEMENT:
        if id(left) not in offsets:
            return False
        tangents[-1] = unit[offsets[id(left)] + right]
        return True
    if code == opcodes.GENERAL or node.flags & flags.CHANGED:
        return False
    a, b = _number(left), _number(right)
    row = None
    if memory.is_node(left):
        slope = float_rules.slope(code, 0, node.number, a, b)
        if not float_rules.regular_slope(code, slope):
            return False
        row = _scaled(tangents[_mark(left)], slope)
    if memory.is_node(right):
        slope = float_rules.slope(code, 1, node.number, a, b)
        if not float_rules.regular_slope(code, slope):
            return False
        row = _plus(row, _scaled(tangents[_mark(right)], slope))
    tangents[-1] = row
    return True


def _sweep(nodes: list[Any], tangents: Rows, offsets: dict[int, int], found: NDArray[np.float64]) -> bool:
    """The reverse sweep; the change of the gradient's element i with input j goes to found[i, j]. False where a
    curvature is no finite number."""
    last = len(nodes) - 1
    cotangents, changes = [0.0] * len(nodes), [None] * len(nodes)
    cotangents[last] = 1.0
    for k in range(last, -1, -1):
        node: Node = nodes[k]
        ct, change = cotangents[k], changes[k]
        left, right, code = node.left, node.right, node.code
        if code == opcodes.LEAF:
            if change is not None:
                found[offsets[id(node)]] += change
            continue
        if code == opcodes.ELEMENT:
            if change is not None:
                found[offsets[id(left)] + right] += change
            continue
        a, b, y = _number(left), _number(right), node.number
        rows = (
            tangents[_mark(left)] if memory.is_node(left) else None,
            tangents[_mark(right)] if memory.is_node(right) else None,
        )
        for side in (0, 1):
            parent = right if side else left
            if not memory.is_node(parent):
                continue
            slope = float_rules.slope(code, side, y, a, b)
            moved = _scaled(change, slope)
            for other in (0, 1):
                if rows[other] is not None:
                    curvature = float_rules.curvature(code, side, other, y, a, b)
                    if curvature - curvature != 0.0:
                        return False
                    moved = _plus(moved, _scaled(rows[other], ct * curvature))
            p = _mark(parent)
            share = ct * slope
            if ct != 0.0 and slope != 0.0 and not 2.2250738585072014e-308 <= libm.fabs(share) <= 1.7976931348623157e308:
                return False
            cotangents[p] += share
            changes[p] = _plus(changes[p], moved)
    return True


def _number(x: Any) -> float:
    """The float that an operand is; 0 for none."""
    if memory.is_node(x):
        node: Node = x
        return node.number
    return 0.0 if x is None else float(x)


def _mark(node: Node) -> int:
    """Where a node was listed by the ordering just made."""
    return node.mark


def _scaled(row: Any, factor: float) -> Any:
    if row is None or factor == 0.0:
        return None
    return row if factor == 1.0 else row * factor


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


memory.start()
