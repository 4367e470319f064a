"""The rows of the operator table as JavaScript: their rules are run on numbers that write down what is done to them.

The page holds no derivative of its own. `rule` runs a row's `pull`, which every sweep runs, on `Script` numbers, and
what they have written is what the page computes; only the values of operators are JavaScript's (`values.js`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from chainrule.libraries import Library, computed_by
from chainrule.numbers import Number
from chainrule.ops.branches import PARTIAL
from chainrule.ops.row import Operator
from chainrule.ops.text import CannotWrite, Text, infix

LETTERS = "abcdefgh"
SCRIPTS = ("values.js", "special.js")


class Script(Text):
    """A number that is JavaScript text.

    >>> print(2 * Script("x") == Script("y"), Script.written(float("-inf")))
    ((2.0 * x) === y) (-Infinity)
    """

    __slots__ = ()
    __hash__ = object.__hash__
    not_a_number, infinity = "NaN", "Infinity"
    __eq__ = infix("===")[0]  # type: ignore[assignment]
    __ne__ = infix("!==")[0]  # type: ignore[assignment]


written = Script.written


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


computed_by(Script, Library("script", 5, lambda name: None, record=_record, again=True))


def rule(row: Operator, count: int, settings: dict[str, Any]) -> str:
    """The row for `count` operands as a JavaScript object.

    value      of the operands
    partials   (y, ...operands) -> what a gradient of 1 sends to each operand
    sends      (g, y, ...operands) -> what the gradient g sends to each operand
    chooses    whether an operand with a partial of 0 was not chosen, so that nothing arrives there

    Raises CannotWrite.

    >>> from chainrule.ops import log
    >>> print(rule(log, 1, {}))
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
