"""The operators that nodes of floats know by number, so that recording and sweeping them asks no row.

Compiled, `opcodes.pxd` gives the same numbers as constants of C. UNARY is the first of one operand.
"""

from __future__ import annotations

# opcodes: made by `python -m chainrule.made`
GENERAL = 0
LEAF = 1
ADD = 2
SUBTRACT = 3
MULTIPLY = 4
DIVIDE = 5
MAXIMUM = 6
MINIMUM = 7
POWER = 8
RECIPROCAL = 9
NEGATIVE = 10
SQUARE = 11
ABSOLUTE = 12
EXP = 13
EXPM1 = 14
LOG = 15
LOG1P = 16
SQRT = 17
SINH = 18
COSH = 19
TANH = 20
SIGMOID = 21
RELU = 22
SIN = 23
COS = 24
TAN = 25
ARCTAN = 26
ELEMENT = 27
UNARY = RECIPROCAL
NAMES = (
    "", "", "add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "reciprocal", "negative",
    "square", "absolute", "exp", "expm1", "log", "log1p", "sqrt", "sinh", "cosh", "tanh", "sigmoid", "relu",
    "sin", "cos", "tan", "arctan",
)  # fmt: skip
"""The name in the operator table of each number."""
# opcodes: end
