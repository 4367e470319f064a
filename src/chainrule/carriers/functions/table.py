"""The rules for real numbers in one table."""

from __future__ import annotations

import numpy as np

from chainrule.carriers.assignment.in_place import sharing
from chainrule.carriers.functions import (
    choosing,
    differences,
    joining,
    matrices,
    moving,
    places,
    plain,
    polynomials,
    products,
    quantiles,
    reductions,
    sets,
    statistics,
)
from chainrule.carriers.gate import FUNCTIONS

for _subject in (
    choosing, differences, joining, matrices, moving, places, plain, polynomials, products, quantiles,
    reductions, sets, statistics,
):  # fmt: skip
    FUNCTIONS.update(_subject.RULES)
for _function in (
    np.diag, np.diagonal, np.linalg.diagonal, np.einsum, np.lib.stride_tricks.sliding_window_view,
    np.lib.stride_tricks.as_strided,
):  # fmt: skip
    FUNCTIONS[_function] = sharing(_function, FUNCTIONS[_function])

__all__ = ["FUNCTIONS"]
