"""What is replaced in a lifted function: the functions of `math`, and those of NumPy that would not see carriers.

NumPy asks the arguments of a call for their own ways, but not what lies in lists and tuples: `np.mean([x, y])` would
make an array of objects. In a lifted function such a call comes to the rule as any other does.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions import FUNCTIONS
from chainrule.carriers.gate import Entry, holds
from chainrule.carriers.math_rows import LIFTED_MATH
from chainrule.numbers import Number, StandIn, ndim, primal


def _aware(function: Callable[..., Any]) -> Callable[..., Any]:
    """One of NumPy's functions that sees carriers in lists, tuples and arrays of objects."""

    @functools.wraps(function)
    def aware(*args: Any, **settings: Any) -> Any:
        for x in args:
            found: Any = x if isinstance(x, StandIn) else _within(x)
            if found is not None:
                return found.__array_function__(function, (), args, settings)
        return function(*args, **settings)

    return aware


def _within(x: Any) -> Any:
    """A carrier in a list, a tuple or an array of objects; None if there is none."""
    kind = type(x)
    if kind is list or kind is tuple:
        for v in x:
            if isinstance(v, StandIn):
                return v
            found = _within(v)
            if found is not None:
                return found
    elif kind is np.ndarray and x.dtype.char == "O":
        for v in x.flat:
            if isinstance(v, StandIn):
                return v
    return None


# -- functions that make arrays ---------------------------------------------------------------------------------


def _array(object: Any, *, copy: Any = True, order: Any = "K", subok: Any = False, ndmin: int = 0) -> Number:
    y = object if ndim(object) >= ndmin else ops.reshape(object, (1,) * (ndmin - ndim(object)) + object.shape)
    return ops.positive(y) if copy and y is object else y


def _as_array(a: Any, *, order: Any = None, copy: Any = None) -> Number:
    return a


def _full(shape: Any, fill_value: Any, *, order: Any = "C") -> Number:
    return ops.broadcast_to(fill_value, (int(shape),) if np.ndim(shape) == 0 else tuple(shape))


def _fromiter(iter: Any, *, count: int = -1) -> Number:
    return ops.array(list(iter) if count < 0 else list(iter)[:count])


def _maker(function: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes arrays of what it is given, carriers among them."""
    known = Entry(function, rule)

    @functools.wraps(function)
    def make(*args: Any, **settings: Any) -> Any:
        args = tuple([list(x) if isinstance(x, types.GeneratorType) else x for x in args])
        if not any(holds(x) for x in (*args, *settings.values())) or _of_objects(args, settings):
            return function(*args, **settings)
        return known.called(args, settings)

    return make


def _of_objects(args: tuple[Any, ...], settings: dict[str, Any]) -> bool:
    """Whether an array of objects is asked for: it holds carriers as they are."""
    dtype = settings.get("dtype", args[1] if len(args) > 1 else None)
    return isinstance(dtype, (type, str, np.dtype)) and np.dtype(dtype) == object


def _vectorize(pyfunc: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    """np.vectorize for carriers too: one call for each element."""
    plain = np.vectorize(pyfunc, **settings)

    def vectorized(*args: Any) -> Any:
        if not holds(args):
            return plain(*args)
        size = np.broadcast_shapes(*(np.shape(primal(x)) for x in args))
        spread = [ops.ravel(ops.broadcast_to(ops.array(x), size)) for x in args]
        return ops.reshape(ops.array([pyfunc(*elements) for elements in zip(*spread, strict=True)]), size)

    return vectorized


# -- the table of replacements ----------------------------------------------------------------------------------


class LiftedNumpy(types.ModuleType):
    """numpy, or a module of it, with its functions as they are in a lifted function."""

    def __init__(self, original: types.ModuleType) -> None:
        super().__init__(original.__name__)
        vars(self)["_original"] = original

    def __getattr__(self, name: str) -> Any:
        return replacement(getattr(self._original, name))


def _replacements() -> dict[int, tuple[Any, Any]]:
    new = {value: getattr(LIFTED_MATH, name) for name, value in vars(math).items() if callable(value)}
    table: dict[Any, Any] = {old: lifted for old, lifted in new.items() if lifted is not old}
    table.update({function: _aware(function) for function in FUNCTIONS})
    makers = ((np.array, _array), (np.asarray, _as_array), (np.asanyarray, _as_array), (np.full, _full))
    table.update({function: _maker(function, rule) for function, rule in (*makers, (np.fromiter, _fromiter))})
    table[np.vectorize] = _vectorize
    found = {id(old): (old, lifted) for old, lifted in table.items()}
    found[id(math)] = (math, LIFTED_MATH)
    for module in (np, np.linalg):
        found[id(module)] = (module, LiftedNumpy(module))
    return found


_REPLACED = _replacements()


def replacement(value: Any) -> Any:
    """What `value` becomes in a lifted function: itself, unless it is one of math's or NumPy's listed above.

    >>> replacement(math.sin) is math.sin, replacement(math.pi) is math.pi
    (False, True)
    """
    found = _REPLACED.get(id(value))
    return value if found is None or found[0] is not value else found[1]


for _module in (np, np.linalg):
    _lifted = replacement(_module)
    vars(_lifted).update({name: replacement(x) for name, x in vars(_module).items() if not name.startswith("__")})

SEES_LISTS = frozenset({
    "array", "asarray", "asanyarray", "fromiter", "full", "vectorize", "mean", "std", "var", "average", "median",
    "nanmean", "nansum", "norm", "vector_norm", "solve", "inv", "det", "slogdet", "matrix_power", "multi_dot",
    "trapezoid", "polyval", "sinc", "nan_to_num", "linspace", "convolve", "vdot", "einsum", "pad", "interp",
})  # fmt: skip
"""Names by which code asks for a function of NumPy's that cannot compute with an array of objects. Functions without
them are not made anew: sums, products and moved elements of an array of carriers are right as NumPy computes them."""
