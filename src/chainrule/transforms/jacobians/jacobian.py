"""`jacobian`: every result by every input, by whichever mode needs fewer passes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from chainrule import trees
from chainrule.libraries import late
from chainrule.numbers import Carrier, Number, shape
from chainrule.transforms.calling import apart, of_arguments
from chainrule.transforms.derived import Derived
from chainrule.transforms.jacobians.basis import check_chunk
from chainrule.transforms.jacobians.columns import by_columns
from chainrule.transforms.jacobians.rows import by_rows
from chainrule.transforms.recorded import record
from chainrule.transforms.results import check_callable

_blocks = late("chainrule.transforms.jacobians.blocks.Blocks")
holomorphic_jacobian = late("chainrule.transforms.holomorphic.HolomorphicJacobian")

Function = Callable[..., Any]


class Jacobian(Derived):
    """What `jacobian`, `jacfwd` and `jacrev` return: assembles the blocks that one of `_cheaper`, `_forward` and
    `_reverse` computes."""

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The blocks in the containers of the result, and what f returned besides where `has_aux`."""
        argnums, has_aux, _, chunk = self.settings
        wanted = trees.positions(argnums, len(args), "jacobian")
        points, structure = trees.numbers([args[n] for n in wanted])

        g, aux = apart(self.f) if has_aux else (self.f, None)
        out, blocks = _COMPUTED[self.verb](of_arguments(g, wanted, args, settings), points, structure, chunk)
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
    return _blocks(rows, entry) if rows else entry


def _forward(f: Function, points: list[Number], structure: Any, chunk: int | None) -> Any:
    return by_columns(f, points, structure, chunk)


def _reverse(f: Function, points: list[Number], structure: Any, chunk: int | None) -> Any:
    recording = record(f, points, structure)
    return recording.out, by_rows(recording, points, chunk)


def _cheaper(f: Function, points: list[Number], structure: Any, chunk: int | None) -> Any:
    """Forward mode runs f once for each input, reverse mode sweeps once for each result."""
    recording = record(f, points, structure)
    results = sum(math.prod(shape(recording.plain(y))) for y in recording.results)
    inputs = sum(math.prod(shape(x)) for x in points)
    if results <= max(inputs, 1) * 2:
        return recording.out, by_rows(recording, points, chunk)
    return by_columns(f, points, structure, chunk)


_COMPUTED = {"jacobian": _cheaper, "jacfwd": _forward, "jacrev": _reverse}


def _made(
    verb: str, f: Any, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, chunk: int | None
) -> Function:
    check_callable(f, verb)
    check_chunk(chunk, verb)
    kind: Any = holomorphic_jacobian if holomorphic else Jacobian
    made: Function = kind(verb, f, (argnums, has_aux, holomorphic, chunk))
    return made


def jacfwd(
    f: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    chunk: int | None = None,
) -> Function:
    """The Jacobian by forward mode: one run of f for each input, or for `chunk` of them where it is recorded by `jit`
    (64 if that is None). Shapes as for `jacobian`."""
    return _made("jacfwd", f, argnums, has_aux, holomorphic, chunk)


def jacrev(
    f: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    chunk: int | None = None,
) -> Function:
    """The Jacobian by reverse mode: one sweep for each result; of floats and arrays of floats one for all of them, or
    for `chunk` of them. Shapes as for `jacobian`."""
    return _made("jacrev", f, argnums, has_aux, holomorphic, chunk)


def jacobian(
    f: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    chunk: int | None = None,
) -> Function:
    """All derivatives of the results by the inputs, by the mode that needs fewer passes.

    For an array result and an array argument the shape is result.shape + argument.shape; nested containers
    give the same containers of such blocks, results outside, arguments inside. With `has_aux` f returns
    (result, anything), and the answer is (Jacobian, anything).

    Rows that are computed in one sweep take as many times the memory of one; `chunk` is how many at a time.

    Complex results are differentiated part by part; by complex arguments too if f is `holomorphic`, which is checked
    by the equations of Cauchy and Riemann.

    By several arguments (`argnums=(1, 2)`) it is a tuple; where an array is asked for it is one matrix, the arguments
    side by side, so that `curve_fit(model, t, y, p0, jac=jacobian(model, argnums=(1, 2)))` takes it.

    >>> import numpy as np
    >>> jacobian(lambda x: np.array([x[0] * x[1], np.sin(x[0])]))(np.array([0.0, 2.0]))
    array([[2., 0.],
           [1., 0.]])
    """
    return _made("jacobian", f, argnums, has_aux, holomorphic, chunk)
