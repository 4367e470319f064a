"""How things are spelled in printed source: numbers, indices, and the functions of `math` and `numpy`."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

CHOICE, COMPARE, SUM, PRODUCT, TIMES, SIGN, POWER, ATOM = range(8)
"""How tightly a piece of text binds, loosest first. TIMES ends in a product, PRODUCT may end in a quotient."""


class Text(NamedTuple):
    """A piece of an expression and how tightly it binds."""

    code: str
    binds: int = ATOM

    def inside(self, binds: int) -> str:
        """The code, in parentheses where an operator that binds like `binds` needs them."""
        return self.code if self.binds >= binds else f"({self.code})"


INFIX = {
    "add": (" + ", SUM, SUM, SUM), "subtract": (" - ", SUM, SUM, PRODUCT), "multiply": (" * ", TIMES, PRODUCT, TIMES),
    "divide": (" / ", PRODUCT, PRODUCT, SIGN), "matmul": (" @ ", PRODUCT, PRODUCT, SIGN),
    "power": ("**", POWER, ATOM, SIGN), "remainder": (" % ", PRODUCT, PRODUCT, SIGN),
    "floor_divide": (" // ", PRODUCT, PRODUCT, SIGN),
}  # fmt: skip
"""The sign, how tightly the result binds, and how tightly both operands have to."""


def _calls(form: str, names: str) -> dict[str, str]:
    """name -> the form with the name in it, for each of the names."""
    return {name: form.replace("NAME", name) for name in names.split()}


ELEMENTWISE = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "gammaln": "lgamma"}
"""What math has and NumPy has not."""

NUMBERS = {
    **_calls(
        "math.NAME({})",
        "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt erf erfc gamma floor ceil trunc",
    ),
    **_calls("math.NAME({}, {})", "hypot copysign fmod"),
    **{f"arc{name}": f"math.a{name}({{}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "absolute": "abs({})", "sign": "math.copysign({0} != 0, {0})", "maximum": "max({}, {})", "minimum": "min({}, {})",
    "fmax": "max({}, {})", "fmin": "min({}, {})", "relu": "max({}, 0.0)", "clip": "min(max({}, {}), {})",
    "arctan2": "math.atan2({}, {})", "deg2rad": "math.radians({})", "rad2deg": "math.degrees({})",
    "gammaln": "math.lgamma({})", "rint": "round({})",
    "sum": "{}", "max": "{}", "min": "{}", "prod": "{}", "logsumexp": "{}", "norm": "abs({})",
}  # fmt: skip
"""Operators of numbers, as calls of the math module."""

ARRAYS = {
    **_calls(
        "np.NAME({})",
        "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt arcsin arccos arctan arcsinh arccosh "
        "arctanh deg2rad rad2deg sign floor ceil trunc rint",
    ),
    **_calls("np.NAME({}, {})", "maximum minimum fmax fmin arctan2 hypot copysign fmod logaddexp"),
    "relu": "np.maximum({}, 0.0)", "absolute": "np.abs({})", "softplus": "np.logaddexp(0.0, {})",
    "clip": "np.clip({}, {}, {})", "inv": "np.linalg.inv({})", "det": "np.linalg.det({})",
    **{name: f'np.vectorize(math.{f}, "d")({{}})' for name, f in ELEMENTWISE.items()},
    "logdet": "np.linalg.slogdet({})[1]", "sign_det": "np.linalg.slogdet({})[0]", "solve": "np.linalg.solve({}, {})",
}  # fmt: skip
"""Operators as calls of numpy."""

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
