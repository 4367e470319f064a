"""`jvp` and `vjp`: the derivative of a function times a vector, from the right and from the left."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import chainrule.ops.branches as branches
from chainrule import trees
from chainrule.carriers.dual import Dual
from chainrule.inputs import as_number, result_number
from chainrule.libraries import late, zeros_like
from chainrule.numbers import Number, call_level, differentiated
from chainrule.ops.reuse import unshared
from chainrule.ops.tangents import noticed
from chainrule.sweeps.cotangents import as_of, missing
from chainrule.transforms.calling import apart, called, settled
from chainrule.transforms.recorded import Recorded, record
from chainrule.transforms.results import check_pairs

lift_once = late("chainrule.carriers.lifting.recent.lift_once")
tangents_again = late("chainrule.transforms.again.tangents_again")


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """(f(*primals), its derivative in the direction `tangents`), by forward mode.

    primals, tangents   tuples with one entry for each argument of f, of the same structure and shapes; an entry
                        is a number, an array, or a nested container of them
    has_aux             f returns (result, anything); anything is a third entry of the answer

    Raises ShapeError when a tangent does not match its primal.

    >>> import math
    >>> jvp(lambda x: x * math.exp(x), (0.0,), (1.0,))
    (0.0, 1.0)
    """
    check_pairs(primals, tangents)
    if has_aux:
        g, aux = apart(f)
        return (*jvp(g, primals, tangents), aux())
    points, structure = trees.numbers(tuple(primals))
    directions = trees.same_structure(tuple(primals), tuple(tangents), "jvp tangents")
    tangents = [as_of(trees.same_shape(x, v, "jvp tangent"), x) for x, v in zip(points, directions, strict=True)]
    lifted, nested = lift_once(f), any(map(differentiated, (*points, *tangents)))
    values, moved, out, left = _pushed(lifted, points, structure, tangents, nested)
    if not nested and (left or any(map(missing, moved))):
        push = functools.partial(_pushed, lifted, points, structure)
        moved = tangents_again(push, lifted, points, tangents, structure, values, moved, left)
    return trees.unflatten(out, values), trees.unflatten(out, moved)


def _pushed(f: Callable[..., Any], points: list[Number], structure: Any, tangents: list[Number], masked: bool) -> Any:
    """The results of a function of duals and their tangents, flat, how they belong together, and whether a tangent
    left the range of floats on the way."""
    level = call_level()
    masks = [branches.arrived(t) if masked else None for t in tangents]
    duals = [x if m is False else Dual(x, t, level, m) for x, t, m in zip(points, tangents, masks, strict=True)]
    y, left = noticed(level, called, f, trees.unflatten(structure, duals), level)
    results, out = trees.in_parts(y)
    values, moved = [], []
    for y in (settled(y, level) for y in results):
        mine = isinstance(y, Dual) and y.level == level
        values.append(y.primal if mine else y)
        moved.append(unshared(y.tangent) if mine else zeros_like(as_number(result_number(y))))
    return values, moved, out, left


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(f(*primals), pullback), by reverse mode; pullback(cotangent) gives a tuple of cotangents, one for each
    argument. The pullback may be called again and again. With `has_aux` f returns (result, anything), and
    anything is a third entry of the answer.

    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> y, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    if has_aux:
        g, aux = apart(f)
        return (*vjp(g, *primals), aux())
    points, structure = trees.numbers(primals)
    recording = record(lift_once(f), points, structure)
    y = trees.unflatten(recording.out, [recording.plain(r) for r in recording.results])
    return y, Pullback(f, recording, y, points, structure)


class Pullback:
    """What `vjp` gives beside the result: a function of a cotangent of the result. It may be called again and again."""

    def __init__(self, f: Any, recording: Recorded, y: Any, points: list[Number], structure: Any) -> None:
        self._f, self._recording, self._y, self._points, self._structure = f, recording, y, points, structure

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        recording = self._recording
        cts = trees.same_structure(self._y, cotangent, "vjp cotangent")
        total: list[Number] = [zeros_like(x) for x in self._points]
        for result, ct in zip(recording.results, cts, strict=True):
            ct = trees.same_shape(recording.plain(result), ct, "vjp cotangent")
            for k, share in enumerate(recording.pull(result, ct)):
                total[k] = total[k] + share
        found: tuple[Any, ...] = trees.unflatten(self._structure, total)
        return found

    def __repr__(self) -> str:
        return f"<pullback of {getattr(self._f, '__qualname__', None) or repr(self._f)}>"
