"""Every exception Chainrule raises, and how it points at the user's line.

A message says what was expected, what arrived, what to write instead, and where in the user's code.
"""

from __future__ import annotations

import functools
import inspect
import linecache
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self, TypeVar

import numpy

F = TypeVar("F", bound=Callable[..., Any])
_LIBRARIES = (os.path.dirname(__file__), os.path.dirname(numpy.__file__))
_STANDARD = os.path.dirname(os.__file__)
_INSTALLED = {"site-packages", "dist-packages"}


class ChainruleError(Exception):
    """Base of all errors raised on purpose by Chainrule."""

    @classmethod
    def here(cls, message: str) -> Self:
        """The error whose message has the user's line below it."""
        return cls(at_user_line(message))


class Refusal(ChainruleError, TypeError):
    """What plain numbers may do and traced ones may not, because the derivative would be lost.

    A function that catches it goes another way than it goes for plain numbers: `swallowed` finds out.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        with _COUNTING:
            REFUSALS[0] += 1
            serial = REFUSALS[0]
        if not hasattr(_THREAD, "refusals"):
            _THREAD.refusals = deque(maxlen=16)
        # No traceback is kept with it: that would keep the arrays of the user's frames.
        _THREAD.refusals.append((serial, type(self), args))


class DroppedDerivative(Refusal):
    """A traced value was about to be turned into a plain number, which would lose its derivative."""


class UnsupportedFunction(Refusal):
    """A function without a derivative rule met a traced value."""


class ArgumentError(ChainruleError, TypeError):
    """An argument has a type that cannot be differentiated or understood."""


class CannotRecord(Refusal, ArgumentError):
    """A jitted function asked for the number behind one that is being recorded."""


class NeedsExamples(Refusal):
    """A function of many examples at once asked what differs from one to the other: it is computed one by one."""


class ShapeError(ChainruleError, ValueError):
    """Shapes or nested structures that should match do not."""


class AnotherFunction(ChainruleError, ValueError):
    """A function gives another value for traced numbers than for plain ones."""


class DomainError(ChainruleError, ValueError):
    """A function was evaluated where it has no real value."""


class NoValue(ChainruleError, ValueError):
    """An expression was evaluated before its inputs were given numbers."""


class CustomRuleError(ChainruleError, ValueError):
    """A custom derivative rule disagrees with the function it belongs to."""


class SolutionError(ChainruleError, ValueError):
    """What a solver found is no solution, or one without a derivative."""


class TrainingError(ChainruleError, ArithmeticError):
    """A loss or its gradient is not finite: training cannot go on."""


class SparsityError(ChainruleError, ValueError):
    """A sparse derivative does not agree with the derivative in a drawn direction."""


class StaleRecording(ChainruleError, RuntimeError):
    """A jitted function read something besides its arguments that has changed since it was recorded."""


class JitWarning(UserWarning):
    """A jitted function works, but not at the speed it could have."""


class VmapWarning(UserWarning):
    """A function of many examples is computed one example after the other."""


class CheckpointWarning(UserWarning):
    """A checkpoint saves no memory."""


class MissingExtra(ChainruleError, ImportError):
    """An optional library is needed; the message names the extra that brings it."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(f"{what} needs {library}: pip install 'chainrule[{extra}]'")


REFUSALS = [0]
"""How many refusals there have been in this process: where it has changed, `swallowed` is asked."""
_COUNTING = threading.Lock()
_THREAD = threading.local()
_CAUGHT = (
    "\n  The function caught this error and went on; for plain numbers it goes another way. Let the error pass: catch\n"
    "  only what the computation itself raises (ArithmeticError, ValueError, np.linalg.LinAlgError)"
)


def swallowed(before: int) -> Refusal | None:
    """The first refusal in this thread since `REFUSALS[0]` was `before`, which has been caught; None if there was
    none."""
    for serial, kind, args in getattr(_THREAD, "refusals", ()):
        if serial > before:
            text = str(args[0]) if args else ""
            return kind(text if text.endswith(_CAUGHT) else text + _CAUGHT)  # type: ignore[no-any-return]
    return None


@contextmanager
def forgiven() -> Iterator[None]:
    """What is refused inside is caught on purpose, by code that then goes on rightly."""
    before = REFUSALS[0]
    try:
        yield
    finally:
        kept = getattr(_THREAD, "refusals", None)
        while kept and kept[-1][0] > before:
            kept.pop()


def user_frame() -> FrameType | None:
    """The innermost frame that runs the user's code: neither Chainrule's nor the standard library's, nor, if there is
    such a frame, that of an installed library."""
    frame: FrameType | None = sys._getframe(1)
    installed: FrameType | None = None
    while frame is not None:
        of = author(frame)
        if of == "user":
            return frame
        if of == "installed" and installed is None:
            installed = frame
        frame = frame.f_back
    return installed


def author(frame: FrameType) -> str:
    """Who wrote what a frame runs; code that a library made of text is the library's."""
    path = frame.f_code.co_filename
    if path == "<string>":
        path = str(frame.f_globals.get("__file__", path))
    return whose(path)


@functools.lru_cache(maxsize=4096)
def whose(path: str) -> str:
    """Who wrote the code in a file: "ours" (NumPy's counts as such), "installed", "standard" or "user"."""
    if path.startswith(_LIBRARIES):
        return "ours"
    if not _INSTALLED.isdisjoint(path.replace("\\", "/").split("/")):
        return "installed"
    return "standard" if path.startswith(_STANDARD) else "user"


def library_call() -> str:
    """The function of an installed library that the user's line has called and that is running now, as it is known
    ("scipy.integrate.quad"); "" where there is none."""
    frame: FrameType | None = sys._getframe(1)
    inside: FrameType | None = None
    while frame is not None and author(frame) != "user":
        if author(frame) == "installed":
            inside = frame
        frame = frame.f_back
    if frame is None or inside is None:
        return ""
    module = [part for part in str(inside.f_globals.get("__name__", "")).split(".") if not part.startswith("_")]
    return ".".join([*module, inside.f_code.co_name])


def user_line() -> tuple[str, int]:
    """File and line in the user's code that the current call came from; ("", 0) when unknown."""
    frame = user_frame()
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def user_expression() -> str:
    """The expression of the user's code that is being evaluated, as it stands there; "" when unknown.

    >>> def caller(): return user_expression()
    >>> caller()
    'user_expression()'
    """
    frame = user_frame()
    if frame is None:
        return ""
    positions = list(frame.f_code.co_positions())
    line, last_line, start, end = positions[frame.f_lasti // 2]
    if line is None or line != last_line:
        return ""
    text = linecache.getline(frame.f_code.co_filename, line).encode()  # columns count bytes
    return text[start:end].decode(errors="replace")


LINE_SHOWN = 200
"""Characters of a line of the user's code that a message shows."""


def user_location() -> str:
    """Where in the user's code the current call came from: `file.py:12   y = float(x)`; "" when unknown."""
    path, line = user_line()
    text = linecache.getline(path, line).strip() if path else ""
    shown = text if len(text) <= LINE_SHOWN else f"{text[:LINE_SHOWN].rstrip()} ..."
    return f"{file_name(path)}:{line}   {shown}".rstrip() if path else ""


def file_name(path: str) -> str:
    """The name of a file as it is shown: without folders, and of a notebook's cell as IPython writes it, Cell In[2]."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    cell = shell.compile.format_code_name(path) if shell is not None else None
    return " ".join(cell) if cell else os.path.basename(path)


def refuse_call(f: Callable[..., Any], args: tuple[Any, ...], way: str, settings: dict[str, Any] | None = None) -> None:
    """Raise ArgumentError where f is no function or does not take these arguments; `way` says what to write."""
    if not callable(f):
        raise ArgumentError.here(f"expected a function, got {type(f).__name__}; {way}")
    try:
        inspect.signature(f).bind(*args, **settings or {})
    except TypeError as error:
        name = getattr(f, "__name__", type(f).__name__)
        raise ArgumentError.here(
            f"{name} cannot be called with {len(args)} argument{'s' * (len(args) != 1)}: {error}; {way}"
        ) from None
    except ValueError:  # a function of C without a signature
        pass


def no_name(module: str, name: str, instead: dict[str, str], known: Iterable[str]) -> AttributeError:
    """What a module says of a name that it does not have: `instead` knows names of other libraries, the spelling tells
    what else may be meant."""
    said = f"module {module!r} has no attribute {name!r}"
    if not name.startswith("_"):
        from difflib import get_close_matches

        near = get_close_matches(name, list(known), n=1)
        said += f"; {instead[name]}" if name in instead else f"; did you mean {near[0]!r}?" if near else ""
    return AttributeError(said, name=name)


def settings_named(**instead: str) -> Callable[[F], F]:
    """Decorates a public function: a setting it does not have is answered by the one that is meant, where `instead`
    or the spelling tells."""

    def decorate(f: F) -> F:
        known = f.__code__.co_varnames[: f.__code__.co_argcount + f.__code__.co_kwonlyargcount]

        @functools.wraps(f)
        def call(*args: Any, **settings: Any) -> Any:
            __tracebackhide__ = True
            for name in settings:
                if name not in known:
                    from difflib import get_close_matches

                    near = [instead[name]] if name in instead else get_close_matches(name, known, n=1)
                    meant = f"; did you mean {near[0]}=?" if near else f"; it has {', '.join(known)}"
                    raise ArgumentError.here(f"{f.__name__} has no setting {name}={meant}")
            return f(*args, **settings)

        return call  # type: ignore[return-value]

    return decorate


def at_user_line(message: str) -> str:
    """`message` with the user's line below it."""
    where = user_location()
    return f"{message}\n  {where}" if where else message


LABELLED = {
    "pandas": "pass its numbers, {0}.to_numpy(), and make the {1} inside of the function if it is needed there",
    "xarray": "pass its numbers, {0}.data, and make the {1} inside of the function",
}
"""Libraries whose arrays have labels, and what to write for one of their objects."""


def located(error: Exception) -> Exception:
    """What NumPy raises for the numbers of a Value that is in no transform, with the user's line."""
    return type(error)(at_user_line(str(error))) if type(error) in (IndexError, ValueError) else error


def has_labels(x: Any) -> bool:
    """Whether `x` is an array of xarray's, which keeps any array beneath and computes with it as it stands."""
    return bool(type(x).__module__.partition(".")[0] == "xarray" and hasattr(x, "dims"))


def container_advice(x: Any) -> str:
    """What to write for an argument that holds numbers, as a dataclass does or a table; "" for others."""
    kind = type(x)
    labelled = LABELLED.get(kind.__module__.partition(".")[0])
    if labelled is not None:
        return labelled.format("x", kind.__name__)
    made = "dataclasses" if hasattr(x, "__dataclass_fields__") else "attrs" if hasattr(x, "__attrs_attrs__") else ""
    if not made or isinstance(x, type):
        return ""
    return (
        "write @cr.nn.container above the class, or pass its numbers, as a tuple or a dict "
        f"({made}.asdict), and build it inside the function"
    )


def result_advice(y: Any) -> str:
    """What to write for a result in which numbers cannot be found."""
    if has_labels(y):
        return "return its .data"
    fields = hasattr(type(y), "__dataclass_fields__") or hasattr(type(y), "__attrs_attrs__")
    return "write @cr.nn.container above the class" if fields else "return the numbers in it"
