"""Only speed: the coefficients of products, quotients and solutions of linear systems, in closed form.

The kinds give them too (see `series`), through partials that are series themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.libraries import zeros_like
from chainrule.numbers import Number
from chainrule.ops.row import TABLE

Mine = Callable[[Any], bool]


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
