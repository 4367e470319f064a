"""Rows that are sums and extremes of elementwise parts, written out as those parts, so that they can be fused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jit.partition.affine import basic, selection
from chainrule.jit.program import CONSTANT, Guard, Program, Step

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
    hit = make("equal", x, top, dtype=BOOL)
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
    "ties": _ties,
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
    made: dict[Step, Step] = {}
    for step in program.steps():
        args = tuple(made[a] for a in step.args)
        new = replace(step, args)
        if new is None:
            same = all(a is b for a, b in zip(args, step.args, strict=True))
            new = step if same else Step(step.op, args, step.settings, step.shape, step.dtype, step.line)
        made[step] = new
    guards = [Guard(made[g.step], g.holds, g.line) for g in program.guards]
    return Program(program.inputs, [made[s] for s in program.outputs], guards)


def _one_number(step: Step) -> Step:
    """A constant array that holds one number throughout as that number, broadcast."""
    values = np.asarray(step.settings["value"])
    if not values.size or values.tobytes() != np.broadcast_to(values.flat[0], values.shape).tobytes():
        return step
    number = Step(CONSTANT, (), {"value": values.flat[0].item()}, (), step.dtype, step.line)
    return Step("broadcast_to", (number,), {"shape": step.shape}, step.shape, step.dtype, step.line)


# -- disjoint parts -----------------------------------------------------------------------------------------


def joined(program: Program) -> Program:
    """Sums of `scatter`s into parts of an array that do not overlap, each as one `join`: the parts are stored where
    they belong, and nothing is added."""
    steps = program.steps()
    uses: dict[int, int] = {}
    for s in [a for step in steps for a in step.args] + program.outputs:
        uses[id(s)] = uses.get(id(s), 0) + 1
    parts: dict[int, list[Step]] = {}
    inner = {id(a) for s in steps if s.op == "add" for a in s.args if a.op == "add" and uses[id(a)] == 1}
    for step in steps:
        if step.op == "add" and step.shape:
            parts[id(step)] = [p for a in step.args for p in _parts(a, parts, uses)]
    new: dict[int, Step] = {}

    def join(step: Step, args: tuple[Step, ...]) -> Step | None:
        leaves = parts.get(id(step), [])
        if step.op == "scatter":
            new[id(step)] = args[0]
        if len(leaves) < 2 or id(step) in inner or not all(map(_placed, leaves)) or not _disjoint(leaves):
            return None
        index = [p.settings["index"] for p in leaves]
        values = tuple(new[id(p)] for p in leaves)
        return Step("join", values, {"index": index, "shape": step.shape}, step.shape, step.dtype, step.line)

    return rebuilt(program, join)


def _parts(step: Step, parts: dict[int, list[Step]], uses: dict[int, int]) -> list[Step]:
    return parts[id(step)] if id(step) in parts and uses[id(step)] == 1 else [step]


def _placed(step: Step) -> bool:
    return step.op == "scatter" and basic(step.settings["index"])


def _disjoint(parts: list[Step]) -> bool:
    """Whether no element belongs to two of the parts, judged by one axis at a time."""
    boxes = [_spans(p) for p in parts]
    return all(
        any(not (a & b) for a, b in zip(one, other, strict=True)) for k, one in enumerate(boxes) for other in boxes[:k]
    )


def _spans(part: Step) -> list[set[int]]:
    """The positions along each axis that a part takes; large axes count as taken whole."""
    spans = [set(range(n)) if n <= 4096 else {-1} for n in part.shape]
    for axis, start, stride, count in selection(part.settings["index"], part.shape):
        if axis is not None and part.shape[axis] <= 4096:
            spans[axis] = set(range(start, start + stride * max(count, 0), stride)) if count else {start}
    return spans
