"""The operators behind custom rules: one is made for each call, and flattens arguments and results."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, CustomRuleError, DroppedDerivative
from chainrule.inputs import as_number
from chainrule.libraries import Library, zeros_like
from chainrule.numbers import Carrier, Number, StandIn, new_level, shape
from chainrule.ops import concatenate, ravel, reshape
from chainrule.ops.kinds import Tangent
from chainrule.ops.row import Operator
from chainrule.sweeps.reverse import sweep
from chainrule.values.value import Value


class Layout:
    """How the results of a function lie in one packed row; known after the function was called."""

    def __init__(self) -> None:
        self.structure: Any = None
        self.shapes: list[tuple[int, ...]] = []

    def pack(self, result: Any) -> Number:
        """The results as one number: itself, or all of them in one row."""
        leaves, self.structure = trees.in_parts(result)
        if not leaves:
            said = ": is a return missing?" if result is None else ", which holds no number"
            raise ArgumentError.here(f"expected a number, an array or a container of them, got {result!r}{said}")
        leaves = [as_number(x) for x in leaves]
        self.shapes = [shape(x) for x in leaves]
        return leaves[0] if len(leaves) == 1 else concatenate([ravel(x) for x in leaves])

    def unpack(self, packed: Number) -> Any:
        if len(self.shapes) == 1:
            return trees.unflatten(self.structure, [packed])
        leaves, start = [], 0
        for size in self.shapes:
            n = int(np.prod(size, dtype=int))
            leaves.append(reshape(packed[start : start + n], size))
            start += n
        return trees.unflatten(self.structure, leaves)


class _Call(Operator):
    """The function of a custom rule as an operator on its flattened arguments."""

    def __init__(self, owner: Any, structure: Any) -> None:
        Operator.__init__(self, owner.__name__, table={})
        self.owner, self.structure, self.layout = owner, structure, Layout()
        self.levels: list[list[float]] = []

    def kernel(self, lib: Library, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        return lambda *args: self.layout.pack(lift(self.owner.function)(*trees.unflatten(self.structure, args)))

    def called(self, leaves: list[Any]) -> Any:
        """The results for these arguments, recorded as one number and taken apart. Raises DroppedDerivative where they
        depend on a number of the same transform, or of one inside of it, that is none of the arguments."""
        self.levels = [levels(x) for x in leaves]
        packed = self(*leaves)
        found = levels(packed)
        if any(inner >= outer for outer, inner in itertools.pairwise(found)):
            raise self._captured("the function")
        return self.layout.unpack(packed)

    def refuse_captured(self, found: Number, x: Number, i: int, what: str) -> None:
        """Raise DroppedDerivative for a derivative that holds a number of the very transform that asks for it: the one
        whose carrier has been taken off argument i, of which `x` is left."""
        if not isinstance(found, Carrier):
            return
        of = self.levels[i] if i < len(self.levels) else []
        within = len(levels(x))
        if len(of) > within and of[-(within + 1)] in levels(found):
            raise self._captured(what)

    def _captured(self, what: str) -> DroppedDerivative:
        return DroppedDerivative.here(
            f"{self.name}: {what} reads a number that is differentiated and is none of its arguments, of which a "
            "custom rule\n  knows nothing; pass it as an argument, or cr.stop_gradient of it"
        )

    def __reduce__(self) -> Any:
        return (_again, (type(self), self.owner, self.structure, self.layout))


def levels(x: Any) -> list[float]:
    """The levels of what stands around a number, outermost first."""
    found = []
    while isinstance(x, StandIn) and x.level >= 0:
        found.append(x.level)
        x = x.whole if hasattr(x, "whole") else x.primal if isinstance(x, Carrier) else None
    return found


def _again(kind: Any, owner: Any, structure: Any, layout: Layout) -> Any:
    made = kind(owner, structure)
    made.layout = layout
    return made


class ByBackward(_Call):
    """The operator of a function with a hand-written reverse rule."""

    def pull(self, ct: Number, y: Number, args: Any, active: Any, settings: Any) -> Any:
        whole = trees.unflatten(self.structure, args)
        returned = lift(self.owner.forward)(*whole)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise CustomRuleError.here(f"{self.name}: forward should return (result, saved), got {returned!r}")
        cts = lift(self.owner.backward)(returned[1], self.layout.unpack(ct))
        if not isinstance(cts, tuple) or len(cts) != len(whole):
            raise CustomRuleError.here(
                f"{self.name}: backward should return a tuple of {len(whole)} cotangents, got {cts!r}"
            )
        flat = trees.same_structure(whole, cts, f"{self.name}: backward")
        for i in active:
            share = trees.same_shape(args[i], flat[i], f"{self.name}: cotangent of argument {i}")
            self.refuse_captured(share, args[i], i, "backward")
            yield i, share.copy() if isinstance(share, np.ndarray) else share  # the rule may hold on to it

    def push(self, y: Number, args: Any, tangents: Any, settings: Any) -> Number | None:
        """The pullback is linear in the cotangent; its transpose is the forward rule."""
        moving = [i for i, t in enumerate(tangents) if t is not None]
        level = new_level()
        ct = Value.leaf(zeros_like(y), level)
        total: Number = None
        for i, share in self.pull(ct, y, args, moving, settings):
            product = share * tangents[i]
            product = product if shape(product) == () else product.sum()
            total = product if total is None else total + product
        if not (isinstance(total, Value) and total.level == level):
            return zeros_like(y)
        return next((a for node, a in sweep(total, 1.0) if node is ct), zeros_like(y))


class ByTangent(_Call, Tangent):
    """The operator of a function with a hand-written forward rule."""

    adjoints: dict[int, Callable[..., Number]] = {}  # noqa: RUF012  (it has none: the rule is transposed)

    def rule(self, y: Number, args: Any, tangents: Any) -> Number:
        whole = trees.unflatten(self.structure, args), trees.unflatten(self.structure, tangents)
        returned = lift(self.owner.rule)(*whole)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise CustomRuleError.here(f"{self.name}: the rule should return (result, tangent), got {returned!r}")
        tangent = Layout().pack(returned[1])
        for i, x in enumerate(args):
            self.refuse_captured(tangent, x, i, "the rule")
        return tangent
