"""Rows that are sums and extremes of elementwise parts, written out as those parts, so that they can be fused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jit.plan.affine import basic, selection
from chainrule.jit.program import CONSTANT, Guard, Program, Step
from chainrule.jit.step import substituted

BOOL = np.dtype(bool)


class Maker:
    """Steps made by name, shaped as NumPy's broadcasting says."""

    def __init__(self, line: str) -> None:
        self.line = line

    def __call__(self, op: str, *args: Step, dtype: Any = None, **settings: Any) -> Step:
        shape = np.broadcast_shapes(*(a.shape for a in args))
        return Step(op, args, settings, shape, dtype or args[-1].dtype, self.line)

    def number(self, value: float, like: Step) -> Step:
        return Step(CONSTANT, (), {"value": value}, (), like.dtype, self.line)

    def reduced(self, op: str, x: Step, axis: Any) -> Step:
        """With the reduced axes kept."""
        axes = range(len(x.shape)) if axis is None else axis
        shape = tuple(1 if k in axes else n for k, n in enumerate(x.shape))
        return Step(op, (x,), {"axis": axis, "keepdims": True}, shape, x.dtype, self.line)

    def shaped(self, x: Step, shape: tuple[int, ...]) -> Step:
        return x if x.shape == shape else Step("reshape", (x,), {"shape": shape}, shape, x.dtype, self.line)


def _top_and_rest(make: Maker, x: Step, axis: Any) -> tuple[Step, Step, Step]:
    """As in `ops.logsums`: the largest element, x minus it, and log(sum(exp(x))) minus it."""
    top = make.reduced("max", x, axis)
    finite, zero = make("isfinite", top, dtype=BOOL), make.number(0.0, x)
    shifted = make("subtract", x, make("where", finite, top, zero))
    hit = make("nearly_equal", x, top, dtype=BOOL)  # a miss moves a 1 from one of the sums to the other
    ties = make.reduced("sum", make("astype", hit, dtype=x.dtype), axis)
    others = make.reduced("sum", make("where", hit, zero, make("exp", shifted)), axis)
    rest = make("add", others, make("subtract", ties, make.number(1.0, x)))
    return top, shifted, make("where", finite, make("log1p", rest), zero)


def _logsumexp(make: Maker, step: Step) -> Step:
    top, _, rest = _top_and_rest(make, step.args[0], step.settings["axis"])
    return make.shaped(make("add", top, rest), step.shape)


def _log_softmax(make: Maker, step: Step) -> Step:
    _, shifted, rest = _top_and_rest(make, step.args[0], step.settings["axis"])
    return make("subtract", shifted, rest)


def _ties(make: Maker, step: Step) -> Step:
    """1 / (how many elements reach the extreme y) where x does, else 0."""
    x, y = step.args
    hit = make("astype", make("equal", x, y, dtype=BOOL), dtype=x.dtype)
    many = make("maximum", make.reduced("sum", hit, step.settings["axis"]), make.number(1.0, x))
    share = make("divide", hit, many)
    return make("where", make("isnan", y, dtype=BOOL), make.number(float("nan"), x), share)


_REWRITES: dict[str, Callable[[Maker, Step], Step]] = {
    "logsumexp": _logsumexp,
    "log_softmax": _log_softmax,
    "tie_weights": _ties,
}


def lowered(program: Program) -> Program:
    """The program with such rows written out, and sums of disjoint `scatter`s joined."""

    def rewrite(step: Step, args: tuple[Step, ...]) -> Step | None:
        if step.op == CONSTANT and step.shape:
            return _one_number(step)
        known = _REWRITES.get(step.op)
        if known is None or not step.args[0].shape or 0 in step.args[0].shape:
            return None
        return known(Maker(step.line), Step(step.op, args, step.settings, step.shape, step.dtype, step.line))

    return joined(rebuilt(program, rewrite))


def rebuilt(program: Program, replace: Callable[[Step, tuple[Step, ...]], Step | None]) -> Program:
    """A program of the same inputs where `replace(step, its new arguments)` stands for a step, unless that is None."""
    made: dict[Step, Step] = {}  # of those that are not as they were
    for step in program.steps():
        args = substituted(step, made)
        new = replace(step, args)
        if new is None and args is not step.args:
            new = Step(step.op, args, step.settings, step.shape, step.dtype, step.line)
        if new is not None:
            new.at = new.at or step.at
            made[step] = new
    if not made:
        return program
    guards = [Guard(made.get(g.step, g.step), g.holds, g.line) for g in program.guards]
    return Program(program.inputs, [made.get(s, s) for s in program.outputs], guards)


def _one_number(step: Step) -> Step:
    """A constant array that holds one number throughout as that number, broadcast."""
    values = np.ascontiguousarray(step.settings["value"])
    if values.itemsize > 8:  # of a type that machine code does not have
        return step
    bits = values.reshape(-1).view(f"u{values.itemsize}")  # nan is itself, and 0.0 is not -0.0
    if not bits.size or np.any(bits != bits[0]):
        return step
    number = Step(CONSTANT, (), {"value": values.flat[0].item()}, (), step.dtype, step.line)
    return Step("broadcast_to", (number,), {"shape": step.shape}, step.shape, step.dtype, step.line)


# -- disjoint parts -----------------------------------------------------------------------------------------


def joined(program: Program) -> Program:
    """Sums of `scatter`s into parts of an array that do not overlap, each as one `join`: the parts are stored where
    they belong, and nothing is added. What such arrays are stacked into is one `join` too."""
    steps = program.steps()
    uses: dict[Step, int] = {}
    for s in [a for step in steps for a in step.args] + program.outputs:
        uses[s] = uses.get(s, 0) + 1
    inner = {a for s in steps if s.op == "add" and s.shape for a in s.args if a.op == "add" and uses[a] == 1}
    made: dict[Step, Step] = {}  # what stands for the operand of a scatter, for a join that is used once

    def join(step: Step, args: tuple[Step, ...]) -> Step | None:
        if step.op == "scatter":
            made[step] = args[0]
        found: Step | None = None
        if step.op == "add" and step.shape and step not in inner:
            leaves = [t for t in _terms(step, inner) if not _zeros(t)]
            if len(leaves) > 1 and all(map(_placed, leaves)) and _disjoint(leaves):
                index = [p.settings["index"] for p in leaves]
                found = _join(step, tuple(made[p] for p in leaves), index)
        elif step.op in ("stack", "concatenate") and any(a.op == "join" for a in args):
            found = _flattened(step, [a if uses[old] == 1 else None for old, a in zip(step.args, args, strict=True)])
        if found is None and step.op == "concatenate":
            found = _chained(step, args, uses)
        return found

    return rebuilt(program, join)


def _join(step: Step, values: tuple[Step, ...], index: list[Any]) -> Step:
    return Step("join", values, {"index": index, "shape": step.shape}, step.shape, step.dtype, step.line)


def _terms(step: Step, inner: set[Step]) -> list[Step]:
    """What a sum adds up."""
    found, pending = [], list(reversed(step.args))
    while pending:
        term = pending.pop()
        if term in inner and term.shape == step.shape:
            pending += reversed(term.args)
        else:
            found.append(term)
    return found


def _zeros(step: Step) -> bool:
    while step.op == "broadcast_to":
        step = step.args[0]
    return step.op == CONSTANT and not step.shape and step.settings["value"] == 0


def _placed(step: Step) -> bool:
    return step.op == "scatter" and basic(step.settings["index"])


def _chained(step: Step, args: tuple[Step, ...], uses: dict[Step, int]) -> Step | None:
    """A concatenation of concatenations as one."""
    flat: list[Step] = []
    for old, a in zip(step.args, args, strict=True):
        inner = a.op == "concatenate" and uses[old] == 1 and _axis(a) == _axis(step)
        flat += a.args if inner else (a,)
    if len(flat) == len(args):
        return None
    return Step(step.op, tuple(flat), step.settings, step.shape, step.dtype, step.line)


def _axis(step: Step) -> int:
    return int(step.settings["axis"]) % len(step.shape)


def _flattened(step: Step, joins: list[Step | None]) -> Step | None:
    """A stack or concatenation of joins as a join of their parts; None where it is not of joins only."""
    axis, at = step.settings["axis"] % len(step.shape), 0
    values: list[Step] = []
    index: list[Any] = []
    for k, a in enumerate(joins):
        if a is None or a.op != "join":
            return None
        for value, key in zip(a.args, a.settings["index"], strict=True):
            place = _plain(key, a.shape)
            if place is None:
                return None
            if step.op == "stack":
                place = [*place[:axis], k, *place[axis:]]
            else:
                place[axis] = _later(place[axis], at)
            values.append(value)
            index.append(tuple(place))
        at += a.shape[axis] if step.op == "concatenate" else 0
    return _join(step, tuple(values), index)


def _plain(key: Any, shape: tuple[int, ...]) -> list[int | slice] | None:
    """A basic index as one integer or slice for each axis; None for new axes, slices backwards and empty ones."""
    place: list[int | slice] = []
    for axis, start, stride, count in selection(key, shape):
        if axis is None or count < 0 or (count and stride < 1):
            return None
        place.append(slice(start, start + stride * (count - 1) + 1, stride) if count else start)
    return place


def _later(part: int | slice, by: int) -> int | slice:
    return slice(part.start + by, part.stop + by, part.step) if isinstance(part, slice) else part + by


_PAIRS = 64  # parts that are compared each with each


def _disjoint(parts: list[Step]) -> bool:
    """Whether no element belongs to two of the parts, judged by one axis at a time."""
    boxes = [_spans(p) for p in parts]
    for spans in zip(*boxes, strict=True):
        if sum(map(len, spans)) == len(set().union(*spans)):
            return True
    return len(parts) <= _PAIRS and all(
        any(not (a & b) for a, b in zip(one, other, strict=True)) for k, one in enumerate(boxes) for other in boxes[:k]
    )


def _spans(part: Step) -> list[set[int]]:
    """The positions along each axis that a part takes; large axes count as taken whole."""
    spans = [set(range(n)) if n <= 4096 else {-1} for n in part.shape]
    for axis, start, stride, count in selection(part.settings["index"], part.shape):
        if axis is not None and part.shape[axis] <= 4096:
            spans[axis] = set(range(start, start + stride * max(count, 0), stride)) if count else {start}
    return spans
