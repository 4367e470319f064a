"""Which of NumPy's functions take complex numbers, and the rules of those that treat them in their own way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.exceptions import AxisError

from chainrule import ops
from chainrule.carriers.casting import as_complex
from chainrule.carriers.complexes import elementary
from chainrule.carriers.complexes.elementary import conj
from chainrule.carriers.complexes.number import of_parts, parts, whole
from chainrule.carriers.functions.differences import _correlate as correlate
from chainrule.carriers.functions.differences import _interp as interp
from chainrule.carriers.functions.places import placed
from chainrule.carriers.functions.plain import PLAIN
from chainrule.carriers.functions.products import _vdot
from chainrule.carriers.gate import COMPLEX, FUNCTIONS, complex_number
from chainrule.carriers.refusals import no_complex
from chainrule.numbers import ndim, primal, shape
from chainrule.ops.cast import cast
from chainrule.signatures import in_module

insert = FUNCTIONS[np.insert]

AS_REAL: tuple[Any, ...] = (
    np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.trace, np.linalg.trace, np.var, np.std,
    np.dot, np.inner, np.outer, np.linalg.outer, np.tensordot, np.linalg.tensordot, np.kron, np.cross,
    np.linalg.cross, np.einsum, np.linalg.matmul, np.linalg.multi_dot, np.linalg.matrix_power, np.linalg.solve,
    np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.tensorsolve, np.linalg.tensorinv,
    np.convolve, np.trapezoid, np.polyval, np.linspace, np.diff, np.gradient, np.cov, np.corrcoef, np.average,
    np.ediff1d, np.cumulative_sum, np.cumulative_prod, np.polyadd, np.polysub, np.polymul, np.polyder, np.polyint,
    np.poly, np.vander, np.polydiv, np.roots, np.where, np.select, np.choose, np.piecewise, np.apply_along_axis,
    np.apply_over_axes,
    np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.append, np.atleast_1d,
    np.atleast_2d, np.atleast_3d, np.split, np.hsplit, np.vsplit, np.dsplit, np.array_split, np.unstack, np.full_like,
    np.reshape, np.ravel, np.transpose, np.matrix_transpose, np.linalg.matrix_transpose, np.broadcast_to,
    np.broadcast_arrays, np.swapaxes, np.moveaxis, np.rollaxis, np.expand_dims, np.squeeze, np.flip, np.fliplr,
    np.flipud, np.roll, np.rot90, np.take, np.take_along_axis, np.repeat, np.tile, np.pad, np.diag, np.diagonal,
    np.linalg.diagonal, np.diagflat, np.triu, np.tril, np.copy, np.delete, np.compress, np.extract,
    np.resize, np.block, np.meshgrid, np.iscomplexobj, np.isrealobj, np.lib.stride_tricks.sliding_window_view,
    *PLAIN, np.array, np.asarray, np.asanyarray,
    np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite, np.full, np.fromiter, np.require, np.astype,
)  # fmt: skip
"""The rule for real numbers is right for complex ones."""
UFUNCS_AS_REAL: tuple[Any, ...] = (
    np.float_power, np.matmul, np.matvec, *(getattr(np, name) for name in elementary.RULES)
)  # fmt: skip


def _angle(z: Any, deg: bool = False) -> Any:
    y = elementary.angle(z)
    return ops.multiply(180 / math.pi, y) if deg else y


def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if shape(v)[0] > shape(a)[0]:
        return conj(ops.flip(_correlate(v, a, mode), 0))
    return correlate(a, conj(v), mode)


def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    if not complex_number(arr):
        raise no_complex("np.insert into an array of real numbers, which drops imaginary parts,")
    return insert(arr, obj, values, axis)


def _sort_complex(a: Any) -> Any:
    """By the real parts, then by the imaginary ones. The answer is complex."""
    if ndim(a) == 0:
        raise AxisError("np.sort_complex: expected an array of one axis or more, got a number")
    order = np.argsort(np.asarray(primal(a)), -1, "stable")
    y = placed(lambda n: np.take_along_axis(n, order, -1), a)
    return y if complex_number(y) else as_complex(cast(y, np.result_type(y.dtype, np.float64)))


def _sort(a: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """By the real parts, then by the imaginary ones."""
    a = ops.reshape(a, (-1,)) if axis is None else a
    order = np.argsort(np.asarray(primal(a)), -1 if axis is None else axis, "stable")
    return placed(lambda n: np.take_along_axis(n, order, -1 if axis is None else axis), a)


def _real_if_close(a: Any, tol: Any = 100) -> Any:
    """The real part, where the imaginary ones are rounding."""
    sizes = np.abs(np.asarray(primal(parts(a)[1])))
    limit = tol * np.finfo(a.dtype).eps if tol > 1 else tol
    return ops.positive(parts(a)[0] if np.all(sizes < limit) else a)


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Straight lines between complex values, which are those between their parts."""
    if complex_number(x) or complex_number(xp):
        raise no_complex("np.interp at complex points")
    ends = [(None, None) if end is None else whole(end) for end in (left, right)]
    values = whole(fp)
    return of_parts(*(interp(x, xp, values[k], ends[0][k], ends[1][k], period) for k in (0, 1)))


NEAR = 0.015
"""|z| up to which sinc is summed: the first term that is left out is (pi z)^12 / 13!, 2e-26."""


def _sinc(x: Any) -> Any:
    """sin(pi z) / (pi z), near 0 by its series, which has derivatives there."""
    near = np.less(abs(x), NEAR)
    y = math.pi * x
    square = elementary.square(ops.where(near, y, 0.0))
    total: Any = 1.0
    for k in (5, 4, 3, 2, 1):
        total = 1.0 - square * total / float(2 * k * (2 * k + 1))
    away = ops.where(near, 1.0, y)
    return ops.where(near, total, elementary.sin(away) / away)


ANY: dict[Any, Callable[..., Any]] = {np.sort_complex: _sort_complex}
"""Rules for real and complex numbers."""
RULES: dict[Any, Callable[..., Any]] = {
    **in_module(np, _correlate, _insert, _angle, _real_if_close, _sort, _interp, _sinc),
    np.conjugate: conj,
    np.vecdot: lambda a, b: ops.einsum("...i,...i->...", conj(a), b),
    np.vecmat: lambda a, b: ops.einsum("...i,...ij->...j", conj(a), b),
    np.vdot: lambda a, b: _vdot(conj(a), b),
    np.real: lambda val: parts(val)[0],
    np.imag: lambda val: whole(val)[1],
}

COMPLEX.update(dict.fromkeys((*AS_REAL, *UFUNCS_AS_REAL)))
COMPLEX.update(RULES)
