"""Complex numbers with derivatives: a pair of real numbers of any kind, computed by the real rows of the table.

The convention, which follows from that: the gradient of a real function by z = x + iy is df/dx + i df/dy, the
direction of steepest ascent (PyTorch's; JAX and autograd give its conjugate). A pullback is paired with real parts,
Re(conj(ct) * y'), so that a holomorphic function multiplies a cotangent by conj(f'(z)) and a tangent by f'(z).
"""

from chainrule.carriers.functions.table import FUNCTIONS  # isort: skip (first: these rules are made of its)
from chainrule.carriers.complexes import elementary, emath, fourier, functions, kinds, linalg, matrices, products
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.gate import COMPLEX

for _subject in (elementary, products, linalg):
    kinds.RULES.update(_subject.RULES)
for _rules in (emath.RULES, fourier.RULES, functions.ANY, matrices.EIGEN):
    FUNCTIONS.update(_rules)
    COMPLEX.update(dict.fromkeys(_rules))
COMPLEX.update(matrices.RULES)

__all__ = ["FUNCTIONS", "Complex", "functions"]
