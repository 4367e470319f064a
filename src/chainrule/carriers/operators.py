"""What every carrier can do: Python's operators, NumPy's methods, and NumPy's protocols.

An operator written between carriers of floats behaves as Python's between floats: it raises where Python
raises (1 / 0.0, 0.0 ** -1). The named functions (`cr.divide`, `np.log`, ...) answer as IEEE 754 does.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import chainrule.native.arrays as arrays
from chainrule import inputs, ops
from chainrule.carriers import gate
from chainrule.carriers import numpy as protocols
from chainrule.carriers.assignment import flat, in_place
from chainrule.carriers.attributes import LAYOUT, METHODS, NO_METHODS, OF_TENSORS, attribute
from chainrule.carriers.casting import as_type, element, listed
from chainrule.carriers.functions.elsewhere import meeting
from chainrule.carriers.questions import asked
from chainrule.carriers.refusals import no_array, no_plain, no_shape
from chainrule.carriers.standins.reflected import leaves_to
from chainrule.carriers.text import formatted, written
from chainrule.errors import DomainError, NoValue, ShapeError, has_labels
from chainrule.numbers import Carrier, Number, StandIn, primal, shape
from chainrule.ops.compare import FOLLOWED, followed
from chainrule.ops.described import as_method, method_signature


def _operand(x: Any) -> Any:
    """`x` as an operand, or NotImplemented for what cannot be one."""
    if arrays.floating(x) or isinstance(x, (Carrier, float, int, np.generic)):
        return x
    if isinstance(x, np.ndarray):
        return gate.joined(x)
    if isinstance(x, (list, tuple)):
        return gate.operand(x, "")
    leaves = isinstance(x, (str, bytes, dict, set, type(None))) or hasattr(x, "leaves_products_to_me")
    if leaves or getattr(type(x), "__array_ufunc__", x) is None or has_labels(x):  # as NumPy's series do
        return NotImplemented
    return gate.operand(x.to_numpy(), "") if type(x).__module__.startswith("pandas") else inputs.as_number(x)


def _infix(row: Callable[..., Number], name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Number, other: Any) -> Any:
        other = NotImplemented if leaves_to(self, other, name) else _operand(other)
        return other if other is NotImplemented else row(self, other)

    def reflected(self: Number, other: Any) -> Any:
        other = _operand(other)
        return other if other is NotImplemented else row(other, self)

    return forward, reflected


def _strict(row: Callable[..., Number], plain: Callable[[Any, Any], Any]) -> Callable[..., Number]:
    """`row`, raising what Python's own operator raises for floats."""

    def strict(a: Number, b: Number) -> Number:
        y = row(a, b)
        value = None if type(y) is gate.PAIR else primal(y)
        if type(value) is float and not math.isfinite(value):
            pa, pb = primal(a), primal(b)
            floats = all(isinstance(p, (float, int)) and not isinstance(p, np.generic) for p in (pa, pb))
            if floats and isinstance(plain(pa, pb), complex):
                raise DomainError.here(f"({pa}) ** {pb} has no real value")
        elif isinstance(value, StandIn):
            value.raise_in_a_try(plain, (primal(a), primal(b)))
        return y

    return strict


_add, _radd = _infix(ops.add, "__radd__")
_sub, _rsub = _infix(ops.subtract, "__rsub__")
_mul, _rmul = _infix(ops.multiply, "__rmul__")
_div, _rdiv = _infix(_strict(ops.divide, operator.truediv), "__rtruediv__")
_pow, _rpow = _infix(_strict(ops.power, operator.pow), "__rpow__")
_mod, _rmod = _infix(_strict(ops.remainder, operator.mod), "__rmod__")
_floordiv, _rfloordiv = _infix(_strict(ops.floor_divide, operator.floordiv), "__rfloordiv__")
_matmul, _rmatmul = _infix(ops.matmul, "__rmatmul__")


def _compare(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def decide(self: Any, other: Any) -> Any:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
        if FOLLOWED[0] and (answer := followed(compare, self, other)) is not NotImplemented:
            return answer
        a, b = primal(self), primal(other)
        if a is None or b is None:
            raise NoValue.here("cannot compare an expression that has no value yet; call .forward(x) first")
        return compare(a, meeting(b, a) if type(b) is np.ndarray else b)

    return decide


def _method(function: Callable[..., Number]) -> Any:
    """`function` of a number as a method."""
    if hasattr(function, "__get__"):
        return function

    def method(self: Number, *args: Any, **settings: Any) -> Number:
        return function(self, *args, **settings) if settings else function(self, *args)

    method.__name__ = getattr(function, "__name__", "method")
    method.__doc__, method.__signature__ = as_method(function, method.__name__)  # type: ignore[attr-defined]
    return method


def _is_whole(index: Any) -> bool:
    """Whether an index leaves a number as it is, but for new axes."""
    return index is Ellipsis or index is None or (isinstance(index, tuple) and all(map(_is_whole, index)))


def _as_numpy(function: Any, short: Callable[..., Number] | None = None) -> Any:
    """One of NumPy's functions as a method: `short` computes it without settings."""

    def method(self: Number, *args: Any, **settings: Any) -> Number:
        if short is not None and len(args) < 2:
            for name in settings:
                if name != "axis" and name != "keepdims":
                    break
            else:
                return short(self, *args, **settings) if settings else short(self, *args)
        return protocols.method(function, self, args, settings)

    method.__name__ = function.__name__
    like = getattr(ops, function.__name__, None)
    if like is not None:
        said, method.__signature__ = as_method(like, function.__name__)  # type: ignore[attr-defined]
        method.__doc__ = f"{said}\n\nAlso with the settings that np.{function.__name__} has besides."
    else:
        method.__doc__ = f"np.{function.__name__} of the numbers; the answer carries no derivative."
        method.__signature__ = method_signature(function)  # type: ignore[attr-defined]
    return method


_lt, _le = _compare(operator.lt), _compare(operator.le)
_gt, _ge = _compare(operator.gt), _compare(operator.ge)
_eq, _ne = _compare(operator.eq), _compare(operator.ne)


class Traced(Carrier):
    """The operators and methods shared by Value, Dual and Series."""

    __slots__ = ()
    __array_priority__ = 1000.0
    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def __add__(self, other: Any) -> Any:
        return _add(self, other)

    def __radd__(self, other: Any) -> Any:
        return _radd(self, other)

    def __sub__(self, other: Any) -> Any:
        return _sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return _rsub(self, other)

    def __mul__(self, other: Any) -> Any:
        return _mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return _rmul(self, other)

    def __truediv__(self, other: Any) -> Any:
        return _div(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _rdiv(self, other)

    def __pow__(self, other: Any) -> Any:
        return _pow(self, other)

    def __rpow__(self, other: Any) -> Any:
        return _rpow(self, other)

    def __mod__(self, other: Any) -> Any:
        return _mod(self, other)

    def __rmod__(self, other: Any) -> Any:
        return _rmod(self, other)

    def __floordiv__(self, other: Any) -> Any:
        return _floordiv(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _rfloordiv(self, other)

    def __matmul__(self, other: Any) -> Any:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _rmatmul(self, other)

    # Where the array has no other references the operators are those above; plain numbers, of //, could not take its
    # place.
    def __iadd__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.add, sys.getrefcount(self)) if self.shape else NotImplemented

    def __isub__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.subtract, sys.getrefcount(self)) if self.shape else NotImplemented

    def __imul__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.multiply, sys.getrefcount(self)) if self.shape else NotImplemented

    def __itruediv__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.divide, sys.getrefcount(self)) if self.shape else NotImplemented

    def __ipow__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.power, sys.getrefcount(self)) if self.shape else NotImplemented

    def __imod__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.remainder, sys.getrefcount(self)) if self.shape else NotImplemented

    def __ifloordiv__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.floor_divide, sys.maxsize) if self.shape else NotImplemented

    def __imatmul__(self, other: Any) -> Any:
        return in_place.changed(self, other, ops.matmul, sys.getrefcount(self)) if self.shape else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return _lt(self, other)

    def __le__(self, other: Any) -> Any:
        return _le(self, other)

    def __gt__(self, other: Any) -> Any:
        return _gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return _ge(self, other)

    def __eq__(self, other: object) -> Any:
        return _eq(self, other)

    def __ne__(self, other: object) -> Any:
        return _ne(self, other)

    def __hash__(self) -> int:
        asked()  # a set or dict of plain numbers does not find it
        return hash(primal(self)) if isinstance(primal(self), StandIn) else id(self) >> 4  # the first may refuse

    def __neg__(self) -> Number:
        return ops.negative(self)

    def __pos__(self) -> Number:
        return ops.positive(self)

    def __abs__(self) -> Number:
        return ops.absolute(self)

    def __divmod__(self, other: Any) -> tuple[Number, Number]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Number, Number]:
        return other // self, other % self

    # Rounding gives plain integers: a step function has derivative 0, and an integer can be an index.
    def __floor__(self) -> Any:
        return math.floor(primal(self))

    def __ceil__(self) -> Any:
        return math.ceil(primal(self))

    def __trunc__(self) -> Any:
        return math.trunc(primal(self))

    def __int__(self) -> int:
        return int(primal(self))

    def __round__(self, digits: int | None = None) -> Any:
        return round(primal(self), digits) if digits is not None else round(primal(self))

    def __bool__(self) -> bool:
        value = primal(self)
        if value is None:
            raise NoValue.here("an expression without a value is neither true nor false; call .forward(x) first")
        return bool(value)

    def __float__(self) -> float:
        return formatted(self)

    def __complex__(self) -> complex:
        raise no_plain(self, "complex(x)", "write x + 0j, or a + 1j * b for complex(a, b)")

    def __index__(self) -> int:
        raise no_plain(self, "using it as an index", "an index must be an integer: write int(x) to round it down")

    def as_integer_ratio(self) -> Any:
        """Refused: a fraction would lose the derivative."""
        # the statistics and fractions modules ask for it
        raise no_plain(self, "an exact fraction", "use cr.mean, cr.std and their relatives for statistics")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if (dtype is None or np.dtype(dtype) == object) and shape(self) == ():
            holder = np.empty((), dtype=object)
            holder[()] = self
            return holder
        raise no_array(self)

    def __str__(self) -> str:
        return written(self, repr(self))

    def __format__(self, spec: str) -> str:
        return written(self, format(primal(self), spec) if spec else str(self))

    def item(self, *index: Any) -> Any:
        """One element, which keeps its derivative; `.data.item()` reads the number only."""
        return element(self, index)

    def tolist(self) -> Any:
        """Nested lists of its elements, which keep their derivatives."""
        return listed(self)

    # A copy has the derivative of what was copied; numbers need no other object.
    def __copy__(self) -> Any:
        return ops.positive(self) if self.shape else self

    def __deepcopy__(self, memo: Any) -> Any:
        return ops.positive(self) if self.shape else self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()

    def __reduce__(self) -> Any:
        raise no_plain(self, "pickling it", "pickle .data, or what the function returns")

    def __setstate__(self, state: Any) -> None:
        raise TypeError(f"the state of a {type(self).__name__} cannot be set")

    # -- arrays -------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes; () for a number."""
        return shape(primal(self))

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> Any:
        """The type of its numbers, as NumPy has it."""
        return getattr(primal(self), "dtype", np.dtype(np.float64))

    @property
    def T(self) -> Number:
        """Its axes in reverse order."""
        return ops.transpose(self)

    @property
    def mT(self) -> Number:
        """The last two axes exchanged: each matrix of a stack transposed."""
        return ops.matrix_transpose(self)

    @property
    def real(self) -> Number:
        """Itself: derivatives are of real numbers."""
        return self

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"a {type(self).__name__} holding one number has no len()")
        return self.shape[0]

    def __getitem__(self, index: Any) -> Number:
        if not self.shape and type(primal(self)) is not np.ndarray and not _is_whole(index):
            raise ShapeError.here(f"a {type(self).__name__} holding one number cannot be indexed")
        return ops.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.shape:
            raise TypeError(f"a {type(self).__name__} holding one number has no elements to assign")
        in_place.written_to(self)[index] = value

    # What these are is said in `in_place`; a carrier that can be assigned to has a place for `later`.
    later: Any = None

    def now(self) -> Any:
        """The number that it stands for, after all assignments to its elements."""
        return in_place.current(self)

    def origin(self) -> Any:
        """(x, step), if it is step(x), a view of x; None otherwise."""
        return None

    def alias(self, changing: bool = False) -> Any:
        """This number as another object."""
        return ops.positive(self)

    def __iter__(self) -> Iterator[Number]:
        if not self.shape:
            raise TypeError(f"a {type(self).__name__} holding one number cannot be iterated over")
        return (self[i] for i in range(self.shape[0]))

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """As another floating type, with its derivative; as plain whole numbers or truth values."""
        return as_type(self, dtype, copy)

    def copy(self, order: str = "C") -> Number:
        """This number or array, as a result of its own."""
        return ops.positive(self)

    def flatten(self, order: str = "C") -> Any:
        """All elements in one row, as a copy."""
        return ops.positive(protocols.method(np.ravel, self, (order,), {}))

    @property
    def flat(self) -> Any:
        """All elements in one row."""
        return flat.Flat(self)

    def conj(self) -> Number:
        """Itself: derivatives are of real numbers."""
        return self

    conjugate = conj

    @property
    def imag(self) -> Any:
        """Zeros of its shape: derivatives are of real numbers."""
        return protocols.method(np.imag, self, (), {})

    # methods: made by `python -m chainrule.made`, the elementwise operators of the table
    absolute, acos, acosh = _method(ops.absolute), _method(ops.arccos), _method(ops.arccosh)
    arccos, arccosh, arcsin = _method(ops.arccos), _method(ops.arccosh), _method(ops.arcsin)
    arcsinh, arctan, arctan2 = _method(ops.arcsinh), _method(ops.arctan), _method(ops.arctan2)
    arctanh, asin, asinh = _method(ops.arctanh), _method(ops.arcsin), _method(ops.arcsinh)
    atan, atan2, atanh = _method(ops.arctan), _method(ops.arctan2), _method(ops.arctanh)
    cbrt, ceil, copysign = _method(ops.cbrt), _method(ops.ceil), _method(ops.copysign)
    cos, cosh, deg2rad = _method(ops.cos), _method(ops.cosh), _method(ops.deg2rad)
    digamma, erf, erfc = _method(ops.digamma), _method(ops.erf), _method(ops.erfc)
    exp, exp2, expm1 = _method(ops.exp), _method(ops.exp2), _method(ops.expm1)
    floor, fmax, fmin = _method(ops.floor), _method(ops.fmax), _method(ops.fmin)
    fmod, gamma, gammaln = _method(ops.fmod), _method(ops.gamma), _method(ops.gammaln)
    hypot, log, log10 = _method(ops.hypot), _method(ops.log), _method(ops.log10)
    log1p, log2, logaddexp = _method(ops.log1p), _method(ops.log2), _method(ops.logaddexp)
    maximum, minimum, rad2deg = _method(ops.maximum), _method(ops.minimum), _method(ops.rad2deg)
    reciprocal, relu, rint = _method(ops.reciprocal), _method(ops.relu), _method(ops.rint)
    sigmoid, sign, sin = _method(ops.sigmoid), _method(ops.sign), _method(ops.sin)
    sinc, sinh, softplus = _method(ops.sinc), _method(ops.sinh), _method(ops.softplus)
    sqrt, square, tan = _method(ops.sqrt), _method(ops.square), _method(ops.tan)
    tanh, trunc = _method(ops.tanh), _method(ops.trunc)
    # methods: end
    abs = _method(ops.absolute)
    norm, softmax, log_softmax, logsumexp = (
        _method(ops.norm), _method(ops.softmax), _method(ops.log_softmax), _method(ops.logsumexp),
    )  # fmt: skip
    matmul, outer, inner, det, solve = (
        _method(ops.matmul), _method(ops.outer), _method(ops.inner), _method(ops.det), _method(ops.solve),
    )  # fmt: skip

    clip = _as_numpy(np.clip)
    sum, mean, prod = _as_numpy(np.sum, ops.sum), _as_numpy(np.mean, ops.mean), _as_numpy(np.prod, ops.prod)
    max, min, ptp = _as_numpy(np.max, ops.max), _as_numpy(np.min, ops.min), _as_numpy(np.ptp, ops.ptp)
    var, std = _as_numpy(np.var), _as_numpy(np.std)
    cumsum, cumprod = _as_numpy(np.cumsum), _as_numpy(np.cumprod)
    ravel, swapaxes, squeeze = _as_numpy(np.ravel), _as_numpy(np.swapaxes), _as_numpy(np.squeeze)
    take, repeat, dot = _as_numpy(np.take), _as_numpy(np.repeat), _as_numpy(np.dot)
    trace, diagonal, round = _as_numpy(np.trace), _as_numpy(np.diagonal), _as_numpy(np.round)
    argmax, argmin, argsort = _as_numpy(np.argmax), _as_numpy(np.argmin), _as_numpy(np.argsort)
    nonzero, searchsorted, any, all = (
        _as_numpy(np.nonzero), _as_numpy(np.searchsorted), _as_numpy(np.any), _as_numpy(np.all),
    )  # fmt: skip
    reshape, transpose = _method(ops.reshape), _method(ops.transpose)

    flags, strides, itemsize, nbytes, device, base = map(attribute, LAYOUT)
    view, argpartition, compress, choose, resize, byteswap, is_integer = map(attribute, METHODS)
    tobytes, tofile, dump, dumps, setflags, getfield, setfield, to_device = map(attribute, NO_METHODS)
    numpy, detach, requires_grad_ = map(attribute, OF_TENSORS)
    sort, partition, fill, put = map(in_place.method, ("sort", "partition", "fill", "put"))


arrays.start()
