"""Functions of matrices that solve an equation: the square root and the logarithm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from chainrule.errors import UnsupportedFunction, at_user_line
from chainrule.numbers import as_number, primal
from chainrule.scipy.linalg import expm
from chainrule.transforms.implicit import with_derivatives

Rule = Callable[..., Any]


def _solved(name: str, equation: Callable[[Any, Any], Any]) -> Rule:
    """A function of a matrix that solves equation(X, A) = 0."""
    original = getattr(scipy.linalg, name)

    def rule(A: Any, disp: bool = True) -> Any:
        a = as_number(A)
        found = original(primal(a))
        if np.iscomplexobj(found):
            raise UnsupportedFunction(
                at_user_line(f"scipy.linalg.{name}: the derivative is not known here where the result is complex")
            )
        return with_derivatives(found, lambda x: equation(x, a))

    return rule


RULES: dict[str, Rule] = {
    "sqrtm": _solved("sqrtm", lambda x, a: x @ x - a),
    "logm": _solved("logm", lambda x, a: expm(x) - a),
}
