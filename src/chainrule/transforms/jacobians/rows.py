"""Jacobians by reverse mode, a row for each number among the results. Of floats and arrays of floats, and of recorded
ones, many rows are one sweep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.errors import forgiven
from chainrule.inputs import as_number
from chainrule.libraries import late, zeros_like
from chainrule.numbers import Carrier, Number, StandIn, is_array, new_level, primal, shape
from chainrule.ops import concatenate, stack
from chainrule.ops.shape import reshape
from chainrule.recording import order
from chainrule.transforms.jacobians.basis import basis, units

stacked_adjoints = late("chainrule.sweeps.stacked.stacked_adjoints")


def by_rows(recording: Any, points: list[Number], chunk: int | None) -> list[list[Number]]:
    """For each of the results of a recording a block for each of the points."""
    return [_rows(recording, y, points, chunk) for y in recording.results]


def _rows(recording: Any, y: Any, points: list[Number], chunk: int | None) -> list[Number]:
    value = as_number(recording.plain(y))
    found: list[Number] | None = None
    if type(value) is np.ndarray and value.size > 1:
        found = _stacked(recording, y, value, points, chunk)
    elif isinstance(value, StandIn) and not isinstance(value, Carrier) and math.prod(shape(value)) > 1:
        found = _recorded(recording, y, value, points, chunk)
    if found is not None:
        return found
    pulled = [recording.pull(y, unit) for unit in basis(value)]
    if not is_array(primal(value)):
        return list(pulled[0])
    return [
        reshape(stack([row[k] for row in pulled], axis=0), shape(value) + shape(x))
        if pulled
        else np.zeros(shape(value) + shape(x))
        for k, x in enumerate(points)
    ]


def _stacked(recording: Any, y: Any, value: Any, points: list[Number], chunk: int | None) -> list[Number] | None:
    """The Jacobian by sweeps with many cotangents each; None where a number of the recording is no float and no array
    of floats."""
    parts = []
    for some in units(value, chunk):
        found = (
            stacked_adjoints(order(y), recording.inputs, some)
            if recording.mine(y) and type(some) is np.ndarray
            else None
        )
        if found is None:
            return None
        sizes = [(len(some), *shape(v.stored)) for v in recording.inputs]
        parts.append([np.zeros(size) if x is None else x for x, size in zip(found, sizes, strict=True)])
    if len(parts) == 1:
        return [np.array(rows).reshape(value.shape + shape(x)) for rows, x in zip(parts[0], points, strict=True)]
    return [
        np.concatenate(rows, axis=0).reshape(value.shape + shape(x))
        for rows, x in zip(zip(*parts, strict=True), points, strict=True)
    ]


def _recorded(recording: Any, y: Any, value: Any, points: list[Number], chunk: int | None) -> list[Number] | None:
    """The rows by sweeps of a recorded number, whose cotangents are a batch; None where a rule asks for one."""
    from chainrule.carriers.batched.lanes import made, opened  # a module that is loaded where it is needed

    parts = []
    try:
        with forgiven():
            for some in units(value, chunk):
                level = new_level()
                pulled = recording.pull(y, made(some + zeros_like(value), level))  # recorded: what becomes of them too
                parts.append([opened(share, level, len(some)) for share in pulled])
    except Exception:  # whatever it is: one row alone raises it as well, or does not
        return None
    rows = [part[0] if len(part) == 1 else concatenate(part, axis=0) for part in zip(*parts, strict=True)]
    return [reshape(row, shape(value) + shape(x)) for row, x in zip(rows, points, strict=True)]
