"""The table that holds one row for each operator, and what all kinds of rows have in common (see `kinds`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from numpy import ndarray

import chainrule.native.dense as dense
import chainrule.ops.reuse as reuse
from chainrule.complex_numbers import COMPLEX_NUMBERS, MeetsComplex
from chainrule.libraries import FLOAT, NUMPY, Library, common_library, late
from chainrule.numbers import Number, StandIn, primal
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.names import refuse_misuse
from chainrule.ops.resolve import beside_carriers, computed_elsewhere, resolved

VIEWS = frozenset({"reshape", "transpose", "getitem", "flip", "broadcast_to"})
"""The rows whose results may share memory with their operand, as NumPy's do."""
TABLE: dict[str, Operator] = {}

Settings = dict[str, Any]
Operands = tuple[Number, ...]
Tangents = list[Number | None]
Shares = Iterable[tuple[int, Number]]


_registered = late("chainrule.ops.registry.operator_named")


def named(name: str) -> Operator:
    """The operator of that name: how pickles and copies find it again."""
    found: Operator = _registered(name)
    return found


class Operator:
    """One row of the table: a mathematical function with a known derivative.

    name        NumPy's name for it
    kernels     how a library computes it where its own function of that name will not do: "float", "complex",
                "mpmath", "sympy" (plain functions) and "array" (a function of the array namespace that returns one)
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
    operand_count  how many operands a call gives, by place; 0 for kinds that do not say so
    batched     what computes it for many operands at once, where its kind does not say so: a function (args, held,
                **settings) of operands of which those `held` have one more axis in front, as its result has, or None
    """

    arity = 1
    batched: Callable[..., Any] | None = None
    multiplies = False  # whether the kernels of this kind form products or powers
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
        self.fast, self.batched, self.__name__ = fast, batched, name
        self.code, self.operand_count, self.remembers, self.view = 0, 0, True, name in VIEWS and table is TABLE
        self._resolved: dict[Library, Callable[..., Number]] = {}
        table[name] = self

    def __repr__(self) -> str:
        return f"<operator {self.name}>"

    def __reduce__(self) -> Any:
        return (named, (self.name,))

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def may_underflow(self) -> bool:
        """Whether the kernel for arrays forms products or powers that may vanish."""
        return self.multiplies and not self.selects

    def needs(self, i: int, active: Sequence[int]) -> bool:
        """Whether the derivatives by the operands `active` need the value of operand i."""
        return self.remembers

    def __call__(self, *args: Number, **settings: Any) -> Number:
        if self.operand_count and (len(args) != self.operand_count or settings):
            refuse_misuse(self, args, settings)
        return self.of(args, settings)

    def of(self, args: Operands, settings: Settings) -> Number:
        """The result for these operands: recorded, pushed or computed, as they ask for."""
        if dense.plain_arrays(args):
            return self.by_kernel(NUMPY, args, settings)
        top: StandIn | None = None
        floats, arrays = True, False
        for x in args:
            if type(x) is not float:
                floats = False
                if type(x) is ndarray:
                    arrays = True
                elif isinstance(x, StandIn) and x is not top and (top is None or x.level > top.level):
                    top = x
        if top is None:
            return self.by_kernel(FLOAT, args, settings) if floats else self.by_library(args, settings)
        if arrays and type(top) is not COMPLEX_NUMBERS.kind and type(below := primal(top)) is not ndarray:
            args = beside_carriers(self, below, args)
        try:
            return top.apply(self, args, settings)
        except MeetsComplex:
            return COMPLEX_NUMBERS.computed(self, args, settings)

    def by_library(self, args: Operands, settings: Settings) -> Number:
        """The result for numbers of which none belongs to a transform, by the library that knows them all."""
        lib = common_library(args)
        if lib.spelling == "array" and lib.xp is not NUMPY.xp and lib.name != "numpy":  # that of NumPy's subclasses
            return computed_elsewhere(self, lib, args, settings)
        return self.by_kernel(lib, args, settings)

    def by_kernel(self, lib: Library, args: Operands, settings: Settings) -> Number:
        """The result for numbers of that library."""
        compute = self._resolved.get(lib)
        if compute is None:
            compute = self._resolved[lib] = self.kernel(lib, args)
        return reuse.computed(compute, args, settings)

    def kernel(self, lib: Library, args: Operands = ()) -> Callable[..., Number]:
        """What computes it for numbers of that library; `args` are for the message where nothing does."""
        return resolved(self, lib, args)

    def push(self, y: Number, args: Operands, tangents: Tangents, settings: Settings) -> Number | None:
        """The tangent of `y` when the operands move by `tangents` (None: does not move)."""
        raise NotImplementedError

    def pull(self, ct: Number, y: Number, args: Operands, active: Sequence[int], settings: Settings) -> Shares:
        """For each operand in `active`, its index and the cotangent that `ct` on `y` sends to it."""
        raise NotImplementedError


def applied(row: Operator, args: Operands, settings: Settings) -> Number:
    """row(*args, **settings). Compiled, a call with settings costs as much as recording them."""
    return row.of(args, settings)


dense.start()
