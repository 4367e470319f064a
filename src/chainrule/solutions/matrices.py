"""Functions of matrices that solve an equation: roots, logarithms, Riccati's equations, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.lift import lift
from chainrule.carriers.refusals import no_setting
from chainrule.errors import UnsupportedFunction
from chainrule.inputs import as_number
from chainrule.numbers import StandIn, primal, shape
from chainrule.scipy.linalg import expm
from chainrule.signatures import by_name
from chainrule.transforms.implicit import with_derivatives

Rule = Callable[..., Any]


def _solved(name: str, equation: Callable[[Any, Any], Any]) -> Rule:
    """A function of a matrix that solves equation(X, A) = 0."""
    original = getattr(scipy.linalg, name)

    def rule(A: Any, disp: bool = True) -> Any:
        a = as_number(A)
        found = original(primal(a))
        if np.iscomplexobj(found):
            raise UnsupportedFunction.here(
                f"scipy.linalg.{name}: the derivative is not known here where the result is complex"
            )
        return with_derivatives(found, lambda x: equation(x, a))

    return rule


sqrtm = _solved("sqrtm", lambda x, a: x @ x - a)
logm = _solved("logm", lambda x, a: expm(x) - a)


def fractional_matrix_power(A: Any, t: Any) -> Any:
    a, t = as_number(A), as_number(t)
    if not isinstance(t, StandIn) and float(t).is_integer():
        return ops.matrix_power(a, int(t))
    return expm(t * logm(a))


def _circular(A: Any) -> tuple[Any, Any]:
    """Cosine and sine: the exponential of a turn by 90 degrees times A."""
    a = as_number(A)
    n = shape(a)[-1]
    zero = np.zeros((n, n))
    whole = expm(ops.concatenate([ops.concatenate([zero, -a], 1), ops.concatenate([a, zero], 1)]))
    return whole[:n, :n], whole[n:, :n]


def cosm(A: Any) -> Any:
    return _circular(A)[0]


def sinm(A: Any) -> Any:
    return _circular(A)[1]


def tanm(A: Any) -> Any:
    cosine, sine = _circular(A)
    return ops.solve(cosine, sine)


def coshm(A: Any) -> Any:
    a = as_number(A)
    return 0.5 * (expm(a) + expm(-a))


def sinhm(A: Any) -> Any:
    a = as_number(A)
    return 0.5 * (expm(a) - expm(-a))


def tanhm(A: Any) -> Any:
    return ops.solve(coshm(A), sinhm(A))


def signm(A: Any) -> Any:
    a = as_number(A)
    return a @ ops.inv(sqrtm(a @ a))


def expm_frechet(A: Any, E: Any, method: Any = None, compute_expm: bool = True) -> Any:
    """Mathias, SIAM J. Matrix Anal. Appl. 17 (1996): a block of the exponential of a block matrix."""
    a, e = as_number(A), as_number(E)
    n = shape(a)[-1]
    zero = np.zeros((n, n))
    whole = expm(ops.concatenate([ops.concatenate([a, e], 1), ops.concatenate([zero, a], 1)]))
    return (whole[:n, :n], whole[:n, n:]) if compute_expm else whole[:n, n:]


def polar(a: Any, side: str = "right") -> Any:
    """Higham, Functions of Matrices (2008), chapter 8: the positive factor is the root of a product."""
    a = as_number(a)
    if side == "right":
        p = sqrtm(ops.transpose(a) @ a)
        return a @ ops.inv(p), p
    p = sqrtm(a @ ops.transpose(a))
    return ops.solve(p, a), p


def orthogonal_procrustes(A: Any, B: Any) -> Any:
    u, p = polar(ops.transpose(as_number(A)) @ as_number(B))
    return u, ops.trace(p)


def _riccati(name: str, equation: Callable[..., Any]) -> Rule:
    original = getattr(scipy.linalg, name)

    def rule(a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True) -> Any:
        if e is not None or s is not None:
            raise no_setting(f"scipy.linalg.{name}", ["e" if e is not None else "s"])
        given = [as_number(v) for v in (a, b, q, r)]
        found = original(*map(primal, given), balanced=balanced)
        return with_derivatives(found, lambda x: equation(x, *given))

    return rule


def _continuous(x: Any, a: Any, b: Any, q: Any, r: Any) -> Any:
    turned = ops.transpose(a)
    return turned @ x + x @ a - x @ b @ ops.solve(r, ops.transpose(b) @ x) + q


def _discrete(x: Any, a: Any, b: Any, q: Any, r: Any) -> Any:
    turned = ops.transpose(a)
    gain = ops.solve(r + ops.transpose(b) @ x @ b, ops.transpose(b) @ x @ a)
    return turned @ x @ a - x - turned @ x @ b @ gain + q


def null_space(A: Any, rcond: Any = None) -> Any:
    """A basis of what A takes to zero: of all orthonormal ones, that which moves least from SciPy's."""
    a = as_number(A)
    held = scipy.linalg.null_space(primal(a), rcond)
    onto = held - FUNCTIONS[np.linalg.pinv](a) @ (a @ held)
    return onto @ ops.inv(sqrtm(ops.transpose(onto) @ onto)) if held.shape[1] else held


def funm(A: Any, func: Any, disp: bool = True) -> Any:
    """By the eigenvalues, which have to be distinct."""
    a = as_number(A)
    w, v = FUNCTIONS[np.linalg.eig](a)
    found = (v * lift(func)(w)) @ np.linalg.inv(v)
    real = not np.iscomplexobj(scipy.linalg.funm(primal(a), func)) if not isinstance(primal(a), StandIn) else True
    return found.real if real and hasattr(found, "real") else found


RULES: dict[str, Rule] = {
    "sqrtm": sqrtm, "logm": logm,
    "solve_continuous_are": _riccati("solve_continuous_are", _continuous),
    "solve_discrete_are": _riccati("solve_discrete_are", _discrete),
    **by_name(
        fractional_matrix_power, cosm, sinm, tanm, coshm, sinhm, tanhm, signm, expm_frechet, polar,
        orthogonal_procrustes, null_space, funm,
    ),
}  # fmt: skip
