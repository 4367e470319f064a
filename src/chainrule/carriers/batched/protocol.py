"""NumPy's functions on batches: by the rules carriers have, elementwise ones at once, others for each example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers import numpy as protocols
from chainrule.carriers.batched.rules import each
from chainrule.carriers.functions.rules import FUNCTIONS, PLAIN
from chainrule.carriers.gate import each_part
from chainrule.errors import NeedsExamples
from chainrule.libraries import late
from chainrule.numbers import Carrier, StandIn, ndim, primal
from chainrule.ops.shape import aligned

_made = late("chainrule.carriers.batched.lanes.made")

# These ask for types and shapes, which all examples have in common.
_STATIC = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.iscomplexobj, np.isrealobj,
    np.result_type, np.can_cast, np.common_type, np.min_scalar_type, np.diag_indices_from, np.triu_indices_from,
    np.tril_indices_from,
}  # fmt: skip
_ALONG_ONE = {np.argsort: -1, np.argmax: None, np.argmin: None, np.nanargmax: None, np.nanargmin: None}
"""The functions along one axis, and which it is where none is given; None: all elements in one row."""
_OVER_SOME = {np.any, np.all, np.count_nonzero}


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
    """`ufunc` called on at least one number of a batch, or one of its methods."""
    at_once = method == "__call__" and ufunc.signature is None and not settings
    if at_once and all(_plain(x) for x in inputs):
        return elementwise(ufunc, inputs)
    if ufunc in (np.logical_and, np.logical_or) and method == "reduce":
        axis = inputs[1] if len(inputs) == 2 else settings.get("axis", 0)
        return (np.all if ufunc is np.logical_and else np.any)(inputs[0], axis=axis)
    return protocols.array_ufunc(self, ufunc, method, *inputs, **settings)


def _plain(x: Any) -> bool:
    """Whether an operand is no carrier and holds none."""
    if isinstance(x, np.ndarray):
        return bool(x.dtype.char != "O")
    return not isinstance(x, Carrier) and isinstance(x, (StandIn, float, int, complex, np.generic))


def elementwise(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    """An elementwise function of numbers that are no carriers."""
    inputs = tuple([x.now() if isinstance(x, StandIn) else x for x in inputs])
    level = _level(inputs)
    held = [_mine(x, level) for x in inputs]
    contents = [x.whole if h else x for x, h in zip(inputs, held, strict=True)]
    return _results(function(*aligned(contents, held)), level)


def _results(y: Any, level: float) -> Any:
    return tuple([_made(part, level) for part in y]) if isinstance(y, tuple) else _made(y, level)


def _level(xs: Any) -> float:
    return max([x.level for x in xs if hasattr(x, "whole")])  # type: ignore[no-any-return]


def _mine(x: Any, level: float) -> bool:
    return hasattr(x, "whole") and not isinstance(x, Carrier) and x.level == level


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy called on at least one number of a batch."""
    if function in _STATIC:
        return function(*each_part(_like, args), **each_part(_like, kwargs))
    found: list[Any] = []
    each_part(found.append, (args, kwargs))
    if function in PLAIN and any(isinstance(x, Carrier) for x in found):
        return function(*each_part(primal, args), **each_part(primal, kwargs))
    if function in _ALONG_ONE and len(args) <= 2 and set(kwargs) <= {"axis", "kind"}:
        return _along_one(function, *args, **kwargs)
    if function in _OVER_SOME and len(args) <= 2 and set(kwargs) <= {"axis", "keepdims"}:
        return _over_some(function, *args, **kwargs)
    if function not in PLAIN and (function in FUNCTIONS or kwargs.get("out") is not None):
        return protocols.array_function(self, function, types, args, kwargs)
    if any(isinstance(x, Carrier) for x in found):
        return protocols.array_function(self, function, types, args, kwargs)
    return _one_by_one(function, args, kwargs, [x for x in found if hasattr(x, "whole")])


def _along_one(function: Any, a: Any, axis: Any = None, **settings: Any) -> Any:
    a = a.now()
    if axis is None and _ALONG_ONE[function] is not None:
        axis = _ALONG_ONE[function]
    flat = a.ravel() if axis is None else a
    place = 0 if axis is None else axis % ndim(flat)
    return _made(function(flat.whole, axis=place + 1, **settings), a.level)


def _over_some(function: Any, a: Any, axis: Any = None, **settings: Any) -> Any:
    a = a.now()
    axes = range(ndim(a)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return _made(function(a.whole, axis=tuple([k % ndim(a) + 1 for k in axes]), **settings), a.level)


def _one_by_one(function: Any, args: Any, kwargs: Any, found: list[Any]) -> Any:
    """A function of NumPy's that has no rule, of one example after the other."""
    level = _level(found)
    ours = [x.now() for x in found if x.level == level]
    count = len(ours[0].whole)
    parts: list[list[Any]] = []
    several = False
    for k in range(count):
        taken = lambda x, k=k: x.now().whole[k] if _mine(x, level) else x
        y = function(*each_part(taken, args), **each_part(taken, kwargs))
        several = isinstance(y, (tuple, list))
        parts.append(list(y) if several else [y])
    views = any(np.may_share_memory(y, x.whole) for y in parts[0] for x in ours) if parts else False
    known = (np.ndarray, np.generic, float, int, StandIn)
    if views or not parts or not all(isinstance(y, known) for row in parts for y in row):
        raise NeedsExamples.here(f"np.{function.__name__} is computed one example after the other")
    made = [_made(each(lambda y: y, [column], [True], count), level) for column in zip(*parts, strict=True)]
    return made if several else made[0]


def _like(x: Any) -> Any:
    x = primal(x)
    return x.value if hasattr(x, "whole") else x
