"""Derivatives of holomorphic functions: complex results by complex arguments, as complex numbers f'(z)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numbers import primal, shape
from chainrule.transforms.calling import of_arguments
from chainrule.transforms.derived import Derived
from chainrule.transforms.jvp_vjp import vjp
from chainrule.trees import positions

AGREE = 1e-6
"""How far the derivatives of the real and the imaginary part may be from those of a holomorphic function, relative."""


def is_leaf(x: Any) -> bool:
    """Whether `x` is a complex number of carriers, which is not to be taken apart."""
    return type(x) is COMPLEX_NUMBERS.kind


def complex_leaves(tree: Any, what: str) -> list[Any]:
    """The numbers in a container, all of which must be complex."""
    leaves: list[Any] = optree.tree_leaves(tree, is_leaf=is_leaf)
    for x in leaves:
        if not is_leaf(x) and not is_complex(x):
            raise ArgumentError.here(
                f"holomorphic=True is for complex {what}, got the {type(x).__name__} {x!r:.60}; write z + 0j, or "
                "leave holomorphic out"
            )
    return leaves


def of_real_part(by_real: Any, by_imaginary: Any) -> Any:
    """f' = u_x - i u_y from the gradients u_x + i u_y and v_x + i v_y of the two parts of f = u + iv. Raises
    ArgumentError unless they satisfy the equations of Cauchy and Riemann, u_x = v_y and u_y = -v_x."""
    found = optree.tree_leaves(by_real, is_leaf=is_leaf)
    for a, b in zip(found, optree.tree_leaves(by_imaginary, is_leaf=is_leaf), strict=True):
        p, q = np.asarray(primal(a)), np.asarray(primal(b))
        with np.errstate(all="ignore"):
            size = np.max(np.abs(p), initial=0.0) + np.max(np.abs(q), initial=0.0)
            apart = np.max(np.abs(1j * p - q), initial=0.0)
        if apart > AGREE * size:
            raise ArgumentError.here(
                "holomorphic=True, but the function is not holomorphic: its real and imaginary parts do not "
                "satisfy the equations of\n  Cauchy and Riemann here. Is there an abs, conj, real or imag in it? "
                "Leave holomorphic out, and return a real number"
            )
    return optree.tree_map(lambda z: z.conjugate(), by_real, is_leaf=is_leaf)


class HolomorphicGradient(Derived):
    """What `grad` and `value_and_grad` return with holomorphic=True."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        argnums, has_aux, *_ = self.settings
        wanted = positions(argnums, len(args), "grad")
        chosen = [args[n] for n in wanted]
        complex_leaves(chosen, "arguments")
        value, pullback, *aux = vjp(of_arguments(self.kept, wanted, args, settings), *chosen, has_aux=has_aux)
        if not (is_leaf(value) or is_complex(value)) or shape(value) != ():
            raise ShapeError.here("grad with holomorphic=True needs a function that returns one complex number")
        found = of_real_part(pullback(1.0 + 0.0j), pullback(1.0j))
        found = found[0] if isinstance(argnums, int) else found
        value = value.item() if isinstance(value, np.generic) else value
        if self.verb == "value_and_grad":
            return ((value, *aux) if has_aux else value), found
        return (found, *aux) if has_aux else found


class HolomorphicJacobian(Derived):
    """What `jacobian` and its relatives return with holomorphic=True."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        argnums, has_aux, *_ = self.settings
        complex_leaves([args[n] for n in positions(argnums, len(args), self.verb)], "arguments")
        aux: list[Any] = []
        f: Callable[..., Any] = self.kept.lifted()

        def part(k: int) -> Callable[..., Any]:
            def of_part(*xs: Any) -> Any:
                y = f(*xs, **settings)
                if has_aux:
                    y, extra = y
                    aux[:] = [optree.tree_map(primal, extra, is_leaf=is_leaf)]
                complex_leaves(y, "results")
                return optree.tree_map(lambda z: z.imag if k else z.real, y, is_leaf=is_leaf)

            return of_part

        from chainrule.transforms import named

        derive = named(self.verb)
        found = of_real_part(derive(part(0), argnums)(*args), derive(part(1), argnums)(*args))
        return (found, *aux) if has_aux else found
