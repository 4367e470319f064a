"""`Series`: the coefficients of a truncated power series in t, pushed forward together (Taylor mode).

The coefficients of y' are k y_k, and y' is what an operator pushes forward for the series x and x': y_k needs what
stands in the rule only up to k - 1. So the rows of the table serve all orders, if coefficients are computed on demand
and kept. What comes out for each kind is written out in `recurrences`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.carriers.taylor.recurrences as recurrences
from chainrule.carriers.assignment.viewed import Viewed
from chainrule.carriers.operands import in_one_type
from chainrule.carriers.taylor.memo import Memo
from chainrule.carriers.taylor.recurrences import Mine
from chainrule.carriers.text import represented
from chainrule.libraries import zeros_like
from chainrule.numbers import Number
from chainrule.ops.kinds import PiecewiseConstant
from chainrule.ops.row import Operands, Operator, Settings


class Series(Viewed):
    """c_0 + c_1 t + ... + c_degree t^degree; `next_coefficient(k)` computes c_k from those before it.

    >>> from chainrule.ops import exp
    >>> exp(Series([0.0, 1.0], degree=3, level=1)).coefficients
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """

    __slots__ = ("_known", "_memo", "_next", "degree")

    def __init__(
        self,
        known: list[Number],
        degree: int,
        level: float,
        next_coefficient: Callable[[int], Number] | None = None,
        memo: Memo | None = None,
    ) -> None:
        Viewed.__init__(self, known[0], level)
        self._known, self.degree = known, degree
        self._next, self._memo = next_coefficient, memo  # what is computed from it with a memo is computed on demand

    def alias(self, changing: bool = False) -> Any:
        return Series(self._known, self.degree, self.level, self._next)

    @property
    def coefficients(self) -> list[Number]:
        return [self.coefficient(k) for k in range(self.degree + 1)]

    def coefficient(self, k: int) -> Number:
        while len(self._known) <= k:
            n = len(self._known)
            self._known.append(zeros_like(self._known[0]) if self._next is None else self._next(n))
        return self._known[k]

    def __repr__(self) -> str:
        return represented(self, f"Series({self.coefficients})")

    def computed(self, operator: Operator, args: Operands, settings: Settings) -> Number:
        args = in_one_type(operator, args)
        memo = next((x._memo for x in args if self._mine(x) and x._memo is not None), None)
        if memo is not None and (found := memo.found(operator, args, settings)) is not None:
            return found
        y0 = operator(*(x._known[0] if self._mine(x) else x for x in args), **settings)
        if isinstance(operator, PiecewiseConstant):
            return y0
        y = Series([y0], self.degree, self.level, None, memo or Memo())
        if memo is not None:
            y._next = _recurrence(operator, y, args, settings, self._mine)
            memo.keep(y, operator, args, settings)
            return y
        views = {id(x): Series(x._known, x.degree, x.level, x._next, y._memo) for x in args if self._mine(x)}
        y._next = _recurrence(operator, y, tuple(views.get(id(x), x) for x in args), settings, self._mine)
        with np.errstate(all="ignore"):
            y.coefficient(self.degree)
        y._next = y._memo = None
        return y

    def _mine(self, x: Any) -> bool:
        return isinstance(x, Series) and x.level == self.level


def _recurrence(
    operator: Operator, y: Series, args: Operands, settings: Settings, mine: Mine
) -> Callable[[int], Number]:
    """How to compute the k-th coefficient of y = operator(*args)."""
    known = recurrences.of_kind(operator, y, args, settings, mine)
    if known is not None:
        return known
    kept: list[Number] = []  # y' as a series: what the operator pushes forward, x and x' being series

    def slope(x: Series) -> Series:
        return Series([x.coefficient(1)], y.degree, y.level, lambda n: x.coefficient(n + 1) * (n + 1), y._memo)

    def coefficient(k: int) -> Number:
        if not kept:
            kept.append(operator.push(y, args, [slope(x) if mine(x) else None for x in args], settings))
        rate = kept[0]
        if mine(rate):
            return rate.coefficient(k - 1) / k
        return rate if k == 1 else zeros_like(y._known[0])

    return coefficient
