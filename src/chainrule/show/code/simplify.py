"""Rewriting of terms: 1 * x is x, x - (-y) is x + y, x * (1 / y) is x / y, ..., one function for each operator.

Every rule holds in real arithmetic; the last digit may differ, as it does whenever sums are ordered otherwise.
A rule gives a simpler term, or None.
"""

from __future__ import annotations

import numpy as np

from chainrule.show.code.terms import Settings, Shape, Term, Terms

SCALED = ("multiply", "divide")
LONGEST_LIST = 8  # arrays of at most this many elements are put together element by element


def simplified(terms: Terms, op: str, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    """A simpler term than `op` of `args`; None when there is none."""
    rule = _RULES.get(op)
    return None if rule is None else rule(terms, args, settings, shape)


def _scale(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    """A product; its strong zero (0 * inf is 0) is kept only where the terms ask for that."""
    if terms.strong and not any(a.literal and np.all(a.value) and np.all(np.isfinite(a.value)) for a in args):
        return None
    return terms.make("multiply", args, {}, shape)


def _same(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    return args[0]


def _reciprocal(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    return terms.make("divide", [terms.literal(1.0), args[0]], {}, shape)


def _square(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    return terms.make("power", [args[0], terms.literal(2.0)], {}, shape)


def _exp_difference(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    return terms.make("exp", [terms.make("subtract", args, {}, shape)], {}, shape)


def _power_slope(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    """b x**(b - 1)."""
    x, b = args
    lower = terms.make("power", [x, terms.make("subtract", [b, terms.literal(1.0)])], {}, shape)
    return terms.make("multiply", [b, lower], {}, shape)


def _power_log(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    """x**b log(x)**n, where 0 * inf is 0."""
    x = args[0]
    logs = terms.make("power", [terms.make("log", [x], {}, x.shape), terms.literal(float(settings["n"]))], {}, x.shape)
    return terms.make("scale", [terms.make("power", args, {}, shape), logs], {}, shape)


def _negative(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    (a,) = args
    if a.literal:
        return terms.literal(-a.value)
    if a.op == "negative":
        return a.args[0]
    if a.op == "subtract":
        return terms.make("subtract", a.args[::-1], {}, shape)
    if a.op in SCALED and a.args[0].literal:
        return terms.make(a.op, [terms.literal(-a.args[0].value), a.args[1]], {}, shape)
    return None


def _minus(terms: Terms, a: Term) -> Term:
    return terms.make("negative", [a], {}, a.shape)


def _negated(a: Term) -> bool:
    """Whether `a` is -x or -2 * x, so that adding it is better written as subtracting."""
    factor = a.args[0] if a.op in SCALED else None
    return a.op == "negative" or (
        factor is not None and factor.literal and factor.shape == () and bool(factor.value < 0)
    )


def _add(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    a, b = args
    if a.literal and b.literal:
        return terms.literal(a.value + b.value)
    for x, other in ((a, b), (b, a)):
        if x.is_number(0) and other.shape == shape:
            return other
    if a is b:
        return terms.make("multiply", [terms.literal(2.0), a], {}, shape)
    if a.op == "add" and a.args[1] is b:
        return terms.make("add", [a.args[0], terms.make("add", [b, b])], {}, shape)
    if _negated(b):
        return terms.make("subtract", [a, _minus(terms, b)], {}, shape)
    if a.op == "negative":
        return terms.make("subtract", [b, a.args[0]], {}, shape)
    if a.op == b.op == "stack" and a.shape == b.shape == shape and len(shape) == 1:
        sums = [terms.make("add", pair, {}, ()) for pair in zip(a.args, b.args, strict=True)]
        return terms.make("stack", sums, {"axis": 0}, shape)
    return None


def _subtract(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    a, b = args
    if a.literal and b.literal:
        return terms.literal(a.value - b.value)
    if b.is_number(0) and a.shape == shape:
        return a
    if a.is_number(0) and b.shape == shape:
        return _minus(terms, b)
    if _negated(b):
        return terms.make("add", [a, _minus(terms, b)], {}, shape)
    if a.op == "subtract" and a.args[1] is b:
        return terms.make("subtract", [a.args[0], terms.make("add", [b, b])], {}, shape)
    return None


def _multiply(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    a, b = args
    if a.literal and b.literal:
        return terms.literal(a.value * b.value)
    if b.literal:  # 3 * x rather than x * 3
        return terms.make("multiply", [b, a], {}, shape)
    if a.is_number(1) and b.shape == shape:
        return b
    if a.is_number(-1) and b.shape == shape:
        return _minus(terms, b)
    if a.is_number(0):
        return terms.literal(np.zeros(shape))
    if a.literal and b.op in SCALED and b.args[0].literal:
        return terms.make(b.op, [terms.literal(a.value * b.args[0].value), b.args[1]], {}, shape)
    for x, other in ((a, b), (b, a)):
        if x.op == "negative":
            return _minus(terms, terms.make("multiply", [x.args[0], other], {}, shape))
    for x, other in ((a, b), (b, a)):
        if x.op == "divide" and x.args[0].is_number(1):
            return terms.make("divide", [other, x.args[1]], {}, shape)
        if x.op == "divide" and x.args[0].is_number(-1):
            return _minus(terms, terms.make("divide", [other, x.args[1]], {}, shape))
    if b.op == "multiply" and b.args[0].literal and not a.literal:  # numbers to the front
        return terms.make("multiply", [b.args[0], terms.make("multiply", [a, b.args[1]])], {}, shape)
    if a.op == "multiply" and a.args[0].literal:
        return terms.make("multiply", [a.args[0], terms.make("multiply", [a.args[1], b])], {}, shape)
    return None


def _divide(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    a, b = args
    if a.literal and b.literal and np.all(b.value):
        return terms.literal(a.value / b.value)
    if b.is_number(1) and a.shape == shape:
        return a
    if a.op == "negative":
        return _minus(terms, terms.make("divide", [a.args[0], b], {}, shape))
    if b.op == "negative":
        return _minus(terms, terms.make("divide", [a, b.args[0]], {}, shape))
    return None


def _power(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    a, b = args
    if b.is_number(1) and a.shape == shape:
        return a
    return terms.literal(np.ones(shape)) if b.is_number(0) else None


def _where(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    condition, a, b = args
    if a is b and a.shape == shape:
        return a
    if not condition.literal:
        return None
    chosen = a if condition.value.all() else b if not condition.value.any() else None
    return chosen if chosen is not None and chosen.shape == shape else None


def _reshape(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    (a,) = args
    if a.shape == shape:
        return a
    if a.literal:
        return terms.literal(a.value.reshape(shape))
    return terms.make("reshape", [a.args[0]], settings, shape) if a.op == "reshape" else None


def _broadcast_to(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    (a,) = args
    if a.shape == shape:
        return a
    if a.literal:
        return terms.literal(np.broadcast_to(a.value, shape))
    if a.op == "reshape" and a.args[0].shape == ():
        return terms.make("broadcast_to", [a.args[0]], settings, shape)
    return None


def _getitem(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    (a,), at = args, settings["index"]
    if isinstance(at, tuple) and at == ():
        return a
    return a.args[at] if a.op == "stack" and type(at) is int and a.settings["axis"] == 0 else None


def _scatter(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    """One number among zeros, as a list."""
    at = settings["index"]
    if args[0].shape != () or len(shape) != 1 or shape[0] > LONGEST_LIST or type(at) is not int:
        return None
    parts = [args[0] if k == at % shape[0] else terms.literal(0.0) for k in range(shape[0])]
    return terms.make("stack", parts, {"axis": 0}, shape)


def _sum(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    (a,) = args
    if a.op == "negative":
        return _minus(terms, terms.make("sum", [a.args[0]], settings, shape))
    return a if a.shape == () else None


def _ties(terms: Terms, args: list[Term], settings: Settings, shape: Shape) -> Term | None:
    return terms.literal(1.0) if shape == () else None


_RULES = {
    "scale": _scale, "annihilate": _scale, "positive": _same, "reciprocal": _reciprocal, "square": _square,
    "exp_difference": _exp_difference, "negative": _negative, "add": _add, "subtract": _subtract,
    "multiply": _multiply, "divide": _divide, "power": _power, "where": _where, "reshape": _reshape,
    "power_slope": _power_slope, "power_log": _power_log,
    "broadcast_to": _broadcast_to, "getitem": _getitem, "scatter": _scatter, "sum": _sum, "ties": _ties,
}  # fmt: skip
