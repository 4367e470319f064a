"""Operands of a row as its rule may compute with them: all in one floating type.

A rule computes with its operands alone: the slope of x / 3 is 1 / 3. In the type of a small operand that would be a
number of four digits (uint8's companion is float16), or 0, for whole numbers. So whole numbers and truth values enter
arithmetic as float64, and a smaller float beside a larger one as the larger: the type that NumPy gives the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from chainrule.carriers.frozen import constant
from chainrule.libraries import FLOAT64
from chainrule.numbers import Carrier, Number, StandIn
from chainrule.ops.kinds import Linear
from chainrule.ops.row import Operator


def in_one_type(operator: Operator, args: tuple[Number, ...]) -> tuple[Number, ...]:
    """The operands of `operator` with those that are no carriers in the floating type of the result. The conditions
    that an operator chooses by stay as they are, and so does what is given to a function with a rule of its own.

    >>> from chainrule.ops import divide
    >>> in_one_type(divide, (np.float64(2.0), np.array([3], np.uint8)))[1]
    array([3.])
    """
    return args if _settled(args) else _brought_to_one(operator, args)


def _brought_to_one(operator: Operator, args: tuple[Number, ...]) -> tuple[Number, ...]:
    if getattr(operator, "owner", None) is not None:
        return tuple([opened(x) for x in args])
    first = operator.constants if isinstance(operator, Linear) else 0
    args = tuple([x if k < first else constant(x) for k, x in enumerate(args)])
    target = common_type(args[first:] if first else args)
    if target is None:
        return args
    return tuple([x if k < first else _in_type(x, target) for k, x in enumerate(args)])


def _settled(args: tuple[Number, ...]) -> bool:
    """Whether they are Python's numbers beside carriers alone, or beside float64's alone: most are."""
    carriers = doubles = False
    for x in args:
        kind = type(x)
        if kind is float or kind is int:
            continue
        if isinstance(x, Carrier):
            carriers = True
        elif kind is ndarray or isinstance(x, StandIn):
            dtype = getattr(x, "dtype", None)
            if dtype is not None:  # one of Python's numbers, recorded
                if dtype is not FLOAT64:
                    return False
                doubles = True
        else:
            return False
    return not (carriers and doubles)


def opened(x: Number) -> Number:
    """An operand of a function with a rule of its own: an array as a copy that cannot be changed later."""
    return x.clone() if hasattr(x, "clone") and not isinstance(x, StandIn) else x


def common_type(args: tuple[Number, ...]) -> np.dtype[Any] | None:
    """The floating type that NumPy gives a result of these; None where none of them has a type of NumPy's. Python's
    numbers follow the others; whole numbers alone are float64."""
    found: np.dtype[Any] | None = None
    for x in args:
        kind = type(x)
        if kind is float or kind is int or kind is bool:
            continue
        dtype = getattr(x, "dtype", None)
        if dtype is FLOAT64 and (found is None or found is FLOAT64):  # as most are
            found = FLOAT64
            continue
        if not isinstance(dtype, np.dtype):
            continue
        if dtype.kind not in "biuf":
            return None  # complex numbers and objects keep to themselves
        found = dtype if found is None or found == dtype else np.result_type(found, dtype)
    return found if found is None or found.kind == "f" else np.dtype(np.float64)


def _in_type(x: Number, target: np.dtype[Any]) -> Number:
    if type(x) is ndarray or isinstance(x, (np.generic, np.ndarray)):
        return x if x.dtype == target else x.astype(target)
    if type(x) is bool:
        return float(x)
    recorded: Any = x if isinstance(x, StandIn) and not isinstance(x, Carrier) else None
    return recorded.astype(target) if getattr(recorded, "dtype", target) != target else x
