"""Errors out of a user's function: their tracebacks without Chainrule's own frames, and what to write instead.

What NumPy, Python and other libraries raise inside a function that is being differentiated keeps its type and its
words. Here it loses the frames between the user's lines, which say nothing to the user, and gains a note.
CHAINRULE_TRACEBACK=full in the environment keeps all frames.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from types import TracebackType

import numpy

from chainrule.errors import ChainruleError, UnsupportedFunction, file_name, whose
from chainrule.patterns import pattern

_BROADCAST = "axes are compared from the last one, and only an axis of 1 stretches: x[:, None] adds one at the end"
_ADVICE: tuple[tuple[type[Exception], str, str], ...] = (
    (ValueError, "could not be broadcast|shape mismatch", _BROADCAST),
    (ValueError, "truth value of an array", "for a choice element by element write np.where(condition, a, b)"),
    (ValueError, "math domain error|expected a (positive|nonnegative)",
     "functions of math raise outside of their domain; np's and cr's (cr.log) give nan there"),
    (ZeroDivisionError, "", "Python's / raises for single numbers; np.divide(a, b) and cr.divide give inf or nan"),
    (OverflowError, "", "functions of math raise where a result is too large; np's and cr's (cr.exp) give inf there"),
    (ValueError, "same number of dimensions|must match exactly",
     "the arrays that are joined differ in shape only along the axis that joins them"),
    (AttributeError, r"^'(chainrule\..*|Value|Dual|Series|Tracer|TracedArray|Lanes)' object has no attribute",
     "it stands for the number while a function is differentiated or recorded; use functions of NumPy's or cr's"),
    (KeyError, r"^(Value|Dual|Series|Tracer|TracedArray)\(",
     "sets and dicts find a number that is differentiated by which it is, not by its value: d[cr.stop_gradient(x)]"),
    (TypeError, r"(?s)Tensor.*numpy\.ndarray", "write t.numpy() for a constant tensor t: they do not mix with arrays"),
)  # fmt: skip
_OF_OURS = pattern(r"chainrule\.[\w.]*\.(\w+)|(?<!\.)\b(Value|Dual|Series|Tracer|TracedArray|Lanes)\b")
_CALL = pattern(r"([A-Za-z_][\w.]*)\(")


def explained(error: Exception) -> Exception:
    """`error`, caught where a user's function was called, as it is to be raised again."""
    if type(error) is ValueError and isinstance(error.__cause__, ChainruleError):  # buffer[i] = x: NumPy hides it
        error = error.__cause__.with_traceback(error.__traceback__)
        error.__suppress_context__ = True
    places = list(_frames(error.__traceback__))
    place = next((t for t in reversed(places) if whose(t.tb_frame.f_code.co_filename) == "user"), None)
    unreached = _unreached(error, places, place)
    if unreached is not None:
        error = unreached
    elif not isinstance(error, ChainruleError):
        refusal = _not_theirs(error, place)
        if refusal is not None:
            error = refusal
        elif not getattr(error, "__notes__", None):  # once, at the innermost transform
            for kind, words, advice in _ADVICE:
                if isinstance(error, kind) and re.search(words, str(error)):
                    error.add_note(f"  {advice}{_location(place)}")
                    break
    return error.with_traceback(_rebuilt(places))


def shortened(error: Exception) -> Exception:
    """`error` without Chainrule's frames, to be raised by what the user called."""
    if isinstance(error, TypeError) and not isinstance(error, ChainruleError) and _OF_OURS.search(str(error)):
        words = str(error).partition("\n")[0][:160]  # of arrays whose operators leave nothing to the other operand
        refusal = UnsupportedFunction.here(f"this derivative needs an operator that such arrays refuse: {words}")
        refusal.__suppress_context__ = True
        error = refusal.with_traceback(error.__traceback__)
    return error.with_traceback(_rebuilt(list(_frames(error.__traceback__))))


def _frames(found: TracebackType | None) -> Iterator[TracebackType]:
    """The entries of a traceback to show: those of users and of other libraries."""
    full = os.environ.get("CHAINRULE_TRACEBACK") == "full"
    while found is not None:
        path = found.tb_frame.f_code.co_filename
        # a compiled module names its file from the folder of the package on
        if full or not (path.replace(os.sep, "/").startswith("chainrule/") or whose(path) == "ours"):
            yield found
        found = found.tb_next


def _rebuilt(entries: list[TracebackType]) -> TracebackType | None:
    found = None
    for t in reversed(entries):
        found = TracebackType(found, t.tb_frame, t.tb_lasti, t.tb_lineno)
    return found


_LOOP = pattern(
    r"loop of ufunc does not support argument \d+ of type (?:float|int|bool) which has no callable (\w+) method|"
    r"'(?:float|int|bool)' object has no attribute '(\w+)'"
)


def _mixed(error: Exception, place: TracebackType | None) -> UnsupportedFunction | None:
    """A refusal in place of what NumPy says of a list in which plain and recorded numbers stand beside each other."""
    found = _LOOP.fullmatch(str(error)) if isinstance(error, (TypeError, AttributeError)) else None
    name = "" if found is None else found[1] or found[2]
    if place is None or not isinstance(getattr(numpy, name, None), numpy.ufunc):
        return None
    expression = _expression(place)
    refusal = UnsupportedFunction(
        f"`{expression or 'np.' + name}`: np.{name} does not see that a list holds recorded numbers beside plain ones;"
        f"\n  make an array of it first: np.{name}(np.array([...])){_location(place)}"
    )
    refusal.__suppress_context__ = True
    return refusal


def _not_theirs(error: Exception, place: TracebackType | None) -> UnsupportedFunction | None:
    """A refusal in place of a TypeError in which another library says that it was given one of our numbers."""
    mixed = _mixed(error, place)
    if mixed is not None:
        return mixed
    named = _OF_OURS.search(str(error)) if isinstance(error, TypeError) else None
    if named is None or place is None:
        return None
    kind, expression = named[1] or named[2], _expression(place)
    call = _CALL.match(expression)
    library, _, name = call[1].rpartition(".") if call else ("", "", "")
    known = library and callable(getattr(numpy, name, None))
    other = f"Write np.{name}" if known else "Write it with NumPy's functions or cr's"
    words = str(error).partition("\n")[0]
    refusal = UnsupportedFunction(
        f"`{expression or name}` cannot compute with a {kind}, which stands for the number while a function is "
        f"differentiated or recorded\n  ({words[:160]}).\n  {other}, or give it a rule with @cr.custom_vjp"
        f"{_location(place)}"
    )
    refusal.__suppress_context__ = True
    return refusal


def _unreached(
    error: Exception, places: list[TracebackType], place: TracebackType | None
) -> UnsupportedFunction | None:
    """A refusal in place of what SciPy's own code said where a distribution that has no name in the function met a
    Value."""
    after = next((t for before, t in pairwise(places) if before is place), None)
    owner = type(None if after is None else after.tb_frame.f_locals.get("self"))
    cast = isinstance(error, ChainruleError) or "not supported for the input types" in str(error)
    if place is None or not cast or not any(c.__module__.startswith("scipy.stats.") for c in owner.__mro__):
        return None
    if not owner.__module__.startswith("scipy."):
        refusal = UnsupportedFunction(
            f"`{_expression(place)}`: the distribution {owner.__name__} is computed by SciPy's code, with plain "
            f"numbers;\n  write its density as a function, and call that{_location(place)}"
        )
        refusal.__suppress_context__ = True
        return refusal
    refusal = UnsupportedFunction(
        f"`{_expression(place)}` computes with plain numbers. SciPy's distributions have derivatives where the "
        "function finds them\n  by a name: scipy.stats.norm, a global, a variable of an enclosing function. Reached "
        "through an attribute or a\n  container they are SciPy's own: for self.d.logpdf(x) write\n"
        f"  scipy.stats.norm.logpdf(x, *self.d.args, **self.d.kwds){_location(place)}"
    )
    refusal.__suppress_context__ = True
    return refusal


def _expression(place: TracebackType) -> str:
    """The expression that was being computed, as it stands in the user's code; "" where it takes several lines."""
    code = place.tb_frame.f_code
    line, last, start, end = next(islice(code.co_positions(), place.tb_lasti // 2, None), (None,) * 4)
    if line is None or line != last:
        return ""
    return linecache.getline(code.co_filename, line).encode()[start:end].decode(errors="replace")


def _location(place: TracebackType | None) -> str:
    if place is None:
        return ""
    path = place.tb_frame.f_code.co_filename
    return f"\n  {file_name(path)}:{place.tb_lineno}   {linecache.getline(path, place.tb_lineno).strip()}".rstrip()
