"""SciPy's sparse arrays of plain numbers beside recorded ones: products with vectors and matrices.

SciPy converts what stands on the other side of `@` without asking it. In a lifted function a sparse array is of a class
of its own, a subclass of its class, whose products look first; everything else is as it was.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.sparse

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.errors import ShapeError
from chainrule.libraries import late
from chainrule.numbers import shape
from chainrule.ops.index import scattered
from chainrule.scipy.called import number

_of_recorded = late("chainrule.scipy.sparse_entries.entries")


def seeing(a: Any) -> Any:
    """The sparse array, the same memory, with products that see recorded numbers."""
    if not isinstance(a, (scipy.sparse.sparray, scipy.sparse.spmatrix)) or isinstance(a, Seeing):
        return a
    return _of_class(a, _class(a.__class__))


_OF_ITSELF = ("tocsr", "tocsc", "tocoo", "todia", "tobsr", "tolil", "todok", "asformat", "copy", "power", "reshape",
              "__getitem__", "__pow__")  # fmt: skip
"""Methods that give a sparse array again."""


class Seeing:
    """Marks such an array. A carrier on its left leaves the product to it."""

    leaves_products_to_me = True


@functools.lru_cache(maxsize=64)
def _class(base: Any) -> Any:
    def matmul(self: Any, other: Any) -> Any:
        return product(self, number(other)) if holds([other]) else seeing(base.__matmul__(self, other))

    def rmatmul(self: Any, other: Any) -> Any:
        if not holds([other]):
            return seeing(base.__rmatmul__(self, other))
        x = number(other)
        found = product(base.transpose(self), ops.transpose(x) if len(shape(x)) > 1 else x)
        return ops.transpose(found) if len(shape(x)) > 1 else found

    def dot(self: Any, other: Any) -> Any:
        return product(self, number(other)) if holds([other]) else seeing(base.dot(self, other))

    def transpose(self: Any, *args: Any, **settings: Any) -> Any:
        return seeing(base.transpose(self, *args, **settings))

    def scaled(name: str) -> Any:
        original = getattr(base, name)

        def call(self: Any, other: Any) -> Any:
            if type(other).__name__ == "Entries" or (holds([other]) and not shape(other)):
                return getattr(_of_recorded(self), name)(other)
            if name == "__mul__" and issubclass(base, scipy.sparse.spmatrix) and holds([other]):
                return product(self, number(other))
            return seeing(original(self, other))

        return call

    def kept(name: str) -> Any:
        original = getattr(base, name)
        return lambda self, *args, **settings: seeing(original(self, *args, **settings))

    own = {
        **{name: kept(name) for name in _OF_ITSELF if hasattr(base, name)},
        "__matmul__": matmul, "__rmatmul__": rmatmul, "dot": dot, "transpose": transpose,
        "T": property(lambda self: seeing(base.transpose(self))),
        **{name: scaled(name) for name in ("__mul__", "__rmul__", "__add__", "__sub__", "__truediv__")},
        "__neg__": lambda self: seeing(base.__neg__(self)),
        "__reduce__": lambda self: (seeing, (_of_class(self, base),)),
        "__module__": base.__module__,
    }  # fmt: skip
    return type(base.__name__, (Seeing, base), own)


def _of_class(a: Any, kind: Any) -> Any:
    """`a`, not a copy of its numbers, as an array of the class `kind`."""
    made = kind.__new__(kind)
    vars(made).update(vars(a))
    return made


def product(a: Any, x: Any) -> Any:
    """a @ x for a sparse `a` and a recorded vector or matrix: each entry times the element it meets, summed by rows."""
    entries = a.tocoo()
    if len(shape(x)) not in (1, 2) or shape(x)[0] != a.shape[1]:
        raise ShapeError.here(f"a sparse array of shape {a.shape} does not fit what has shape {shape(x)}")
    data = entries.data if entries.data.dtype.kind == "c" else entries.data.astype(np.float64)
    met = x[entries.col] * (data if len(shape(x)) == 1 else data[:, None])
    return scattered(met, entries.row.astype(np.intp), (a.shape[0], *shape(x)[1:]))
