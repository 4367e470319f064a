"""`Text`: a number that is the text of a program. Rows and Python's operators write down what is done to it."""

from __future__ import annotations

import math
from collections.abc import Callable

from chainrule.numbers import Number
from chainrule.ops.row import TABLE


class CannotWrite(TypeError):
    """A row that the program has no value for, or that decides by the number it is given."""


class Text:
    """Subclasses say how numbers are written, and are registered with a library that says how rows are.

    >>> print(2 * Text("x") + 1)
    ((2.0 * x) + 1.0)
    """

    __slots__ = ("text",)
    __array_ufunc__ = None
    __hash__ = object.__hash__
    not_a_number, infinity = "nan", "inf"

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __neg__(self) -> Text:
        return type(self)(f"(-{self})")

    def __pos__(self) -> Text:
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

    @classmethod
    def written(cls, x: Number) -> str:
        """A number as the program says it.

        >>> Text.written(0.1), Text.written(float("-inf"))
        ('0.1', '(-inf)')
        """
        if isinstance(x, Text):
            return x.text
        if isinstance(x, bool):
            return str(x).lower()
        x = float(x)
        text = cls.not_a_number if x != x else cls.infinity if math.isinf(x) else repr(abs(x))
        return f"(-{text})" if math.copysign(1.0, x) < 0 and x == x else text


def infix(sign: str) -> tuple[Callable[..., Text], Callable[..., Text]]:
    """What writes a sign between two numbers, and between them in reverse."""
    return (
        lambda self, other: type(self)(f"({self} {sign} {self.written(other)})"),
        lambda self, other: type(self)(f"({self.written(other)} {sign} {self})"),
    )


for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/"}.items():
    _left, _right = infix(_sign)
    setattr(Text, f"__{_name}__", _left)
    setattr(Text, f"__r{_name}__", _right)
for _name, _sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Text, f"__{_name}__", infix(_sign)[0])
