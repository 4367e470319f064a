"""How the rows for SciPy's functions are stated: a line or two for each.

    row("j0", "x", lambda y, x: -j1(x), exact=lambda m, x: m.besselj(0, x), source="DLMF 10.6.3")

The value is SciPy's own. The partials are written with other rows, so that derivatives of any order follow. Where no
formula for a partial is known, `UNKNOWN` stands in its place, and the argument is refused by its name.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.special as scipy_special

from chainrule import ops
from chainrule.carriers.dual import Dual
from chainrule.errors import UnsupportedFunction
from chainrule.libraries import MPMATH, SYMPY, library
from chainrule.numbers import Number, StandIn, is_array, ndim, new_level, primal
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.kinds import Elementwise
from chainrule.ops.registry import SPECIAL

UNKNOWN = object()
"""In place of a partial: no formula for it is known."""


def part(function: Callable[..., Any], k: int) -> Callable[..., Any]:
    """The result number k of a function that has several."""
    return lambda *args: function(*args)[k]


class Refused:
    """The partial by an argument for which no formula is known: it says so."""

    def __init__(self, name: str, argument: str) -> None:
        self.name, self.argument = name, argument

    def __call__(self, y: Number, *args: Number) -> Number:
        raise no_partial(self.name, self.argument)


def no_partial(name: str, argument: str) -> UnsupportedFunction:
    """The refusal of an argument."""
    return UnsupportedFunction.here(
        f"{name}: no derivative by its argument {argument} is known here; hold it constant\n"
        f"  (a plain number, or cr.stop_gradient({argument})), or give the function a rule with @cr.custom_vjp"
    )


def as_ieee(formula: Callable[..., Number]) -> Callable[..., Number]:
    """`formula` with IEEE 754's answers where Python's operators raise for floats: computed again on arrays."""

    @functools.wraps(formula)
    def computed(*args: Any) -> Number:
        try:
            return formula(*args)
        except (ZeroDivisionError, OverflowError):
            with np.errstate(all="ignore"):
                y = formula(
                    *[x if x is None else ops.reshape(ops.array([x]), (1,)) if not ndim(x) else x for x in args]
                )
                return ops.reshape(y, ()) if not any(map(ndim, args)) else y

    return computed


def defined(name: str, partial: Callable[..., Number]) -> Callable[..., Number]:
    """The partial of the function `name`, nan where the function itself is nan: formulas often have a number there,
    too. What it is written with may be refused: the error says whose partial it is."""

    @functools.wraps(partial)
    def computed(y: Number, *args: Number) -> Number:
        try:
            slope, value = partial(y, *args), primal(y)
        except UnsupportedFunction as error:
            raise error if f"{name}:" in str(error) else type(error)(f"{name}: {error}") from None
        if isinstance(value, StandIn):  # recorded
            return ops.where(ops.not_equal(value, value), slope * math.nan, slope)
        plain = isinstance(value, (float, np.ndarray, np.generic))
        return ops.where(np.isnan(value), slope * math.nan, slope) if plain and np.any(np.isnan(value)) else slope

    return computed


class SpecialRow(Elementwise):
    """A row whose value SciPy computes.

    arguments  the names of its operands, as SciPy has them
    refused    the places of those without a derivative
    """

    def __init__(self, name: str, arguments: Sequence[str], partials: Sequence[Any], **row: Any) -> None:
        self.arguments = tuple(arguments)
        self.refused = tuple(k for k, p in enumerate(partials) if p is UNKNOWN)
        known = [
            Refused(name, a) if p is UNKNOWN else defined(name, as_ieee(p)) if callable(p) else p
            for a, p in zip(arguments, partials, strict=True)
        ]
        super().__init__(name, known, table=SPECIAL, **row)

    @property
    def kind(self) -> str:
        return "Elementwise"

    @property
    def may_underflow(self) -> bool:
        return False


def row(
    name: str,
    arguments: str,
    *partials: Any,
    exact: Callable[..., Any] | None = None,
    domain: Domain | Sequence[Domain] = REALS,
    source: str = "",
    kinks: str = "",
    compute: Callable[..., Any] | None = None,
    module: str = "scipy.special",
) -> SpecialRow:
    """The row of one of SciPy's functions.

    name       as it is called in `module`; "airy.Ai" is one of the results of airy
    arguments  the names of its operands: "v z"
    partials   dy/d(operand) for each of them, as functions of (y, *operands), numbers, or UNKNOWN
    exact      the value by mpmath: (mpmath, *operands)
    compute    the value by NumPy where it is not the function of that name
    """
    function = compute if compute is not None else getattr(scipy_special, name, _Missing(name))
    short = name.rpartition(".")[2]
    kernels: dict[str, Any] = {"numpy": function, "float": _of_floats(function)}
    if exact is not None:
        kernels["mpmath"] = lambda *args: exact(sys.modules["mpmath"], *args)
    return SpecialRow(
        f"{module}.{name}", arguments.split(), partials, kernels=kernels, domain=domain, source=source, kinks=kinks,
        symbol=short,
    )  # fmt: skip


class _Missing:
    """A function that the installed SciPy does not have, or has no more."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any) -> Any:
        raise UnsupportedFunction(f"the installed SciPy has no scipy.special.{self.name}")


def _of_floats(function: Callable[..., Any]) -> Callable[..., float]:
    return lambda *args: float(function(*args))


def whole(function: Callable[..., Any], *places: int) -> Callable[..., Any]:
    """`function` with the operands at these places as whole numbers, where they are: SciPy then computes by
    recurrences, which keep more digits."""

    def compute(*args: Any) -> Any:
        given = list(args)
        for k in places:
            x = np.asarray(given[k])
            if x.dtype.kind == "f" and np.all(x == np.rint(x)) and np.all(np.abs(x) < 2**31):
                given[k] = x.astype(np.int64)[()]
        return function(*given)

    return compute


def of_whole(partial: Callable[..., Number]) -> Callable[..., Number]:
    """`partial` of a function whose first operand SciPy cuts off to a whole number."""
    return lambda y, n, *args: partial(y, ops.trunc(primal(n)), *args)


def in_double(function: Callable[..., Any], place: int | None = None) -> Callable[..., Any]:
    """`function`, or one of its results, computed in double precision, rounded to that of the operands: some of SciPy's
    kernels in single precision give nan, or do not return."""

    def compute(*args: Any) -> Any:
        found = function(*[np.asarray(x, float) for x in args])
        types = [x.dtype for x in args if getattr(getattr(x, "dtype", None), "kind", "") == "f"]
        one = np.asarray(found if place is None else found[place])
        return one.astype(np.result_type(*types) if types else float, copy=False)[()]

    return compute


def derivative(formula: Callable[..., Number], k: int) -> Callable[..., Number]:
    """The partial by operand k of a function that is written with operators, as a partial: forward mode over it.

    >>> derivative(lambda x, y: x * y * y, 1)(None, 2.0, 3.0)
    12.0
    """

    def partial(y: Number, *args: Number) -> Number:
        level = new_level()
        x = primal(args[k])
        one = library(x).xp.ones_like(x) if is_array(x) else type(x)(1) if library(x) is MPMATH else 1.0
        moved = formula(*args[:k], Dual(args[k], one, level), *args[k + 1 :])
        return moved.tangent if isinstance(moved, Dual) and moved.level == level else 0.0 * args[k]

    return partial


def no_symbols(*args: Number) -> None:
    """Raises UnsupportedFunction for numbers of more digits than a quadrature with floats has."""
    if library(*map(primal, args)) in (MPMATH, SYMPY):
        raise UnsupportedFunction("this derivative is computed by a quadrature with float64's digits")
