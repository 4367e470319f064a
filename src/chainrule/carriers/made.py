"""What is made for the operators that nodes of floats know by number: the numbers, values and slopes of floats, and
slopes of arrays in C. They are made from the rows that say `fast`; `chainrule/made.py` writes them where they stand.

The rules themselves are run on numbers that are text. What IEEE 754 rounds in one way only is written for arrays.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any

import chainrule.native.libm as libm
from chainrule.libraries import Library, computed_by
from chainrule.numbers import Number
from chainrule.ops.kinds import Elementwise
from chainrule.ops.names import called
from chainrule.ops.row import TABLE
from chainrule.ops.text import CannotWrite, Text

OF_FLOATS = (
    "divide_db", "heaviside0", "lorentzian", "max_weight", "maximum", "minimum", "not_negative", "power", "power_db",
    "power_dx", "relu", "sech2", "sigmoid", "sign",
)  # fmt: skip
"""The rows and composites that `float_rules.py` has a function for."""
OF_ARRAYS = ("heaviside0", "max_weight", "not_negative", "sign")
"""Those that `arrays.h` has a function for, beside sums, products and quotients."""


class FloatText(Text):
    """A float in the compiled Python of `float_rules.py`."""

    __slots__ = ()


class ArrayText(Text):
    """An element of an array in the C of `arrays.h`."""

    __slots__ = ()


def fast() -> dict[str, Elementwise]:
    """The rows with a number, those of two operands first."""
    rows = [row for row in TABLE.values() if isinstance(row, Elementwise) and row.fast]
    return {row.name: row for row in sorted(rows, key=lambda row: -row.arity)}


def opcodes() -> dict[str, int]:
    """The number of each name: of what has no code, inputs, the operators, and elements of arrays."""
    return {name.upper(): code for code, name in enumerate(("general", "leaf", *fast(), "element"))}


def constants() -> str:
    named = opcodes()
    unary = next(name.upper() for name, row in fast().items() if row.arity == 1)
    lines = [f"{name} = {code}\n" for name, code in named.items()]
    names = textwrap.fill(", ".join(f'"{name}"' for name in ("", "", *fast())), 110)
    return (
        "".join(lines)
        + f"UNARY = {unary}\n"
        + f"NAMES = (\n{textwrap.indent(names, '    ')},\n)  # fmt: skip\n"
        + '"""The name in the operator table of each number."""\n'
    )


def declarations() -> str:
    named = opcodes()
    unary = next(named[name.upper()] for name, row in fast().items() if row.arity == 1)
    return "cdef enum:\n" + "".join(f"    {n} = {k}\n" for n, k in {**named, "UNARY": unary}.items())


def enumeration() -> str:
    text = ", ".join(f"{name}={code}" for name, code in opcodes().items() if code > 1)
    return f"enum {{\n{textwrap.indent(textwrap.fill(text, 110), '    ')}\n}};\n".replace("=", " = ")


# -- floats -----------------------------------------------------------------------------------------------------------


def _float(row: Any) -> Callable[..., Number]:
    def call(*args: Any) -> Number:
        given = [FloatText.written(x) for x in args]
        bare = ", ".join(map(_bare, given))
        if row.name in OF_FLOATS:
            return FloatText(f"{row.name}({bare})")
        if row.name in ("divide", "reciprocal"):
            return FloatText(f"libm.divide({bare})" if row.arity == 2 else f"libm.divide(1.0, {bare})")
        if row.symbol in ("+", "-", "*") and row.arity == 2:
            return FloatText(f"({given[0]} {row.symbol} {given[1]})")
        function = called(row, "c")
        if hasattr(libm, function):
            return FloatText(f"libm.{function}({bare})")
        if row.body is None:
            raise CannotWrite(f"{row.name} of floats")
        return row.body(*args)

    return call


computed_by(FloatText, Library("float text", 5, lambda name: None, record=_float))


def _bare(text: str) -> str:
    """The text without parentheses around all of it."""
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def value_of_floats(arity: int) -> str:
    """The branches of `unary` and `binary`."""
    operands = [FloatText(name) for name in ("x" if arity == 1 else "ab")]
    return _branches({name: _bare(str(row(*operands))) for name, row in fast().items() if row.arity == arity})


def _branches(results: dict[str, str]) -> str:
    """One after the other, the last one for all that is left."""
    last = list(results)[-1]
    lines: list[str] = []
    for name, text in results.items():
        word = "elif" if lines else "if"
        lines.append("    else:\n" if name == last else f"    {word} code == opcodes.{name.upper()}:\n")
        lines.append(f"        return {text}\n")
    return "".join(lines)


def slopes_of_floats() -> str:
    """The branches of `slope`."""
    found = {}
    for name, row in fast().items():
        parts = [_slope(row, side, FloatText) for side in range(row.arity)]
        found[name] = parts[0] if len(set(parts)) == 1 else f"{parts[1]} if side else {parts[0]}"
    return _branches(found)


def _slope(row: Elementwise, side: int, kind: type[Text], names: str = "yab") -> str:
    y, *operands = map(kind, names)
    partial = row.partials[side]
    found = partial(y, *operands[: row.arity]) if callable(partial) else partial
    return _bare(kind.written(found))


# -- arrays -----------------------------------------------------------------------------------------------------------


def _array(row: Any) -> Callable[..., Number]:
    def call(*args: Any) -> Number:
        given = [ArrayText.written(x) for x in args]
        if row.name in OF_ARRAYS:
            return ArrayText(f"chainrule_{row.name}({', '.join(map(_bare, given))})")
        if row.name in ("divide", "reciprocal"):
            return ArrayText(f"({' / '.join(given if row.arity == 2 else ['1.0', *given])})")
        if getattr(row, "symbol", "") in ("+", "-", "*") and row.arity == 2:
            return ArrayText(f"({given[0]} {row.symbol} {given[1]})")
        # where arrays have a kernel, the body is not what they compute
        if row.body is None or "numpy" in row.kernels or called(row, "c") in vars(libm):
            raise CannotWrite(f"{row.name} of arrays in C")
        return row.body(*args)

    return call


computed_by(ArrayText, Library("array text", 5, lambda name: None, record=_array))


def shares_of_arrays() -> str:
    """The cases of `chainrule_share`: the cotangent c times the slope by the operands u and v of the result w. Where a
    row computes share and slope at once near the ends of the range, it is asked there."""
    lines: list[str] = []
    for name, row in fast().items():
        found = {side: text for side in range(row.arity) if (text := _case(row, side))}
        if not found:
            continue
        if len(set(found.values())) == 1 and len(found) == row.arity:
            lines.append(f"    case {name.upper()}: {found[0]}\n")
        else:
            first = f"if (side == 0) {{ {found[0]} }}"
            lines.append(
                f"    case {name.upper()}: {first} {f'else {{ {found[1]} }}' if 1 in found else 'return 0;'}\n"
            )
    return "".join(lines)


def _case(row: Elementwise, side: int) -> str:
    partial = row.partials[side]
    if partial in (1, -1):
        return "EACH(c)" if partial == 1 else "EACH(-c)"
    try:
        text = _slope(row, side, ArrayText, "wuv")
    except (CannotWrite, TypeError):
        return ""
    return f"WITHIN({text}) SLOPE({text})" if side in row.shares else f"SLOPE({text})"


def reads_of_rules() -> str:
    """What the slopes read, by code and side."""
    masks = [0] * 4
    for row in fast().values():
        masks += [read_of(row, side) if side < row.arity else 0 for side in (0, 1)]
    return f"READS = (\n{textwrap.indent(textwrap.fill(', '.join(map(str, masks)), 110), '    ')},\n)  # fmt: skip\n"


def read_of(row: Elementwise, side: int) -> int:
    """What a slope reads: 1: the result, 2: the first operand, 4: the second."""
    try:
        text = _slope(row, side, FloatText)
    except (CannotWrite, TypeError):
        return 7
    return 7 if side in row.shares else sum(1 << k for k, name in enumerate("yab") if re.search(rf"\b{name}\b", text))


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("native/opcodes.py", "opcodes"): constants,
    ("native/opcodes.pxd", "opcodes"): declarations,
    ("native/arrays.h", "opcodes"): enumeration,
    ("native/arrays.h", "shares"): shares_of_arrays,
    ("values/residuals.py", "reads"): reads_of_rules,
    ("carriers/float_rules.py", "unary"): lambda: value_of_floats(1),
    ("carriers/float_rules.py", "binary"): lambda: value_of_floats(2),
    ("carriers/float_rules.py", "slopes"): slopes_of_floats,
}
"""(file of the package, name of the part) -> what stands there."""
