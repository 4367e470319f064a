"""pandas in lifted functions: Series and DataFrames that meet recorded numbers compute as the arrays they hold.

pandas converts what stands on the other side of an operator to a plain array without asking it. In a lifted function
a Series or a DataFrame is of a class of its own, which looks first: beside a recorded number it is the array of its
values, in its order, and the result is an array without an index. pandas is not imported here.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.numbers import StandIn

_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lt", "le", "gt", "ge", "eq", "ne")


def seeing_numbers(x: Any) -> Any:
    """A Series or a DataFrame that sees recorded numbers beside it."""
    frame, series = _classes(sys.modules["pandas"])
    return (frame if type(x).__name__ == "DataFrame" else series)(x, copy=False)


@functools.lru_cache(maxsize=2)
def _classes(pandas: Any) -> tuple[Any, Any]:
    made: dict[str, Any] = {}
    common = {
        "_constructor_sliced": _kind(made, "Series"),
        "_constructor_expanddim": _kind(made, "DataFrame"),
        "__array_ufunc__": _ufunc,
    }
    for name in ("DataFrame", "Series"):
        base = getattr(pandas, name)
        own = {method: _seeing(base, method) for method in ("dot", *_spelled())}
        constructor = {"_constructor": _kind(made, name)}
        made[name] = type(name, (base,), {**common, **constructor, **own, "__module__": base.__module__})
    return made["DataFrame"], made["Series"]


def _kind(made: dict[str, Any], name: str) -> property:
    """Of which class a result is."""
    return property(lambda self: made[name])


def _spelled() -> list[str]:
    forward = [f"__{name}__" for name in _OPERATORS]
    return [*forward, *(f"__r{name}__" for name in _OPERATORS[:8])]


def _seeing(base: Any, name: str) -> Callable[[Any, Any], Any]:
    theirs = getattr(base, name)
    plain = name.strip("_")
    ours: Any = getattr(operator, plain.removeprefix("r") if name.startswith("__r") else plain, None) or np.dot

    @functools.wraps(theirs)
    def compute(self: Any, other: Any) -> Any:
        if not isinstance(other, StandIn):
            return theirs(self, other)
        values = self.to_numpy()
        return ours(other, values) if name.startswith("__r") else ours(values, other)

    return compute


def _ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
    if any(isinstance(x, StandIn) for x in inputs):
        values = [x.to_numpy() if hasattr(x, "to_numpy") else x for x in inputs]
        return getattr(ufunc, method)(*values, **settings)
    return super(type(self), self).__array_ufunc__(ufunc, method, *inputs, **settings)
