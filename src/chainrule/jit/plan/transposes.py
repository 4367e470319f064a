"""Matrices with many columns and few rows, as their transposes: w @ x of data that lie along the last axis is the
transpose of x.T @ w.T, a product of rows, and what is computed from it element by element, or summed up, is as well."""

from __future__ import annotations

from typing import Any

from chainrule.jit.plan.kinds import REDUCTIONS, Kind, kind_of
from chainrule.jit.plan.lower import Maker, rebuilt
from chainrule.jit.plan.matvec import SKINNY
from chainrule.jit.program import Program, Step

_AXES = {"axes": (1, 0)}


def rows_first(program: Program) -> Program:
    """The program with such products, and what depends on them, with rows first."""
    if any(_is_wide_product(s) for s in program.steps()):
        return rebuilt(program, _Turned())
    return program


class _Turned:
    """What stands for a step, where that is a transpose or computed from transposes; each array is transposed once."""

    def __init__(self) -> None:
        self._of: dict[Step, Step] = {}

    def __call__(self, step: Step, args: tuple[Step, ...]) -> Step | None:
        if _is_transpose(step):
            return self._transpose(args[0])
        if step.op == "matmul" and _is_wide_product(step):
            a, b = map(self._transpose, args)
            shape = (b.shape[0], a.shape[1])
            return self._transpose(Step("matmul", (b, a), step.settings, shape, step.dtype, step.line))
        new = Step(step.op, args, step.settings, step.shape, step.dtype, step.line)
        kind = kind_of(new, False)
        given = any(_wide(a) and _is_transpose(a) for a in args)
        if given and kind is Kind.REDUCTION and step.op in REDUCTIONS:
            return self._reduced(new)
        if given and step.op == "getitem" and kind is Kind.VIEW:
            return self._selected(new)
        if not _wide(step):
            return None
        if step.op == "scatter" and kind is Kind.PAD:
            return self._padded(new)
        if step.op in ("concatenate", "stack") and step.settings["axis"] == 0:
            return self._with_axes(new, {**step.settings, "axis": 1})
        outer = all(1 in a.shape or len(a.shape) < 2 for a in args)
        return self._with_axes(new, step.settings) if kind is Kind.ELEMENTWISE and (given or outer) else None

    def _with_axes(self, step: Step, settings: dict[str, Any]) -> Step:
        """The transpose of a step of these settings on turned operands."""
        args = step.args if step.op == "stack" else tuple(self._turned(a, step) for a in step.args)
        return self._transpose(Step(step.op, args, settings, step.shape[::-1], step.dtype, step.line))

    def _selected(self, step: Step) -> Step | None:
        """Elements of a transpose."""
        (x,), index = step.args, _swapped(step.settings["index"])
        if index is None or not step.shape:
            return None
        both, settings = len(step.shape) == 2, {**step.settings, "index": index}
        shape = step.shape[::-1] if both else step.shape
        found = Step("getitem", (self._transpose(x),), settings, shape, step.dtype, step.line)
        return self._transpose(found) if both else found

    def _padded(self, step: Step) -> Step | None:
        """An array of zeros around rows, or around one."""
        (x,), index = step.args, _swapped(step.settings["index"])
        if index is None or x.shape[-1:] != step.shape[1:]:
            return None
        settings = {**step.settings, "index": index, "shape": step.shape[::-1]}
        x = x if len(x.shape) == 1 else self._turned(x, step)
        return self._transpose(Step("scatter", (x,), settings, step.shape[::-1], step.dtype, step.line))

    def _transpose(self, x: Step) -> Step:
        if _is_transpose(x):
            return x.args[0]
        if x not in self._of:
            self._of[x] = Step("transpose", (x,), _AXES, x.shape[::-1], x.dtype, x.line)
        return self._of[x]

    def _turned(self, x: Step, step: Step) -> Step:
        """An operand of a step whose axes change places."""
        while x.op == "broadcast_to":
            (x,) = x.args
        if not x.shape:
            return x
        if len(x.shape) == 2 and 1 not in x.shape:
            return self._transpose(x)
        return Maker(step.line).shaped(x, (x.shape[-1], 1 if len(x.shape) == 1 else x.shape[0]))

    def _reduced(self, step: Step) -> Step:
        """A reduction of a transpose."""
        (x,), axes = step.args, step.settings["axis"]
        settings: dict[str, Any] = {**step.settings, "axis": axes and tuple(sorted(1 - k % 2 for k in axes))}
        shape = step.shape[::-1] if step.settings["keepdims"] else step.shape
        found = Step(step.op, (self._transpose(x),), settings, shape, step.dtype, step.line)
        return Maker(step.line).shaped(found, step.shape)


def _swapped(index: Any) -> tuple[Any, ...] | None:
    """What selects from the transpose; None where it is not a number or slice for each axis."""
    index = index if isinstance(index, tuple) else (index,)
    index = (*index, slice(None)) if len(index) == 1 else index
    return index[::-1] if len(index) == 2 and all(isinstance(k, (int, slice)) for k in index) else None


def _wide(step: Step) -> bool:
    """Whether there are few rows, and many columns."""
    return len(step.shape) == 2 and 0 < step.shape[0] <= SKINNY < step.shape[1]


def _is_transpose(step: Step) -> bool:
    return step.op == "transpose" and step.settings["axes"] == (1, 0)


def _is_wide_product(step: Step) -> bool:
    return step.op == "matmul" and step.dtype.kind == "f" and _wide(step) and step.shape[0] > 1 and _wide(step.args[1])
