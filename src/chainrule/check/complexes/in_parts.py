"""Complex claims: a function of complex numbers is one of their real and imaginary parts, and is checked as that.

With z = x + iy, and f = u + iv where the result is complex, a claim is read as these real derivatives:

| claim                          | is read as                                             |
|--------------------------------|--------------------------------------------------------|
| gradient of a real f by z      | df/dx + i df/dy                                        |
| Jacobian of a complex f by x   | du/dx + i dv/dx                                        |
| derivative f' of a complex f   | u_x = v_y = Re f', v_x = -u_y = Im f'                  |
| vjp                            | paired by Re(conj(c) t): conj(f') c of a holomorphic f |
| jvp                            | f' t of a holomorphic f, part by part of any           |

All witnesses then see real numbers, SymPy and 60 digits too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from chainrule.check.complexes.parts import Parts, any_in, apart, is_one, is_parts, joined, part
from chainrule.check.subject import is_real
from chainrule.errors import ArgumentError
from chainrule.numbers import shape


class InParts:
    """A function, and what is claimed of it, as functions of real and imaginary parts.

    like      the arguments at a point: which are complex
    argnums   the arguments that are differentiated by, as `check` takes them
    pair      whether f may give its value and its gradient together; what it does give is known then
    folded    whether the result is complex
    complex   for each number or array that is differentiated by, whether it is complex
    """

    def __init__(
        self, f: Callable[..., Any], kind: str, like: tuple[Any, ...], argnums: Any = None, pair: bool = False
    ) -> None:
        self.plain, self.kind, self.count = f, kind, len(like)
        self.value = f(*joined(apart(like)))
        self.pair = pair and kind in ("gradient", "value_and_grad") and _is_pair(self.value)
        self.folded = any_in(self.value) and not self.pair
        moving = range(len(like)) if argnums is None else argnums
        self.positions = tuple(k for k in moving if holds_numbers(like[k]))
        self.moving = [like[k] for k in self.positions]
        self.complex = [is_one(x) for a in self.moving for x in optree.tree_leaves(a)]
        if kind == "hessian" and (any(self.complex) or self.folded):
            raise ArgumentError(
                "check: second derivatives by complex numbers are no complex matrix; claim a product with a direction, "
                "kind='hvp', or write f as a function of real and imaginary parts"
            )
        if kind == "gradient" and self.folded and len(optree.tree_leaves(self.value)) != 1:
            raise ArgumentError(
                "check: of a function with complex results exactly one can be checked; return one array"
            )

    def function(self) -> Callable[..., Any]:
        """f of the parts, giving parts."""
        f, folded = self.plain, self.folded

        @functools.wraps(f)
        def of_parts(*args: Any, **settings: Any) -> Any:
            result = f(*joined(args), **settings)
            return optree.tree_map(part, result, is_leaf=is_parts) if folded else apart(result)

        of_parts.rounds_in_parts = True  # type: ignore[attr-defined]
        of_parts.folded = folded  # type: ignore[attr-defined]
        return of_parts

    def claim(self, df: Callable[..., Any]) -> Callable[..., Any]:
        """The claim of the parts."""

        @functools.wraps(df)
        def of_parts(*args: Any, **settings: Any) -> Any:
            return self.read(df(*joined(args), **settings))

        return of_parts

    def read(self, result: Any) -> Any:
        """What a claim answered, as derivatives of the parts by the parts."""
        if self.kind == "value_and_grad" and isinstance(result, (tuple, list)) and len(result) == 2:
            value = optree.tree_map(part, result[0], is_leaf=is_parts) if self.folded else result[0]
            return value, self._gradient(result[1])
        if self.kind == "jvp":
            return optree.tree_map(part, result, is_leaf=is_parts) if self.folded else result
        if self.kind in ("vjp", "hvp"):
            return self._by_argument(result)
        return self._gradient(result)

    def _gradient(self, result: Any) -> Any:
        return self._by_argument(result) if not self.folded else self._columns(result)

    def _by_argument(self, result: Any) -> Any:
        """A gradient: that by a complex number in its parts, that by a real one as it is."""
        leaves, structure = optree.tree_flatten(self._one_array(result), is_leaf=is_parts)
        if len(leaves) != len(self.complex):
            return apart(result) if all(self.complex) else result
        parts = [part(x) if c else x for x, c in zip(leaves, self.complex, strict=True)]
        return optree.tree_unflatten(structure, parts)

    def _one_array(self, result: Any) -> Any:
        """A list of numbers as the derivative by a single array, and an array as those by single numbers."""
        if len(self.complex) == 1 and isinstance(result, list):
            return np.asarray(result)
        alone = all(shape(x) == () for a in self.moving for x in optree.tree_leaves(a))
        if (
            isinstance(result, np.ndarray)
            and alone
            and result.shape == (len(self.complex),) != (1,)
            and not self.folded
        ):
            return list(result)
        return result

    def _columns(self, result: Any) -> Any:
        """Derivatives of a complex result: by each argument those of all real parts, then of all imaginary ones."""
        leaves, structure = optree.tree_flatten(self._one_array(result), is_leaf=is_parts)
        if len(leaves) != len(self.complex):
            return result
        inputs = [shape(x) for a in self.moving for x in optree.tree_leaves(a)]
        columns = [self._column(x, c, s) for x, c, s in zip(leaves, self.complex, inputs, strict=True)]
        return columns[0] if len(columns) == 1 else optree.tree_unflatten(structure, columns)

    def _column(self, claimed: Any, by_complex: bool, inner: tuple[int, ...]) -> Any:
        outer = shape(optree.tree_leaves(self.value)[0])
        block = np.asarray(claimed)
        size = int(np.prod(outer, dtype=int))
        if block.shape == outer == inner and size > 1:  # a derivative element by element
            block = np.diag(block.ravel()).reshape(outer + inner)
        if block.shape != outer + inner:
            return claimed
        block = block.reshape((size, *inner))
        real, imaginary = np.real(block).astype(float), np.imag(block).astype(float)
        by_real = np.concatenate([real, imaginary])
        return Parts(by_real, np.concatenate([-imaginary, real])) if by_complex else by_real


def _is_pair(result: Any) -> bool:
    return isinstance(result, (tuple, list)) and len(result) == 2 and is_real(result[0]) and any_in(result[1])


def holds_numbers(a: Any) -> bool:
    return any(is_one(x) or is_real(x) for x in optree.tree_leaves(a))
