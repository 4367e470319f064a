"""NumPy's functions whose answer carries no derivative, asked about arrays of other libraries.

NumPy would copy such an array to the host first. So the array's own library computes the answer, where the array lies;
what it has no function for is refused by name.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError, UnsupportedFunction
from chainrule.libraries import beside, is_foreign, library
from chainrule.numbers import shape
from chainrule.signatures import in_module


def foreign_among(args: Any) -> Any:
    """The first array of another library than NumPy among plain operands and in lists of them, or None."""
    for x in args:
        found = foreign_among(x) if type(x) in (tuple, list) else x if is_foreign(x) else None
        if found is not None:
            return found
    return None


def asked_elsewhere(function: Any, name: str, like: Any, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """`function` of plain operands beside `like`, by the library of that; an UnsupportedFunction where it has none."""
    xp = library(like).xp
    rule = function_elsewhere(function, xp)
    if rule is None and isinstance(function, np.ufunc):
        rule = getattr(xp, _NAMES.get(function.__name__, function.__name__), None)
    args = tuple([as_theirs(x, like) for x in args])
    try:
        if rule is None:
            raise TypeError("it has no such function, and the numbers are not copied to the host")
        return rule(*args, **settings)
    except ChainruleError:
        raise
    except (TypeError, NotImplementedError, AttributeError) as error:
        said = f"{name} of arrays of {library(like).name}: {error}"
        raise UnsupportedFunction.here(said) from None


def as_theirs(x: Any, like: Any) -> Any:
    """One of NumPy's arrays, or a list of numbers, as an array of the library and on the device of `like`."""
    if isinstance(x, (np.ndarray, np.generic)) or (type(x) is list and foreign_among(x) is None):
        return library(like).xp.asarray(np.array(x), **beside(like))
    return x


def meeting(x: Any, like: Any) -> Any:
    """One of NumPy's arrays as it may stand beside `like`."""
    return as_theirs(x, like) if is_foreign(like) else x


def function_elsewhere(function: Any, xp: Any) -> Callable[..., Any] | None:
    """What a function that is asked about numbers is in a namespace, under NumPy's settings; None where that is not
    known."""
    rule = _RULES.get(function)
    return None if rule is None else functools.partial(rule, xp)


def _reduced(name: str) -> Callable[..., Any]:
    def reduced(xp: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        return getattr(xp, name)(a, axis=axis, keepdims=bool(keepdims))

    return reduced


def _argsort(xp: Any, a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    a, axis = (xp.reshape(a, (-1,)), -1) if axis is None else (a, axis)
    return xp.argsort(a, axis=axis, stable=True)  # which is an order of every kind


def _isclose(xp: Any, a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    same = (a == b) | ((a != a) & (b != b)) if equal_nan else a == b
    finite = xp.isfinite(b) if is_foreign(b) else math.isfinite(b)
    return same | (finite & (abs(a - b) <= atol + rtol * abs(b)))


def _filled(name: str) -> Callable[..., Any]:
    def filled(xp: Any, a: Any, dtype: Any = None, *, shape: Any = None) -> Any:
        kind = a.dtype if dtype is None else getattr(xp, np.dtype(dtype).name)
        size = tuple(a.shape) if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        return getattr(xp, name)(size, dtype=kind, **beside(a))

    return filled


def _complex(xp: Any, x: Any) -> bool:
    return bool(xp.isdtype(x.dtype, "complex floating"))


_NAMES = {"absolute": "abs", "invert": "bitwise_invert"}
_RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _argsort, _isclose),
    np.allclose: lambda xp, a, b, *args, **settings: bool(xp.all(_isclose(xp, a, b, *args, **settings))),
    np.searchsorted: lambda xp, a, v, side="left": xp.searchsorted(a, v, side=side),
    np.argmax: _reduced("argmax"),
    np.argmin: _reduced("argmin"),
    np.any: _reduced("any"),
    np.all: _reduced("all"),
    np.count_nonzero: _reduced("count_nonzero"),
    np.nonzero: lambda xp, a: xp.nonzero(a),
    np.flatnonzero: lambda xp, a: xp.nonzero(xp.reshape(a, (-1,)))[0],
    np.argwhere: lambda xp, a: xp.stack(xp.nonzero(a), axis=-1),
    np.array_equal: lambda xp, a1, a2: shape(a1) == shape(a2) and bool(xp.all(a1 == a2)),
    np.isneginf: lambda xp, x: x == -math.inf,
    np.isposinf: lambda xp, x: x == math.inf,
    np.zeros_like: _filled("zeros"),
    np.ones_like: _filled("ones"),
    np.empty_like: _filled("empty"),
    np.shape: lambda xp, a: tuple(a.shape),
    np.ndim: lambda xp, a: a.ndim,
    np.size: lambda xp, a, axis=None: math.prod(a.shape) if axis is None else a.shape[axis],
    np.iscomplexobj: _complex,
    np.isrealobj: lambda xp, x: not _complex(xp, x),
}
