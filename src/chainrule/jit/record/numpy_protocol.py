"""NumPy's functions on recorded numbers: by the rules carriers have, and where there is none as a step of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.carriers import numpy as protocols
from chainrule.carriers.functions.rules import FUNCTIONS, PLAIN
from chainrule.carriers.gate import each_part
from chainrule.carriers.refusals import no_rule
from chainrule.errors import ArgumentError
from chainrule.jit.record.holes import emptied, filled
from chainrule.jit.record.trace import Recorded, fixed, of_numpy, trace_of, value_of
from chainrule.numbers import Carrier, primal

_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
_CONDITIONS = (
    *_COMPARISONS, "isnan", "isinf", "isfinite", "signbit", "logical_not", "logical_and", "logical_or", "logical_xor",
    "invert", "bitwise_and", "bitwise_or", "bitwise_xor",
)  # fmt: skip
# These ask for types and shapes, which a program has fixed.
_STATIC = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.iscomplexobj, np.isrealobj,
    np.result_type, np.can_cast, np.common_type, np.may_share_memory, np.shares_memory, np.min_scalar_type,
    np.diag_indices_from, np.triu_indices_from, np.tril_indices_from,
}  # fmt: skip
# The shapes of these depend on the numbers.
_SHAPED_BY_VALUES = {
    np.nonzero, np.flatnonzero, np.argwhere, np.array_repr, np.array_str, np.array2string,
}  # fmt: skip
_WHOLE = {np.nan_to_num, np.full_like, np.interp, np.argmax, np.argmin} | set(PLAIN) - _STATIC - _SHAPED_BY_VALUES


def comparison(name: str, a: Any, b: Any) -> Any:
    """A condition, or an array of them."""
    trace = trace_of((a, b))
    x, y = value_of(a), value_of(b)
    value = getattr(np, name)(x, y)
    if not isinstance(x, np.ndarray | np.generic) and not isinstance(y, np.ndarray | np.generic):
        value = bool(value)
    return trace.step(name, trace.operands((a, b), np.result_type(x, y)), {}, value)


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
    """`ufunc` called on at least one recorded number, or one of its methods."""
    if method == "__call__" and ufunc.__name__ in _CONDITIONS and not settings:
        plain = tuple(primal(x) for x in inputs)
        if ufunc.__name__ in _COMPARISONS:
            return comparison(ufunc.__name__, *plain)
        trace, values = trace_of(plain), [value_of(x) for x in plain]
        steps = trace.operands(plain, np.result_type(*values))
        return trace.step(ufunc.__name__, steps, {}, ufunc(*values))
    if ufunc in protocols.PLAIN_UFUNCS and method != "__call__":
        return _condition_reduced(self, ufunc, method, inputs, settings)
    known = method != "__call__" or ufunc in protocols.UFUNCS or protocols.has_rule(ufunc)
    if known or settings.get("out") is not None or any(isinstance(x, Carrier) for x in inputs):
        question = ufunc, method, tuple(map(id, inputs)), "out" in settings
        if question in _ASKING:
            return called(getattr(ufunc, method), inputs, settings)
        with _asking(question):
            return of_numpy(protocols.array_ufunc(self, ufunc, method, *inputs, **settings))
    return called(ufunc, inputs, settings)


def _condition_reduced(self: Any, ufunc: np.ufunc, method: str, inputs: Any, settings: Any) -> Any:
    """`np.logical_and.reduce` and `np.logical_or.reduce` are np.all and np.any along the first axis."""
    known: dict[Any, Any] = {np.logical_and: np.all, np.logical_or: np.any}
    function = known.get(ufunc) if method == "reduce" else None
    if function is None or len(inputs) > 2:
        raise no_rule(f"np.{ufunc.__name__}.{method}")
    axis = inputs[1] if len(inputs) == 2 else settings.get("axis", 0)
    return array_function(self, function, (), inputs[:1], {**settings, "axis": axis})


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy called on at least one recorded number."""
    if function in _STATIC:
        return function(*each_part(value_of, each_part(primal, args)), **each_part(value_of, each_part(primal, kwargs)))
    if function in _SHAPED_BY_VALUES:
        return function(*each_part(fixed, each_part(primal, args)), **each_part(fixed, each_part(primal, kwargs)))
    carried = _holds(Carrier, (args, kwargs))
    in_place = function is np.nan_to_num and not kwargs.get("copy", args[1] if len(args) > 1 else True)
    if function in _WHOLE and not carried and not in_place:
        return called(function, args, kwargs)
    if function in FUNCTIONS or kwargs.get("out") is not None or carried:
        question = function, "", tuple(map(id, args)), "out" in kwargs
        if question in _ASKING:
            return called(function, args, kwargs)
        with _asking(question):
            return of_numpy(protocols.array_function(self, function, types, args, kwargs))
    return called(function, args, kwargs)


_ASKING: set[Any] = set()
"""What is being computed by a rule. A rule that asks NumPy's own function about the same numbers wants what has no
derivative of its own: the program calls the function."""


@contextlib.contextmanager
def _asking(question: Any) -> Iterator[None]:
    _ASKING.add(question)
    try:
        yield
    finally:
        _ASKING.discard(question)


def called(function: Callable[..., Any], args: Any, kwargs: Any, name: str = "") -> Any:
    """A step that calls `function` itself. `name` says what it is of what is not NumPy's."""
    (emptied_args, emptied_kwargs), computed = emptied((tuple(args), dict(kwargs)), Recorded)
    settings = {"function": function, "args": emptied_args, "kwargs": emptied_kwargs}
    trace, computed = trace_of(computed), [x.now() for x in computed]  # arrays that were assigned to
    parts = [value_of(x) for x in computed]
    result = function(*filled(settings["args"], parts), **filled(settings["kwargs"], parts))
    name = name or f"numpy.{function.__name__}"
    steps = tuple(x.step if isinstance(x, Recorded) else trace.constant(x, np.result_type(x)) for x in computed)
    if not isinstance(result, (tuple, list)):
        return trace.step(name, steps, {**settings, "part": None}, _number(name, result))
    if any(np.may_share_memory(r, x) for r in result for x in parts):
        raise no_rule(name.replace("numpy.", "np.", 1))  # nothing would tell the views of what is written later
    made = [trace.step(name, steps, {**settings, "part": k}, _number(name, r)) for k, r in enumerate(result)]
    return type(result)(made) if type(result) in (tuple, list) else tuple(made)


def _number(name: str, result: Any) -> Any:
    if isinstance(result, (float, int, np.ndarray, np.generic)) and np.result_type(result).kind in "fbiu":
        return result
    raise ArgumentError.here(f"jit cannot record {name}, which gave {type(result).__name__}")


def _holds(kind: type, tree: Any) -> bool:
    if isinstance(tree, (tuple, list)):
        return any(_holds(kind, part) for part in tree)
    if isinstance(tree, dict):
        return any(_holds(kind, part) for part in tree.values())
    return isinstance(tree, kind)
