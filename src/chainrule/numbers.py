"""What travels in place of a plain number, and its level.

A transform runs a function on carriers. Each belongs to one run, its level; of two that meet in an operation, the one
of the higher level handles it and computes with the numbers below. `libraries` says what computes at the bottom.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = Any
"""A float, an array of any array library, an mpmath or SymPy number, or a carrier of any of these."""


LEVELS = 2**31
"""Nodes keep their level modulo this, in four bytes."""

_levels = itertools.count(2, 2)


def new_level() -> int:
    """Each recording takes the next odd integer; user-made Values live on level 0."""
    return call_level() + 1


def call_level() -> int:
    """Each call of a transform takes the next even integer. Who keeps a carrier of it longer is told so."""
    level = next(_levels)
    return level if level % LEVELS else next(_levels)


class StandIn:
    """What a function may meet in place of a plain number: a carrier, or a number whose computation is recorded.

    Of the operands of an operation the one of the highest `level` handles it; those that are recorded only are below
    all others. `ieee`: functions of math answer as IEEE 754 does, where for floats they raise.
    """

    __slots__ = ()
    ieee = False

    @property
    def level(self) -> float:
        return -1.0

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        """What `operator` means for numbers of this kind."""
        return operator.by_library(args, settings)

    def now(self) -> Any:
        """The number that it stands for, after all assignments to its elements."""
        return self

    def raise_as(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Raise what `function`, one of math's, raises where this number came from these; nothing where it would
        give the number."""

    def raise_in_a_try(self, operator: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Raise what `operator`, one of Python's, raises, where the function catches it; nothing where it would give
        the number."""

    def missing(self) -> bool:
        """Whether it is known to be nan, or to hold one."""
        return False

    def known(self) -> Any:
        """The plain numbers that it stands for, with an axis for those of many examples; None: they are not known."""


class Carrier(StandIn):
    """What travels through a function in place of a number. `primal` is the number underneath.

    `level` says which transform it belongs to: of two carriers meeting in one operation, the one with the
    higher level handles it. Levels only grow, so nested derivatives cannot be confused. `_decisions`: who notes what
    is decided by it.
    """

    __slots__ = ()
    _decisions: Any = None

    @property
    def primal(self) -> Number:
        raise NotImplementedError


def differentiated(x: Any) -> bool:
    """Whether `x` is a carrier, and not one that is recorded only to be read (printed as source, say)."""
    return isinstance(x, Carrier) and not getattr(x, "only_read", False)


def primal(x: Number) -> Number:
    """The plain number below all carriers."""
    while isinstance(x, Carrier):
        x = x.primal
    return x


def known(x: Number) -> Any:
    """The plain number below all carriers, of many examples with an axis in front; None where it is recorded only."""
    x = primal(x)
    return x.known() if isinstance(x, StandIn) else x


def shape(x: Number) -> tuple[int, ...]:
    """The shape of any number; () for scalars.

    >>> shape(2.0), shape(np.ones((2, 3)))
    ((), (2, 3))
    """
    found = getattr(x, "shape", ())
    return found if type(found) is tuple else tuple(found)


def ndim(x: Number) -> int:
    return len(shape(x))


def is_array(x: Number) -> TypeGuard[NDArray[Any]]:
    """Whether `x` is an array of some library (not a scalar, not a carrier)."""
    return not isinstance(x, (Carrier, float, int, np.generic)) and hasattr(x, "shape")
