"""Systems of equations with complex matrices, as real ones of twice the size: [[R, -I], [I, R]] stands for R + iI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.complexes.number import Complex, whole
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.linalg import complex_det


def doubled(a: Any) -> Number:
    """The real matrix that stands for a complex one."""
    re, im = whole(a)
    return ops.concatenate([ops.concatenate([re, ops.negative(im)], -1), ops.concatenate([im, re], -1)], -2)


def solve(a: Any, b: Any) -> Number:
    re, im = whole(b)
    vector = ndim(b) == 1
    axis = -1 if vector else -2
    n = shape(b)[axis]
    if ndim(a) > 2 and not vector and shape(a)[:-2] != shape(b)[:-2]:
        lead = np.broadcast_shapes(shape(a)[:-2], shape(b)[:-2])
        re, im = (ops.broadcast_to(x, (*lead, *shape(b)[-2:])) for x in (re, im))
    x = ops.solve(doubled(a), ops.concatenate([re, im], axis))
    if vector:
        return Complex(x[..., :n], x[..., n:])
    return Complex(x[..., :n, :], x[..., n:, :])


def inv(a: Any) -> Number:
    n = shape(a)[-1]
    y = ops.inv(doubled(a))
    return Complex(y[..., :n, :n], y[..., n:, :n])


def det(a: Any) -> Number:
    y = complex_det(*whole(a))
    return Complex(y[..., 0], y[..., 1])


def logdet(a: Any) -> Number:
    """The real matrix of twice the size has the determinant |det A|^2."""
    return ops.multiply(0.5, ops.slogdet(doubled(a)).logabsdet)


def sign_det(a: Any) -> Number:
    d = det(a)
    return ops.divide(d, ops.absolute(d))


RULES: dict[str, Callable[..., Any]] = {
    "solve": solve, "inv": inv, "det": det, "logdet": logdet, "sign_det": sign_det,
}  # fmt: skip
