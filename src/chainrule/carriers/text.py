"""What a traced number is written as: text for people, which is not read back as a number in silence."""

from __future__ import annotations

import dis
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.carriers.lifting.objects import OURS, Globals
from chainrule.carriers.questions import asked
from chainrule.carriers.refusals import no_float
from chainrule.errors import CannotRecord, DroppedDerivative, Refusal
from chainrule.inputs import OPEN
from chainrule.numbers import StandIn, primal

WRITING = ("encode", "format", "format_map", "join", "ljust", "rjust", "center", "zfill", "expandtabs", "maketrans")
"""Methods of text that are used to show it."""


_WRITTEN: deque[tuple[Text, Callable[[], bool]]] = deque(maxlen=16)
"""The last texts, each with what says whether the function that wrote it still runs."""


class Text(str):
    """A traced number as text: `f"{x:.3f}"`, `str(x)`, `repr(x)`. It may be shown freely.

    float() and int() of it are refused. Code that compares it, measures it or looks into it may go another way than for
    the text of a plain number, so the function is then called with plain numbers as well (see `questions`). Parts of it
    and what its methods make of it are such texts too; text that it is put into is plain text (see `reading`).
    """

    __slots__ = ()

    def __float__(self) -> float:
        raise self.refused("float")

    def __int__(self) -> int:
        raise self.refused("int")

    def refused(self, kind: str) -> Refusal:
        """The error for reading it back as a number of that kind."""
        return DroppedDerivative.here(
            f"{kind}({str.__str__(self)!r}) would read a traced number back from its text and lose its derivative."
            "\n  Compute with the number itself; to round it write np.round(x, 3), to read it only x.data"
        )

    def __format__(self, spec: str) -> str:
        return type(self)(str.__format__(self, spec))

    def strip(self, *args: Any) -> Text:
        return type(self)(str.strip(self, *args))


class RecordedText(Text):
    """A recorded number as text. Nothing would tell the machine code when the text changes."""

    __slots__ = ()

    def refused(self, kind: str) -> CannotRecord:
        return CannotRecord.here(
            f"{kind} of the text of a number in a function under jit or vmap would freeze it at what it is now.\n"
            "  Compute and compare with the number itself"
        )


class Formatted(Text):
    """A traced number that `%` has put into text, in a form that only the text shows."""

    __slots__ = ()

    def is_read_in(self, given: str) -> bool:
        """Whether a number that is read from `given` may be this one, to the digits that are written."""
        try:
            read, written = float(given), float(str.__str__(self))
        except ValueError:
            return False
        digits, _, exponent = given.strip().lower().partition("e")
        return abs(read - written) <= 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def formatted(x: Any) -> float:
    """The number that `"%.3f" % x` writes for a traced `x`. Refused where it is not `%` that asks for a float, and for
    recorded numbers, whose text the machine code would not know."""
    value = primal(x)
    if not isinstance(value, (float, np.floating)) or not _puts_in_text():
        raise no_float(x)
    _WRITTEN.append((Formatted(repr(float(value))), _while_running(x)))
    return float(value)


def _puts_in_text() -> bool:
    """Whether the instruction that runs is the operator `%`: a number on its left would have gone to `__rmod__`."""
    frame: Any = sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    if frame is None or not (isinstance(frame.f_globals, Globals) or frame.f_globals.get("__name__") == "logging"):
        return False  # what is not lifted may read it back
    code = frame.f_code.co_code
    return code[frame.f_lasti] == dis.opmap["BINARY_OP"] and code[frame.f_lasti + 1] in _REMAINDERS


_REMAINDERS = frozenset(
    step.arg
    for text in ("a % b", "a %= b")
    for step in dis.get_instructions(compile(text, "", "exec"))
    if step.opname == "BINARY_OP"
)


def written(x: Any, text: str) -> Text:
    """The text of a traced number `x`."""
    if not isinstance(text, Text):
        text = RecordedText(text) if isinstance(primal(x), StandIn) else Text(text)
    _WRITTEN.append((text, _while_running(x)))
    return text


def reading(kind: Any) -> Callable[..., Any]:
    """A type of numbers, called in a lifted function, perhaps with text that a traced number was put into."""

    def read(*args: Any, **settings: Any) -> Any:
        if _WRITTEN and args and type(args[0]) is str:
            _refuse_written(args[0], kind.__name__)
        return kind(*args, **settings)

    return read


def _refuse_written(given: str, kind: str) -> None:
    for text, running in _WRITTEN:
        if isinstance(text, Formatted):
            if text.is_read_in(given) and running():
                raise text.refused(kind)
            continue
        plain = str.__str__(text).strip()
        rest = given.replace(plain, "", 1) if plain and str.__contains__(given, plain) else given
        if rest is not given and (len(plain) > 2 or not any(c in "123456789" for c in rest)) and running():
            raise text.refused(kind)


def _while_running(x: Any) -> Callable[[], bool]:
    """What says whether the function that `x` is traced in still runs."""
    bottom: Any = primal(x)
    if not (isinstance(bottom, StandIn) and hasattr(bottom, "run")):
        level = getattr(x, "level", 0)
        return lambda: level in OPEN
    recorded = weakref.ref(bottom.run)

    def running() -> bool:
        run = recorded()
        return run is not None and not run.over

    return running


def represented(x: Any, text: str) -> str:
    """What `repr` of a traced number gives: its text while a function runs, in which it may be read.

    Afterwards it is a plain str: a report of a failure holds the repr of what the function was called with, and
    workers of pytest send no subclass of str.
    """
    bottom = primal(x)
    running = not bottom.run.over if isinstance(bottom, StandIn) and hasattr(bottom, "run") else bool(OPEN)
    return written(x, text) if running else text


def _asking(name: str, kind: type[Text]) -> Callable[..., Any]:
    method = getattr(str, name)

    def ask(self: Text, *args: Any, **settings: Any) -> Any:
        if kind is RecordedText:
            raise self.refused(f"{name}()")
        asked()
        return _parts_of(method(self, *args, **settings), kind)

    ask.__name__ = name
    return ask


def _parts_of(answer: Any, kind: type[Text]) -> Any:
    """What a method of text gave: texts, which are no plain ones either."""
    if type(answer) is str:
        return kind(answer)
    if isinstance(answer, Iterator):
        return map(kind, answer)
    return type(answer)(_parts_of(x, kind) for x in answer) if type(answer) in (list, tuple) else answer


LOOKING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__len__", "__getitem__",
           "__contains__", "__iter__")  # fmt: skip
for _name in (*LOOKING, *(name for name in dir(str) if name[0] != "_" and name not in (*WRITING, "strip"))):
    for _kind in (Text, RecordedText):
        setattr(_kind, _name, _asking(_name, _kind))

READERS: dict[str, Callable[..., Any]] = {kind.__name__: reading(kind) for kind in (float, int, complex)}
"""What lifted functions call in place of types of numbers."""
