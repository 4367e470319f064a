"""NumPy's functions of arrays as sets: the values of the elements decide which of them are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.decided import settled
from chainrule.carriers.functions.places import as_array, of_one_type, placed
from chainrule.numbers import shape


def _unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
            axis: Any = None, *, equal_nan: bool = True, sorted: bool = True) -> Any:  # fmt: skip
    """Of equal elements the first is taken."""
    numbered: Any = np.unique
    answer = lambda value: numbered(value, True, return_inverse, return_counts, axis, equal_nan=equal_nan)[1:]
    found = [None, *settled(answer, as_array(ar))]
    index = found[1]
    found[0] = placed(lambda n: n.ravel()[index] if axis is None else np.take(n, index, axis), ar)
    if not return_index:
        del found[1]
    return tuple(found) if len(found) > 1 else found[0]


def _unique_values(x: Any) -> Any:
    return _unique(x, equal_nan=False)


def _without(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = ops.reshape(as_array(ar1), (-1,)) if assume_unique else _unique(as_array(ar1))
    return ar1[settled(lambda a, b: ~np.isin(a, b), ar1, as_array(ar2))]


def _counted(function: Any) -> Callable[..., Any]:
    """The values move; where they were and how many is counted."""

    def counted(x: Any) -> Any:
        return settled(function, as_array(x))._replace(values=_unique_values(x))

    return counted


def _joined(ar1: Any, ar2: Any) -> Any:
    return ops.concatenate(of_one_type([ops.reshape(as_array(x), (-1,)) for x in (ar1, ar2)]), 0)


def _in_both(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """Of equal elements that of the first array is taken."""
    answer = lambda a, b: np.intersect1d(np.ravel(a), np.ravel(b), assume_unique, return_indices=True)[1:]
    first, second = settled(answer, as_array(ar1), as_array(ar2))
    found = _joined(ar1, ar2)[first]
    return (found, first, second) if return_indices else found


def _in_one(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    both = _joined(*((ar1, ar2) if assume_unique else (_unique(as_array(ar1)), _unique(as_array(ar2)))))
    return both[settled(_single, both)] if shape(both)[0] else both


def _single(values: Any) -> Any:
    """The places of those that occur once, in order of their values."""
    order = np.argsort(values, kind="stable")
    changes = np.concatenate([[True], values[order][1:] != values[order][:-1], [True]])
    return order[changes[1:] & changes[:-1]]


RULES: dict[Any, Callable[..., Any]] = {
    np.unique: _unique,
    np.unique_values: _unique_values,
    np.unique_all: _counted(np.unique_all),
    np.unique_counts: _counted(np.unique_counts),
    np.unique_inverse: _counted(np.unique_inverse),
    np.union1d: lambda ar1, ar2: _unique(_joined(ar1, ar2)),
    np.setdiff1d: _without,
    np.intersect1d: _in_both,
    np.setxor1d: _in_one,
}
