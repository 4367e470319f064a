"""What rows ask of NumPy's arrays most often. Compiled, `dense.pxd` takes this file's place: for dense arrays of
float64 it answers in one loop, without NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def start() -> None:
    """Called once before the others."""


def broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """np.broadcast_to: a view that cannot be written to. It takes NumPy ten times as long."""
    return np.broadcast_to(x, shape)


def scaled(ct: Any, partial: Any) -> Any:
    """ct * partial, 0 where ct is, also against inf and nan. None: to be computed by NumPy."""
    return None


def has_nan(x: Any) -> bool:
    """Whether an element is nan; perhaps also where elements are infinite."""
    total = np.add.reduce(x, axis=None)
    return bool(total != total)
