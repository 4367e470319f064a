"""What both bridges share. Pullbacks give the cotangents of all arguments in one row, so that each function has one
result and the pullback of a pullback is made as any other."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError, at_user_line
from chainrule.numbers import as_number, shape
from chainrule.transforms.custom import custom_vjp
from chainrule.transforms.jvp_vjp import vjp

Function = Callable[..., Any]


def pullback_of(f: Function, active: tuple[bool, ...]) -> Function:
    """(*arguments, cotangent) -> the cotangents of the active arguments in one row."""

    def pullback(*given: Any) -> Any:
        *args, ct = given
        wanted = [x for x, moves in zip(args, active, strict=True) if moves]

        def of_active(*some: Any) -> Any:
            rest = iter(some)
            return f(*[next(rest) if moves else x for x, moves in zip(args, active, strict=True)])

        y, pull = vjp(of_active, *wanted)
        if shape(y) != shape(ct):
            raise ArgumentError(at_user_line(f"expected a cotangent of shape {shape(y)}, got {shape(ct)}"))
        return ops.concatenate([ops.reshape(as_number(found), (-1,)) for found in pull(ct)])

    return pullback


def parted(row: Any, sizes: list[tuple[int, ...]]) -> list[Any]:
    """A row cut into parts of these shapes."""
    found, start = [], 0
    for size in sizes:
        n = math.prod(size)
        found.append(row[start : start + n].reshape(size) if size else row[start])
        start += n
    return found


def with_rule(name: str, value: Function, pullback: Callable[[int], Function]) -> Function:
    """`value`, a function of plain arrays, with a reverse rule: pullback(n) is a function with a rule of its own that
    takes n arguments and a cotangent and gives their cotangents in one row, so derivatives of every order follow."""

    def call(*args: Any) -> Any:
        return value(*args)

    call.__name__ = call.__qualname__ = name
    known = custom_vjp(call)

    def backward(saved: tuple[Any, ...], ct: Any) -> tuple[Any, ...]:
        return tuple(parted(pullback(len(saved))(*saved, ct), [shape(x) for x in saved]))

    known.defvjp(lambda *args: (known(*args), args), backward, verify=False)
    return known


def plain(x: Any) -> Any:
    """A number of another framework as a float or a NumPy array of its own."""
    y = np.asarray(x)
    return y.item() if y.ndim == 0 and y.dtype == np.float64 else y


def named(f: Any, given: Function) -> Function:
    """`given` with the name and the documentation of `f`."""
    if not callable(f):
        raise ArgumentError(at_user_line(f"expected a function, got {type(f).__name__}"))
    try:
        return functools.wraps(f)(given)
    except (AttributeError, TypeError):
        return given
