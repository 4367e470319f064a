"""Names that newer versions of Python and NumPy no longer have: what was written with them is checked all the same."""

from __future__ import annotations

import collections
import collections.abc
from typing import Any

import numpy as np


def supply() -> None:
    """Put back, in this process, the names that are gone: `collections.Hashable` and the like (Python 3.10), `np.int`,
    `np.float`, `np.object` (NumPy 1.24), `np.float_`, `np.product`, `np.asscalar` (NumPy 2)."""
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    gone: dict[str, Any] = {
        "int": int, "float": float, "object": object, "complex": complex, "str": str, "float_": np.float64,
        "complex_": np.complex128, "int0": np.intp, "unicode_": np.str_, "NaN": np.nan, "Inf": np.inf,
        "infty": np.inf, "product": np.prod, "cumproduct": np.cumprod, "sometrue": np.any, "alltrue": np.all,
        "row_stack": np.vstack, "asscalar": lambda x: x.item(), "in1d": lambda a, b, **k: np.isin(np.ravel(a), b, **k),
        "trapz": getattr(np, "trapezoid", None),
    }  # fmt: skip
    for name, value in gone.items():
        if name not in vars(np) and value is not None:
            setattr(np, name, value)
