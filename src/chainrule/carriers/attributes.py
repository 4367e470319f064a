"""What NumPy's arrays have besides: how they lie in memory, and methods that few use. A carrier of a
number has them as little as the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.questions import asked
from chainrule.carriers.refusals import no_cast, no_plain
from chainrule.numbers import StandIn, primal, shape

LAYOUT = ("flags", "strides", "itemsize", "nbytes", "device", "base")
METHODS = ("view", "argpartition", "compress", "choose", "resize", "byteswap", "is_integer")
NO_METHODS = ("tobytes", "tofile", "dump", "dumps", "setflags", "getfield", "setfield", "to_device")
OF_TENSORS = ("numpy", "detach", "requires_grad_")
"""Methods of PyTorch's tensors that newcomers try; numbers have them as well, to say what to write."""
_FUNCTIONS: dict[str, Callable[..., Any]] = {"argpartition": np.argpartition, "compress": np.compress}
_REFUSED = {
    "tobytes": "write .data.tobytes() for the bytes only",
    "tofile": "write .data.tofile(file) for the numbers only",
    "dump": "write .data.dump(file) for the numbers only",
    "dumps": "write .data.dumps() for the numbers only",
    "byteswap": "its numbers are those of this machine",
    "getfield": "it has no fields",
    "setfield": "assign with y[...] = v",
    "resize": "write y = np.resize(y, shape)",
    "setflags": "leave it out, or copy the array",
    "to_device": "leave it out",
    "numpy": "NumPy's functions take it as it is; write .data to read the numbers only",
    "detach": "write cr.stop_gradient(x) where that is meant",
    "requires_grad_": "every Value records; what is held fixed is a plain number",
    "choose": "write np.choose(places, choices) with whole numbers for places",
}


def attribute(name: str) -> Any:
    """The property of carriers that gives this attribute of the array they stand for."""
    if name in OF_TENSORS:
        return property(lambda self: _of_array(self, name), doc="Refused, with what to write in its place.")
    return property(lambda self: _of_array(self, name), doc=f"As {name} of NumPy's arrays, or a refusal.")


def _of_array(x: Any, name: str) -> Any:
    if name in OF_TENSORS:
        return lambda *args, **settings: _refuse(x, name)
    value = primal(x)
    while isinstance(value, StandIn) and hasattr(value, "primal"):
        value = primal(value)
    if name == "is_integer":  # of numbers only
        if shape(x):
            raise AttributeError(f"{type(x).__name__!r} object has no attribute {name!r}")
        return lambda: bool(value % 1 == 0)
    if not isinstance(value, (np.ndarray, np.generic)) and not (isinstance(value, StandIn) and x.shape):
        raise AttributeError(f"{type(x).__name__!r} object has no attribute {name!r}")
    if name == "base":
        return None
    if name in ("flags", "strides"):
        asked()  # the plain number may lie in another way
    if name in LAYOUT:
        return getattr(np.empty(x.shape, x.dtype) if isinstance(value, StandIn) else value, name)
    if name == "view":
        return lambda dtype=None, type=None: _view(x, dtype if dtype is not None else type)
    if name in _FUNCTIONS:
        return _as_method(x, name)
    return lambda *args, **settings: _refuse(x, name)


def _as_method(x: Any, name: str) -> Callable[..., Any]:
    function = _FUNCTIONS[name]
    if name == "compress":
        return lambda condition, axis=None: function(condition, x, axis)
    return lambda *args, **settings: function(x, *args, **settings)


def _refuse(x: Any, name: str) -> Any:
    raise no_plain(x, f"{name}()", _REFUSED[name])


def _view(x: Any, kind: Any) -> Any:
    """All of it, in the same memory. Raises DroppedDerivative for the bits of another type."""
    if kind is not None and kind is not np.ndarray and np.dtype(kind) != x.dtype:
        raise no_cast(x, kind)
    return x[...]
