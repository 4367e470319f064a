"""The kinds of operator.

A row of the table declares the derivative of an operator once, as ordinary Python over a generic number. Its kind says
what every mode does with it:

| kind              | declares                             | y' (forward)             | cotangents (reverse)     |
|-------------------|--------------------------------------|--------------------------|--------------------------|
| Elementwise       | one partial per operand              | sum of partial_i * x_i'  | ct * partial_i           |
| Reduction         | weight of each element in the result | sum over the axes, w * x'| ct * w                   |
| Linear            | the adjoint                          | the operator, of x_i'    | adjoint(ct)              |
| Multilinear       | one adjoint per operand              | one operand at a time    | adjoint_i(ct)            |
| Tangent           | y' as a linear expression in x_i'    | that expression          | its mechanical transpose |
| PiecewiseConstant | nothing                              | 0                        | 0                        |

`push` and `pull` below are these columns; modes call them and know no operator by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.libraries import zeros_like
from chainrule.numbers import Number, shape
from chainrule.ops.broadcasting import axes_behind, keep_axes, unbroadcast
from chainrule.ops.row import TABLE, Operands, Operator, Settings, Shares, Tangents, applied
from chainrule.ops.slopes import floats, product

Partial = Callable[..., Number] | float | None


class Elementwise(Operator):
    """y_i depends on the operands' elements i only; operands broadcast against each other.

    `partials` holds for each operand a function (y, *operands, **settings) -> dy/dx, or a number where the
    partial is constant, or None where there is no derivative by that operand (a condition).

    `shares` holds for some operands a function (ct, y, *operands) of floats and arrays of them that gives ct * dy/dx
    where dy/dx alone leaves the range of floats, for rows whose result stays in it (a / b by b: a / b**2).
    """

    multiplies = elementwise = True

    def __init__(
        self,
        name: str,
        partials: Sequence[Partial],
        *,
        shares: dict[int, Callable[..., Number]] | None = None,
        **row: Any,
    ) -> None:
        super().__init__(name, **row)
        self.partials, self.shares = tuple(partials), shares or {}
        self.arity = self.operand_count = len(self.partials)
        self.remembers = any(callable(p) for p in self.partials)

    def scaled(self, t: Number, i: int, y: Number, args: Operands, settings: Settings) -> Number:
        """t times the derivative by operand i."""
        partial = self.partials[i]
        if callable(partial):
            if i in self.shares and floats(t) and floats(y):
                return self.shares[i](t, y, *args)
            return product(t, partial(y, *args, **settings))
        return t if partial == 1 else -t if partial == -1 else applied(TABLE["multiply"], (t, partial), {})

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        total = None
        for i, t in enumerate(tangents):
            if t is None or self.partials[i] is None:
                continue
            term = self.scaled(t, i, y, args, settings)
            total = term if total is None else applied(TABLE["add"], (total, term), {})
        same = total is None or shape(total) == shape(y)
        return total if same else applied(TABLE["broadcast_to"], (total,), {"shape": shape(y)})

    def pull(self, ct: Number, y: Number, args: Operands, active: Sequence[int], settings: Settings) -> Shares:
        moved = [i for i in active if self.partials[i] is not None]
        return [(i, unbroadcast(self.scaled(ct, i, y, args, settings), shape(args[i]))) for i in moved]


class Reduction(Operator):
    """y = F(x over some axes). `weights(y, x, **settings)` gives dy/dx_i for every element, shaped like x;
    it receives y with the reduced axes kept."""

    multiplies = True

    def __init__(self, name: str, weights: Callable[..., Number], **row: Any) -> None:
        super().__init__(name, **row)
        self.weights = weights

    def weights_of(self, y: Number, x: Number, settings: Settings) -> Number:
        """dy/dx_i for every element."""
        return self.weights(keep_axes(y, x, settings), x, **settings)

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        (x,), (t,) = args, tangents
        if t is None:
            return None
        products = product(t, self.weights_of(y, x, settings))
        return applied(TABLE["sum"], (products,), {"axis": settings["axis"], "keepdims": settings["keepdims"]})

    def pull(self, ct: Number, y: Number, args: Operands, active: Sequence[int], settings: Settings) -> Shares:
        (x,) = args
        return [(0, product(keep_axes(ct, x, settings), self.weights_of(y, x, settings)))] if active else []

    def wider(self, operands: Operands, *, axis: tuple[int, ...] | None, **settings: Any) -> Settings:
        """The settings for an operand that has one more axis in front."""
        return {**settings, "axis": axes_behind(operands[0], axis)}


class Linear(Operator):
    """y is linear in all operands together. `adjoint(i, ct, *operands, **settings)` is the cotangent of
    operand i; the first `constants` operands (conditions) have no derivative.

    `accumulate(total, i, ct, *operands, **settings)` adds that cotangent to the NumPy array `total` in place, where
    this needs no array for the cotangent itself. `wider(operands, **settings)` gives the settings for operands that
    have one more axis in front, for all along it at once; None: there are none.
    `mixes`: every element of the result depends on every one of an operand, so none stands for a branch not taken."""

    def __init__(
        self,
        name: str,
        adjoint: Callable[..., Number],
        *,
        accumulate: Callable[..., None] | None = None,
        wider: Callable[..., Settings | None] | None = None,
        constants: int = 0,
        mixes: bool = False,
        **row: Any,
    ) -> None:
        super().__init__(name, **row)
        self.adjoint, self.accumulate, self.constants, self.mixes = adjoint, accumulate, constants, mixes
        self.wider = wider
        self.remembers = constants > 0

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        fixed = self.constants
        if all(t is None for t in tangents[fixed:]):
            return None
        moved = [zeros_like(x) if t is None else t for x, t in zip(args, tangents, strict=True)]
        return self(*args[:fixed], *moved[fixed:], **settings)

    def pull(self, ct: Number, y: Number, args: Operands, active: Sequence[int], settings: Settings) -> Shares:
        return [(i, self.adjoint(i, ct, *args, **settings)) for i in active if i >= self.constants]


class Multilinear(Linear):
    """y is linear in each operand while the others rest: products."""

    def __init__(self, name: str, adjoint: Callable[..., Number], **row: Any) -> None:
        super().__init__(name, adjoint, **row)
        self.remembers = True

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        total = None
        for i, t in enumerate(tangents):
            if t is None or i < self.constants:
                continue
            term = self(*args[:i], t, *args[i + 1 :], **settings)
            total = term if total is None else TABLE["add"](total, term)
        return total


class Tangent(Operator):
    """`rule(y, args, tangents, **settings)` is y' as an expression linear in the tangents. Reverse mode
    transposes it: the expression is recorded for unknown tangents and swept. An operator that is itself linear
    in some operands (the right-hand side of `solve`) states their adjoint in `adjoints`."""

    multiplies = True

    def __init__(
        self,
        name: str,
        rule: Callable[..., Number],
        *,
        adjoints: dict[int, Callable[..., Number]] | None = None,
        **row: Any,
    ) -> None:
        super().__init__(name, **row)
        self.rule, self.adjoints = rule, adjoints or {}

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        if all(t is None for t in tangents):
            return None
        moved = [zeros_like(x) if t is None else t for x, t in zip(args, tangents, strict=True)]
        return self.rule(y, args, moved, **settings)


class PiecewiseConstant(Operator):
    """The derivative is 0 wherever there is one; `kinks` says where the operator jumps."""

    def __init__(self, name: str, *, arity: int = 1, elementwise: bool = True, **row: Any) -> None:
        super().__init__(name, **row)
        self.elementwise = elementwise
        self.arity, self.remembers = arity, False
        self.operand_count = arity if elementwise else 0

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        return None

    def pull(self, ct: Number, y: Number, args: Operands, active: Sequence[int], settings: Settings) -> Shares:
        return iter(())
