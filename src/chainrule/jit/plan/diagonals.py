"""Sweeps of many cotangents begin with a unit matrix. What comes of it while it is multiplied element by element has
zeros off a diagonal still: the product of such an array and a matrix is the matrix with its rows scaled, and a sum over
the diagonal is none. So the rows of a Jacobian cost as many operations as one, until they are mixed.

Zeros times infinity are left out with the others; programs find out, and do it the long way then."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.jit.passes.rewrite import spread
from chainrule.jit.plan.lower import BOOL, Maker, rebuilt
from chainrule.jit.program import CONSTANT, Program, Step

LEAST = 8
"""Rows from which on it is worth the while."""


@dataclass
class Diagonal:
    """What is known of an array of shape (n, *places, *rest), where `places` are n in all and on `over` axes: its
    element [i, j, ...] is `scale`[j, ...] where j is the i-th of the places, and 0 elsewhere."""

    scale: Step
    over: int


Known = dict[Step, Diagonal]
Operands = tuple[Step, ...]


class Pass:
    """One way through a program.

    known    of the steps as they were
    suspect  numbers which the long way would multiply zeros with
    """

    def __init__(self) -> None:
        self.known: Known = {}
        self.suspect: dict[Step, None] = {}

    def replace(self, step: Step, args: Operands) -> Step | None:
        if step.op == CONSTANT:
            found: Diagonal | Step | None = _constant(step)
        elif any(a in self.known for a in step.args) and step.dtype.kind == "f" and step.op in _RULES:
            found = _RULES[step.op](self, step, args)
        else:
            return None
        if isinstance(found, Diagonal):
            self.known[step] = found
            return None
        return found


def by_diagonals(program: Program) -> tuple[Program, list[Step]]:
    """The program without products of zeros off diagonals, and truth values: where one holds, these were no zeros."""
    if not any(step.op in ("matmul", "sum") for step in program.steps()):
        return program, []
    through = Pass()
    found = rebuilt(program, through.replace)
    make = Maker("")
    return found, [
        make("not_equal", make("multiply", x, make.number(0.0, x)), make.number(0.0, x), dtype=BOOL)
        for x in through.suspect
        if found is not program
    ]


# -- where diagonals come from ----------------------------------------------------------------------------------


def _constant(step: Step) -> Diagonal | None:
    shape = step.shape
    if len(shape) < 2 or step.dtype.kind != "f" or shape[0] < LEAST or shape[0] ** 2 != math.prod(shape):
        return None
    value = np.reshape(step.settings["value"], (shape[0], shape[0]))
    along = np.ascontiguousarray(np.diagonal(value))
    if np.count_nonzero(value) != np.count_nonzero(along) or not np.all(along):
        return None
    scale = Step(CONSTANT, (), {"value": along.reshape(shape[1:])}, shape[1:], step.dtype, step.line)
    if np.all(along == 1.0):
        one = Step(CONSTANT, (), {"value": 1.0}, (), step.dtype, step.line)
        scale = spread(one, shape[1:])
    return Diagonal(scale, len(shape) - 1)


# -- element by element -----------------------------------------------------------------------------------------


def _multiply(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    """Products with strong zeros keep zeros, whatever the other factor is; plain ones where that is finite."""
    at = 0 if step.args[0] in way.known else 1
    if step.args[1 - at] in way.known or (at == 1 and step.op != "multiply"):
        return None
    diagonal, other = way.known[step.args[at]], args[1 - at]
    factor = _along(other, step.args[at].shape, step.shape, diagonal.over)
    if factor is None:
        return None
    if step.op == "multiply":
        way.suspect[other] = None
    if _ones(diagonal.scale):
        return Diagonal(spread(factor, step.shape[1:]), diagonal.over)
    pair = (diagonal.scale, factor) if at == 0 else (factor, diagonal.scale)
    return Diagonal(Step(step.op, pair, step.settings, step.shape[1:], step.dtype, step.line), diagonal.over)


def _along(x: Step, diagonal: tuple[int, ...], result: tuple[int, ...], over: int) -> Step | None:
    """`x` as an operand of the scale: where it is the same for each of the rows, and no place is repeated."""
    if len(diagonal) != len(result) or diagonal[: 1 + over] != result[: 1 + over]:
        return None
    while x.op == "broadcast_to" and len(x.shape) == len(result):
        x = x.args[0]
    if len(x.shape) < len(result):
        return x
    return Maker(x.line).shaped(x, x.shape[1:]) if x.shape[0] == 1 else None


def _negative(way: Pass, step: Step, args: Operands) -> Diagonal:
    found = way.known[step.args[0]]
    return Diagonal(Step(step.op, (found.scale,), {}, step.shape[1:], step.dtype, step.line), found.over)


def _add(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    """Of two diagonals, or of one and zeros."""
    for x, other in (step.args, step.args[::-1]):
        if x in way.known and x.shape == step.shape and _zero(other) and step.op == "add":
            return way.known[x]
    if any(a not in way.known or a.shape != step.shape for a in step.args):
        return None
    a, b = (way.known[x] for x in step.args)
    if a.over != b.over:
        return None
    return Diagonal(Step(step.op, (a.scale, b.scale), {}, step.shape[1:], step.dtype, step.line), a.over)


def _where(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    """Zeros in place of some elements: of those on the diagonal, `taken` says which remain."""
    condition, *sides = step.args
    at = 0 if sides[0] in way.known else 1
    if sides[at].shape != step.shape or not _zero(sides[1 - at]) or sides[1 - at].shape:
        return None
    found = way.known[sides[at]]
    if condition.op == CONSTANT and len(condition.shape) == len(step.shape):
        taken = _on_diagonal(condition, step.shape, found.over)
    else:
        taken = _along(args[0], step.shape, step.shape, found.over)
    if taken is None:
        return None
    if taken.op == CONSTANT and np.all(np.equal(taken.settings["value"], at == 0)):
        return found
    pair = (found.scale, args[2]) if at == 0 else (args[1], found.scale)
    new = Step("where", (taken, *pair), {}, step.shape[1:], step.dtype, step.line)
    return Diagonal(new, found.over)


def _on_diagonal(condition: Step, shape: tuple[int, ...], over: int) -> Step | None:
    """A constant array of truth values where the places are those of the rows."""
    n, value = shape[0], condition.settings["value"]
    if over == 1:
        found = np.moveaxis(np.diagonal(np.broadcast_to(value, shape)), -1, 0)
    elif condition.shape == shape and len(shape) == 1 + over:
        found = np.diagonal(np.reshape(value, (n, n))).reshape(shape[1:])
    else:
        return None
    return Step(CONSTANT, (), {"value": np.ascontiguousarray(found)}, shape[1:], BOOL, condition.line)


# -- moves ------------------------------------------------------------------------------------------------------


def _reshape(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    found, shape = way.known[step.args[0]], step.shape
    if not shape or shape[0] != step.args[0].shape[0]:
        return None
    over = next((k for k in range(1, len(shape)) if math.prod(shape[1 : 1 + k]) == shape[0]), None)
    return None if over is None else Diagonal(Maker(step.line).shaped(found.scale, shape[1:]), over)


def _broadcast(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    found, (x,) = way.known[step.args[0]], step.args
    if len(x.shape) != len(step.shape) or x.shape[: 1 + found.over] != step.shape[: 1 + found.over]:
        return None
    return Diagonal(spread(found.scale, step.shape[1:]), found.over)


def _transpose(way: Pass, step: Step, args: Operands) -> Diagonal | None:
    found, axes = way.known[step.args[0]], tuple(step.settings["axes"])
    if axes == (1, 0):
        return found
    if axes[: 1 + found.over] != tuple(range(1 + found.over)):
        return None
    rest = {"axes": tuple(k - 1 for k in axes[1:])}
    return Diagonal(Step("transpose", (found.scale,), rest, step.shape[1:], step.dtype, step.line), found.over)


def _sum(way: Pass, step: Step, args: Operands) -> Diagonal | Step | None:
    """Over all places it leaves the scale, over the rows too; over further axes a diagonal of sums."""
    found, (x,) = way.known[step.args[0]], step.args
    axes = range(len(x.shape)) if step.settings["axis"] is None else step.settings["axis"]
    summed = {k % len(x.shape) for k in axes}
    make, n, places = Maker(step.line), x.shape[0], set(range(1, 1 + found.over))
    if x.dtype != step.dtype:
        return None
    if not summed & {0, *places}:
        rest = {**step.settings, "axis": tuple(sorted(k - 1 for k in summed))}
        return Diagonal(Step("sum", (found.scale,), rest, step.shape[1:], step.dtype, step.line), found.over)
    if summed == {0}:
        return make.shaped(found.scale, step.shape)
    if not summed >= places or 0 in summed:
        return None
    rows = make.shaped(found.scale, (n, *x.shape[1 + found.over :]))
    others = tuple(sorted(k - found.over for k in summed - places))
    if others:
        shape = tuple(m for k, m in enumerate(rows.shape) if k not in others)
        rows = Step("sum", (rows,), {"axis": others, "keepdims": False}, shape, step.dtype, step.line)
    return make.shaped(rows, step.shape)


def _matmul(way: Pass, step: Step, args: Operands) -> Diagonal | Step | None:
    """The rows or the columns of a matrix scaled."""
    make = Maker(step.line)
    a, b = step.args
    if a in way.known and b in way.known:
        return None
    found, other = (way.known[a], args[1]) if a in way.known else (way.known[b], args[0])
    mine, n = (a if a in way.known else b), step.shape[0]
    if found.over == 1 and len(mine.shape) == 3 and a in way.known and len(other.shape) == 2:
        way.suspect[other] = None
        return Diagonal(Step("matmul", (found.scale, other), {}, step.shape[1:], step.dtype, step.line), 1)
    if b in way.known and len(mine.shape) == 3 and mine.shape[1] == n and len(other.shape) == 2:
        way.suspect[other] = None
        columns = Step("transpose", (other,), {"axes": (1, 0)}, other.shape[::-1], other.dtype, step.line)
        scale = make.shaped(found.scale, (n, 1, step.shape[2]))
        return make("multiply", make.shaped(columns, (*columns.shape, 1)), scale)
    if len(mine.shape) != 2 or len(other.shape) not in (1, 2):
        return None
    way.suspect[other] = None
    if _ones(found.scale):
        return other
    if a in way.known and len(other.shape) == 2:
        return make("multiply", make.shaped(found.scale, (n, 1)), other)
    return make("multiply", found.scale, other)


# -- small questions --------------------------------------------------------------------------------------------


def _ones(x: Step) -> bool:
    while x.op in ("broadcast_to", "reshape"):
        x = x.args[0]
    return x.op == CONSTANT and not x.shape and x.settings["value"] == 1.0


def _zero(x: Step) -> bool:
    while x.op in ("broadcast_to", "reshape"):
        x = x.args[0]
    return x.op == CONSTANT and not np.any(x.settings["value"])


_RULES: dict[str, Any] = {
    "multiply": _multiply, "scale": _multiply, "strong_zero_product": _multiply, "negative": _negative,
    "positive": _negative, "add": _add, "subtract": _add, "where": _where, "reshape": _reshape,
    "broadcast_to": _broadcast, "transpose": _transpose, "sum": _sum, "matmul": _matmul,
}  # fmt: skip
