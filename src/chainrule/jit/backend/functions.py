"""Operations of programs that are no rows of the operator table, for arrays of another library (see jit/replay.py for
what they are)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.carriers.functions.elsewhere import function_elsewhere
from chainrule.errors import UnsupportedFunction
from chainrule.jit.backend.library import Library
from chainrule.jit.program import Step
from chainrule.jit.record.holes import filled
from chainrule.ops.composite import COMPOSITES
from chainrule.ops.registry import SPECIAL
from chainrule.ops.row import TABLE

Function = Callable[..., Any]
_CONDITIONS = (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "isnan", "isinf", "isfinite", "signbit",
    "logical_not", "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor",
)  # fmt: skip


def function_of(step: Step, library: Library) -> Function:
    """What computes `step` of its arguments. Raises UnsupportedFunction, with the step's line, for what the library
    lacks."""
    settings = step.settings
    if "function" in settings:  # a function of NumPy without a row
        return _namesake(step, library)
    if step.op == "astype":
        return lambda x: x  # results take the type of their step
    row = TABLE.get(step.op) or COMPOSITES.get(step.op) or SPECIAL.get(step.op)
    if row is not None:
        return functools.partial(row, **settings) if settings else row
    if step.op in _CONDITIONS:
        return _found(step, library, step.op)
    own = _OWN.get(step.op)
    if own is None:
        raise refused(step, library, step.op)
    return functools.partial(own, library.xp, **settings)


def refused(step: Step, library: Library, what: str, why: str = "") -> UnsupportedFunction:
    """The error for a step that the library does not compute."""
    place = f" ({step.line})" if step.line else ""
    return UnsupportedFunction.here(
        f"{library.title} has no function for {what}{place}{f': {why}' if why else ''}; leave out "
        f'backend="{library.name}", or compute it with other functions'
    )


def _found(step: Step, library: Library, name: str) -> Function:
    found: Function | None = getattr(library.xp, name, None)
    if found is None:
        raise refused(step, library, step.op)
    return found


def _namesake(step: Step, library: Library) -> Function:
    """A function of NumPy's by the library's function of its name."""
    settings = step.settings
    asked = settings["function"]
    function = function_elsewhere(asked, library.xp) or _found(step, library, asked.__name__)

    def call(*parts: Any) -> Any:
        args, kwargs = filled(settings["args"], parts), filled(settings["kwargs"], parts)
        result = function(*args, **kwargs)
        return result if settings["part"] is None else result[settings["part"]]

    return call


def _elements(xp: Any, *numbers: Any, shape: tuple[int, ...], index: Sequence[tuple[int, ...]], dtype: Any) -> Any:
    """Numbers at their places in an array, by taking for each place its number, or the zero behind them."""
    row = xp.stack([*numbers, xp.zeros_like(numbers[0])])
    taken = np.full(shape, len(numbers))
    for k, place in enumerate(index):
        taken[place] = k
    return row[_whole(xp, taken.ravel(), row)].reshape(shape)


def _whole(xp: Any, index: Any, like: Any) -> Any:
    return xp.asarray(index, device=like.device) if xp.__name__.endswith("torch") else index


_OWN: dict[str, Function] = {
    "array_equal": lambda xp, a, b: xp.all(a == b),
    "nearly_equal": lambda xp, a, b: a == b,
    "triangular_solve": lambda xp, a, b, lower: TABLE["solve"](a, b),
    "triangular_inverse": lambda xp, a, lower: TABLE["inv"](a),
    "invert": lambda xp, x: xp.bitwise_invert(x) if hasattr(xp, "bitwise_invert") else ~x,
    "round_digits": lambda xp, x, *, digits: xp.round(x, decimals=digits),
    "elements": _elements,
    "gather": lambda xp, x, *parts, index: TABLE["getitem"](x, index=filled(index, parts)),
    "scatter_at": lambda xp, ct, *parts, index, shape: TABLE["scatter"](ct, index=filled(index, parts), shape=shape),
}


def joined(xp: Any, conditions: Sequence[Any]) -> Any:
    """Single truth values as one array."""
    return xp.stack([xp.reshape(c, ()) for c in conditions])
