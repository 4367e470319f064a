"""What computes a row for the numbers of a library: its own kernel, the library's function of its name, or its body."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import UnsupportedFunction
from chainrule.inputs import plain_arrays
from chainrule.libraries import NUMPY, OBJECT, Library, is_foreign, late
from chainrule.numbers import Number
from chainrule.ops.composite import to_python_scalar, without_underflow
from chainrule.ops.names import called

computed_elsewhere = late("chainrule.ops.foreign_operands.computed")
_as_arrays_of = late("chainrule.ops.foreign_operands.as_arrays_of")


def beside_carriers(row: Any, below: Number, args: tuple[Number, ...]) -> tuple[Number, ...]:
    """The operands, among them carriers of numbers like `below`: NumPy's arrays as arrays of the library of `below`,
    so that rules meet one kind of array."""
    found: tuple[Number, ...] = _as_arrays_of(row, below, args) if is_foreign(below) else args
    return found


def resolved(row: Any, lib: Library, args: tuple[Number, ...]) -> Callable[..., Number]:
    """The function of numbers of `lib` that is the row. Raises UnsupportedFunction where there is none; `args` are for
    the message."""
    if lib.record is not None:
        return lib.record(row)
    own: Callable[..., Number] | None = row.kernels.get(lib.name)
    if own is not None:
        return without_underflow(own) if lib is NUMPY and row.may_underflow else own
    if lib is OBJECT and row.elementwise:
        return _on_objects(row)
    if "array" in row.kernels and lib.xp is not None:
        compute: Callable[..., Number] = row.kernels["array"](lib.xp)
        if lib.xp is np and row.may_underflow:
            compute = without_underflow(compute)
        return compute if lib.name not in ("float", "complex") else to_python_scalar(compute)
    found = lib.find(row.name if lib is NUMPY else called(row, lib.spelling))
    if found is not None:
        return found
    if row.body is not None:
        body: Callable[..., Number] = row.body
        return body
    kinds = ", ".join(type(x).__name__ for x in args)
    raise UnsupportedFunction.here(
        f"{row.name} cannot be computed for {kinds}: {lib.name} has no function of that name"
    )


def _on_objects(row: Any) -> Callable[..., Number]:
    def compute(*args: Number, **settings: Any) -> Number:
        if not any(isinstance(x, np.ndarray) for x in args):
            if row.body is not None and all(isinstance(x, numbers.Number) for x in args):
                return row.body(*args, **settings)  # fractions and the like
            raise UnsupportedFunction.here(
                f"{row.name} expected numbers, got {', '.join(type(x).__name__ for x in args)}{plain_arrays(args)}"
            )
        return np.frompyfunc(lambda *a: row(*a, **settings), len(args), 1)(*args)

    return compute
