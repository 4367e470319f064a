"""The operators that nodes of floats know by number, so that recording and sweeping them asks nobody.

Compiled, `codes.pxd` gives the same numbers as constants of C.
"""

from __future__ import annotations

GENERAL, LEAF = 0, 1
ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM = 2, 3, 4, 5, 6, 7, 8
NEGATIVE, EXP, LOG, SQRT, SIN, COS, TAN, TANH, SINH, COSH = 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
RELU, SIGMOID, ABSOLUTE, SQUARE, RECIPROCAL, EXPM1, LOG1P, ARCTAN = 19, 20, 21, 22, 23, 24, 25, 26

ELEMENT = 27
"""array[integer]: `left` is the array's node, `right` the integer."""

NAMES = (
    "", "", "add", "subtract", "multiply", "divide", "power", "maximum", "minimum",
    "negative", "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh",
    "relu", "sigmoid", "absolute", "square", "reciprocal", "expm1", "log1p", "arctan",
)  # fmt: skip
"""The name in the operator table of each number."""
