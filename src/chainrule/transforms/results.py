"""What `grad`, `value_and_grad` and `jvp` take and what a function has to return for them, or refusals that say so."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numbers import Carrier, Number, shape
from chainrule.sweeps.cotangents import missing


def check_callable(f: Any, name: str) -> None:
    """Raises ArgumentError where `f` is no function; `name` is the transform."""
    kind = type(f).__name__
    if isinstance(f, (staticmethod, classmethod)):
        raise ArgumentError.here(f"{name} expects a function, got {kind}; write @{kind} above @{name}")
    if not callable(f):
        raise ArgumentError.here(f"{name} expects a function, got {kind}; write {name}(f)(x), not {name}(f(x))")


def check_pairs(primals: Any, tangents: Any) -> None:
    """Raises ArgumentError unless `jvp` is given both as tuples."""
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError.here(
            "jvp(f, primals, tangents) expects tuples with one entry for each argument: jvp(f, (x,), (v,))"
        )


def refuse_none(wanted: tuple[int, ...], args: tuple[Any, ...]) -> tuple[int, ...]:
    """The positions of the arguments to differentiate by, which have to be numbers."""
    for n in wanted:
        if args[n] is None:
            raise ArgumentError.here(f"expected numbers to differentiate by, argument {n} is None")
    return wanted


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


def has_to_run_again(recording: Any, value: Number, shares: list[Number]) -> bool:
    """Whether a recording is forgotten that left nan or the range of floats: another one has to tell why."""
    forgotten = not recording.kept and not isinstance(value, Carrier)
    return forgotten and (recording.left or any(map(missing, shares)))
