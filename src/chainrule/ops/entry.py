"""What a row of the table says of its operator besides the derivative, and which library computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import chainrule.ops.reuse as reuse
from chainrule.libraries import NUMPY, Library, common_library, late
from chainrule.numbers import Number
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.resolve import computed_elsewhere, resolved

_registered = late("chainrule.ops.registry.operator_named")


def named(name: str) -> Any:
    """The operator of that name: how pickles and copies find it again."""
    return _registered(name)


class Entry:
    """A mathematical function: its names, where it is defined, and how libraries compute it.

    name        NumPy's name for it
    kernels     how a library computes it where its own function of that name will not do: "float", "complex",
                "mpmath", "sympy" (plain functions) and "array" (a function of the array namespace that returns one)
    body        the function in terms of other operators, for every kind of number not covered otherwise
    domain      one Domain for each operand, or one for all
    kinks       where the derivative jumps or is undefined, and the value taken there
    symbol      how a drawing writes it; infix or prefix form in `printed`
    names       what other libraries call it, where that is not its own name (see ops/names.py)
    python      how plain Python writes it with "math" and with "numpy", where that is not a call of its name there
    source      where the rule is derived or tabulated
    fast        whether nodes of floats know it by number, its `code`: one of the commonest (see carriers/made.py)
    operand_count  how many operands a call gives, by place; 0 for kinds that do not say so
    """

    multiplies = False
    selects: bool

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
        names: dict[str, str] | None = None,
        python: dict[str, str] | None = None,
        fast: bool = False,
    ) -> None:
        self.name, self.kernels, self.body, self.__name__ = name, kernels or {}, body, name
        self.domain, self.kinks, self.source, self.public = domain, kinks, source, public
        self.printed, self.symbol = printed, symbol or name
        self.names, self.python, self.fast = names or {}, python or {}, fast
        self.code, self.operand_count = 0, 0
        self._resolved: dict[Library, Callable[..., Number]] = {}

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

    def by_library(self, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        """The result for numbers of which none belongs to a transform, by the library that knows them all."""
        lib = common_library(args)
        if lib.spelling == "array" and lib.xp is not NUMPY.xp and lib.name != "numpy":  # that of NumPy's subclasses
            return computed_elsewhere(self, lib, args, settings)
        return self.by_kernel(lib, args, settings)

    def by_kernel(self, lib: Library, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        """The result for numbers of that library."""
        compute = self._resolved.get(lib)
        if compute is None:
            compute = self._resolved[lib] = self.kernel(lib, args)
        return reuse.computed(compute, args, settings)

    def kernel(self, lib: Library, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        """What computes it for numbers of that library; `args` are for the message where nothing does."""
        return resolved(self, lib, args)
