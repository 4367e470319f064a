"""How things are spelled in printed source: numbers, indices, and operators."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from chainrule.ops.names import called
from chainrule.ops.row import TABLE

CHOICE, COMPARE, SUM, MATRIX, PRODUCT, TIMES, SIGN, POWER, ATOM = range(9)
"""How tightly a piece of text binds, loosest first. TIMES ends in a product, PRODUCT may end in a quotient, and MATRIX
has @, % or // in it, which for Python bind like these, and which no product around them may regroup."""


class Text(NamedTuple):
    """A piece of an expression and how tightly it binds."""

    code: str
    binds: int = ATOM

    def inside(self, binds: int) -> str:
        """The code, in parentheses where an operator that binds like `binds` needs them."""
        return self.code if self.binds >= binds else f"({self.code})"

    def joined(self, form: tuple[str, int, int, int], other: Text) -> Text:
        """Both with a sign between them, written as `form` says (see INFIX)."""
        sign, binds, before, after = form
        return Text(f"{self.inside(before)}{sign}{other.inside(after)}", binds)


class Written(str):
    """Code that stands inside of other code."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


INFIX = {
    "+": (" + ", SUM, SUM, SUM), "-": (" - ", SUM, SUM, MATRIX), "*": (" * ", TIMES, PRODUCT, TIMES),
    "/": (" / ", PRODUCT, PRODUCT, SIGN), "@": (" @ ", MATRIX, MATRIX, SIGN), "**": ("**", POWER, ATOM, SIGN),
    "%": (" % ", MATRIX, MATRIX, SIGN), "//": (" // ", MATRIX, MATRIX, SIGN),
}  # fmt: skip
"""Of each of Python's signs how it is written, how tightly the result binds, and how tightly both operands have to."""


def infix(op: str) -> tuple[str, int, int, int] | None:
    """The sign of the operator of that name, if it has one between two operands."""
    row = TABLE.get(op)
    between = row is not None and row.public and row.printed.count("{") == 2
    return INFIX.get(row.symbol) if row is not None and between else None


def template(op: str, arrays: bool) -> str | None:
    """How the operator of that name is written with NumPy (`arrays`) or the math module: as its row says, else as a
    call of the function of its name there.

    >>> template("arcsin", False), template("arcsin", True), template("erf", True)
    ('math.asin({})', 'np.arcsin({})', 'np.vectorize(math.erf, "d")({})')
    """
    row = TABLE.get(op)
    if row is None:
        return None
    own = row.python.get("numpy" if arrays else "math")
    if own is not None or not row.elementwise:
        return own
    operands = f"({', '.join(['{}'] * row.arity)})"
    if arrays and hasattr(np, op):
        return f"np.{op}{operands}"
    function = called(row, "math")
    if not function or not hasattr(math, function):
        return None
    return f'np.vectorize(math.{function}, "d"){operands}' if arrays else f"math.{function}{operands}"


HELPERS = {
    "_put": """
def _put(values, index, shape):
    out = np.zeros(shape)
    np.add.at(out, index, values)
    return out
""",
    "_sigmoid": """
def _sigmoid(x):
    e = math.exp(-abs(x))  # cannot overflow
    return (1 if x >= 0 else e) / (1 + e)
""",
    "_sech2": """
def _sech2(x):
    e = math.exp(-2 * abs(x))  # cosh would overflow
    return 4 * e / (1 + e)**2
""",
    "_sinc": """
def _sinc(x, n):
    \"\"\"The n-th derivative of sin(pi x) / (pi x): a series near 0, else from that of z s = sin z.\"\"\"
    z = math.pi * x
    if abs(z) < max(2.0, 1.5 * n):
        powers = range((n + 1) // 2, n + 24)
        s = sum((-1.0)**k * math.perm(2 * k, n) / math.factorial(2 * k + 1) * z**(2 * k - n) for k in powers)
    else:
        s = math.sin(z) / z
        for k in range(1, n + 1):
            s = (math.sin(z + k * math.pi / 2) - k * s) / z
    return s * math.pi**n
""",
    "_polygamma": """
def _polygamma(n, x):
    \"\"\"The n-th derivative of digamma: recurrence up to 16, then the asymptotic series.\"\"\"
    sign, total = (-1)**(n + 1), 0.0
    while x < 16:
        total += sign * math.factorial(n) / x**(n + 1)
        x += 1
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6), 1):
        total += sign * b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) / x**(2 * k + n)
    total += sign * math.factorial(n) / (2 * x**(n + 1))
    return total + (math.log(x) if n == 0 else sign * math.factorial(n - 1) / x**n)
""",
}
"""Functions that the printed ones may need, by name. Of polygamma see DLMF 5.5.2, 5.11.2 and 5.15.8."""


def number(x: Any) -> Text:
    """A number as one writes it: 3 for 3.0.

    >>> number(3.0).code, number(-0.25).inside(ATOM), number(math.inf).code
    ('3', '(-0.25)', "float('inf')")
    """
    if isinstance(x, bool):
        return Text(repr(x))
    if not math.isfinite(x):
        return Text(f"float('{x}')")
    negative_zero = x == 0 and math.copysign(1, x) < 0
    whole = float(x).is_integer() and abs(x) < 1e15 and not negative_zero
    code = repr(int(x)) if whole else repr(x)
    return Text(code, SIGN if code.startswith("-") else ATOM)


def index(at: Any) -> str:
    """An index as it stands between brackets.

    >>> index((slice(None), 2)), index(slice(1, None)), index(np.array([0, 2]))
    (':, 2', '1:', '[0, 2]')
    """
    if isinstance(at, tuple):
        return ", ".join(map(index, at))
    if isinstance(at, slice):
        ends = ["" if x is None else str(x) for x in (at.start, at.stop)]
        return ":".join([*ends, str(at.step)] if at.step is not None else ends)
    if at is Ellipsis:
        return "..."
    return repr(at.tolist()) if isinstance(at, (np.ndarray, np.generic)) else repr(at)


def short(axes: Any) -> str:
    """A tuple of one entry as that entry."""
    return str(axes[0]) if isinstance(axes, tuple) and len(axes) == 1 else str(axes)
