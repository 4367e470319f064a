"""What `grad` and `value_and_grad` take and what a function has to return for them, or refusals that say so."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numbers import Carrier, Number, shape


def check_callable(f: Any, name: str) -> None:
    """Raises ArgumentError where `f` is no function; `name` is the transform."""
    kind = type(f).__name__
    if isinstance(f, (staticmethod, classmethod)):
        raise ArgumentError.here(f"{name} expects a function, got {kind}; write @{kind} above @{name}")
    if not callable(f):
        raise ArgumentError.here(f"{name} expects a function, got {kind}; write {name}(f)(x), not {name}(f(x))")


def only_result(recording: Any, verb: str) -> Number:
    """The number that the recorded function returned; `verb` is the transform that the user called."""
    if not recording.results:
        raise ShapeError.here(
            f"{verb} needs a function that returns one number; this one returned None: is a return missing?"
        )
    if len(recording.results) == 2 and trees.is_complex_number(recording.out):
        raise ShapeError.here(
            "grad needs a function that returns one real number; this one returned a complex one. Return its "
            ".real, .imag or abs,\n  or set holomorphic=True for the derivative of a holomorphic function"
        )
    if len(recording.results) != 1:
        raise ShapeError.here(
            f"{verb} needs a function that returns one number; this one returned {len(recording.results)}. Use "
            "jacobian(f), or return a sum of them; for (value, extra) set has_aux=True"
        )
    value: Number = recording.plain(recording.results[0])
    size = shape(value)
    if size != ():
        raise ShapeError.here(
            f"{verb} needs a function that returns one number; this one returned an array of shape {size}. Use "
            "jacobian(f), vjp(f, x), or sum the result"
        )
    return value


def split_aux(recording: Any) -> Any:
    """The second of the two things that the recorded function returned, as plain numbers; the first is the only result
    from now on."""
    whole = trees.unflatten(recording.out, recording.results)
    if not isinstance(whole, tuple) or len(whole) != 2:
        raise ShapeError.here("has_aux=True expects f to return (value, anything)")
    recording.results, recording.out = trees.flatten(whole[0])
    return trees.map(recording.own, whole[1])


def plain_scalar(value: Number) -> Number:
    """A number as Python's own, where it is one of NumPy's or an array without axes."""
    if type(value) is float or isinstance(value, Carrier):
        return value
    return value.item() if isinstance(value, (np.ndarray, np.float64)) and np.ndim(value) == 0 else value
