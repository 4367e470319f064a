"""`jacobian`: every result by every input, by whichever mode needs fewer passes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, at_user_line, forgiven
from chainrule.numbers import Carrier, Number, StandIn, as_number, is_array, library, new_level, primal, shape
from chainrule.ops import stack
from chainrule.ops.row import zeros_like
from chainrule.ops.shape import reshape
from chainrule.tracebacks import shortened
from chainrule.transforms.blocks import Blocks
from chainrule.transforms.derived import Derived
from chainrule.transforms.holomorphic import HolomorphicJacobian
from chainrule.transforms.jvp_vjp import apart, jvp, of_arguments, record

Function = Callable[..., Any]


def _basis(x: Number) -> list[Number]:
    """The unit vectors of the space `x` lives in; [1] for a number."""
    x = primal(x)
    if not is_array(x):
        return [zeros_like(x) + 1]
    n = math.prod(shape(x))
    if not isinstance(x, np.ndarray):
        xp = library(x).xp
        zero = zeros_like(x)  # of a recorded array: so that what becomes of the units is recorded
        return [xp.reshape(row, shape(x)) + zero for row in xp.eye(n, dtype=x.dtype)]
    return [row.reshape(x.shape) for row in np.eye(n, dtype=x.dtype if x.dtype.kind == "f" else float)]


class Jacobian(Derived):
    """What `jacobian`, `jacfwd` and `jacrev` return: assembles the blocks that one of `_cheaper`, `_forward` and
    `_reverse` computes."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        try:
            return self.assembled(args, settings)
        except Exception as error:
            error = shortened(error)
            raise error

    def assembled(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The blocks in the containers of the result, and what f returned besides where `has_aux`."""
        argnums, has_aux, _ = self.settings
        wanted = trees.positions(argnums, len(args), "jacobian")
        points, structure = trees.numbers([args[n] for n in wanted])

        g, aux = apart(self.f) if has_aux else (self.f, None)
        out, blocks = _COMPUTED[self.verb](of_arguments(g, wanted, args, settings), points, structure)
        rows = []
        for row in blocks:
            entry = trees.unflatten(structure, row)
            rows.append(entry[0] if isinstance(argnums, int) else _together(row, tuple(entry), points))
        whole = trees.unflatten(out, rows)
        return whole if aux is None else (whole, aux())


def _together(row: list[Number], entry: tuple[Any, ...], points: list[Number]) -> tuple[Any, ...]:
    """The blocks of an array by several arguments, each a number or an array, as what is one matrix too."""
    plain = len(row) == len(entry) and not any(isinstance(block, Carrier) for block in row)
    if not plain or any(a is not b for a, b in zip(row, entry, strict=True)):
        return entry
    rows = shape(row[0])[: len(shape(row[0])) - len(shape(points[0]))]
    return Blocks(rows, entry) if rows else entry


def _forward(f: Function, points: list[Number], structure: Any) -> Any:
    columns: list[list[list[Number]]] = []
    out: Any = None
    zero = [0 * x if not isinstance(x, np.ndarray) else np.zeros_like(x) for x in map(primal, points)]
    for k, x in enumerate(points):
        column: list[list[Number]] = []
        units = _basis(x)
        for unit in units or [zero[k]]:  # without elements: what f returns is asked for all the same
            direction = [unit if j == k else zero[j] for j in range(len(points))]
            _, moved = jvp(f, tuple(trees.unflatten(structure, points)), tuple(trees.unflatten(structure, direction)))
            tangents, out = trees.flatten(moved)
            column.append(tangents)
        columns.append(column)
    count = len(columns[0][0]) if columns else 0
    return out, [
        [_last_axis([c[r] for c in column], x) for column, x in zip(columns, points, strict=True)] for r in range(count)
    ]


def _last_axis(columns: list[Number], x: Number) -> Number:
    if not is_array(primal(x)):
        return columns[0]
    if 0 in shape(x):
        return np.zeros(shape(columns[0]) + shape(x))
    return reshape(stack(columns, axis=len(shape(columns[0]))), shape(columns[0]) + shape(x))


def _reverse(f: Function, points: list[Number], structure: Any) -> Any:
    recording = record(f, points, structure)
    return recording.out, [_rows(recording, y, points) for y in recording.results]


def _rows(recording: Any, y: Any, points: list[Number]) -> list[Number]:
    value = as_number(recording.plain(y))
    if type(value) is np.ndarray and value.size > 1:
        stacked = recording.pull_all(y, np.eye(value.size, dtype=value.dtype).reshape(value.size, *value.shape))
        if stacked is not None:
            return [np.array(rows).reshape(value.shape + shape(x)) for rows, x in zip(stacked, points, strict=True)]
    if isinstance(value, StandIn) and not isinstance(value, Carrier) and math.prod(shape(value)) > 1:
        rows = _rows_at_once(recording, y, value, points)
        if rows is not None:
            return rows
    pulled = [recording.pull(y, unit) for unit in _basis(value)]
    if not is_array(primal(value)):
        return list(pulled[0])
    return [
        reshape(stack([row[k] for row in pulled], axis=0), shape(value) + shape(x))
        if pulled
        else np.zeros(shape(value) + shape(x))
        for k, x in enumerate(points)
    ]


def _rows_at_once(recording: Any, y: Any, value: Any, points: list[Number]) -> list[Number] | None:
    """The rows by one sweep of a recorded number, whose cotangents are a batch; None where a rule asks for one."""
    from chainrule.carriers.batched.lanes import made, opened  # a module that is loaded where it is needed

    count, level = math.prod(shape(value)), new_level()
    eye = np.eye(count, dtype=value.dtype).reshape(count, *shape(value))
    units = eye + zeros_like(value)  # recorded, so that what becomes of them is recorded too
    try:
        with forgiven():
            pulled = recording.pull(y, made(units, level))
    except Exception:  # whatever it is: one row alone raises it as well, or does not
        return None
    return [
        reshape(opened(share, level, count), shape(value) + shape(x)) for share, x in zip(pulled, points, strict=True)
    ]


def _cheaper(f: Function, points: list[Number], structure: Any) -> Any:
    """Forward mode runs f once for each input, reverse mode sweeps once for each result."""
    recording = record(f, points, structure)
    results = sum(math.prod(shape(recording.plain(y))) for y in recording.results)
    inputs = sum(math.prod(shape(x)) for x in points)
    if results <= max(inputs, 1) * 2:
        return recording.out, [_rows(recording, y, points) for y in recording.results]
    return _forward(f, points, structure)


_COMPUTED = {"jacobian": _cheaper, "jacfwd": _forward, "jacrev": _reverse}


def _checked(f: Any, name: str) -> None:
    if not callable(f):
        raise ArgumentError(at_user_line(f"{name} expects a function, got {type(f).__name__}; write {name}(f)(x)"))


def jacfwd(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False) -> Function:
    """The Jacobian by forward mode: one run of f for each input. Shapes as for `jacobian`."""
    _checked(f, "jacfwd")
    kind = HolomorphicJacobian if holomorphic else Jacobian
    return kind("jacfwd", f, (argnums, has_aux, holomorphic))


def jacrev(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False) -> Function:
    """The Jacobian by reverse mode: one sweep for each result; of floats and arrays of floats one for all of them.
    Shapes as for `jacobian`."""
    _checked(f, "jacrev")
    kind = HolomorphicJacobian if holomorphic else Jacobian
    return kind("jacrev", f, (argnums, has_aux, holomorphic))


def jacobian(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False
) -> Function:
    """All derivatives of the results by the inputs, by the mode that needs fewer passes.

    For an array result and an array argument the shape is result.shape + argument.shape; nested containers
    give the same containers of such blocks, results outside, arguments inside. With `has_aux` f returns
    (result, anything), and the answer is (Jacobian, anything).

    Complex results are differentiated part by part; by complex arguments too if f is `holomorphic`, which is checked
    by the equations of Cauchy and Riemann.

    By several arguments (`argnums=(1, 2)`) it is a tuple; where an array is asked for it is one matrix, the arguments
    side by side, so that `curve_fit(model, t, y, p0, jac=jacobian(model, argnums=(1, 2)))` takes it.

    >>> import numpy as np
    >>> jacobian(lambda x: np.array([x[0] * x[1], np.sin(x[0])]))(np.array([0.0, 2.0]))
    array([[2., 0.],
           [1., 0.]])
    """
    _checked(f, "jacobian")
    kind = HolomorphicJacobian if holomorphic else Jacobian
    return kind("jacobian", f, (argnums, has_aux, holomorphic))
