"""What Python's own functions and the methods of arrays make of a recorded number: found by trying."""

from __future__ import annotations

import builtins
import functools
import linecache
import statistics
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.lift import lift
from chainrule.doctor.known import CONSTANT, REFUSED, SUPPORTED, UNKNOWN, Answer
from chainrule.doctor.said import parted
from chainrule.errors import Refusal, forgiven
from chainrule.numbers import StandIn, primal
from chainrule.transforms.jvp_vjp import vjp

_NUMBERS = (0.3, 5.6)
_ARRAYS = (np.array([[0.3, 0.6], [0.2, 0.9]]), np.array([[5.3, 0.1], [7.2, -0.9]]))
_VECTORS = (np.array([0.3, 0.6]), np.array([5.3, 0.1]))
_NO_NUMBER = frozenset(
    {"id", "print", "input", "open", "exec", "eval", "compile", "exit", "quit", "breakpoint", "help"}
)


@functools.lru_cache(maxsize=512)
def builtin(name: str) -> Answer:
    """What becomes of `name(x)` for a recorded number x.

    >>> builtin("float").state, builtin("int").state, builtin("abs").state
    ('refused', 'constant', 'supported')
    """
    function = getattr(builtins, name, None)
    if not callable(function) or name in _NO_NUMBER:
        return Answer(UNKNOWN)
    call = _named(f"{name}(x)")
    of_numbers = _tried(call, _NUMBERS)
    of_arrays = of_numbers if of_numbers.state in (SUPPORTED, CONSTANT) else _tried(call, _VECTORS)
    return of_arrays if of_arrays.state in (SUPPORTED, CONSTANT) else of_numbers


@functools.lru_cache(maxsize=64)
def statistic(name: str) -> Answer:
    """What becomes of a call of a function of the module statistics for a list of recorded numbers."""
    function = getattr(statistics, name, None)
    return Answer(UNKNOWN) if not callable(function) else _tried(lambda x: function(list(x[0])), _ARRAYS)


@functools.lru_cache(maxsize=512)
def method(name: str, argument: str = "") -> Answer:
    """What becomes of `x.name()` for a recorded array x; `argument` is what is written in the call, if it can be
    read.

    >>> method("sum").state, method("tolist").state, method("tobytes").state
    ('supported', 'supported', 'refused')
    """
    if not hasattr(np.ndarray, name) and not hasattr(np.float64, name):
        return Answer(UNKNOWN)
    try:
        call = _named(f"(x + 0.0).{name}({argument})")
    except SyntaxError:
        return Answer(UNKNOWN)
    return _tried(call, _ARRAYS)


def _named(text: str) -> Callable[[Any], Any]:
    """A function of x, as a user's file would hold it."""
    source, file = f"lambda x: {text}", f"<{text}>"
    linecache.cache[file] = (len(source), None, [source], file)  # where refusals read the expression
    found: Any = eval(compile(source, file, "eval"), {"np": np, "__name__": "probe"})
    return found  # type: ignore[no-any-return]


def _tried(call: Callable[[Any], Any], samples: tuple[Any, ...]) -> Answer:
    results: list[Any] = []

    def run(x: Any) -> Any:
        results[:] = [*results, lifted(x)]
        return 0.0 * np.sum(x)

    lifted = lift(call)
    try:
        with forgiven(), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for x in samples:
                vjp(run, x)
    except Refusal as error:
        return Answer(REFUSED, *parted(str(error)))
    except AttributeError as error:
        refused = f"recorded numbers have no {error.name}"
        return Answer(REFUSED, refused, ".data to read the numbers only") if error.name else Answer(UNKNOWN)
    except Exception:
        return Answer(UNKNOWN)  # it takes other arguments
    return _of_results(results)


def _of_results(results: list[Any]) -> Answer:
    plain = [primal(y) for y in (results[0], results[-1])]
    if any(_holds(y) for y in results) or _same(*plain) or isinstance(plain[0], bool):
        return Answer(SUPPORTED)
    kind = type(plain[0]).__name__
    return Answer(CONSTANT, f"the result is a plain {kind}: no derivative goes through", "")


def _holds(y: Any) -> bool:
    if isinstance(y, (list, tuple)):
        return any(map(_holds, y))
    return isinstance(y, StandIn) or hasattr(y, "__next__")


def _same(a: Any, b: Any) -> bool:
    try:
        return bool(np.array_equal(np.asarray(a), np.asarray(b)))
    except Exception:
        return a is b
