"""What an operator of the table is for complex numbers: by its kind where that says it, by a rule of its own, or
refused.

A linear operator takes the parts one by one. One that is linear in each operand is expanded: (a + ib)(c + id). An
elementwise one, and whatever else is not linear, needs a formula for the parts of its result.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from chainrule import ops
from chainrule.carriers.complexes.number import Complex, of_parts, parts, whole
from chainrule.carriers.refusals import no_complex
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.numbers import Number, StandIn
from chainrule.ops.kinds import Linear, Multilinear
from chainrule.ops.row import TABLE, VIEWS, Operator, applied

RULES: dict[str, Callable[..., Any]] = {}
"""The rules of operators by name, as functions of any numbers."""


def computed(operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    """The result of an operator, one of whose operands is complex."""
    if TABLE.get(operator.name) is operator:
        rule = RULES.get(operator.name)
        if rule is not None:
            return _apart(rule(*args, **settings), args)
        if isinstance(operator, Multilinear):
            return _expanded(operator, args, settings)
        if isinstance(operator, Linear):
            return _by_parts(operator, args, settings)
    elif operator.body is not None:  # a user's
        return operator.body(*args, **settings)
    raise no_complex(f"cr.{operator.name}" if operator.public else operator.name)


def _apart(y: Number, args: tuple[Number, ...]) -> Number:
    """The result with parts of its own, where it has one of an operand's: assignments must not reach both."""
    if not isinstance(y, Complex) or not y.shape:
        return y
    held = [part for x in args for part in parts_held(x)]
    if any(y.real is part or y.imag is part for part in held):
        return y.alias()
    return y


def parts_held(x: Any) -> tuple[Any, ...]:
    return (x.real, x.imag) if isinstance(x, Complex) else (x,)


def _recorded(z: Complex) -> bool:
    """Whether a part is more than plain numbers, as in a user's function one of them always is."""
    return isinstance(z.real, StandIn) or isinstance(z.imag, StandIn)


def _by_parts(operator: Linear, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    fixed, first = operator.constants, args[0]
    if operator.name in VIEWS and isinstance(first, Complex) and _recorded(first):
        first.open()  # so that what is assigned to the view is assigned to it
    given = [whole(x) for x in args[fixed:]]
    re, im = (applied(operator, (*args[:fixed], *(x[k] for x in given)), settings) for k in (0, 1))
    return of_parts(re, im)


def _expanded(operator: Multilinear, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    fixed = operator.constants
    choices = [[(k, part) for k, part in enumerate(parts(x)) if part is not None] for x in args[fixed:]]
    sums: list[Number] = [None, None]
    for chosen in itertools.product(*choices):
        power = sum(k for k, _ in chosen) % 4
        term = applied(operator, (*args[:fixed], *(part for _, part in chosen)), settings)
        before = sums[power % 2]
        if before is None:
            sums[power % 2] = ops.negative(term) if power > 1 else term
        else:
            sums[power % 2] = ops.subtract(before, term) if power > 1 else ops.add(before, term)
    return of_parts(sums[0], sums[1])


COMPLEX_NUMBERS.computed = computed
