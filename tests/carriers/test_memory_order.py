"""What depends on how elements lie in memory is NumPy's, or refused: never another order in silence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainruleError

F = np.asfortranarray(np.linspace(-1.0, 2.0, 12).reshape(3, 4))
C = np.ascontiguousarray(F)
ONE_ROW = np.linspace(0.0, 1.0, 4)[None]
MADE: dict[str, Callable[[Any], Any]] = {
    "itself": lambda a: a,
    "product": lambda a: a * 2.0,
    "sin": np.sin,
    "power": lambda a: a**2,
    "maximum": lambda a: np.maximum(a, 0.0),
    "sum of both orders": lambda a: a + C,
    "transposed": lambda a: a.T,
    "swapped": lambda a: np.swapaxes(a, 0, 1) * 1.0,
    "copy": lambda a: a.copy(),
    "copy as F": lambda a: a.copy(order="F"),
    "np.copy as C": lambda a: np.copy(a, order="C"),
    "asfortranarray": np.asfortranarray,
    "ascontiguousarray": np.ascontiguousarray,
    "array as F": lambda a: np.array(a, order="F"),
    "require": lambda a: np.require(a, requirements=["F"]),
    "astype as F": lambda a: a.astype(float, order="F"),
    "add as F": lambda a: np.add(a, 0.0, order="F"),
    "out": lambda a: np.add(a, 0.0, out=np.empty(a.shape, order="F")),
    "sorted": lambda a: np.sort(a, axis=0),
    "where": lambda a: np.where(a > 0, a, 0.0),
    "rows": lambda a: a[::-1],
    "broadcast": lambda a: np.broadcast_to(a[0], (3, 4)).copy("K"),
    "tile": lambda a: np.tile(a, (1, 1)),
    "times full_like": lambda a: a * np.full_like(a, 2.0),
}
READ: dict[str, Callable[[Any], Any]] = {
    "ravel K": lambda a: a.ravel("K"),
    "flatten A": lambda a: a.flatten("A"),
    "reshape A": lambda a: np.reshape(a, (2, -1), order="A"),
    "flags": lambda a: a * float(a.flags.c_contiguous),
    "strides": lambda a: a * float(a.strides[0]),
    "isfortran": lambda a: a * float(np.isfortran(a)),
}


@pytest.mark.parametrize("read", READ)
def test_memory_order_is_numpys_or_refused(read: str) -> None:
    wrong = []
    for (name, made), given in ((pair, x) for pair in MADE.items() for x in (F, C)):

        def f(a: Any, made: Callable[[Any], Any] = made) -> Any:
            y = READ[read](made(a))
            return np.sum(y * np.reshape(np.arange(y.size), y.shape))

        def computed(mode: Any, f: Any = f, given: Any = given) -> float | None:
            try:
                return float(mode(f, given))
            except (ChainruleError, AttributeError):
                return None

        modes: dict[str, Any] = {
            "grad": lambda f, x: cr.value_and_grad(f)(x)[0],
            "jvp": lambda f, x: cr.jvp(f, (x,), (x,))[0],
            "jit": lambda f, x: cr.jit(f)(x),
        }
        found = {mode: computed(run) for mode, run in modes.items()}
        differ = {
            mode: y for mode, y in found.items() if y is not None and not math.isclose(y, f(given), rel_tol=1e-13)
        }
        wrong += [f"{mode} of {name}: {y}, NumPy {f(given)}" for mode, y in differ.items()]
    assert not wrong, "\n".join(wrong)


def test_one_long_axis_has_one_order() -> None:
    weights = np.arange(4.0)
    for order in "CFAK":
        np.testing.assert_array_equal(cr.grad(lambda a, o=order: np.sum(a.ravel(o) * weights))(ONE_ROW), weights[None])
