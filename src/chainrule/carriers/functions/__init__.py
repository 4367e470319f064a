"""The rules for NumPy's functions, by subject. Each file has its RULES: NumPy's function -> a function of carriers with
the same parameter names. What NumPy's signature has beyond them is refused by the gate."""

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
from chainrule.carriers.functions.plain import PLAIN
from chainrule.carriers.gate import FUNCTIONS

for _subject in (
    choosing, differences, joining, matrices, moving, places, plain, polynomials, products, quantiles,
    reductions, sets, statistics,
):  # fmt: skip
    FUNCTIONS.update(_subject.RULES)

__all__ = ["FUNCTIONS", "PLAIN"]
