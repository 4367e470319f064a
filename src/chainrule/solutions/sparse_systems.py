"""`scipy.sparse.linalg` in lifted functions: solutions of sparse systems by their right-hand sides.

The solution is linear in the right-hand side: its adjoint is the solution of the transposed system, which is found in
the same way, and so on to every order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse.linalg

from chainrule.carriers.gate import holds
from chainrule.errors import SolutionError, UnsupportedFunction, at_user_line
from chainrule.transforms.custom import custom_vjp
from chainrule.transforms.implicit import as_one_number

Solve = Callable[[Any], Any]
Rule = Callable[..., Any]


def linear(solve: Solve, transposed: Solve) -> Callable[[Any], Any]:
    """`solve`, linear in its argument, with the adjoint `transposed`."""

    def solution(b: Any) -> Any:
        return solve(np.asarray(b, dtype=float))

    known = custom_vjp(solution)
    known.defvjp(lambda b: (known(b), None), lambda _, ct: (linear(transposed, solve)(ct),), verify=False)
    return known


def _refuse_moving(name: str, A: Any) -> None:
    if holds([A]):
        raise UnsupportedFunction(
            at_user_line(f"scipy.sparse.linalg.{name}: its derivative is known by the right side, not by the matrix")
        )


@functools.wraps(scipy.sparse.linalg.spsolve)
def spsolve(A: Any, b: Any, *args: Any, **settings: Any) -> Any:
    _refuse_moving("spsolve", A)
    if not holds([b]):
        return scipy.sparse.linalg.spsolve(A, b, *args, **settings)
    across = A.T.tocsc()

    def solve(matrix: Any) -> Solve:
        return lambda v: np.reshape(scipy.sparse.linalg.spsolve(matrix, v, *args, **settings), np.shape(v))

    return linear(solve(A), solve(across))(as_one_number(b))


def _iterative(name: str) -> Rule:
    original = getattr(scipy.sparse.linalg, name)

    @functools.wraps(original)
    def rule(A: Any, b: Any, x0: Any = None, **settings: Any) -> Any:
        _refuse_moving(name, A)
        if not holds([b]):
            return original(A, b, x0, **settings)
        told = [0]

        def solve(matrix: Any) -> Solve:
            def found(v: Any) -> Any:
                y, told[0] = original(matrix, v, **settings)
                if told[0]:
                    raise SolutionError(at_user_line(f"scipy.sparse.linalg.{name} did not converge: it gave {told[0]}"))
                return y

            return found

        return linear(solve(A), solve(A.T))(as_one_number(b)), 0

    return rule


class Factors:
    """What `splu` gives."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._original, name)

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """The solution of the system, or of the transposed one."""
        if not holds([rhs]):
            return self._original.solve(rhs, trans)
        other = {"N": "T", "T": "N"}.get(trans)
        if other is None:
            raise UnsupportedFunction(at_user_line("splu(...).solve: its derivative is known for trans='N' and 'T'"))
        return linear(
            lambda v: self._original.solve(v, trans), lambda v: self._original.solve(v, other)
        )(as_one_number(rhs))  # fmt: skip


@functools.wraps(scipy.sparse.linalg.splu)
def splu(A: Any, *args: Any, **settings: Any) -> Any:
    _refuse_moving("splu", A)
    return Factors(scipy.sparse.linalg.splu(A, *args, **settings))


@functools.wraps(scipy.sparse.linalg.factorized)
def factorized(A: Any) -> Any:
    _refuse_moving("factorized", A)
    return Factors(scipy.sparse.linalg.splu(A)).solve


RULES: dict[str, Rule] = {
    "spsolve": spsolve, "splu": splu, "factorized": factorized,
    **{name: _iterative(name) for name in ("cg", "gmres", "bicgstab", "minres")},
}  # fmt: skip
