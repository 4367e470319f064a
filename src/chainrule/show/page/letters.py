"""Local derivatives in letters: a row's rule is run on numbers that print what is done to them for a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chainrule.libraries import Library, computed_by
from chainrule.numbers import Number, shape
from chainrule.ops.composite import Composite
from chainrule.ops.kinds import Elementwise, Linear
from chainrule.show.code.printed import signed
from chainrule.show.code.python_syntax import ATOM, INFIX, POWER, SIGN, SUM, TIMES, Text
from chainrule.show.page.steps import words_of
from chainrule.show.picture.graph import Node, row_named
from chainrule.show.picture.number_format import number

UNNAMED = "uvwabc"
SMALL = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
DOT = (" · ", TIMES, TIMES, TIMES)


class Letters:
    """A number that is a formula: a piece of text, which knows how tightly it binds.

    >>> x = Letters("x")
    >>> print(-(x + 1) * x, 1 / x**2, x * 1)
    -(x + 1) · x 1 / x² x
    """

    __slots__ = ("piece",)
    __array_ufunc__ = None

    def __init__(self, text: str, binds: int = ATOM) -> None:
        self.piece = Text(text, binds)

    def __str__(self) -> str:
        return self.piece.code

    def __neg__(self) -> Letters:
        return Letters(*signed(self.piece))

    def __pos__(self) -> Letters:
        return self

    def __abs__(self) -> Letters:
        return Letters(f"|{self}|")

    def __bool__(self) -> bool:
        raise TypeError("which way it goes depends on the number")


def _letters(x: Number) -> Letters:
    if isinstance(x, Letters):
        return x
    text = number(float(x))
    return Letters(text, SIGN if text.startswith("-") else ATOM)


def _product(a: Letters, b: Letters) -> Letters:
    if str(b) == "1":
        return a
    return b if str(a) == "1" else Letters(*a.piece.joined(DOT, b.piece))


def _power(a: Letters, b: Letters) -> Letters:
    exponent = str(b)
    if exponent == "1":
        return a
    small = exponent.translate(SMALL) if exponent.isdigit() else f"^{b.piece.inside(ATOM)}"
    return Letters(f"{a.piece.inside(ATOM)}{small}", POWER)


def _infix(sign: str) -> Callable[[Letters, Letters], Letters]:
    return lambda a, b: Letters(*a.piece.joined(INFIX[sign], b.piece))


_OPERATIONS: dict[str, Callable[..., Letters]] = {
    "add": _infix("+"), "subtract": _infix("-"), "multiply": _product, "scale": _product,
    "strong_zero_product": _product, "divide": _infix("/"), "reciprocal": lambda a: 1 / a, "negative": lambda a: -a,
    "square": lambda a: a**2, "power": _power, "absolute": abs,
}  # fmt: skip
"""Python's operators, which are printed between their operands."""


def _both_sides(compute: Callable[[Letters, Letters], Letters]) -> tuple[Callable[..., Letters], ...]:
    return lambda a, b: compute(a, _letters(b)), lambda a, b: compute(_letters(b), a)


for _name, _row in (("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"), ("pow", "power")):
    for _method, _compute in zip((f"__{_name}__", f"__r{_name}__"), _both_sides(_OPERATIONS[_row]), strict=True):
        setattr(Letters, _method, _compute)


def _record(row: Any) -> Callable[..., Number]:
    def call(*args: Number, **settings: Any) -> Number:
        if row.name in _OPERATIONS:
            return _OPERATIONS[row.name](*map(_letters, args))
        if isinstance(row, Composite):
            return row.body(*args, **settings)
        words = list(map(_letters, args))
        if not row.printed or settings:
            given = [*map(str, words), *(f"{name}={x}" for name, x in settings.items())]
            return Letters(f"{row.name}({', '.join(given)})")
        return Letters(_printed(row.printed, words), ATOM if _is_call(row.printed) else SUM)

    return call


def _is_call(template: str) -> bool:
    """Whether a name and one pair of brackets are all of it."""
    return bool(re.fullmatch(r"\w+\([^()]*\)", template))


def _printed(template: str, words: list[Letters]) -> str:
    """The operands in their places, in brackets where nothing else holds them together."""
    order = iter(range(len(words)))

    def place(match: re.Match[str]) -> str:
        word = words[int(match[2]) if match[2] else next(order)]
        alone = match[1] in "(," and match[3] in "),"
        return match[1] + (str(word) if alone else word.piece.inside(ATOM))

    text = re.sub(r"(.?)\{(\d*)\}(?=(.?))", place, f" {template} ").strip()
    text = re.sub(r"\*\*(\d+)", lambda m: m[1].translate(SMALL), text)
    return text.replace(" * ", " · ")


computed_by(Letters, Library("letters", 5, lambda name: None, record=_record))


def rules_of(node: Node, by: dict[int, Node]) -> list[str]:
    """For each operand of a box its local derivative in letters; "" where it is no product of numbers, as for sums.

    >>> from chainrule import Value, tanh
    >>> from chainrule.show.picture.reading import picture
    >>> nodes = picture(tanh(Value(0.5, "n")) * 2.0).nodes
    >>> rules_of(nodes[1], dict(enumerate(nodes)))
    ['d tanh(n) / dn = 1 / cosh(n)²']
    """
    row = row_named(node.op)
    nothing = [""] * len(node.operands)
    if row is None or node.count > 1 or not isinstance(row, (Elementwise, Linear)) or row.name in _WHOLE:
        return nothing
    names = _names(node, by)
    operands = tuple(Letters(name, SIGN if name.startswith("-") else ATOM) for name in names)
    if "exponent" in node.settings:
        operands = (*operands, node.settings["exponent"])
    settings = {k: v for k, v in node.settings.items() if k != "exponent"}
    written = in_letters(row, operands, settings)
    if written is None:
        return nothing
    whole, found = written
    found = [
        f"{text}, for one of its uses here" * (text != "") if node.operands.count(k) > 1 else text
        for k, text in zip(node.operands, found[: len(node.operands)], strict=True)
    ]
    return [
        f"d {whole} / d{' ' * (len(name) > 1)}{name} = {text}" if text and by[k].kind != "constant" else ""
        for k, name, text in zip(node.operands, names, found, strict=True)
    ]


def in_letters(row: Any, operands: tuple[Any, ...], settings: dict[str, Any]) -> tuple[str, list[str]] | None:
    """An operator and its derivative by each operand; None for a rule that no letters say."""
    try:
        value = _letters(row(*operands, **settings))
        shares = dict(row.pull(1.0, value, operands, range(len(operands)), settings))
    except Exception:  # a rule that decides by its numbers, or a user's that calls what has no letters
        return None
    return value.piece.inside(ATOM), [str(_letters(shares[i])) if i in shares else "" for i in range(len(operands))]


_WHOLE = {
    "sum", "cumsum", "einsum", "matmul", "getitem", "concatenate", "stack", "reshape", "transpose", "flip", "roll",
}  # fmt: skip
"""Rows of whole arrays: what they send back is no product."""


def _names(node: Node, by: dict[int, Node]) -> list[str]:
    """The operands' own names, letters where they have none; of equal operands the same one."""
    free = iter(UNNAMED)
    letters: dict[int, str] = {}
    found = []
    for k, word in zip(node.operands, words_of(node, by), strict=False):
        operand = by[k]
        if operand.label or (operand.kind == "constant" and not shape(operand.value)):
            found.append(operand.label or word)
            continue
        if k not in letters:
            letters[k] = next(free, "u")
        found.append(letters[k])
    return found
