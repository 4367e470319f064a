"""A program with every step replaced by what a rule makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jit.program import CONSTANT, Guard, Program, Step
from chainrule.jit.step import substituted

Rule = Callable[[Step], Step]


def rewritten(program: Program, rule: Rule) -> Program:
    """`program` with `rule(step)` in place of each step, whose arguments have been replaced already."""
    made: dict[Step, Step] = {}  # of those that are not as they were
    for step in program.steps():
        new = rule(with_arguments(step, made))
        new.at = min(new.at or step.at, step.at or new.at)  # what is computed twice, when it is first
        if new is not step:
            made[step] = new
    guards = [Guard(made.get(g.step, g.step), g.holds, g.line) for g in program.guards]
    return Program(program.inputs, [made.get(s, s) for s in program.outputs], guards)


def with_arguments(step: Step, made: dict[Step, Step]) -> Step:
    """`step` with what was made of its arguments in their place; itself where nothing was."""
    args = substituted(step, made)
    if args is step.args:
        return step
    return Step(step.op, args, step.settings, step.shape, step.dtype, step.line, step.at)


def constant(value: Any, like: Step) -> Step:
    """A number as a constant of the type of `like`."""
    return Step(CONSTANT, (), {"value": like.dtype.type(value)}, (), like.dtype, like.line)


def elementwise(op: str, *args: Step, dtype: Any = None) -> Step:
    """A step of a row that works element by element."""
    shape = args[0].shape
    for a in args[1:]:
        if a.shape != shape:
            shape = np.broadcast_shapes(shape, a.shape)
    return Step(op, args, {}, shape, dtype or args[-1].dtype, args[0].line)


def spread(x: Step, shape: tuple[int, ...], line: str = "") -> Step:
    """`x` broadcast to a shape."""
    return x if x.shape == shape else Step("broadcast_to", (x,), {"shape": shape}, shape, x.dtype, line or x.line)


def as_shape(step: Step, like: Step) -> Step:
    """`step` broadcast to the shape of `like`."""
    return spread(step, like.shape, like.line)


def number(step: Step) -> float | None:
    """The value of a step that is one constant number."""
    if step.op == CONSTANT and not step.shape and step.dtype.kind == "f":
        return float(step.settings["value"])
    return None
