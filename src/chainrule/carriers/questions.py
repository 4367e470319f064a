"""What a user's function can ask to tell a traced number from the plain one: its type, its hash, its attributes, or
whether a call with it fails.

Such a function may compute something else while it is differentiated. In lifted functions `isinstance`, `hasattr`,
`getattr` and `np.isscalar` answer as for the plain number. Where the answer shows the difference, `asked` counts it,
and the caller of the function compares its value with that of plain numbers (`transforms/plainly`).
"""

from __future__ import annotations

import builtins
import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.lifting.objects import FUNCTIONS, LIFT
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import ChainruleError, Refusal
from chainrule.numbers import StandIn, primal

ASKED = [0]
"""How often a function has asked what only a plain number answers as a plain number does."""


def asked() -> None:
    """The function may go another way than it goes for plain numbers."""
    ASKED[0] += 1


def plain_number(x: Any) -> Any:
    """The plain number that a traced or recorded one stands for."""
    if type(x) is COMPLEX_NUMBERS.kind:
        return plain_number(x.real) + 1j * plain_number(x.imag)
    x = primal(x)
    return getattr(x, "value", x) if isinstance(x, StandIn) else x


def _isinstance(x: Any, kinds: Any) -> bool:
    if not isinstance(x, StandIn):
        return isinstance(x, kinds)
    number = plain_number(x)
    answer = isinstance(number, kinds)
    if isinstance(number, float) and isinstance(1.0, kinds) != isinstance(np.float64(1.0), kinds):
        asked()  # which of them it is while it is traced is not which of them it is otherwise
    return answer or (isinstance(x, kinds) and _ours(kinds))


def _ours(kinds: Any) -> bool:
    """Whether a type of traced numbers is asked for by name."""
    if isinstance(kinds, tuple):
        return any(map(_ours, kinds))
    return isinstance(kinds, type) and issubclass(kinds, StandIn)


def _type(*args: Any) -> Any:
    if len(args) == 1 and isinstance(args[0], StandIn):
        asked()  # a float may be one of NumPy's otherwise
        number = plain_number(args[0])
        return type(args[0] if number is None or isinstance(number, StandIn) else number)
    return type(*args)


def _getattr(x: Any, name: str, *default: Any) -> Any:
    if default and isinstance(x, StandIn) and not hasattr(plain_number(x), name):
        return default[0]
    found = getattr(x, name, *default)
    return LIFT[0](found) if isinstance(found, FUNCTIONS) else found


def is_scalar(element: Any) -> bool:
    """np.isscalar, of the number that a traced one stands for."""
    return bool(np.isscalar(plain_number(element) if isinstance(element, StandIn) else element))


def _dir(*args: Any) -> list[str]:
    asked()
    return dir(plain_number(args[0]) if isinstance(args[0], StandIn) else args[0]) if args else sorted(_locals())


def _vars(*args: Any) -> Any:
    asked()
    return vars(plain_number(args[0]) if isinstance(args[0], StandIn) else args[0]) if args else _locals()


def _locals() -> dict[str, Any]:
    """The names of the function that asks. (This file has frames of its own only where it is not compiled.)"""
    frame: Any = sys._getframe()
    while frame.f_code.co_filename == __file__ or frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    found: dict[str, Any] = frame.f_locals
    return found


QUESTIONS: dict[str, Callable[..., Any]] = {
    "isinstance": _isinstance,
    "type": _type,
    "hasattr": lambda x, name: hasattr(plain_number(x) if isinstance(x, StandIn) else x, name),
    "getattr": _getattr,
    "dir": _dir,
    "vars": _vars,
}
"""By the names of Python's: what lifted functions ask instead."""

ASKING = frozenset(QUESTIONS)


def builtin(name: str, of_errors: bool) -> Any:
    """What `name` is in a lifted function: Python's own, or what answers as for plain numbers; for a name `of_errors`
    an `except` may be asking."""
    if of_errors:
        compared()
    return QUESTIONS.get(name) or vars(builtins)[name]


def compared() -> None:
    """The class of an error is looked up: an `except` compares it with the error that has been raised, if there is
    one."""
    error = sys.exc_info()[1]
    if error is not None and _of_a_traced_number(error):
        asked()


def _of_a_traced_number(error: BaseException) -> bool:
    """Whether an error may come from a number's being traced, and is not what arithmetic or a look-up raises. A refusal
    that is caught is raised anyway."""
    if isinstance(error, ValueError):
        return not str(error).startswith(("math ", "expected a "))
    if isinstance(error, Refusal):
        return False
    return isinstance(error, (TypeError, AttributeError, NotImplementedError, struct.error, ChainruleError)) or (
        isinstance(error, ArithmeticError)
        and not isinstance(error, (ZeroDivisionError, OverflowError, FloatingPointError))
    )
