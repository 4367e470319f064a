"""Jacobians by forward mode, a column for each number among the inputs. Of an array many columns are one pass, whose
tangents are a batch; where f cannot compute with one, each is a pass of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import forgiven
from chainrule.libraries import zeros_like
from chainrule.numbers import Carrier, Number, StandIn, is_array, new_level, primal, shape
from chainrule.ops import concatenate, stack
from chainrule.ops.shape import moveaxis, reshape
from chainrule.sweeps.cotangents import missing
from chainrule.transforms.jacobians.basis import basis, units
from chainrule.transforms.jvp_vjp import jvp

Function = Callable[..., Any]
FEW = 4
"""Numbers of a plain array whose columns are as quick one by one."""
AT_ONCE = 64
"""Columns of one pass, where their number is not given: a pass takes as many times the memory of f."""


def by_columns(f: Function, points: list[Number], structure: Any, chunk: int | None) -> Any:
    """The structure of f's result, and for each number and array of it a block for each of the points."""
    zeros = [0 * x if not isinstance(x, np.ndarray) else np.zeros_like(x) for x in map(primal, points)]
    out: Any = None
    found: list[list[Number]] = []
    for k, x in enumerate(points):

        def along(unit: Any, k: int = k) -> tuple[list[Number], Any]:
            direction = [unit if j == k else zero for j, zero in enumerate(zeros)]
            point, moved = tuple(trees.unflatten(structure, points)), tuple(trees.unflatten(structure, direction))
            tangents, out = trees.in_parts(jvp(f, point, moved)[1])
            return tangents, out

        at_once = _together(along, x, chunk or AT_ONCE)
        blocks, out = _one_by_one(along, x, zeros[k]) if at_once is None else at_once
        found.append(blocks)
    return out, [list(row) for row in zip(*found, strict=True)] if found else []


def _one_by_one(along: Function, x: Number, zero: Number) -> tuple[list[Number], Any]:
    columns, out = [], None
    for unit in basis(x) or [zero]:  # without elements: what f returns is asked for all the same
        tangents, out = along(unit)
        columns.append(tangents)
    return [_last_axis([column[r] for column in columns], x) for r in range(len(columns[0]))], out


def _last_axis(columns: list[Number], x: Number) -> Number:
    if not is_array(primal(x)):
        return columns[0]
    if 0 in shape(x):
        return np.zeros(shape(columns[0]) + shape(x))
    return reshape(stack(columns, axis=len(shape(columns[0]))), shape(columns[0]) + shape(x))


def _together(along: Function, x: Number, chunk: int) -> tuple[list[Number], Any] | None:
    """Columns of an array, many in one pass; None where f asks for one of a batch."""
    from chainrule.carriers.batched.lanes import made, opened  # a module that is loaded where it is needed

    recorded = isinstance(x, StandIn) and not isinstance(x, Carrier)
    plain = type(x) is np.ndarray and x.size >= FEW
    if not (recorded or plain) or not is_array(x) or len(shape(x)) == 0 or 0 in shape(x) or x.dtype.kind != "f":
        return None
    parts: list[list[Number]] = []
    out: Any = None
    try:
        with forgiven():
            for some in units(x, chunk):
                level = new_level()
                tangents, out = along(made(some + zeros_like(x), level))
                parts.append([opened(t, level, len(some)) for t in tangents])
    except Exception:  # whatever it is: one column alone raises it as well, or does not
        return None
    rows = [part[0] if len(part) == 1 else concatenate(part, axis=0) for part in zip(*parts, strict=True)]
    if plain and x.size <= AT_ONCE and any(map(missing, rows)):
        return None  # plain tangents know limits that a batch does not (see ops/branches.py)
    return [reshape(moveaxis(y, 0, -1), shape(y)[1:] + shape(x)) for y in rows], out
