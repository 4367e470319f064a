"""Predication: what is computed for the elements that a mask takes out of an array is computed for all of them, and
chosen where they are put back or summed. Loops over all elements compute with vectors; taking elements out and putting
them back moves one after the other, and ends a loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.jit.passes.rewrite import constant, elementwise, spread
from chainrule.jit.program import CONSTANT, Guard, Program, Step
from chainrule.jit.record.holes import Hole
from chainrule.ops.row import TABLE

BOOL = np.dtype(bool)
INSIDE = 0.5
"""What is computed with for elements that are not taken: most functions are finite there."""

_ELEMENTWISE = frozenset({
    "where", "astype", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "nearly_equal", "isnan",
    "isinf", "isfinite", "signbit", "logical_not", "logical_and", "logical_or", "logical_xor", "invert", "bitwise_and",
    "bitwise_or", "bitwise_xor",
})  # fmt: skip
_NEUTRAL = {"sum": 0.0, "max": -math.inf, "min": math.inf, "prod": 1.0, "logsumexp": -math.inf}


def predicated(program: Program) -> Program:
    """The program without elements that are taken out by computed masks, where nothing else needs them in a row."""
    refused: set[Step] = set()
    while True:
        way = _Predication(program, refused)
        if not any(map(way.moves, program.steps())):
            return program
        try:
            return way.program()
        except _Needed as found:
            refused |= way.taken_by[found.mask]


class _Needed(Exception):
    """Elements that a mask takes out are needed in a row."""

    def __init__(self, mask: Step) -> None:
        super().__init__(mask)
        self.mask = mask


@dataclass(frozen=True)
class _Taken:
    """Elements taken out by a mask: `all` are those of the whole array in their places, others where it does not hold.
    In the step that stands for them they lie along the first axis, in place of the axes of the mask."""

    all: Step
    mask: Step


class _Predication:
    """One attempt: masks that are `refused` stay as they are."""

    def __init__(self, whole: Program, refused: set[Step]) -> None:
        self.whole, self.refused = whole, refused
        self.made: dict[Step, Step] = {}  # what stands for steps that are no elements taken out
        self.taken: dict[Step, _Taken] = {}
        self.turned: dict[Step, _Taken] = {}  # the transposed of matrices whose rows were taken out
        self.taken_by: dict[Step, set[Step]] = {}  # the masks of the program that a mask is made from

    def moves(self, step: Step) -> bool:
        """Whether it takes elements out or puts them back by a mask."""
        if step.op not in ("gather", "scatter_at") or type(step.settings["index"]) is not Hole:
            return False
        mask = step.args[-1]
        return mask.dtype == BOOL and mask not in self.refused and 0 not in (*step.shape, *step.args[0].shape)

    def program(self) -> Program:
        for step in self.whole.steps():
            self._step(step)
        results = [*self.whole.outputs, *(g.step for g in self.whole.guards)]
        for step in results:
            self._refuse(step)
        guards = [Guard(self._plain(g.step), g.holds, g.line) for g in self.whole.guards]
        return Program(self.whole.inputs, [self._plain(s) for s in self.whole.outputs], guards)

    def _plain(self, step: Step) -> Step:
        return self.made.get(step, step)

    def _refuse(self, step: Step) -> None:
        for found in (self.taken.get(step), self.turned.get(step)):
            if found is not None:
                raise _Needed(found.mask)

    def _step(self, step: Step) -> None:
        if self.moves(step):
            (self._take if step.op == "gather" else self._put)(step)
            return
        if step.args and any(a in self.taken or a in self.turned for a in step.args):
            rule = _RULES.get(step.op)
            if rule is None and (step.op in _ELEMENTWISE or getattr(TABLE.get(step.op), "elementwise", False)):
                rule = _Predication._each
            found = None if rule is None else rule(self, step)
            if found is None and step not in self.turned:
                for a in step.args:
                    self._refuse(a)
            if isinstance(found, _Taken):
                self.taken[step] = found
            elif found is not None:
                self.made[step] = found
            return
        args = tuple([self._plain(a) for a in step.args])
        if args != step.args:
            self.made[step] = Step(step.op, args, step.settings, step.shape, step.dtype, step.line, step.at)

    # -- out and in -----------------------------------------------------------------------------------------

    def _take(self, step: Step) -> None:
        x, mask = step.args
        if x in self.taken or mask in self.taken:
            outer = self.taken.get(x)
            if outer is None or self.taken.get(mask, outer).mask is not outer.mask or mask not in self.taken:
                for a in step.args:
                    self._refuse(a)
            assert outer is not None
            inner = self.taken[mask].all
            both = self._both(outer.mask, inner, mask)
            self.taken[step] = _Taken(_inside(outer.all, inner), both)
            return
        self._refuse(x)
        found = self._plain(mask)
        self.taken_by.setdefault(found, set()).add(mask)
        self.taken[step] = _Taken(_inside(self._plain(x), found), found)

    def _both(self, outer: Step, inner: Step, mask: Step) -> Step:
        """A mask among the elements that another one takes out, as one of all elements."""
        for known, of in self.taken_by.items():
            if known.op == "logical_and" and known.args == (outer, inner):
                of.add(mask)
                return known
        found = elementwise("logical_and", outer, inner, dtype=BOOL)
        self.taken_by[found] = {mask, *self.taken_by[outer]}
        return found

    def _put(self, step: Step) -> None:
        value, mask = step.args
        if mask in self.taken:
            outer = self.taken[mask]
            both = self._both(outer.mask, outer.all, mask)
            shape = (*outer.mask.shape, *step.shape[1:])
            found = self._all(value, both, step.args[0].shape)
            if found is None:
                raise _Needed(both)
            self.taken[step] = _Taken(
                spread(_where(outer.all, found, constant(0, found), len(shape)), shape), outer.mask
            )
            return
        plain = self._plain(mask)
        self.taken_by.setdefault(plain, set()).add(mask)
        found = self._all(value, plain, value.shape)
        if found is None:
            self._refuse(value)
            raise _Needed(plain)
        made = _where(plain, found, constant(0, found), len(step.shape))
        self.made[step] = spread(made, step.shape)

    def _all(self, a: Step, mask: Step, shape: tuple[int, ...]) -> Step | None:
        """An operand beside elements of this mask, of that shape, as one beside all elements; None where it holds
        numbers of its own for each of them."""
        if a in self.taken:
            return self.taken[a].all if self.taken[a].mask is mask else None
        if a in self.turned:
            return None
        if len(a.shape) < len(shape) or (len(a.shape) == len(shape) and a.shape[0] == 1 != shape[0]):
            return self._plain(a)
        if len(a.shape) != len(shape):
            return None
        if a.op == CONSTANT:
            value = np.asarray(a.settings["value"])
            same = bool(np.all(value == value[:1])) and (
                value.dtype.kind != "f" or bool(np.all(np.signbit(value) == np.signbit(value[:1])))
            )
            return Step(CONSTANT, (), {"value": value[0]}, a.shape[1:], a.dtype, a.line) if same else None
        if a.op == "broadcast_to":
            (inner,) = a.args
            return self._all(inner, mask, shape)
        return None

    # -- what becomes of them -------------------------------------------------------------------------------

    def _mask_of(self, step: Step) -> Step | None:
        """The mask of all operands that were taken out; None where there are several."""
        masks = {self.taken[a].mask for a in step.args if a in self.taken}
        return masks.pop() if len(masks) == 1 and not any(a in self.turned for a in step.args) else None

    def _like(self, step: Step, mask: Step, args: tuple[Step, ...], rest: tuple[int, ...]) -> _Taken:
        """`step` of all elements."""
        shape = (*mask.shape, *rest)
        return _Taken(Step(step.op, args, step.settings, shape, step.dtype, step.line, step.at), mask)

    def _each(self, step: Step) -> _Taken | None:
        if len(step.shape) == 2:
            self._across(step)
        mask = self._mask_of(step)
        size = next(a.shape for a in step.args if a in self.taken or a in self.turned)
        if mask is None or len(step.shape) != len(size) or step.shape[0] != size[0]:
            return None
        args = [self._all(a, mask, step.shape) for a in step.args]
        if any(a is None for a in args):
            return None
        return self._like(step, mask, tuple([a for a in args if a is not None]), step.shape[1:])

    def _across(self, step: Step) -> None:
        """Rows of a matrix whose columns were taken out: what its transposed is."""
        found = [self.turned.get(a) or (self.taken.get(a) if len(a.shape) == 1 else None) for a in step.args]
        masks = {x.mask for x in found if x is not None}
        if len(masks) != 1 or any(a in self.taken and len(a.shape) != 1 for a in step.args):
            return
        (mask,), args = masks, list[Step]()
        for a, x in zip(step.args, found, strict=True):
            every = self._plain(a) if x is None else x.all
            if x is not None:
                shape = every.shape if a in self.turned else (*every.shape, 1)
            elif len(a.shape) == 2 and a.shape[1] == 1 != step.shape[1]:
                shape = (1, a.shape[0])
            elif not a.shape:
                shape = ()
            else:
                return
            if every.shape != shape:
                every = Step("reshape", (every,), {"shape": shape}, shape, every.dtype, every.line)
            args.append(every)
        if len(mask.shape) == 1:
            self.turned[step] = self._like(step, mask, tuple(args), step.shape[:1])

    def _reduce(self, step: Step) -> _Taken | Step | None:
        (x,) = step.args
        mask = self._mask_of(step)
        if mask is None:
            return None
        axes = step.settings["axis"]
        axes = tuple(range(len(x.shape))) if axes is None else tuple(k % len(x.shape) for k in axes)
        more = len(mask.shape) - 1
        every = self.taken[x].all
        if 0 not in axes:
            settings = {**step.settings, "axis": tuple(k + more for k in axes)}
            shape = (*mask.shape, *step.shape[1:])
            return _Taken(Step(step.op, (every,), settings, shape, step.dtype, step.line, step.at), mask)
        whole = tuple(sorted({*range(more + 1), *(k + more for k in axes if k)}))
        shape = tuple(n for k, n in enumerate(every.shape) if k not in whole)
        chosen = _where(mask, every, constant(_NEUTRAL[step.op], every))
        settings = {**step.settings, "axis": whole, "keepdims": False}
        found = Step(step.op, (chosen,), settings, shape, step.dtype, step.line, step.at)
        return (
            found if shape == step.shape else Step("reshape", (found,), {"shape": step.shape}, step.shape, step.dtype)
        )

    def _ties(self, step: Step) -> _Taken | None:
        """Shares among the elements that equal the largest: those that are not taken are nan, which equals nothing."""
        x, y = step.args
        mask, axes = self._mask_of(step), step.settings["axis"]
        if mask is None or x not in self.taken or y in self.taken or y.shape not in ((), (1,)):
            return None
        if axes is not None and tuple(axes) != (0,):
            return None
        every = _where(mask, self.taken[x].all, constant(math.nan, x))
        settings = {**step.settings, "axis": None}
        return _Taken(
            Step(step.op, (every, self._plain(y)), settings, every.shape, step.dtype, step.line, step.at), mask
        )

    def _reshape(self, step: Step) -> _Taken | None:
        (x,) = step.args
        mask = self._mask_of(step)
        if mask is None or not step.shape or step.shape[0] != x.shape[0]:
            return None
        shape = (*mask.shape, *step.shape[1:])
        return _Taken(
            Step("reshape", (self.taken[x].all,), {"shape": shape}, shape, step.dtype, step.line, step.at), mask
        )

    def _broadcast(self, step: Step) -> _Taken | None:
        (x,) = step.args
        mask = self._mask_of(step)
        if mask is None or len(step.shape) != len(x.shape) or step.shape[0] != x.shape[0]:
            return None
        shape = (*mask.shape, *step.shape[1:])
        made = Step("broadcast_to", (self.taken[x].all,), {"shape": shape}, shape, step.dtype, step.line, step.at)
        return _Taken(made, mask)

    def _part(self, step: Step) -> _Taken | None:
        """The same part of each row, or the part put back into it."""
        index = step.settings["index"]
        mask = self._mask_of(step)
        plain = type(index) is tuple and index and index[0] == slice(None) and len(step.args) == 1
        if mask is None or not plain or any(not isinstance(k, int | slice | None) for k in index[1:]):
            return None
        settings = {**step.settings, "index": ((slice(None),) * len(mask.shape)) + index[1:]}
        shape = (*mask.shape, *step.shape[1:])
        settings |= {"shape": shape} if step.op == "scatter" else {}
        made = Step(step.op, (self.taken[step.args[0]].all,), settings, shape, step.dtype, step.line, step.at)
        return _Taken(made, mask)

    def _transpose(self, step: Step) -> _Taken | None:
        (x,) = step.args
        if tuple(step.settings["axes"]) != (1, 0):
            return None
        if x in self.taken and len(self.taken[x].mask.shape) == 1:
            self.turned[step] = self.taken[x]
        return self.turned.get(x)

    def _matmul(self, step: Step) -> _Taken | Step | None:
        """Rows times a matrix, sums of products over rows."""
        a, b = step.args
        if a in self.taken and b not in self.taken and b not in self.turned:
            mask, every = self.taken[a].mask, self.taken[a].all
            fits = len(a.shape) == 2 and len(b.shape) in (1, 2) and len(mask.shape) == 1
            return self._like(step, mask, (every, self._plain(b)), step.shape[1:]) if fits else None
        if b not in self.taken or len(self.taken[b].mask.shape) != 1:
            return None
        mask, zero = self.taken[b].mask, constant(0.0, step)
        other = self.taken.get(a) if len(a.shape) == 1 else self.turned.get(a)
        if other is None or other.mask is not mask or len(b.shape) > 2:
            return None
        left, right = (_where(mask, x.all, zero) for x in (other, self.taken[b]))
        if len(a.shape) == 2:
            left = Step("transpose", (left,), {"axes": (1, 0)}, left.shape[::-1], left.dtype, step.line)
        return Step("matmul", (left, right), step.settings, step.shape, step.dtype, step.line, step.at)


def _where(mask: Step, a: Step, b: Step, axes: int = 0) -> Step:
    """A choice for each element, or row, of those that the mask has, in an array of so many axes or those of `a`."""
    rest = max(axes, len(a.shape)) - len(mask.shape)
    if rest > 0:
        shape = mask.shape + (1,) * rest
        mask = Step("reshape", (mask,), {"shape": shape}, shape, BOOL, mask.line)
    return elementwise("where", mask, a, b)


def _inside(x: Step, mask: Step) -> Step:
    """`x`, with numbers that do no harm where the mask does not hold."""
    if x.op == "where" and x.args[0] is mask and x.args[1].shape == x.shape:
        return x.args[1]
    if x.op == "astype" and x.args[0] is mask:
        return spread(constant(1, x), x.shape)
    if x.dtype == BOOL or (x.op == "broadcast_to" and not x.args[0].shape):
        return x
    return _where(mask, x, constant(INSIDE if x.dtype.kind == "f" else 1, x))


_Rule = Callable[[_Predication, Step], "_Taken | Step | None"]
_RULES: dict[str, _Rule] = {
    **dict.fromkeys(_NEUTRAL, _Predication._reduce), "tie_weights": _Predication._ties,
    "reshape": _Predication._reshape, "broadcast_to": _Predication._broadcast, "getitem": _Predication._part,
    "scatter": _Predication._part,
    "transpose": _Predication._transpose, "matmul": _Predication._matmul,
}  # fmt: skip
