"""The kinds of operator, and the table that holds one row for each.

A row declares the derivative of an operator once, as ordinary Python over a generic number. Its kind says
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

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import chainrule.native.dense as dense
import chainrule.ops.reuse as reuse
from chainrule.errors import UnsupportedFunction
from chainrule.libraries import FLOAT, FLOAT64, NUMPY, SYMPY, Library, common_library, late, library
from chainrule.numbers import COMPLEX_NUMBERS, Levelled, MeetsComplex, Number, is_array, ndim, primal, shape
from chainrule.ops.composite import COMPOSITES, Composite
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.resolve import beside_carriers, computed_elsewhere, resolved

VIEWS = frozenset({"reshape", "transpose", "getitem", "flip", "broadcast_to"})
"""The rows whose results may share memory with their operand, as NumPy's do."""
TABLE: dict[str, Operator] = {}
USERS: dict[str, Operator] = {}  # operators made by users, with `chainrule.operator`
SPECIAL: dict[str, Operator] = {}  # those of SciPy's functions, filled when one of them meets a carrier

_row_of_scipy = late("chainrule.scipy.lifted.row_named")

Partial = Callable[..., Number] | float | None
Settings = dict[str, Any]


def operator_named(name: str) -> Operator:
    """The row of that name: how pickles and copies find an operator again."""
    found = TABLE.get(name, USERS.get(name))
    if found is None and name.startswith("scipy."):
        found = _row_of_scipy(name)
    if found is None:
        raise UnsupportedFunction(
            f"there is no operator {name!r} here; import the module that makes it with chainrule.operator"
        )
    return found


class Operator:
    """One row of the table: a mathematical function with a known derivative.

    name        NumPy's name for it
    kernels     how a library computes it, by library name, where its own function of that name will not do:
                "float", "complex", "mpmath", "sympy" (plain functions) and "array" (a function of the array
                namespace that returns one)
    body        the function in terms of other operators, for every kind of number not covered otherwise
    domain      one Domain for each operand, or one for all
    kinks       where the derivative jumps or is undefined, and the value taken there
    symbol      how a drawing writes it; infix or prefix form in `printed`
    names       what other libraries call it, where that is not its own name (see ops/names.py)
    python      how plain Python writes it with "math" and with "numpy", where that is not a call of its name there
    decides     the number of the operands that is 0 where the slope jumps, for operators that choose
    source      where the rule is derived or tabulated
    selects     whether a partial of 0 says that another operand was chosen: then nothing is sent, not 0
    fast        whether nodes of floats know it by number, its `code`: one of the commonest (see carriers/made.py)
    view        whether the result may share memory with the operand
    remembers   whether the derivative needs the values of the operands (so that they must not change)
    batched     what computes it for many operands at once, where its kind does not say so: a function (args, held,
                **settings) of operands of which those `held` have one more axis in front, as its result has; None for
                those it does not know
    """

    arity = 1
    batched: Callable[..., Any] | None = None
    elementwise = False  # whether an element of the result depends on the operands' elements at its place only

    def __init__(
        self,
        name: str,
        *,
        kernels: dict[str, Callable[..., Any]] | None = None,
        body: Callable[..., Number] | None = None,
        domain: Domain | Sequence[Domain] = REALS,
        kinks: str = "",
        printed: str = "",
        symbol: str = "",
        source: str = "",
        public: bool = True,
        selects: bool = False,
        names: dict[str, str] | None = None,
        python: dict[str, str] | None = None,
        decides: Callable[..., Number] | None = None,
        fast: bool = False,
        batched: Callable[..., Any] | None = None,
        table: dict[str, Operator] = TABLE,
    ) -> None:
        self.name, self.kernels, self.body, self.selects = name, kernels or {}, body, selects
        self.domain, self.kinks, self.source, self.public = domain, kinks, source, public
        self.printed, self.symbol = printed, symbol or name
        self.names, self.python, self.decides = names or {}, python or {}, decides
        self.fast, self.batched = fast, batched
        self.__name__ = name
        self.code, self.remembers, self.view = 0, True, name in VIEWS and table is TABLE
        self._resolved: dict[Library, Callable[..., Number]] = {}
        table[name] = self

    def __repr__(self) -> str:
        return f"<operator {self.name}>"

    def __reduce__(self) -> Any:
        return (operator_named, (self.name,))

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def may_underflow(self) -> bool:
        """Whether the kernel for arrays forms products or powers that may vanish."""
        return isinstance(self, (Elementwise, Reduction, Tangent)) and not self.selects

    def needs(self, i: int, active: Sequence[int]) -> bool:
        """Whether the derivatives by the operands `active` need the value of operand i."""
        return self.remembers

    def __call__(self, *args: Number, **settings: Any) -> Number:
        return self.of(args, settings)

    def of(self, args: tuple[Number, ...], settings: Settings) -> Number:
        """The result for these operands: recorded, pushed or computed, as they ask for."""
        if dense.plain_arrays(args):
            lib = NUMPY
        else:
            top: Levelled | None = None
            floats, arrays = True, False
            for x in args:
                if type(x) is not float:
                    floats = False
                    if type(x) is ndarray:
                        arrays = True
                    elif isinstance(x, Levelled) and x is not top and (top is None or x.level > top.level):
                        top = x
            if top is not None:
                if arrays and type(top) is not COMPLEX_NUMBERS.kind and type(below := primal(top)) is not ndarray:
                    args = beside_carriers(self, below, args)
                try:
                    return top.apply(self, args, settings)
                except MeetsComplex:
                    return COMPLEX_NUMBERS.computed(self, args, settings)
            lib = FLOAT if floats else common_library(args)
            if lib.spelling == "array" and lib.name != "numpy":  # which subclasses of NumPy's arrays have
                return computed_elsewhere(self, lib, args, settings)
        compute = self._resolved.get(lib)
        if compute is None:
            compute = self._resolved[lib] = self._resolve(lib, args)
        return reuse.computed(compute, args, settings)

    def kernel(self, lib: Library) -> Callable[..., Number]:
        """What computes it for numbers of that library."""
        return self._resolve(lib, ())

    def _resolve(self, lib: Library, args: tuple[Number, ...]) -> Callable[..., Number]:
        return resolved(self, lib, args)

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
        """The tangent of `y` when the operands move by `tangents` (None: does not move)."""
        raise NotImplementedError

    def pull(
        self, ct: Number, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> Iterable[tuple[int, Number]]:
        """For each operand in `active`, its index and the cotangent that `ct` on `y` sends to it."""
        raise NotImplementedError


class Elementwise(Operator):
    """y_i depends on the operands' elements i only; operands broadcast against each other.

    `partials` holds for each operand a function (y, *operands, **settings) -> dy/dx, or a number where the
    partial is constant, or None where there is no derivative by that operand (a condition).

    `shares` holds for some operands a function (ct, y, *operands) of floats and arrays of them that gives ct * dy/dx
    where dy/dx alone leaves the range of floats, for rows whose result stays in it (a / b by b: a / b**2).
    """

    elementwise = True

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
        self.arity = len(self.partials)
        self.remembers = any(callable(p) for p in self.partials)

    def scaled(self, t: Number, i: int, y: Number, args: tuple[Number, ...], settings: Settings) -> Number:
        """t times the derivative by operand i."""
        partial = self.partials[i]
        if callable(partial):
            if i in self.shares and _floats(t) and _floats(y):
                return self.shares[i](t, y, *args)
            return product(t, partial(y, *args, **settings))
        return t if partial == 1 else -t if partial == -1 else TABLE["multiply"](t, partial)

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
        total = None
        for i, t in enumerate(tangents):
            if t is None or self.partials[i] is None:
                continue
            term = self.scaled(t, i, y, args, settings)
            total = term if total is None else TABLE["add"](total, term)
        same = total is None or shape(total) == shape(y)
        return total if same else applied(TABLE["broadcast_to"], (total,), {"shape": shape(y)})

    def pull(
        self, ct: Number, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> Iterable[tuple[int, Number]]:
        if type(ct) is float and type(y) is float:
            return self._pull_float(ct, y, args, active, settings)
        return [
            (i, unbroadcast(self.scaled(ct, i, y, args, settings), shape(args[i])))
            for i in active
            if self.partials[i] is not None
        ]

    def _pull_float(
        self, ct: float, y: float, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> list[tuple[int, Number]]:
        """`pull` of a float, without a call of `product` for each operand: half of the time of a sweep over floats."""
        shares = []
        for i in active:
            partial = self.partials[i]
            if i in self.shares:
                share = self.scaled(ct, i, y, args, settings)
            elif callable(partial):
                slope = partial(y, *args, **settings)
                share = ct * slope if type(slope) is float else product(ct, slope)
            elif partial is None:
                continue
            else:
                share = ct * partial
            shares.append((i, share))
        return shares


class Reduction(Operator):
    """y = F(x over some axes). `weights(y, x, **settings)` gives dy/dx_i for every element, shaped like x;
    it receives y with the reduced axes kept."""

    def __init__(self, name: str, weights: Callable[..., Number], **row: Any) -> None:
        super().__init__(name, **row)
        self.weights = weights

    def weights_of(self, y: Number, x: Number, settings: Settings) -> Number:
        """dy/dx_i for every element."""
        return self.weights(keep_axes(y, x, settings), x, **settings)

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
        (x,), (t,) = args, tangents
        if t is None:
            return None
        products = product(t, self.weights_of(y, x, settings))
        return applied(TABLE["sum"], (products,), {"axis": settings["axis"], "keepdims": settings["keepdims"]})

    def pull(
        self, ct: Number, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> Iterable[tuple[int, Number]]:
        (x,) = args
        return [(0, product(keep_axes(ct, x, settings), self.weights_of(y, x, settings)))] if active else []

    def wider(self, operands: tuple[Number, ...], *, axis: tuple[int, ...] | None, **settings: Any) -> Settings:
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

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
        fixed = self.constants
        if all(t is None for t in tangents[fixed:]):
            return None
        moved = [zeros_like(x) if t is None else t for x, t in zip(args, tangents, strict=True)]
        return self(*args[:fixed], *moved[fixed:], **settings)

    def pull(
        self, ct: Number, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> Iterable[tuple[int, Number]]:
        return [(i, self.adjoint(i, ct, *args, **settings)) for i in active if i >= self.constants]


class Multilinear(Linear):
    """y is linear in each operand while the others rest: products."""

    def __init__(self, name: str, adjoint: Callable[..., Number], **row: Any) -> None:
        super().__init__(name, adjoint, **row)
        self.remembers = True

    def needs(self, i: int, active: Sequence[int]) -> bool:
        return any(j != i for j in active)

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
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

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
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

    def push(
        self, y: Number, args: tuple[Number, ...], tangents: list[Number | None], settings: Settings
    ) -> Number | None:
        return None

    def pull(
        self, ct: Number, y: Number, args: tuple[Number, ...], active: Sequence[int], settings: Settings
    ) -> Iterable[tuple[int, Number]]:
        return iter(())


def product(t: Number, slope: Number) -> Number:
    """t * slope: nan for 0 * inf, in which case a transform looks again (see `branches`). Numbers that are only
    recorded, and arrays of other libraries, cannot be looked at again: there a t of exactly 0 wins."""
    if type(t) is float and type(slope) is float:
        return t * slope
    return applied(TABLE["multiply" if multiplied(t, slope) else "scale"], (t, slope), {})


def multiplied(t: Number, slope: Number) -> bool:
    """Whether `product` of the two is the plain one: of floats, arrays of them, mpmath's numbers and printed ones."""
    return common_library((primal(t), primal(slope))).again


def _floats(x: Number) -> bool:
    """Whether x is a float, or an array of float64."""
    return type(x) is float or type(x) is np.float64 or (type(x) is ndarray and x.dtype is FLOAT64)


def applied(row: Operator, args: tuple[Number, ...], settings: Settings) -> Number:
    """row(*args, **settings). Compiled, a call with settings costs as much as recording them."""
    return row.of(args, settings)


def zeros_like(x: Number) -> Number:
    """A constant 0 with the shape and type of the number below `x`."""
    x = primal(x)
    if is_array(x):
        return library(x).xp.zeros_like(x)
    return x * 0 if library(x) is SYMPY else type(x)(0)


def ones_like(x: Number) -> Number:
    """A constant 1 with the shape and type of the number below `x`. Of one that is recorded it is recorded too, with
    what becomes of it: zeros that were computed are then told from those of branches that were not taken."""
    x = primal(x)
    of = library(x)
    return zeros_like(x) + 1 if of.again or of.record is None or of.xp is None else of.xp.ones_like(x)


def keep_axes(y: Number, x: Number, settings: Settings) -> Number:
    """A reduced `y` with the reduced axes of `x` put back as axes of length 1."""
    if settings["keepdims"] or ndim(x) == 0:
        return y
    kept = _kept_shape(shape(x), settings["axis"])
    return y.reshape(kept) if type(y) is ndarray else applied(TABLE["reshape"], (y,), {"shape": kept})


@functools.lru_cache(maxsize=1024)
def _kept_shape(size: tuple[int, ...], axis: tuple[int, ...] | None) -> tuple[int, ...]:
    return tuple([1 if axis is None or i in axis else n for i, n in enumerate(size)])


def axes_behind(x: Number, axis: tuple[int, ...] | None) -> tuple[int, ...]:
    """The places of some axes (None: all) in `x`, which has one more axis in front."""
    return tuple(range(1, ndim(x))) if axis is None else tuple([k + 1 for k in axis])


def unbroadcast(ct: Number, target: tuple[int, ...]) -> Number:
    """The adjoint of broadcasting: `ct` summed over the axes along which an operand of shape `target` was repeated."""
    have = shape(ct)
    if have == target:
        return ct
    if _smaller(have, target):
        ct = applied(TABLE["broadcast_to"], (ct,), {"shape": np.broadcast_shapes(have, target)})
        if (have := shape(ct)) == target:
            return ct
    summed = applied(TABLE["sum"], (ct,), {"axis": _repeated_axes(have, target), "keepdims": False})
    return summed if shape(summed) == target else applied(TABLE["reshape"], (summed,), {"shape": target})


@functools.lru_cache(maxsize=1024)
def _smaller(have: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether an axis is missing, or of length 1 where it is longer in `target`."""
    return len(have) < len(target) or any(h == 1 != t for h, t in zip(have[::-1], target[::-1], strict=False))


@functools.lru_cache(maxsize=1024)
def _repeated_axes(have: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(have) - len(target)
    return tuple([i for i in range(len(have)) if i < lead or (target[i - lead] == 1 and have[i] != 1)])


dense.start()

__all__ = [
    "COMPOSITES", "TABLE", "Composite", "Elementwise", "Linear", "Multilinear", "Operator", "PiecewiseConstant",
    "Reduction", "Tangent", "applied", "axes_behind", "keep_axes", "multiplied", "product", "unbroadcast",
    "zeros_like",
]  # fmt: skip
