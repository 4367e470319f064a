"""The rows of the operator table as JavaScript: their rules are run on numbers that write down what is done to them.

The page holds no derivative of its own. `rule` runs a row's `pull`, which every sweep runs, on `Script` numbers, and
what they have written is what the page computes; only the values of operators are JavaScript's (`values.js`).
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from chainrule import numbers
from chainrule.numbers import Library, Number
from chainrule.ops.branches import PARTIAL
from chainrule.ops.row import TABLE, Operator

LETTERS = "abcdefgh"
SCRIPTS = ("values.js", "special.js")


class CannotWrite(TypeError):
    """A row that JavaScript has no value for, or that decides by the number it is given."""


class Script:
    """A number that is JavaScript text.

    >>> print(2 * Script("x") + 1)
    ((2.0 * x) + 1.0)
    """

    __slots__ = ("text",)
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __neg__(self) -> Script:
        return Script(f"(-{self})")

    def __pos__(self) -> Script:
        return self

    def __abs__(self) -> Number:
        return TABLE["absolute"](self)

    def __pow__(self, other: Number) -> Number:
        return TABLE["power"](self, other)

    def __rpow__(self, other: Number) -> Number:
        return TABLE["power"](other, self)

    def __floordiv__(self, other: Number) -> Number:
        return TABLE["floor_divide"](self, other)

    def __mod__(self, other: Number) -> Number:
        return TABLE["remainder"](self, other)

    def __bool__(self) -> bool:
        raise CannotWrite("which way it goes depends on the number")


def _infix(sign: str) -> tuple[Callable[..., Script], Callable[..., Script]]:
    return (
        lambda self, other: Script(f"({self} {sign} {written(other)})"),
        lambda self, other: Script(f"({written(other)} {sign} {self})"),
    )


for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/"}.items():
    _left, _right = _infix(_sign)
    setattr(Script, f"__{_name}__", _left)
    setattr(Script, f"__r{_name}__", _right)
for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "===", "ne": "!=="}.items():
    setattr(Script, f"__{_name}__", _infix(_sign)[0])


def written(x: Number) -> str:
    """A number as JavaScript says it.

    >>> written(0.1), written(float("-inf"))
    ('0.1', '(-Infinity)')
    """
    if isinstance(x, Script):
        return x.text
    if isinstance(x, bool):
        return str(x).lower()
    x = float(x)
    text = "NaN" if x != x else "Infinity" if math.isinf(x) else repr(abs(x))
    return f"(-{text})" if math.copysign(1.0, x) < 0 and x == x else text


@functools.cache
def values() -> dict[str, str]:
    """The names of the rows whose value the page can compute, and the file that does it."""
    found = {}
    for name in SCRIPTS:
        text = resources.files("chainrule.show.page").joinpath(name).read_text(encoding="utf-8")
        table = text[text.rindex("\n  return {") :]
        found.update(dict.fromkeys(re.findall(r"\n    (\w+)[:,]", table), name))
    return found


def _record(row: Any) -> Callable[..., Number]:
    """What computes a row for these numbers: a call of the page's function of that name, else the row's body."""

    def call(*args: Number, **settings: Any) -> Number:
        if row.name in values():
            return Script(f"V.{row.name}({', '.join(map(written, [*args, *settings.values()]))})")
        if row.body is None:
            raise CannotWrite(f"{row.name} has no value in JavaScript")
        return row.body(*args, **settings)

    return call


numbers._known[Script] = Library("script", 5, lambda name: None, record=_record, again=True)


def rule(row: Operator, count: int, settings: dict[str, Any]) -> str:
    """The row for `count` operands as a JavaScript object.

    value      of the operands
    partials   (y, ...operands) -> what a gradient of 1 sends to each operand
    sends      (g, y, ...operands) -> what the gradient g sends to each operand
    chooses    whether an operand with a partial of 0 was not chosen, so that nothing arrives there

    Raises CannotWrite.

    >>> print(rule(TABLE["log"], 1, {}))
    { value: (a) => V.log(a),
      partials: (y, a) => [V.multiply(1.0, V.reciprocal(V.not_negative(a)))],
      sends: (g, y, a) => [V.multiply(g, V.reciprocal(V.not_negative(a)))],
      chooses: false }
    """
    names = LETTERS[:count]
    operands = tuple(map(Script, names))
    try:
        value = written(row(*operands, **settings))
        partials, sends = (_pulled(row, ct, operands, settings) for ct in (1.0, Script("g")))
    except CannotWrite:
        raise
    except (TypeError, AttributeError, ValueError, ArithmeticError, LookupError) as error:
        raise CannotWrite(str(error)) from error
    given = ", ".join(names)
    return (
        f"{{ value: ({given}) => {value},\n  partials: (y, {given}) => [{partials}],\n"
        f"  sends: (g, y, {given}) => [{sends}],\n  chooses: {written(_chooses(row))} }}"
    )


def _chooses(row: Operator) -> bool:
    return bool(getattr(row, "selects", False)) or row.name in PARTIAL


def _pulled(row: Operator, ct: Number, operands: tuple[Script, ...], settings: dict[str, Any]) -> str:
    shares: dict[int, Number] = dict.fromkeys(range(len(operands)), 0.0)
    for i, share in row.pull(ct, Script("y"), operands, range(len(operands)), settings):
        shares[i] = share
    return ", ".join(map(written, shares.values()))


def scripts(rules: str) -> str:
    """The values that these rules need."""
    used = {values()[name] for name in re.findall(r"\bV\.(\w+)\(", rules)} | {SCRIPTS[0]}
    files = resources.files("chainrule.show.page")
    return "".join(files.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS if name in used)
