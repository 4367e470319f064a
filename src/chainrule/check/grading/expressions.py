"""What an engine is asked, ring by ring: each expression is written once, for the engine and for the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.records import record

Numbers = tuple[float, ...]


@record(frozen=True)
class Expression:
    """An expression of numbers a, b, ...

    text    how it is written
    f       (call, a, b, ...) -> the result; `call("exp", a)` calls a function by its name
    at      the numbers
    ring    what it tests
    methods the methods in which the mistake would be
    """

    text: str
    f: Callable[..., Any]
    at: Numbers
    ring: str
    methods: tuple[str, ...] = ()


RINGS = {
    "operators": "each operator and function by itself",
    "constants": "numbers of Python and NumPy on both sides",
    "accumulation": "a number used more than once",
    "order": "the order of the backward pass",
    "points": "special points: zeros, negative bases, saturated functions",
    "again": "a second backward pass, another result, a reset",
    "size": "long chains and large numbers",
}

A, B = 1.7, 0.6


def by_rows(f: Callable[..., Any]) -> Callable[..., Any]:
    """A question as a function of plain numbers: what it calls are Chainrule's own operators."""
    return lambda *x: f(lambda name, *args: getattr(ops, name)(*args), *x)


def _operator(text: str, f: Any, methods: str, at: Numbers = (A, B), ring: str = "operators") -> Expression:
    return Expression(text, lambda call, *x: f(*x), at, ring, tuple(methods.split()))


def _function(name: str, *at: float, ring: str = "operators") -> Expression:
    methods = (name, {"absolute": "__abs__", "power": "__pow__"}.get(name, name))
    text = f"{name}(a)" if not at or at[0] in (A, B) else f"{name}(a) at {at[0]:g}"
    return Expression(text, lambda call, a: call(name, a), at or (B,), ring, methods)


OPERATORS = [
    _operator("a + b", lambda a, b: a + b, "__add__"),
    _operator("a * b", lambda a, b: a * b, "__mul__"),
    _operator("a - b", lambda a, b: a - b, "__sub__"),
    _operator("a / b", lambda a, b: a / b, "__truediv__"),
    _operator("-a", lambda a: -a, "__neg__", (A,)),
    _operator("+a", lambda a: +a, "__pos__", (A,)),
    _operator("a ** 2", lambda a: a**2, "__pow__", (A,)),
    _operator("a ** 3", lambda a: a**3, "__pow__", (A,)),
    _operator("a ** -1", lambda a: a**-1, "__pow__", (A,)),
    _operator("a ** 0.5", lambda a: a**0.5, "__pow__", (A,)),
    _operator("a ** b", lambda a, b: a**b, "__pow__"),
    _operator("abs(a) at -1.7", lambda a: abs(a), "__abs__", (-A,)),
    *[_function(name) for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "sin", "cos", "tan", "arctan", "softplus")],
    _function("relu", B),
    _function("relu", -B),
]
CONSTANTS = [
    _operator("a + 2", lambda a: a + 2, "__add__", (A,), "constants"),
    _operator("2 + a", lambda a: 2 + a, "__radd__ __add__", (A,), "constants"),
    _operator("a - 2", lambda a: a - 2, "__sub__", (A,), "constants"),
    _operator("3 - a", lambda a: 3 - a, "__rsub__ __sub__", (A,), "constants"),
    _operator("a * 2", lambda a: a * 2, "__mul__", (A,), "constants"),
    _operator("2.5 * a", lambda a: 2.5 * a, "__rmul__ __mul__", (A,), "constants"),
    _operator("a / 2", lambda a: a / 2, "__truediv__", (A,), "constants"),
    _operator("3 / a", lambda a: 3 / a, "__rtruediv__ __truediv__", (A,), "constants"),
    _operator("2 ** a", lambda a: 2**a, "__rpow__", (A,), "constants"),
    *[
        _operator(f"np.float64(3) {sign} a", f, f"__r{name} __array_ufunc__", (A,), "constants")
        for sign, name, f in (
            ("*", "mul", lambda a: np.float64(3) * a),
            ("+", "add", lambda a: np.float64(3) + a),
            ("-", "sub", lambda a: np.float64(3) - a),
            ("/", "truediv", lambda a: np.float64(3) / a),
        )
    ],
    _operator("a * np.float64(3)", lambda a: a * np.float64(3), "__mul__", (A,), "constants"),
    _operator("sum([a, b])", lambda a, b: sum([a, b]), "__radd__ __add__", (A, B), "constants"),
]


def _repeated(text: str, f: Any, methods: str, at: Numbers = (A, B), ring: str = "accumulation") -> Expression:
    return Expression(text, f, at, ring, tuple(methods.split()))


def _diamond(call: Any, a: Any, b: Any) -> Any:
    c = a * b
    return c * a + c


def _lattice(call: Any, a: Any, b: Any) -> Any:
    c = a + b
    d = c * b
    e = c * d
    return e * d + c


def _late(call: Any, a: Any, b: Any) -> Any:
    c = a * b
    d = c + a
    return d * c + d


def _twice_inner(call: Any, a: Any) -> Any:
    b = a * a
    c = b * b
    return c * b


ACCUMULATION = [
    _repeated("a + a", lambda call, a: a + a, "__add__", (A,)),
    _repeated("a - a", lambda call, a: a - a, "__sub__", (A,)),
    _repeated("a * a", lambda call, a: a * a, "__mul__", (A,)),
    _repeated("a / a", lambda call, a: a / a, "__truediv__", (A,)),
    _repeated("a * b + a", lambda call, a, b: a * b + a, "__mul__ __add__"),
    _repeated("a * a + b * a", lambda call, a, b: a * a + b * a, "__mul__ __add__"),
    _repeated("(a + b) * (a + b)", lambda call, a, b: (a + b) * (a + b), "__mul__ __add__"),
    _repeated("a ** 2 + a", lambda call, a: a**2 + a, "__pow__ __add__", (A,)),
    _repeated("a / b + b", lambda call, a, b: a / b + b, "__truediv__ __add__"),
    _repeated("-a + a * b", lambda call, a, b: -a + a * b, "__neg__ __mul__ __add__"),
    *[
        _repeated(f"{name}(a) + a", lambda call, a, name=name: call(name, a) + a, f"{name} __add__", (B,))
        for name in ("exp", "log", "tanh", "sigmoid", "relu", "sin", "sqrt")
    ],
    *[
        _repeated(f"{name}(a) * 3", lambda call, a, name=name: call(name, a) * 3, f"{name} __mul__", (B,))
        for name in ("exp", "log", "tanh", "sigmoid", "relu", "sin", "sqrt")
    ],
    _repeated("(a + b) * 3", lambda call, a, b: (a + b) * 3, "__add__ __mul__"),
    _repeated("(a * b) * 3", lambda call, a, b: (a * b) * 3, "__mul__"),
    _repeated("(a - b) * 3", lambda call, a, b: (a - b) * 3, "__sub__ __mul__"),
    _repeated("(a / b) * 3", lambda call, a, b: (a / b) * 3, "__truediv__ __mul__"),
    _repeated("a ** 2 * 3", lambda call, a: a**2 * 3, "__pow__ __mul__", (A,)),
    _repeated("-a * 3", lambda call, a: -a * 3, "__neg__ __mul__", (A,)),
]
ORDER = [
    _repeated("(a + 1) + 1", lambda call, a: (a + 1) + 1, "__add__", (A,), "order"),
    _repeated("b = a + 1; (b + 1) + b", lambda call, a: (b := a + 1) + 1 + b, "__add__", (A,), "order"),
    _repeated("c = a * b; c * a + c", _diamond, "__mul__ __add__", ring="order"),
    _repeated("b = a * a; c = b * b; c * b", _twice_inner, "__mul__", (A,), "order"),
    _repeated("c = a * b; d = c + a; d * c + d", _late, "__mul__ __add__", ring="order"),
    _repeated("c = a + b; d = c * b; e = c * d; e * d + c", _lattice, "__mul__ __add__", ring="order"),
]
POINTS = [
    _operator("a ** 2 at 0", lambda a: a**2, "__pow__", (0.0,), "points"),
    _operator("a ** 3 at -1.7", lambda a: a**3, "__pow__", (-A,), "points"),
    _operator("a ** 1 at 0", lambda a: a**1, "__pow__", (0.0,), "points"),
    _operator("a ** 0", lambda a: a**0, "__pow__", (A,), "points"),
    _operator("a * b at 0", lambda a, b: a * b, "__mul__", (0.0, B), "points"),
    _function("tanh", 20.0, ring="points"),
    _function("tanh", 400.0, ring="points"),
    _function("sigmoid", -800.0, ring="points"),
    _function("sigmoid", 800.0, ring="points"),
    _function("softplus", 800.0, ring="points"),
    _function("log", 1e-12, ring="points"),
]


def _chain(call: Any, a: Any) -> Any:
    for _ in range(3000):
        a = a + 0.001
    return a


def _wide(call: Any, a: Any) -> Any:
    total = a * 1.0
    for k in range(500):
        total = total + a * (0.001 * k)
    return total


SIZE = [
    _repeated("a + 0.001, 3,000 times", _chain, "__add__", (A,), "size"),
    _repeated("500 uses of a, added up", _wide, "__add__ __mul__", (A,), "size"),
]
EXPRESSIONS = [*OPERATORS, *CONSTANTS, *ACCUMULATION, *ORDER, *POINTS, *SIZE]
