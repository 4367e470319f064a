"""What computes a row from lanes: an emitter of its own, the C library's function, or the row's body run on lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.jit.emit.lanes import Code, Emitter, Lane, NoInstruction, library
from chainrule.jit.run import mathlib
from chainrule.libraries import Library, computed_by
from chainrule.numbers import Number
from chainrule.ops.names import called
from chainrule.ops.row import TABLE, Operator

EMITTERS: dict[str, Emitter] = {}
_COSTS: dict[str, int] = {}

SIMPLE, DIVISION, TRANSCENDENTAL = 1, 5, 20  # in additions


def emitter(*names: str, cost: int = SIMPLE) -> Callable[[Emitter], Emitter]:
    """The decorated function computes these rows from lanes; its keywords are the row's settings."""

    def enter(function: Emitter) -> Emitter:
        for name in names:
            EMITTERS[name], _COSTS[name] = function, cost
        return function

    return enter


def cost(name: str) -> int:
    """What one element of that row costs, in additions."""
    return _COSTS.get(name, SIMPLE)


def complete() -> None:
    """Enter what follows from the table for the rows that have no emitter of their own."""
    for row in TABLE.values():
        if row.name not in EMITTERS and row.elementwise:
            function = called(row, "c")
            if mathlib.ARITY.get(function) == row.arity and row.name not in OWN_ALGORITHM:
                emitter(row.name, cost=TRANSCENDENTAL)(of_c(function))
            elif row.body is not None:
                found = _of_body(row.body)
                price = _price(found, row.arity)
                if price is not None:
                    emitter(row.name, cost=price)(found)


OWN_ALGORITHM = ("gamma", "gammaln")
"""Rows that are more accurate than the C library: its lgamma loses digits near -2.5, tgamma 5 units of the last."""


def of_c(function: str) -> Emitter:
    """The C library's function of that name, of lanes."""

    def compute(*args: Lane) -> Lane:
        return library(function, *args)

    compute.__name__ = compute.__qualname__ = function
    return compute


def _of_body(body: Callable[..., Number]) -> Emitter:
    def compute(*args: Lane, **settings: Any) -> Lane:
        found = body(*args, **settings)
        return found if isinstance(found, Lane) else args[0].code.constant(found, args[0].kind)

    return compute


def _price(emit: Emitter, arity: int) -> int | None:
    """What the instructions of an emitter cost; None where it cannot be written."""
    code = Code(contract=False)
    try:
        emit(*(Lane(code, f"%a{k}", "double", 1, 0) for k in range(arity)))
    except (NoInstruction, TypeError):  # a part of the body is no row of lanes, or it takes settings
        return None
    calls = sum(" call " in line and "@llvm." not in line for line in code.sections[0])
    divisions = sum(" fdiv " in line or "@llvm.sqrt" in line for line in code.sections[0])
    return len(code.sections[0]) + calls * (TRANSCENDENTAL - 1) + divisions * (DIVISION - 1)


def _on_lanes(row: Operator) -> Callable[..., Number]:
    """A row called by a body: its emitter, numbers among the operands as lanes."""

    def call(*args: Any, **settings: Any) -> Lane:
        if row.name not in EMITTERS:
            raise NoInstruction(f"{row.name} of lanes")
        like = next(x for x in args if isinstance(x, Lane))
        return EMITTERS[row.name](*(like._of(x) for x in args), **settings)

    return call


computed_by(Lane, Library("lane", 5, lambda name: None, record=_on_lanes))
