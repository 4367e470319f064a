"""Floats through the operators that have a code: the result, and the slope by each operand.

The branches by code are made from the operator table's rows (see `made`), to the last bit what the rows compute (a test
compares them); where a row takes another path near overflow, the row itself is asked.
"""

# ruff: noqa: RET505 - Cython makes a switch of these branches

from __future__ import annotations

import numpy as np

import chainrule.native.libm as libm
import chainrule.native.opcodes as opcodes
from chainrule.native.opcodes import NAMES
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE, Operator

OPERATORS: list[Operator | None] = [TABLE.get(name) for name in NAMES]
"""The operator of each code."""

for _code, _operator in enumerate(OPERATORS):
    if _operator is not None:
        _operator.code = _code
OPERATORS.append(TABLE["getitem"])  # of an array: it keeps the code 0


def unary(code: int, x: float) -> float:
    """The operator `code` of one float."""
    # unary: made by `python -m chainrule.made`
    if code == opcodes.RECIPROCAL:
        return libm.divide(1.0, x)
    elif code == opcodes.NEGATIVE:
        return -x
    elif code == opcodes.SQUARE:
        return x * x
    elif code == opcodes.ABSOLUTE:
        return libm.fabs(x)
    elif code == opcodes.EXP:
        return libm.exp(x)
    elif code == opcodes.EXPM1:
        return libm.expm1(x)
    elif code == opcodes.LOG:
        return libm.log(x)
    elif code == opcodes.LOG1P:
        return libm.log1p(x)
    elif code == opcodes.SQRT:
        return libm.sqrt(x)
    elif code == opcodes.SINH:
        return libm.sinh(x)
    elif code == opcodes.COSH:
        return libm.cosh(x)
    elif code == opcodes.TANH:
        return libm.tanh(x)
    elif code == opcodes.SIGMOID:
        return sigmoid(x)
    elif code == opcodes.RELU:
        return relu(x)
    elif code == opcodes.SIN:
        return libm.sin(x)
    elif code == opcodes.COS:
        return libm.cos(x)
    elif code == opcodes.TAN:
        return libm.tan(x)
    else:
        return libm.atan(x)
    # unary: end


def binary(code: int, a: float, b: float) -> float:
    """The operator `code` of two floats; for POWER only where `regular_power` holds."""
    # binary: made by `python -m chainrule.made`
    if code == opcodes.ADD:
        return a + b
    elif code == opcodes.SUBTRACT:
        return a - b
    elif code == opcodes.MULTIPLY:
        return a * b
    elif code == opcodes.DIVIDE:
        return libm.divide(a, b)
    elif code == opcodes.MAXIMUM:
        return maximum(a, b)
    elif code == opcodes.MINIMUM:
        return minimum(a, b)
    else:
        return power(a, b)
    # binary: end


def power(a: float, b: float) -> float:
    """a ** b as Python computes it, for finite a and b, b whole where a < 0 and positive where a is 0."""
    if a < 0.0:
        y = libm.pow(-a, b)
        return -y if libm.fabs(b - 2.0 * libm.floor(0.5 * b)) == 1.0 else y
    return libm.pow(a, b)


def regular_power(a: float, b: float) -> bool:
    """Whether a ** b is a real number, without a pole, and `power` computes it."""
    if not libm.isfinite(a) or not libm.isfinite(b):
        return False
    if a == 0.0:
        return b > 0.0
    return (a > 0.0 or b == libm.floor(b)) and far_from_limits(a, b)


def of_numpy(code: int, x: float) -> float:
    """The operator `code` of one np.float64: as NumPy computes it, where that may differ in the last bit."""
    if code in (opcodes.NEGATIVE, opcodes.RELU, opcodes.ABSOLUTE, opcodes.SQUARE, opcodes.SQRT):
        return unary(code, x)
    row = OPERATORS[code]
    assert row is not None
    return float(row(np.float64(x)))


def of_two_numpy(code: int, a: float, b: float) -> float:
    """The operator `code` of two floats, at least one of them an np.float64."""
    return float(np.power(a, b)) if code == opcodes.POWER else binary(code, a, b)


def far_from_limits(a: float, b: float) -> bool:
    """Whether a ** b can neither overflow nor underflow: |b log2 a| stays below 1000."""
    return libm.fabs(b * libm.log(libm.fabs(a))) < 690.0


def slope(code: int, side: int, y: float, a: float, b: float) -> float:
    """The derivative of `y`, the operator `code` of a (and b), by its operand number `side`."""
    # slopes: made by `python -m chainrule.made`
    if code == opcodes.ADD:
        return 1.0
    elif code == opcodes.SUBTRACT:
        return -1.0 if side else 1.0
    elif code == opcodes.MULTIPLY:
        return a if side else b
    elif code == opcodes.DIVIDE:
        return divide_db(y, a, b) if side else libm.divide(1.0, b)
    elif code == opcodes.MAXIMUM:
        return max_weight(b, a) if side else max_weight(a, b)
    elif code == opcodes.MINIMUM:
        return max_weight(a, b) if side else max_weight(b, a)
    elif code == opcodes.POWER:
        return power_db(y, a, b) if side else power_dx(y, a, b)
    elif code == opcodes.RECIPROCAL:
        return -(y * y)
    elif code == opcodes.NEGATIVE:
        return -1.0
    elif code == opcodes.SQUARE:
        return 2.0 * a
    elif code == opcodes.ABSOLUTE:
        return sign(a)
    elif code == opcodes.EXP:
        return y
    elif code == opcodes.EXPM1:
        return libm.exp(a)
    elif code == opcodes.LOG:
        return libm.divide(1.0, not_negative(a))
    elif code == opcodes.LOG1P:
        return libm.divide(1.0, not_negative(1.0 + a))
    elif code == opcodes.SQRT:
        return libm.divide(1.0, 2.0 * not_negative(y))
    elif code == opcodes.SINH:
        return libm.cosh(a)
    elif code == opcodes.COSH:
        return libm.sinh(a)
    elif code == opcodes.TANH:
        return sech2(a)
    elif code == opcodes.SIGMOID:
        return y * sigmoid(-a)
    elif code == opcodes.RELU:
        return heaviside0(a)
    elif code == opcodes.SIN:
        return libm.cos(a)
    elif code == opcodes.COS:
        return -libm.sin(a)
    elif code == opcodes.TAN:
        return 1.0 + (y * y)
    else:
        return lorentzian(a)
    # slopes: end


def share(code: int, side: int, ct: float, y: float, a: float, b: float) -> float:
    """`ct` times the slope; computed together where the slope alone leaves the range of floats."""
    by = slope(code, side, y, a, b)
    if not normal(by) and (code in (opcodes.DIVIDE, opcodes.POWER, opcodes.RECIPROCAL, opcodes.ARCTAN)):
        return share_by_row(code, side, ct, y, a, b)
    return ct * by


def share_by_row(code: int, side: int, ct: float, y: float, a: float, b: float) -> float:
    """A share of a cotangent as the operator table's row computes it."""
    row = OPERATORS[code]
    assert isinstance(row, Elementwise)
    if len(row.partials) == 2:
        return float(row.scaled(ct, side, y, (a, b), {}))
    return float(row.scaled(ct, side, y, (a,), {}))


def divide_db(y: float, a: float, b: float) -> float:
    if y == 0.0 or normal(y) or a == 0.0 or not libm.isfinite(y + b):
        return -libm.divide(y, b)
    return by_row(opcodes.DIVIDE, 1, y, a, b)


def power_dx(y: float, a: float, b: float) -> float:
    if b != 0.0 and a != 0.0 and libm.isfinite(a) and libm.isfinite(b):
        quotient = y / a
        if normal(y) and normal(quotient) and normal(b * quotient):
            return b * quotient
    return by_row(opcodes.POWER, 0, y, a, b)


def power_db(y: float, a: float, b: float) -> float:
    return by_row(opcodes.POWER, 1, y, a, b)


def regular_slope(code: int, slope: float) -> bool:
    """Whether a slope is finite, and no quotient that left the range of floats."""
    if code in (opcodes.DIVIDE, opcodes.POWER, opcodes.RECIPROCAL, opcodes.ARCTAN):
        return normal(slope)
    return libm.isfinite(slope)


def kept(x: float) -> float:
    """x, nan where it left the range of floats."""
    return x if normal(x) else libm.divide(0.0, 0.0)


def curvature(code: int, side: int, other: int, y: float, a: float, b: float) -> float:
    """The derivative of `slope` of operand number `side` by operand number `other`; nan where only the operator table
    knows better."""
    if code == opcodes.MULTIPLY:
        return 0.0 if side == other else 1.0
    if code == opcodes.DIVIDE:
        if side == other:
            return kept(2.0 * libm.divide(libm.divide(y, b), b)) if side else 0.0
        return kept(-libm.divide(libm.divide(1.0, b), b))
    if code == opcodes.POWER:
        return power_curvature(side, other, y, a, b)
    if code == opcodes.EXP or code == opcodes.SINH or code == opcodes.COSH:
        return y
    if code == opcodes.SIN or code == opcodes.COS:
        return -y
    if code == opcodes.LOG:
        return kept(-libm.divide(libm.divide(1.0, a), a))
    if code == opcodes.TANH:
        return -2.0 * y * slope(code, 0, y, a, b)
    if code == opcodes.SIGMOID:
        return slope(code, 0, y, a, b) * (sigmoid(-a) - y)
    if code == opcodes.SQRT:
        return -libm.divide(0.25, y * a)
    if code == opcodes.SQUARE:
        return 2.0
    if code == opcodes.RECIPROCAL:
        return kept(2.0 * y * y * y)
    if code == opcodes.TAN:
        return 2.0 * y * (1.0 + y * y)
    if code == opcodes.EXPM1:
        return libm.exp(a)
    if code == opcodes.LOG1P:
        return -libm.divide(libm.divide(1.0, 1.0 + a), 1.0 + a)
    if code == opcodes.ARCTAN:
        s = slope(code, 0, y, a, b)
        return -2.0 * a * s * s
    return 0.0  # sums, and functions of straight pieces


def power_curvature(side: int, other: int, y: float, a: float, b: float) -> float:
    """The second derivatives of y = a ** b; nan where only the operator table knows better."""
    if side == 0 and other == 0:
        if b == 0.0 or b == 1.0:
            return 0.0
        return 2.0 if b == 2.0 else kept(b * (b - 1.0) * libm.divide(libm.divide(y, a), a))
    if a <= 0.0:
        return libm.divide(0.0, 0.0)
    logarithm = libm.log(a)
    if side == other:
        return y * logarithm * logarithm
    return libm.divide(y, a) * (1.0 + b * logarithm)


def by_row(code: int, side: int, y: float, a: float, b: float) -> float:
    """The slope as the operator table's row computes it."""
    row = OPERATORS[code]
    assert isinstance(row, Elementwise)
    partial = row.partials[side]
    assert callable(partial)
    return float(partial(y, a, b) if len(row.partials) == 2 else partial(y, a))


# -- rows that libm has no function for -------------------------------------------------------------------------------


def relu(x: float) -> float:
    return x if x > 0.0 or x != x else 0.0


def heaviside0(x: float) -> float:
    return 1.0 if x > 0.0 else x if x != x else 0.0


def sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x if x != x else 0.0


def maximum(a: float, b: float) -> float:
    return a + b if a != a or b != b else b if b > a else a


def minimum(a: float, b: float) -> float:
    return a + b if a != a or b != b else b if b < a else a


def max_weight(a: float, b: float) -> float:
    return 1.0 if a > b else 0.0 if a < b else 0.5 if a == b else libm.divide(0.0, 0.0)


def sech2(x: float) -> float:
    t = libm.exp(-2.0 * libm.fabs(x))
    return 4.0 * t / ((1.0 + t) * (1.0 + t))


def lorentzian(x: float) -> float:
    return 1.0 / (1.0 + x * x) if libm.fabs(x) < 1e8 else libm.divide(libm.divide(1.0, x), x)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + libm.exp(-x))
    t = libm.exp(x)
    return t / (1.0 + t)


def not_negative(x: float) -> float:
    """x with -0.0 as 0.0 and nan below: where log and sqrt have no value, they have no slope."""
    return x + 0.0 if x >= 0.0 else libm.divide(0.0, 0.0)


def normal(x: float) -> bool:
    """Whether x is neither 0, subnormal, infinite nor nan."""
    return 2.2250738585072014e-308 <= libm.fabs(x) <= 1.7976931348623157e308
