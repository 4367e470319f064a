"""Parts: complex numbers in containers, and the pairs of real numbers that stand for them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.libraries import Later

optree: Any = Later("optree")


class Parts(NamedTuple):
    """A complex number, or an array of them, as its real and its imaginary part."""

    real: Any
    imag: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.real)

    def __repr__(self) -> str:
        try:
            return repr(np.asarray(self.real) + 1j * np.asarray(self.imag)).removeprefix("np.complex128")
        except TypeError:
            return f"Parts({self.real!r}, {self.imag!r})"


def is_parts(x: Any) -> bool:
    return type(x) is Parts or type(x) is COMPLEX_NUMBERS.kind


def is_one(x: Any) -> bool:
    """Whether `x` is a complex number or array, plain or with derivatives."""
    return type(x) is COMPLEX_NUMBERS.kind or is_complex(x)


def any_in(tree: Any) -> bool:
    """Whether a container holds complex numbers."""
    return tree is not None and any(is_one(x) for x in optree.tree_leaves(tree, is_leaf=is_parts))


def apart(tree: Any) -> Any:
    """A container with the parts of its complex numbers in their place."""
    return optree.tree_map(lambda x: part(x) if is_one(x) else x, tree, is_leaf=is_parts)


def part(x: Any) -> Parts:
    """The two parts of a number; of a real one the second is 0."""
    if isinstance(x, (complex, np.complexfloating)):
        return Parts(float(x.real), float(x.imag))
    if is_one(x):
        return Parts(x.real, x.imag)
    return Parts(x, np.zeros_like(x) if isinstance(x, np.ndarray) else x * 0.0)


def joined(tree: Any) -> Any:
    """A container with complex numbers in place of their parts."""

    def one(x: Any) -> Any:
        if type(x) is not Parts:
            return x
        if isinstance(x.real, (float, np.floating)) and isinstance(x.imag, (float, np.floating)):
            return complex(x.real, x.imag)
        return x.real + 1j * x.imag

    return optree.tree_map(one, tree, is_leaf=is_parts)
