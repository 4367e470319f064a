"""NumPy's products of arrays, linear algebra, polynomials and integrals."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.gate import operand
from chainrule.errors import ShapeError
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.cast import cast
from chainrule.ops.contractions import LETTERS
from chainrule.ops.shape import normal_axes
from chainrule.signatures import in_module


def _vdot(a: Any, b: Any) -> Any:
    if np.prod(shape(a), dtype=int) != np.prod(shape(b), dtype=int):
        raise ShapeError.here(f"vdot: {shape(a)} and {shape(b)} differ in the number of elements")
    return ops.vdot(a, b) if ndim(a) or ndim(b) else a * b


def _linalg_outer(x1: Any, x2: Any) -> Any:
    if ndim(x1) != 1 or ndim(x2) != 1:
        raise ShapeError.here(f"outer: expected two vectors, got shapes {shape(x1)} and {shape(x2)}")
    return ops.outer(x1, x2)


def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = ops.moveaxis(a, axisa, -1), ops.moveaxis(b, axisb, -1)
    return ops.moveaxis(ops.cross(*_alike(a, b)), -1, axisc)


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Both with as many axes, new ones in front."""
    n = max(ndim(a), ndim(b))
    return tuple(ops.reshape(x, (1,) * (n - ndim(x)) + shape(x)) if ndim(x) < n else x for x in (a, b))


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Every pair of elements once, added up where their positions agree."""
    a, v = (ops.reshape(x, (1,)) if ndim(x) == 0 else x for x in (a, v))
    if ndim(a) != 1 or ndim(v) != 1:
        raise ShapeError.here(f"convolve: expected two vectors, got shapes {shape(a)} and {shape(v)}")
    if shape(v)[0] > shape(a)[0]:
        a, v = v, a
    n, m = shape(a)[0], shape(v)[0]
    if m == 0:
        raise ShapeError.here("convolve: one of the vectors is empty")
    if mode not in ("full", "same", "valid"):
        raise ShapeError.here(f"convolve: expected mode 'full', 'same' or 'valid', got {mode!r}")
    whole = functools.reduce(ops.add, [ops.pad(a * v[j], (j, m - 1 - j)) for j in range(m)])
    if mode == "full":
        return whole
    length = n if mode == "same" else n - m + 1
    start = (n + m - 1 - length) // 2
    return whole[start : start + length]


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if 0 in shape(x):
        raise ShapeError.here(f"norm: nothing to measure, the array has shape {shape(x)}")
    vectors = (ndim(x) if axis is None else np.size(axis)) == 1
    if vectors and ord == 0:
        return np.linalg.norm(primal(x), 0, axis, keepdims)
    if vectors and ord == "fro":
        raise ValueError("Invalid norm order for vectors.")
    return ops.norm(x, ord, axis, keepdims)


def _vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The axes are laid side by side, and their vectors measured."""
    axes = normal_axes(axis, ndim(x))
    axes = tuple(range(ndim(x))) if axes is None else axes
    rest = [k for k in range(ndim(x)) if k not in axes]
    rows = ops.transpose(x, (*rest, *axes)) if ndim(x) > 1 else x
    y = _norm(ops.reshape(rows, (*[shape(x)[k] for k in rest], -1)), ord, -1)
    return ops.reshape(y, tuple([1 if k in axes else n for k, n in enumerate(shape(x))])) if keepdims else y


def _einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """With subscripts in words, or as lists of numbers behind the operands. The order of products is our own."""
    if isinstance(subscripts, str):
        return ops.einsum(subscripts, *operands)
    given = [subscripts, *operands]
    output = given.pop() if len(given) % 2 else None
    terms = [_letters(t) for t in given[1::2]]
    arrow = "" if output is None else "->" + _letters(output)
    return ops.einsum(",".join(terms) + arrow, *[operand(x, "np.einsum") for x in given[::2]])


def _letters(places: Any) -> str:
    return "".join("..." if k is Ellipsis else LETTERS[int(k)] for k in places)


def _linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, *, axis: int = 0
) -> Any:
    if retstep:
        parts = num - 1 if endpoint else num
        step = (stop - start) / parts if parts > 0 else np.nan
        return _linspace(start, stop, num, endpoint, axis=axis), step
    steps = np.linspace(0.0, 1.0, num, endpoint=endpoint)
    steps = steps.reshape(-1, *(1,) * len(np.broadcast_shapes(shape(start), shape(stop))))
    y = start * (1 - steps) + stop * steps
    kinds = [x.dtype if hasattr(x, "dtype") else x for x in (start, stop)]
    if all(isinstance(x, (np.dtype, int, float)) for x in kinds) and np.result_type(*kinds, 1.0) == np.float32:
        y = cast(y, np.dtype(np.float32))
    return y if axis == 0 else ops.moveaxis(y, 0, axis)


RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np.linalg, ops.slogdet, ops.solve, ops.inv, ops.det, ops.matrix_power),
    **in_module(np, ops.dot, ops.inner, ops.outer, ops.tensordot, ops.kron, ops.trapezoid),
    **in_module(np, _vdot, _cross, _einsum, _convolve, _linspace),
    np.linalg.outer: _linalg_outer,
    np.linalg.vector_norm: _vector_norm,
    np.linalg.multi_dot: lambda arrays: functools.reduce(ops.dot, arrays),
}
