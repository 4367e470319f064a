"""What the carriers know of complex numbers, for those who come before them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray


class MeetsComplex(Exception):
    """A carrier is to be computed with together with a complex number."""


class ComplexNumbers:
    """What computes with complex numbers that carry derivatives, filled in when that is imported.

    kind       their class; this one, of which no number is, until the first is made
    split      a plain complex number as one of two parts
    made       one of two parts
    computed   (operator, operands, settings): the result where one of the operands is complex
    """

    kind: Any = None
    split: Any = None
    made: Any = None
    computed: Any = None


ComplexNumbers.kind = ComplexNumbers
COMPLEX_NUMBERS = ComplexNumbers()


def is_complex(x: Any) -> bool:
    """Whether `x` is a plain complex number, or an array of them."""
    return isinstance(x, complex) or (isinstance(x, (ndarray, np.generic)) and x.dtype.kind == "c")
