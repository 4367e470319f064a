"""Only speed: the coefficients of a result by its operator's kind, without a series for its derivative.

For y = f(x) the chain rule y' = p x', with p the partial, read coefficient by coefficient, gives
k y_k = sum over j of (k - j) p_j x_(k-j). Griewank and Walther, Evaluating Derivatives (2008), section 13.2, has what
comes out for products and quotients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.libraries import zeros_like
from chainrule.numbers import Number, shape
from chainrule.ops.kinds import Elementwise, Linear, Multilinear, Reduction
from chainrule.ops.row import TABLE, Operands, Operator, Settings
from chainrule.ops.slopes import product

Mine = Callable[[Any], bool]
"""Whether a number is a series of the level in question."""


def of_kind(
    operator: Operator, y: Any, args: Operands, settings: Settings, mine: Mine
) -> Callable[[int], Number] | None:
    """What gives the k-th coefficient of y = operator(*args); None: only what the operator pushes forward does."""
    moving = [i for i, x in enumerate(args) if mine(x)]
    if operator.name in ("multiply", "divide") and isinstance(operator, Elementwise):
        return multiply(args, mine) if operator.name == "multiply" else divide(y, args, mine)
    if operator.name == "solve":
        return solve(y, args, mine)
    if isinstance(operator, Elementwise):
        return _elementwise(operator, y, args, settings, moving, mine)
    if isinstance(operator, Reduction):
        return _reduction(operator, y, args[0], settings, mine)
    if isinstance(operator, Multilinear):
        return lambda k: _products(operator, args, settings, moving, k)
    if isinstance(operator, Linear):
        return lambda k: operator(
            *args[: operator.constants],
            *(x.coefficient(k) if mine(x) else zeros_like(x) for x in args[operator.constants :]),
            **settings,
        )
    return None


def total(terms: Any) -> Number:
    """The sum of some numbers."""
    result = None
    for term in terms:
        result = term if result is None else TABLE["add"](result, term)
    return result


def at(x: Number, k: int, mine: Mine) -> Number:
    """Coefficient number k of an operand: of a constant only the first is there."""
    return x.coefficient(k) if mine(x) else x if k == 0 else None


def multiply(args: tuple[Number, ...], mine: Mine) -> Callable[[int], Number]:
    """a b: the sum over j of a_j b_(k-j)."""
    a, b = args

    def coefficient(k: int) -> Number:
        pairs = ((at(a, j, mine), at(b, k - j, mine)) for j in range(k + 1))
        return total(TABLE["multiply"](p, q) for p, q in pairs if p is not None and q is not None)

    return coefficient


def divide(y: Any, args: tuple[Number, ...], mine: Mine) -> Callable[[int], Number]:
    """y = a / b: from b y = a, b_0 y_k = a_k - sum over j >= 1 of b_j y_(k-j)."""
    a, b = args

    def coefficient(k: int) -> Number:
        rest = at(a, k, mine)
        for j in range(1, k + 1):
            b_j = at(b, j, mine)
            if b_j is not None:
                term = TABLE["multiply"](b_j, y.coefficient(k - j))
                rest = -term if rest is None else TABLE["subtract"](rest, term)
        if rest is None:
            return zeros_like(y._known[0])
        return TABLE["divide"](rest, at(b, 0, mine))

    return coefficient


def solve(y: Any, args: tuple[Number, ...], mine: Mine) -> Callable[[int], Number]:
    """A x = b, coefficient by coefficient: A_0 x_k = b_k - sum over j >= 1 of A_j x_(k-j)."""
    a, b = args

    def coefficient(k: int) -> Number:
        rest = b.coefficient(k) if mine(b) else zeros_like(b)
        if mine(a):
            for j in range(1, k + 1):
                rest = rest - TABLE["matmul"](a.coefficient(j), y.coefficient(k - j))
        return TABLE["solve"](at(a, 0, mine), rest)

    return coefficient


def _elementwise(
    operator: Elementwise, y: Any, args: Operands, settings: Settings, moving: list[int], mine: Mine
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
            if mine(p):
                for j in range(k):
                    terms.append(product(x.coefficient(k - j), p.coefficient(j) * ((k - j) / k)))
            else:
                terms.append(product(x.coefficient(k), p))
        return zeros_like(y._known[0]) if not terms else _shaped(total(terms), y._known[0])

    return coefficient


def _shaped(c: Number, like: Number) -> Number:
    return c if shape(c) == shape(like) else TABLE["broadcast_to"](c, shape=shape(like))


def _reduction(operator: Reduction, y: Any, x: Any, settings: Settings, mine: Mine) -> Callable[[int], Number]:
    kept: list[Number] = []

    def coefficient(k: int) -> Number:
        if not kept:
            kept.append(operator.weights_of(y, x, settings))
        w = kept[0]
        weights = [w.coefficient(j) for j in range(k)] if mine(w) else [w]
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
