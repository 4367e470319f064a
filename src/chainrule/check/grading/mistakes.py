"""What kind of mistake turns the right derivatives of an expression into those that an engine gave."""

from __future__ import annotations

import math

CLOSE = 1e-6


def near(x: float, y: float) -> bool:
    """Whether two numbers are the same but for rounding; nan is near nothing."""
    return x == y or abs(x - y) <= CLOSE * max(abs(x), abs(y))


def value_mistake(yours: float, right: float) -> str:
    """Why a value is wrong."""
    if math.isnan(yours):
        return "the value is nan"
    if near(yours, -right):
        return "the value has the wrong sign: are the operands exchanged?"
    if right and yours and near(yours, 1 / right):
        return "the value is turned over: are the operands exchanged?"
    return "the value is wrong"


def slope_taken(x: float, y: float, yours: float) -> str:
    """What stands in place of the derivative of a function with the value y at x; "" for nothing that is usual."""
    from chainrule.check.diagnosis.slopes import SLOPES

    return next((name for name, slope in SLOPES.items() if near(float(slope(x, y)), yours)), "")


def gradient_mistake(
    ring: str, yours: tuple[float, ...], right: tuple[float, ...], alone: tuple[float, ...] | None
) -> str:
    """Why the derivatives are wrong, in one sentence.

    alone   those of the same operator without what follows it, where it is followed by a factor
    """
    if any(map(math.isnan, yours)):
        return "the derivative is nan"
    if all(y == 0 for y in yours):
        if ring in ("order", "size"):
            return "no derivative arrives: the backward pass does not visit the whole graph"
        return "no derivative arrives: the result does not pass anything back"
    wrong = [k for k in range(len(yours)) if not near(yours[k], right[k])]
    if alone is not None and all(near(yours[k], alone[k]) for k in wrong):
        return "the derivative from above is not multiplied in: use out.grad in the local rule"
    if len(yours) == 2 and near(yours[0], right[1]) and near(yours[1], right[0]) and not near(right[0], right[1]):
        return "the derivatives by a and by b are exchanged"
    names = " and ".join("abc"[k] for k in wrong)
    if ring == "order":
        return f"the derivative by {names} is wrong: a number passes its gradient on before it has all; sort the graph"
    if ring == "accumulation" and any(abs(yours[k]) < abs(right[k]) or yours[k] * right[k] < 0 for k in wrong):
        return f"uses of {names} do not add up: = in place of += ?"
    if all(near(yours[k], -right[k]) for k in wrong):
        return f"the derivative by {names} has the wrong sign"
    if all(yours[k] == 0 for k in wrong):
        return f"no derivative arrives at {names}"
    factors = [yours[k] / right[k] for k in wrong if right[k]]
    if len(factors) == len(wrong) and all(near(f, factors[0]) for f in factors):
        return f"the derivative by {names} is {factors[0]:.6g} times the right one"
    return f"the derivative by {names} is wrong"
