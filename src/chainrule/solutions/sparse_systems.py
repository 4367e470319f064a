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

from chainrule import ops
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_complex, no_rule, no_setting, refuse_where
from chainrule.complex_numbers import is_complex
from chainrule.errors import SolutionError, UnsupportedFunction
from chainrule.numbers import primal
from chainrule.scipy.called import Behind
from chainrule.scipy.sparse_entries import Entries
from chainrule.signatures import by_name
from chainrule.transforms.custom import custom_vjp
from chainrule.transforms.implicit import as_one_number, order

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
        raise UnsupportedFunction.here(
            f"scipy.sparse.linalg.{name}: its matrix is a dense array of recorded numbers; make it sparse, "
            "sparse.csc_array(A)"
        )


def solved(A: Any, b: Any, solve: Solve, transposed: Solve) -> Any:
    """The solution of A x = b, by b and by the entries of A where they are recorded. Newton's step with the plain
    matrix, x + solve(b - A x), gains one order of the derivatives each time."""
    b = as_one_number(b)
    step = linear(solve, transposed)
    if not isinstance(A, Entries):
        return step(b)
    found = solve(np.asarray(primal(b), dtype=float))
    for _ in range(max(order(b - A @ found), 0)):
        rest = b - A @ found
        found = found + step(rest - primal(rest))
    return found


def _plain_matrix(A: Any) -> Any:
    return A.plain() if isinstance(A, Entries) else A


@functools.wraps(scipy.sparse.linalg.spsolve)
def spsolve(A: Any, b: Any, *args: Any, **settings: Any) -> Any:
    _refuse_moving("spsolve", A)
    if not (holds([b]) or isinstance(A, Entries)):
        return scipy.sparse.linalg.spsolve(A, b, *args, **settings)
    matrix = _plain_matrix(A)

    def solve(matrix: Any) -> Solve:
        return lambda v: np.reshape(scipy.sparse.linalg.spsolve(matrix, v, *args, **settings), np.shape(v))

    return solved(A, b, solve(matrix), solve(matrix.T.tocsc()))


def _iterative(name: str) -> Rule:
    original = getattr(scipy.sparse.linalg, name)

    @functools.wraps(original)
    def rule(A: Any, b: Any, x0: Any = None, **settings: Any) -> Any:
        _refuse_moving(name, A)
        if not (holds([b]) or isinstance(A, Entries)):
            return original(A, b, x0, **settings)
        told = [0]

        def solve(matrix: Any) -> Solve:
            def found(v: Any) -> Any:
                y, told[0] = original(matrix, v, **settings)
                if told[0]:
                    raise SolutionError.here(f"scipy.sparse.linalg.{name} did not converge: it gave {told[0]}")
                return y

            return found

        matrix = _plain_matrix(A)
        return solved(A, b, solve(matrix), solve(matrix.T)), 0

    return rule


class Factors(Behind):
    """What `splu` gives."""

    def __init__(self, original: Any, A: Any) -> None:
        self.original, self._matrix = original, A

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """The solution of the system, or of the transposed one."""
        if not (holds([rhs]) or isinstance(self._matrix, Entries)):
            return self.original.solve(rhs, trans)
        other = {"N": "T", "T": "N"}.get(trans)
        if np.iscomplexobj(self.original.L.data) or isinstance(rhs, Complex) or is_complex(rhs):
            raise no_complex("splu(...).solve")
        if other is None:
            raise UnsupportedFunction.here("splu(...).solve: its derivative is known for trans='N' and 'T'")
        across = isinstance(self._matrix, Entries) and trans == "T"
        return solved(
            self._matrix.T if across else self._matrix, rhs, lambda v: self.original.solve(v, trans),
            lambda v: self.original.solve(v, other),
        )  # fmt: skip


@functools.wraps(scipy.sparse.linalg.splu)
def splu(A: Any, *args: Any, **settings: Any) -> Any:
    _refuse_moving("splu", A)
    return Factors(scipy.sparse.linalg.splu(_plain_matrix(A), *args, **settings), A)


@functools.wraps(scipy.sparse.linalg.factorized)
def factorized(A: Any) -> Any:
    _refuse_moving("factorized", A)
    return Factors(scipy.sparse.linalg.splu(_plain_matrix(A)), A).solve


@functools.wraps(scipy.sparse.linalg.spsolve_triangular)
def spsolve_triangular(A: Any, b: Any, lower: bool = True, *args: Any, **settings: Any) -> Any:
    _refuse_moving("spsolve_triangular", A)
    if not (holds([b]) or isinstance(A, Entries)):
        return scipy.sparse.linalg.spsolve_triangular(A, b, lower, *args, **settings)
    matrix = _plain_matrix(A).tocsr()
    across = matrix.T.tocsr()
    triangular = scipy.sparse.linalg.spsolve_triangular
    return solved(A, b, lambda v: triangular(matrix, v, lower), lambda v: triangular(across, v, not lower))


@functools.wraps(scipy.sparse.linalg.expm_multiply)
def expm_multiply(A: Any, B: Any, *args: Any, **settings: Any) -> Any:
    if isinstance(A, Entries) or holds([A, *args, *settings.values()]):
        raise no_rule("scipy.sparse.linalg.expm_multiply by the matrix")
    if not holds([B]):
        return scipy.sparse.linalg.expm_multiply(A, B, *args, **settings)
    if args or settings:
        raise no_setting("scipy.sparse.linalg.expm_multiply", sorted(settings) or ["start"])
    product = scipy.sparse.linalg.expm_multiply
    return linear(lambda v: product(A, v), lambda v: product(A.T, v))(as_one_number(B))


@functools.wraps(scipy.sparse.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
    if not isinstance(x, Entries):
        return scipy.sparse.linalg.norm(x, ord, axis)
    if ord not in (None, "fro") or axis is not None:
        raise no_setting("scipy.sparse.linalg.norm", ["ord" if axis is None else "axis"])
    return ops.norm(x.data)


def _least_squares(name: str) -> Rule:
    original = getattr(scipy.sparse.linalg, name)

    @functools.wraps(original)
    def rule(A: Any, b: Any, damp: Any = 0.0, *args: Any, **settings: Any) -> Any:
        if isinstance(A, Entries) or holds([A, damp]):
            raise no_rule(f"scipy.sparse.linalg.{name} by the matrix")
        if not holds([b]):
            return original(A, b, damp, *args, **settings)
        answer = original(A, np.asarray(primal(as_one_number(b)), float), damp, *args, **settings)
        across = A.T

        def normal(v: Any) -> Any:
            return original(across, v, *args, **settings)[0] if not damp else None

        refuse_where(f"scipy.sparse.linalg.{name}", damp=damp)
        solve = linear(lambda v: original(A, v, damp, *args, **settings)[0], normal)
        return (solve(as_one_number(b)), *answer[1:3])

    return rule


_SOLVERS = ("bicg", "bicgstab", "cg", "cgs", "gcrotmk", "gmres", "lgmres", "minres", "qmr", "tfqmr")
RULES: dict[str, Rule] = {
    "spsolve": spsolve, "splu": splu, "factorized": factorized,
    **{name: _iterative(name) for name in _SOLVERS},
    **{name: _least_squares(name) for name in ("lsqr", "lsmr")},
    **by_name(spsolve_triangular, expm_multiply, norm),
}  # fmt: skip
