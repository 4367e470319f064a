"""Strength reduction: a cheaper operation with the same answer, and rows written out in simpler ones."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from chainrule.jit.passes.rewrite import as_shape, constant, elementwise, number
from chainrule.jit.program import CONSTANT, Step

BOOL = np.dtype(bool)
_Rule = Callable[[Step, bool], Step]


def reduced(step: Step, strict: bool) -> Step:
    """`step`, or what computes the same with less work. All rules keep infinities, nan and what 0 does to them.

    strict    only rules after which every bit is the same
    """
    rule = _RULES.get(step.op)
    return step if rule is None else rule(step, strict)


# -- products and quotients ---------------------------------------------------------------------------------


def _multiply(step: Step, strict: bool) -> Step:
    for x, c in (step.args, step.args[::-1]):
        factor = number(c)
        if factor == 1.0:
            return as_shape(x, step)
        if factor == -1.0:
            return as_shape(elementwise("negative", x), step)
    return step


def _scale(step: Step, strict: bool) -> Step:
    """A product with a strong zero is an ordinary one where one side is known to be harmless. A zero that wins has the
    sign of the product in arrays, none in single numbers."""
    ct, partial = map(number, step.args)
    if ct == 0.0:
        return step if strict and step.shape else as_shape(constant(0.0, step), step)
    if ct is not None or (partial is not None and math.isfinite(partial) and (step.shape or not strict)):
        return _multiply(elementwise("multiply", *step.args), strict)
    return step


def _divide(step: Step, strict: bool) -> Step:
    """Division by a power of two is a multiplication, exactly, while the reciprocal is a normal number."""
    x, c = step.args
    divisor = number(c)
    if (
        divisor
        and math.isfinite(divisor)
        and abs(math.frexp(divisor)[0]) == 0.5
        and 2.0**-100 < abs(divisor) < 2.0**100
    ):
        return _multiply(elementwise("multiply", x, constant(1.0 / divisor, step)), strict)
    return step


def _add(step: Step, strict: bool) -> Step:
    a, b = step.args
    if b.op == "negative":
        return elementwise("subtract", a, b.args[0])
    if a.op == "negative":
        return elementwise("subtract", b, a.args[0])
    return step


def _subtract(step: Step, strict: bool) -> Step:
    a, b = step.args
    return elementwise("add", a, b.args[0]) if b.op == "negative" else step


def _negative(step: Step, strict: bool) -> Step:
    (x,) = step.args
    return x.args[0] if x.op == "negative" else step


# -- powers -------------------------------------------------------------------------------------------------


def _times(x: Step, n: int) -> Step:
    square = elementwise("multiply", x, x)
    return {1: x, 2: square}.get(n) or elementwise("multiply", square, square if n == 4 else x)


def _power(step: Step, strict: bool) -> Step:
    x, c = step.args
    b = number(c)
    if b in (1.0, 2.0) or (b in (3.0, 4.0) and not strict):
        return as_shape(_times(x, int(b)), step)
    if b == 0.5 and x.shape:  # NumPy's own choice for arrays; Python's differs at -0.0 and -inf
        return as_shape(elementwise("sqrt", x), step)
    if b == -1.0:
        return as_shape(elementwise("divide", constant(1.0, step), x), step)
    return step


def _power_dx(step: Step, strict: bool) -> Step:
    """d(x**b)/dx for y = x**b, as `ops.powers` computes it within the normal range: b * (y / x). Where y left it, b *
    x**(b - 1): there b - 1 is rounded, which costs three digits at most, as log(x) is less than 746."""
    y, x, c = step.args
    b = number(c)
    if b == 0.0 or b == 1.0:
        return as_shape(constant(b, step), step)
    if b == 2.0 or (b in (3.0, 4.0) and not strict):
        return as_shape(elementwise("multiply", constant(b, step), _times(x, int(b) - 1)), step)
    if b is not None and (b - 1.0) + 1.0 == b and abs(b) < 2**50 and not strict:  # b - 1 is exact
        return as_shape(
            elementwise("multiply", c, _power(elementwise("power", x, constant(b - 1.0, step)), strict)), step
        )
    one, zero = constant(1.0, step), constant(0.0, step)
    flat = elementwise("equal", c, zero, dtype=BOOL)
    at_0 = elementwise("equal", x, zero, dtype=BOOL)
    far = elementwise("logical_not", elementwise("isfinite", x, dtype=BOOL), dtype=BOOL)
    small = elementwise(
        "less", elementwise("absolute", y), constant(float(np.finfo(step.dtype).tiny), step), dtype=BOOL
    )
    odd_or_even = elementwise("less", elementwise("absolute", c), constant(2.0**53, step), dtype=BOOL)  # b - 1 too
    lost = elementwise("logical_or", small, elementwise("isinf", y, dtype=BOOL), dtype=BOOL)
    lost = elementwise("logical_and", lost, odd_or_even, dtype=BOOL)
    quotient = elementwise("divide", y, x)
    vast = elementwise("multiply", elementwise("divide", c, x), y)  # where y / x is too large
    plain = elementwise("multiply", c, quotient)
    plain = _where(elementwise("isfinite", quotient, dtype=BOOL), plain, vast)
    exact = elementwise("multiply", c, elementwise("power", x, elementwise("subtract", c, one)))
    special = elementwise("logical_or", elementwise("logical_or", at_0, far, dtype=BOOL), lost, dtype=BOOL)
    return as_shape(_where(flat, zero, _where(special, exact, plain)), step)


def _power_db(step: Step, strict: bool) -> Step:
    """d(x**b)/db = x**b log(x), 0 where x**b vanishes; none for negative x."""
    y, x, b = step.args
    zero, none = constant(0.0, step), constant(math.nan, step)
    at_0 = _where(elementwise("greater", b, zero, dtype=BOOL), zero, constant(-math.inf, step))
    product = elementwise("multiply", y, elementwise("log", x))
    vanishing = _where(elementwise("equal", y, zero, dtype=BOOL), zero, product)
    positive = _where(elementwise("equal", x, zero, dtype=BOOL), at_0, vanishing)
    return as_shape(_where(elementwise("less", x, zero, dtype=BOOL), none, positive), step)


# -- choices ------------------------------------------------------------------------------------------------


def _choose(step: Step, strict: bool) -> Step:
    """A choice between equals, or one that was made already."""
    condition, a, b = step.args
    if condition.op == "logical_not":
        return _choose(elementwise("where", condition.args[0], b, a), strict)
    if condition.op == CONSTANT and condition.dtype == BOOL:
        value = condition.settings["value"]
        if np.all(value) or not np.any(value):
            return as_shape(a if np.all(value) else b, step)
    if a.op == "where" and a.args[0] is condition and a.args[1].dtype == step.dtype:
        a = a.args[1]
    if b.op == "where" and b.args[0] is condition and b.args[2].dtype == step.dtype:
        b = b.args[2]
    if a is b or (a, b) != step.args[1:]:
        return as_shape(a if a is b else elementwise("where", condition, a, b), step)
    return step


# -- rows in simpler ones -----------------------------------------------------------------------------------


def _where(condition: Step, a: Step, b: Step) -> Step:
    return elementwise("where", condition, a, b)


def _not_negative(step: Step, strict: bool) -> Step:
    (x,) = step.args
    below = elementwise("less", x, constant(0.0, step), dtype=BOOL)
    return _where(below, constant(math.nan, step), elementwise("add", x, constant(0.0, step)))


def _divide_db(step: Step, strict: bool) -> Step:
    y, _, b = step.args
    return as_shape(elementwise("negative", elementwise("divide", y, b)), step)


def _square(step: Step, strict: bool) -> Step:
    return elementwise("multiply", step.args[0], step.args[0])


# -- systems of equations -----------------------------------------------------------------------------------


def _solve(step: Step, strict: bool) -> Step:
    """Of a triangular matrix, in a tenth of the time and less."""
    a, *others = step.args
    known = a.args[0] if a.op == "transpose" and tuple(a.settings["axes"]) == (1, 0) else a
    if strict or known.op != "cholesky" or len(a.shape) != 2 or any(b.dtype != a.dtype for b in others):
        return step
    op = {"solve": "triangular_solve", "inv": "triangular_inverse"}[step.op]
    return Step(op, step.args, {"lower": known is a}, step.shape, step.dtype, step.line, step.at)


# -- nothing to do ------------------------------------------------------------------------------------------


def _positive(step: Step, strict: bool) -> Step:
    return step.args[0]


def _same_shape(step: Step, strict: bool) -> Step:
    (x,) = step.args
    if x.shape == step.shape:
        return x
    if not x.shape:
        return as_shape(x, step)
    if x.op == step.op == "reshape" or x.op == step.op == "broadcast_to":
        return _same_shape(Step(step.op, x.args, step.settings, step.shape, step.dtype, step.line), strict)
    return step


def _transpose(step: Step, strict: bool) -> Step:
    (x,) = step.args
    axes = tuple(step.settings["axes"])
    if axes == tuple(range(len(axes))):
        return x
    if x.op == "transpose":
        both = tuple(x.settings["axes"][k] for k in axes)
        return _transpose(Step("transpose", x.args, {"axes": both}, step.shape, step.dtype, step.line), strict)
    return step


def _part(step: Step, strict: bool) -> Step:
    """A number as an array of one element."""
    (x,) = step.args
    return as_shape(x, step) if not x.shape else step


def _scatter(step: Step, strict: bool) -> Step:
    """An array of one element as a number."""
    (x,) = step.args
    if step.shape or math.prod(x.shape) != 1:
        return step
    return _same_shape(Step("reshape", (x,), {"shape": ()}, (), step.dtype, step.line), strict)


def _astype(step: Step, strict: bool) -> Step:
    return step.args[0] if step.args[0].dtype == step.dtype else step


def _sum(step: Step, strict: bool) -> Step:
    """A sum over nothing."""
    (x,) = step.args
    axis = step.settings["axis"]
    nothing = not x.shape or axis == () or (axis is not None and all(x.shape[k] == 1 for k in axis))
    if not nothing or x.dtype != step.dtype:
        return step
    return _same_shape(Step("reshape", (x,), {"shape": step.shape}, step.shape, step.dtype, step.line), strict)


_RULES: dict[str, _Rule] = {
    "multiply": _multiply, "scale": _scale, "divide": _divide, "add": _add, "subtract": _subtract,
    "negative": _negative, "power": _power, "power_dx": _power_dx, "power_db": _power_db,
    "not_negative": _not_negative, "divide_db": _divide_db, "square": _square, "positive": _positive,
    "reshape": _same_shape, "broadcast_to": _same_shape, "getitem": _part, "scatter": _scatter,
    "transpose": _transpose, "astype": _astype, "sum": _sum, "where": _choose,
    "solve": _solve, "inv": _solve,
}  # fmt: skip
