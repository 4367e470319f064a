"""`Complex`: what travels in place of a complex number, a real and an imaginary part that carry derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import optree
from optree.registry import __GLOBAL_NAMESPACE as GLOBAL

from chainrule import ops
from chainrule.carriers import gate
from chainrule.carriers.assignment import in_place
from chainrule.carriers.assignment.buffer import fresh
from chainrule.carriers.operators import Traced
from chainrule.carriers.refusals import no_plain, no_shape
from chainrule.carriers.text import represented
from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.errors import ArgumentError, CannotRecord, at_user_line
from chainrule.libraries import is_foreign
from chainrule.numbers import Carrier, Number, StandIn, primal, shape

ABOVE_ALL = 2.0**40 + 1


class Complex(Traced):
    """re + i im. The two have one shape; each is a carrier, a recorded number or a plain one.

    Every carrier's operation with it comes here first, so no carrier ever holds a complex number.

    >>> z = Complex(3.0, 4.0)
    >>> abs(z * z), (z * z).imag
    (25.0, 24.0)
    """

    __slots__ = ("_imag", "_real")

    def __init__(self, real: Number, imag: Number) -> None:
        self._real, self._imag = real, imag

    @property
    def level(self) -> float:
        """Above that of every other carrier."""
        return ABOVE_ALL

    @property
    def real(self) -> Number:
        """Its real part. Assigned to, the elements change."""
        return self._real

    @real.setter
    def real(self, value: Any) -> None:
        self.open()
        part: Any = self._real
        part[...] = value

    @property
    def imag(self) -> Number:
        """Its imaginary part. Assigned to, the elements change."""
        return self._imag

    @imag.setter
    def imag(self, value: Any) -> None:
        self.open()
        part: Any = self._imag
        part[...] = value

    @property
    def primal(self) -> Number:
        a, b = primal(self._real), primal(self._imag)
        if isinstance(a, StandIn) or isinstance(b, StandIn):
            raise CannotRecord.here("a complex number inside a jitted function cannot be read as a plain one")
        return plain(a, b)

    @property
    def data(self) -> Number:
        """The complex number below."""
        return self.primal

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes; () for a number."""
        return shape(self._real)

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def dtype(self) -> Any:
        """The type of its numbers, as NumPy has it."""
        types = [getattr(x, "dtype", np.dtype(float)) for x in (self._real, self._imag)]
        return np.result_type(*types, np.complex64)

    def __repr__(self) -> str:
        return represented(self._real, f"Complex({self._real!r}, {self._imag!r})")

    def apply(self, operator: Any, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        return COMPLEX_NUMBERS.computed(operator, args, settings)

    # -- assignment: the parts are assigned to, and what shares memory with a part shares it with this -----------

    @property
    def later(self) -> Any:
        return self

    def now(self) -> Any:
        """Itself: its parts stand for what they hold."""
        return self

    def alias(self, changing: bool = False) -> Number:
        """This number with parts of its own."""
        return Complex(fresh(in_place.now(self._real)), fresh(in_place.now(self._imag)))

    def open(self) -> None:
        """Parts that are plain arrays, so far, as ones that can be assigned to."""
        as_array = in_place.HANDLE[1]
        self._real, self._imag = (as_array(x.copy()) if type(x) is np.ndarray else x for x in (self._real, self._imag))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.shape:
            raise TypeError("a complex number has no elements to assign")
        self.open()
        re, im = whole(gate.operand(value, "an assignment"))
        self._real[index], self._imag[index] = re, im

    def write(self, write: Any, value: Any) -> None:
        """Let a function that moves elements write those of `value` into the array."""
        self.open()
        for part, x in zip((self._real, self._imag), whole(gate.operand(value, "")), strict=True):
            in_place.written_to(part).write(write, x)

    def fill(self, value: Any) -> None:
        """Give all elements one value."""
        self[...] = value

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None) -> None:
        """By the real parts, then by the imaginary ones."""
        self[...] = np.sort(self, axis)

    def partition(self, kth: Any, axis: int = -1, kind: Any = None, order: Any = None) -> None:
        """Ordered altogether, which is one of the orders that are asked for."""
        self.sort(axis)

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Elements, counted along all rows, given values."""
        self.write(lambda x, v: np.put(x, indices, v, mode), values)

    def conj(self) -> Number:
        """Its complex conjugate."""
        return Complex(fresh(self._real), ops.negative(self._imag))

    conjugate = conj

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """Itself or a copy, in its own type; other complex types are refused, and real ones, as they lose a part."""
        if np.dtype(dtype) != self.dtype:
            raise no_plain(self, f"casting to {np.dtype(dtype)}", "write .real or .imag for one of its parts")
        return ops.positive(self) if copy else self

    def __complex__(self) -> complex:
        raise no_plain(self, "complex(z)", "keep z as it is")

    def __float__(self) -> float:
        raise TypeError(at_user_line("float() of a complex number; write z.real or abs(z)"))

    def __int__(self) -> int:
        raise TypeError(at_user_line("int() of a complex number; write z.real or abs(z)"))


def plain(re: Any, im: Any) -> Any:
    """The complex number, or array of them, with these plain parts.

    >>> plain(1.0, 2.0)
    (1+2j)
    """
    if isinstance(re, (float, int)) and isinstance(im, (float, int)) and not isinstance(re, np.generic):
        return complex(re, im)
    if is_foreign(re) or is_foreign(im):
        return re + im * 1j
    re, im = np.asarray(re), np.asarray(im)
    z = np.empty(np.broadcast_shapes(re.shape, im.shape), np.result_type(re, im, np.complex64))
    z.real, z.imag = re, im
    return z[()]


def split(z: Any) -> Complex:
    """A plain complex number as one of two parts, each of its own memory.

    >>> split(np.array([1 + 2j])).imag
    array([2.])
    """
    if isinstance(z, (complex, np.generic)) and not isinstance(z, np.ndarray):
        return Complex(z.real, z.imag)
    return Complex(z.real.copy(), z.imag.copy())


def joined(parts: Any) -> Any:
    """Two parts as they come out of a container: plain ones as a plain number, parts that are containers one by one."""
    re: Any
    im: Any
    re, im = parts
    if isinstance(re, (Carrier, StandIn)) or isinstance(im, (Carrier, StandIn)):
        return Complex(re, im)
    if isinstance(re, (tuple, list, dict)):
        containers: tuple[Any, Any] = (re, im)
        return optree.tree_map(lambda a, b: joined((a, b)), *containers)
    if is_complex(re) or is_complex(im):
        raise ArgumentError.here(
            "the derivative of a complex result by a complex argument is no complex number, unless the function is "
            "holomorphic:\n  say so with holomorphic=True, or differentiate its real and imaginary parts"
        )
    if isinstance(re, (float, int, np.ndarray, np.generic)) and isinstance(im, (float, int, np.ndarray, np.generic)):
        return plain(re, im)
    return Complex(re, im)


def parts(x: Any) -> tuple[Number, Number]:
    """Real and imaginary part of any number; None for the latter of a real one."""
    if isinstance(x, Complex):
        return x._real, x._imag
    if is_complex(x):
        z = split(x)
        return z._real, z._imag
    return x, None


def of_parts(re: Number, im: Number) -> Number:
    """The number with these parts, which are brought to one shape; a real one where the second is None."""
    if im is None:
        return re
    if shape(re) != shape(im):
        size = np.broadcast_shapes(shape(re), shape(im))
        re, im = (x if shape(x) == size else ops.broadcast_to(x, size) for x in (re, im))
    return Complex(re, im)


def whole(x: Any) -> tuple[Number, Number]:
    """Both parts of any number: zeros for the imaginary one of a real number."""
    re, im = parts(x)
    return (re, zeros(re)) if im is None else (re, im)


def zeros(re: Number) -> Number:
    """Plain zeros of the shape and type of a real number."""
    size = shape(re)
    return np.zeros(size, getattr(re, "dtype", float)) if size else 0.0


def _apart(z: Any) -> Any:
    return (z.real, z.imag), None, None


_kind: Any = Complex
optree.register_pytree_node(_kind, _apart, lambda _, found: joined(found), namespace=GLOBAL)
COMPLEX_NUMBERS.kind = COMPLEX_NUMBERS.made = Complex
COMPLEX_NUMBERS.split = split
gate.PAIR = Complex
