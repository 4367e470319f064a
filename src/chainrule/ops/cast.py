"""A row of the operator table: numbers of one floating type as numbers of another.

Rounding to fewer digits is a step function, whose derivative is 0 almost everywhere; what is meant by a cast is the
number it is near to. So its derivative is taken as that of the number, in the type of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numbers import Number, primal
from chainrule.ops.kinds import Linear
from chainrule.ops.row import applied


def type_of(x: Number) -> np.dtype[Any]:
    """NumPy's type of a number: Python's are float64."""
    found = getattr(x, "dtype", None)
    return found if isinstance(found, np.dtype) else np.dtype(np.float64)


def astype_kernel(x: Any, *, dtype: np.dtype[Any]) -> Any:
    return np.asarray(x).astype(dtype)[()]


_astype: Linear = Linear(
    "astype",
    lambda i, ct, x, dtype: cast(ct, type_of(primal(x))),
    wider=lambda xs, dtype: {"dtype": dtype},
    kernels={"float": astype_kernel, "numpy": astype_kernel},
    printed="{}",
    public=False,
)


def cast(x: Number, dtype: Any) -> Number:
    """`x` as numbers of a floating type; `x` itself where it has that type.

    >>> cast(np.array([0.1]), np.float32)
    array([0.1], dtype=float32)
    """
    dtype = np.dtype(dtype)
    return x if type_of(x) == dtype else applied(_astype, (x,), {"dtype": dtype})
