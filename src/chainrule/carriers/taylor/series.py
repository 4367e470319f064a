"""`Series`: the coefficients of a truncated power series in t, pushed forward together (Taylor mode).

For y = f(x) the chain rule y' = p x', with p the partial, read coefficient by coefficient, gives
k y_k = sum over j of (k - j) p_j x_(k-j): the k-th coefficient needs the partial only up to k - 1. So the
partials of the table serve all orders, if coefficients are computed on demand and kept. Griewank and Walther,
Evaluating Derivatives (2008), section 13.2, has the special recurrences that come out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.assignment.viewed import Viewed
from chainrule.carriers.operands import in_one_type
from chainrule.carriers.taylor.recurrences import Mine, divide, multiply, solve, total
from chainrule.carriers.text import represented
from chainrule.libraries import zeros_like
from chainrule.numbers import Number, shape
from chainrule.ops.kinds import Elementwise, Linear, Multilinear, PiecewiseConstant, Reduction, product
from chainrule.ops.row import TABLE, Operands, Operator, Settings


class Series(Viewed):
    """c_0 + c_1 t + ... + c_degree t^degree; `next_coefficient(k)` computes c_k from those before it.

    >>> from chainrule.ops import exp
    >>> exp(Series([0.0, 1.0], degree=3, level=1)).coefficients
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """

    __slots__ = ("_known", "_made", "_next", "degree", "lazy")

    def __init__(
        self,
        known: list[Number],
        degree: int,
        level: float,
        next_coefficient: Callable[[int], Number] | None = None,
    ) -> None:
        Viewed.__init__(self, known[0], level)
        self._known, self.degree = known, degree
        self._next = next_coefficient
        self._made: dict[Any, tuple[Series, Operator]] = {}
        self.lazy = False

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
        mine = [x for x in args if self._mine(x)]
        lazy = any(x.lazy for x in mine)
        # While a partial is being computed the same function is asked for again and again (sin and cos of
        # each other): one series each. `args` stay alive in the recurrence, so the ids stay theirs.
        # A custom rule makes an operator for each call: its owner is what two calls have in common.
        owner = getattr(operator, "owner", operator)
        key = _key(owner, args, settings) if lazy else None
        made = mine[0]._made if lazy else {}
        if key is not None and key in made:
            found, first = made[key]
            if first is not operator:
                operator.layout = first.layout  # type: ignore[attr-defined]  # a custom rule: the same call again
            return found
        operands = tuple(x._known[0] if self._mine(x) else x for x in args)
        y0 = operator(*operands, **settings)
        if isinstance(operator, PiecewiseConstant):
            return y0
        y = Series([y0], self.degree, self.level)
        y.lazy = True
        if lazy:
            y._next = _recurrence(operator, y, args, settings, self._mine)
            y._made = made
            if key is not None:
                made[key] = (y, operator)
            return y
        memo: dict[Any, tuple[Series, Operator]] = {}
        views = {id(x): x._on_demand(memo) for x in mine}
        y._made = memo
        y._next = _recurrence(operator, y, tuple(views.get(id(x), x) for x in args), settings, self._mine)
        with np.errstate(all="ignore"):
            y.coefficient(self.degree)
        y._next, y._made, y.lazy = None, {}, False
        return y

    def _on_demand(self, memo: dict[Any, tuple[Series, Operator]]) -> Series:
        """A series of these coefficients; what is computed from it is computed when asked for."""
        view = Series(self._known, self.degree, self.level, self._next)
        view.lazy, view._made = True, memo
        return view

    def _mine(self, x: Any) -> bool:
        return isinstance(x, Series) and x.level == self.level


def _key(owner: Any, args: Operands, settings: Settings) -> Any:
    """What names one operation on these series; None when its settings (slices, arrays) cannot be part of a key."""
    key = (id(owner), *map(id, args), *settings.values())
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _recurrence(
    operator: Operator, y: Series, args: Operands, settings: Settings, mine: Mine
) -> Callable[[int], Number]:
    """How to compute the k-th coefficient of y = operator(*args): one branch for each kind."""
    moving = [i for i, x in enumerate(args) if mine(x)]
    if operator.name in ("multiply", "divide") and isinstance(operator, Elementwise):
        return multiply(args, mine) if operator.name == "multiply" else divide(y, args, mine)
    if operator.name == "solve":
        return solve(y, args, mine)
    if isinstance(operator, Elementwise):
        return _elementwise(operator, y, args, settings, moving)
    if isinstance(operator, Reduction):
        return _reduction(operator, y, args[0], settings)
    if isinstance(operator, Multilinear):
        return lambda k: _products(operator, args, settings, moving, k)
    if isinstance(operator, Linear):
        return lambda k: operator(
            *args[: operator.constants],
            *(x.coefficient(k) if mine(x) else zeros_like(x) for x in args[operator.constants :]),
            **settings,
        )
    return _tangent(operator, y, args, settings, mine)


def _elementwise(
    operator: Elementwise, y: Series, args: Operands, settings: Settings, moving: list[int]
) -> Callable[[int], Number]:
    partials: dict[int, Number] = {}

    def partial(i: int) -> Number:
        if i not in partials:
            rule = operator.partials[i]
            partials[i] = rule(y, *args, **settings) if callable(rule) else rule
        return partials[i]

    def coefficient(k: int) -> Number:
        terms = []
        for i in moving:
            if operator.partials[i] is None:
                continue
            p, x = partial(i), args[i]
            if isinstance(p, Series) and p.level == y.level:
                for j in range(k):
                    terms.append(product(x.coefficient(k - j), p.coefficient(j) * ((k - j) / k)))
            else:
                terms.append(product(x.coefficient(k), p))
        return zeros_like(y._known[0]) if not terms else _shaped(total(terms), y._known[0])

    return coefficient


def _shaped(c: Number, like: Number) -> Number:
    return c if shape(c) == shape(like) else TABLE["broadcast_to"](c, shape=shape(like))


def _reduction(operator: Reduction, y: Series, x: Series, settings: Settings) -> Callable[[int], Number]:
    kept: list[Number] = []

    def coefficient(k: int) -> Number:
        if not kept:
            kept.append(operator.weights_of(y, x, settings))
        w = kept[0]
        count = k if isinstance(w, Series) and w.level == y.level else 1
        weights = [w.coefficient(j) for j in range(k)] if count == k and isinstance(w, Series) else [w]
        terms = [product(x.coefficient(k - j), p * ((k - j) / k)) for j, p in enumerate(weights)]
        return TABLE["sum"](total(terms), axis=settings["axis"], keepdims=settings["keepdims"])

    return coefficient


def _products(operator: Multilinear, args: Operands, settings: Settings, moving: list[int], k: int) -> Number:
    """The sum over all ways to distribute the degree k over the moving operands."""

    def ways(left: int, places: int) -> Any:
        if places == 1:
            yield (left,)
            return
        for first in range(left + 1):
            for rest in ways(left - first, places - 1):
                yield (first, *rest)

    terms = []
    for degrees in ways(k, len(moving)):
        operands = list(args)
        for i, d in zip(moving, degrees, strict=True):
            operands[i] = args[i].coefficient(d)
        terms.append(operator(*operands, **settings))
    return total(terms)


def _tangent(operator: Operator, y: Series, args: Operands, settings: Settings, mine: Mine) -> Callable[[int], Number]:
    """y' = rule(y, x, x') with all of them series; the rule's own series is kept. Any operator has such a rule:
    what it pushes forward."""
    kept: list[Number] = []

    def slope(x: Series) -> Series:
        rate = Series([x.coefficient(1)], y.degree, y.level, lambda n: x.coefficient(n + 1) * (n + 1))
        rate.lazy, rate._made = True, y._made
        return rate

    def coefficient(k: int) -> Number:
        if not kept:
            tangents = [slope(x) if mine(x) else None for x in args]
            kept.append(operator.push(y, args, tangents, settings))
        rate = kept[0]
        if isinstance(rate, Series) and rate.level == y.level:
            return rate.coefficient(k - 1) / k
        return rate if k == 1 else zeros_like(y._known[0])

    return coefficient
