"""Products of cotangents with slopes in compiled programs: nan for 0 * inf, unless the zero says that a branch was not
taken (see ops/branches.py). A recording has `scale` for each of them, whose zero always wins; where something arrives
at an operand is found from the steps that lead to it, as the passes over a recording find it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.jit.passes.constant_folding import LARGEST
from chainrule.jit.passes.rewrite import spread
from chainrule.jit.plan.lower import BOOL, Maker, rebuilt
from chainrule.jit.program import CONSTANT, Program, Step
from chainrule.jit.replay import computation
from chainrule.jit.step import unvarying
from chainrule.ops.branches import PARTIAL
from chainrule.ops.kinds import Linear, Multilinear
from chainrule.ops.row import TABLE

Reach = bool | Step
"""True: something arrives everywhere; False: nowhere; otherwise a step of truth values that can be broadcast."""

PRODUCTS = ("scale", "strong_zero_product")
"""Of cotangents or tangents with slopes; 0 with infinity is 0 in them."""

SELECTING = frozenset({"heaviside0", "max_weight", "fmax_weight", "tie_weights", "in_interval", "is_less"})
"""Slopes that are 0 where another operand was chosen."""


def by_branches(program: Program, whole: bool) -> Program:
    """The program without `scale`: as plain products where something arrives, and 0 elsewhere.

    whole   also where that differs from place to place; without, such products stay as they are, unless the cotangent
            is computed from constants alone: its zeros are there in every call, and would be nan with infinite slopes
    """
    if not any(step.op in PRODUCTS for step in program.steps()):
        return program
    reach: dict[Step, Reach] = {}
    fixed: set[Step] = set()

    def replace(step: Step, args: tuple[Step, ...]) -> Step | None:
        if step.op == CONSTANT or (step.args and fixed.issuperset(step.args)):
            fixed.add(step)
        if step.dtype.kind != "f":
            return None
        found = reach[step] = _reach(step, args, reach)
        if step.op not in PRODUCTS:
            return None
        arrives = (
            found if step.op == "strong_zero_product" else both(_of(step.args[0], reach), _chosen(step, args, reach))
        )
        make = Maker(step.line)
        zero = make.number(0.0, step)
        if arrives is False:
            return spread(zero, step.shape)
        product = Step("multiply", args, {}, step.shape, step.dtype, step.line)
        if arrives is True:
            return product
        return make("where", arrives, product, zero, dtype=step.dtype) if whole or step.args[0] in fixed else None

    return rebuilt(program, replace)


def derived(program: Program) -> bool:
    """Whether a recorded program computes derivatives."""
    return any(step.op in PRODUCTS for step in reversed(program.steps()))


def leaves_range(program: Program) -> bool:
    """Whether such a product of constants is beyond the floats: of a cotangent with slopes that are the same in every
    call. Once they are folded, nothing in the program tells of it."""
    known: dict[Step, Any] = {}
    left: list[str] = []
    with np.errstate(all="ignore", call=lambda what, flag: left.append(what)):
        for step in unvarying(program.steps(), CONSTANT):
            if step.op == CONSTANT:
                if step.dtype.kind == "f":
                    known[step] = step.settings["value"]
            elif known.keys() >= set(step.args) and math.prod(step.shape) <= LARGEST:
                if step.op in PRODUCTS:
                    with np.errstate(under="call", over="call"):  # NumPy says so of arrays, not of single numbers
                        found = np.multiply(*(np.atleast_1d(known[a]) for a in step.args))
                    known[step] = found.reshape(step.shape)
                elif step.dtype.kind == "f":
                    known[step] = np.asarray(computation(step)(*(known[a] for a in step.args)))
    return bool(left)


def _of(step: Step, reach: dict[Step, Reach]) -> Reach:
    return reach.get(step, True)


def _reach(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    """Where something arrives at a step with these new arguments."""
    rule = _RULES.get(step.op)
    if rule is not None:
        return rule(step, args, reach)
    if step.op in SELECTING:
        return _not_zero(Step(step.op, args, step.settings, step.shape, step.dtype, step.line))
    row = TABLE.get(step.op)
    if isinstance(row, Linear) and row.mixes:
        return True
    if isinstance(row, Linear) or step.op in ("gather", "scatter_at", "join", "elements"):
        return _linear(step, args, reach, getattr(row, "constants", 0), isinstance(row, Multilinear))
    return True


def _chosen(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    """Where the slope of a product says that its operand was chosen."""
    slope = step.args[1]
    while slope.op in ("reshape", "broadcast_to", "astype", "negative"):
        slope = slope.args[0]
    selects = slope.op in SELECTING or (slope.op == "multiply" and any(a.op in SELECTING for a in slope.args))
    return _of(step.args[1], reach) if selects else True


# -- logic ----------------------------------------------------------------------------------------------------


def both(a: Reach, b: Reach) -> Reach:
    if a is True or b is False:
        return b
    if b is True or a is False:
        return a
    return _logic("logical_and", a, b)


def either(a: Reach, b: Reach) -> Reach:
    if a is False or b is True:
        return b
    if b is False or a is True:
        return a
    return _logic("logical_or", a, b)


def _logic(op: str, *masks: Any) -> Step:
    return Maker("")(op, *masks, dtype=BOOL)


def _not_zero(x: Step) -> Step:
    make = Maker(x.line)
    return make("not_equal", x, make.number(0.0, x), dtype=BOOL)


def _numbers(mask: Reach, like: Step) -> Step:
    """1 where the mask holds, otherwise 0, in the shape and type of `like`."""
    make = Maker(like.line)
    if isinstance(mask, bool):
        return spread(make.number(float(mask), like), like.shape)
    return spread(Step("astype", (mask,), {"dtype": like.dtype}, mask.shape, like.dtype, like.line), like.shape)


# -- rules ----------------------------------------------------------------------------------------------------

_Rule = Callable[[Step, tuple[Step, ...], dict[Step, Reach]], Reach]


def _constant(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    holds = np.not_equal(step.settings["value"], 0)
    if holds.all():
        return True
    return Step(CONSTANT, (), {"value": holds}, step.shape, BOOL, step.line) if holds.any() else False


def _first(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    return _of(step.args[0], reach)


def _sum(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    return either(*[_of(a, reach) for a in step.args])


def _factor(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    """A constant among the factors is a number that was computed with, not a branch."""
    a, b = [True if a.op == CONSTANT else _of(a, reach) for a in step.args]
    return both(a, b)


def _product(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    return both(_of(step.args[0], reach), _chosen(step, args, reach))


def _both(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    return both(*[_of(a, reach) for a in step.args])


def _where(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach]) -> Reach:
    a, b = [_of(x, reach) for x in step.args[1:]]
    if isinstance(a, bool) and a is b:
        return a
    return either(both(args[0], a), both(_logic("logical_not", args[0]), b))


def _linear(step: Step, args: tuple[Step, ...], reach: dict[Step, Reach], constants: int, multilinear: bool) -> Reach:
    """Where the result for ones at the places where something arrives is not 0."""
    places = 1 if step.op in ("gather", "scatter_at") else len(args)
    masks = [_of(a, reach) for a in step.args[constants:places]]
    some = step.op in (*PARTIAL, "gather", "scatter_at", "join", "elements")
    if all(m is False for m in masks):
        return False
    if all(m is True for m in masks) and (not some or step.op in ("getitem", "gather")):
        return True
    if multilinear and any(m is True for m in masks):
        return True
    if any(a.dtype.kind != "f" for a in args[constants:places]):
        return True
    ones = tuple(_numbers(m, a) for m, a in zip(masks, args[constants:places], strict=True))
    found: Reach = False
    for k in range(len(ones)) if multilinear else (None,):
        operands = ones if k is None else tuple(m if j == k else _numbers(True, m) for j, m in enumerate(ones))
        operands = (*args[:constants], *operands, *args[places:])
        moved = _not_zero(Step(step.op, operands, step.settings, step.shape, step.dtype, step.line))
        found = either(found, moved)
    return found


_RULES: dict[str, _Rule] = {
    CONSTANT: _constant, "negative": _first, "positive": _first, "astype": _first, "divide": _first, "add": _sum,
    "subtract": _sum, "multiply": _factor, "scale": _product, "strong_zero_product": _both, "where": _where,
}  # fmt: skip
