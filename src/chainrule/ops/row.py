"""The table that holds one row for each operator, and what all kinds of rows have in common (see `kinds`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from numpy import ndarray

import chainrule.native.dense as dense
from chainrule.complex_numbers import COMPLEX_NUMBERS, MeetsComplex
from chainrule.libraries import FLOAT, NUMPY
from chainrule.numbers import Number, StandIn, primal
from chainrule.ops.entry import Entry
from chainrule.ops.names import refuse_misuse
from chainrule.ops.resolve import beside_carriers

VIEWS = frozenset({"reshape", "transpose", "getitem", "flip", "broadcast_to"})
"""The rows whose results may share memory with their operand, as NumPy's do."""
TABLE: dict[str, Operator] = {}

Settings = dict[str, Any]
Operands = tuple[Number, ...]
Tangents = list[Number | None]
Shares = Iterable[tuple[int, Number]]


class Operator(Entry):
    """One row of the table: a mathematical function with a known derivative. What else it says, see `Entry`.

    decides     the number of the operands that is 0 where the slope jumps, for operators that choose
    selects     whether a partial of 0 says that another operand was chosen: then nothing is sent, not 0
    view        whether the result may share memory with the operand
    remembers   whether the derivative needs the values of the operands (so that they must not change)
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
        selects: bool = False,
        decides: Callable[..., Number] | None = None,
        batched: Callable[..., Any] | None = None,
        table: dict[str, Operator] = TABLE,
        **entry: Any,
    ) -> None:
        Entry.__init__(self, name, **entry)
        self.selects, self.decides, self.batched = selects, decides, batched
        self.remembers, self.view = True, name in VIEWS and table is TABLE
        table[name] = self

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
