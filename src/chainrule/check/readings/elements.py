"""Second derivatives element by element: of a function that works on each number alone, as activations do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.claims.claim import name_of
from chainrule.check.subject import is_real, quiet


def summed(f: Callable[..., Any], df: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """The sum of f's results, and the claimed second derivatives as its Hessian, which is diagonal; None where f does
    not work on each number alone, or the claim is no array of one number for each.

    >>> f, df = summed(lambda x: x**3, lambda x: 6 * x, (np.array([1.0, 2.0]),))
    >>> float(f(np.array([1.0, 2.0]))), df(np.array([1.0, 2.0]))
    (9.0, array([[ 6.,  0.],
           [ 0., 12.]]))
    """
    if len(args) != 1 or not is_real(args[0]) or np.size(args[0]) < 2:
        return None
    with quiet():
        x = np.asarray(args[0], dtype=float)
        y, slopes = np.asarray(f(x.copy())), np.asarray(df(x.copy()))
        if y.size != x.size or slopes.size != x.size:
            return None
        moved = x.copy()
        moved.flat[0] += 0.1 * max(abs(float(moved.flat[0])), 0.1)
        if not np.array_equal(np.ravel(np.asarray(f(moved)))[1:], np.ravel(y)[1:]):
            return None

    def total(x: Any) -> Any:
        return np.sum(f(x))

    def diagonal(x: Any) -> Any:
        return np.diag(np.ravel(df(copy.copy(x)))).reshape(2 * np.shape(x))

    for made, of in ((total, f), (diagonal, df)):
        made.__name__ = name_of(of)
        made.__wrapped__ = of  # type: ignore[attr-defined]
    return total, diagonal
