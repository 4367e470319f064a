"""What is replaced in a lifted function: the functions of `math`, and those of NumPy that would not see carriers.

NumPy asks the arguments of a call for their own ways, but not what lies in lists and tuples: `np.mean([x, y])` would
make an array of objects. In a lifted function such a call comes to the rule as any other does.
"""

from __future__ import annotations

import functools
import math
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment.writing import WRITERS
from chainrule.carriers.functions.decided import settled
from chainrule.carriers.functions.elsewhere import asked_elsewhere, foreign_among
from chainrule.carriers.gate import Entry, full_name, holds, rule_of
from chainrule.carriers.lifting.objects import LIFT
from chainrule.carriers.math_rows import LIFTED_MATH
from chainrule.carriers.questions import is_scalar
from chainrule.carriers.refusals import no_rule, no_setting
from chainrule.errors import UnsupportedFunction
from chainrule.libraries import late
from chainrule.numbers import Number, StandIn, ndim, primal


def _aware(function: Callable[..., Any]) -> Callable[..., Any]:
    """One of NumPy's functions that sees carriers in lists, tuples and arrays of objects."""

    @functools.wraps(function)
    def aware(*args: Any, **settings: Any) -> Any:
        for x in (*args, *settings.values()) if settings else args:
            found: Any = x if isinstance(x, StandIn) else _within(x)
            if found is not None:
                return found.__array_function__(function, (), args, settings)
        if foreign_among(args) is not None:
            return _of_arrays(None, function, (), args, settings)
        return function(*args, **settings)

    return aware


_of_arrays = late("chainrule.carriers.numpy.array_function")


def _within(x: Any) -> Any:
    """A carrier in a list, a tuple or an array of objects; None if there is none."""
    kind = type(x)
    if kind is list or kind is tuple:
        for v in x:
            if isinstance(v, StandIn):
                return v
            found = _within(v)
            if found is not None:
                return found
    elif kind is np.ndarray and x.dtype.char == "O":
        for v in x.flat:
            if isinstance(v, StandIn):
                return v
    return None


# -- functions that make arrays ---------------------------------------------------------------------------------


def _array(object: Any, *, copy: Any = True, order: Any = "K", subok: Any = False, ndmin: int = 0) -> Number:
    y = object if ndim(object) >= ndmin else ops.reshape(object, (1,) * (ndmin - ndim(object)) + object.shape)
    return ops.positive(y) if copy and y is object else y


def _as_array(a: Any, *, order: Any = None, copy: Any = None) -> Number:
    return _lying(a, order)


def _lying(a: Any, order: Any) -> Number:
    """An array whose elements lie in memory in the order "C" or "F", as NumPy's do: a copy, unless they do already."""
    data = primal(a)
    data = data if isinstance(data, np.ndarray) else getattr(data, "value", None)
    order = order.upper() if isinstance(order, str) else ""
    if not isinstance(data, np.ndarray) or data.ndim < 2 or order not in ("C", "F"):
        return a
    if data.flags.f_contiguous if order == "F" else data.flags.c_contiguous:
        return a
    if order == "F":
        return ops.transpose(ops.reshape(ops.reshape(ops.transpose(a), (-1,)), data.shape[::-1]))
    return ops.reshape(ops.reshape(a, (-1,)), data.shape)


def _full(shape: Any, fill_value: Any, *, order: Any = "C") -> Number:
    return ops.broadcast_to(fill_value, (int(shape),) if np.ndim(shape) == 0 else tuple(shape))


def _fromiter(iter: Any, *, count: int = -1) -> Number:
    return ops.array(list(iter) if count < 0 else list(iter)[:count])


_REQUIREMENTS = (
    "C", "F", "A", "O", "W", "E", "C_CONTIGUOUS", "F_CONTIGUOUS", "CONTIGUOUS", "FORTRAN", "ALIGNED", "OWNDATA",
    "WRITEABLE", "ENSUREARRAY",
)  # fmt: skip


def _required(a: Any, requirements: Any = None) -> Number:
    asked = [requirements] if isinstance(requirements, str) else list(requirements or ())
    if any(str(word).upper() not in _REQUIREMENTS for word in asked):
        raise ValueError(f"np.require: expected requirements among {', '.join(_REQUIREMENTS)}, got {asked!r}")
    words = {str(word).upper() for word in asked}
    fortran, c = words & {"F", "F_CONTIGUOUS", "FORTRAN"}, words & {"C", "C_CONTIGUOUS", "CONTIGUOUS"}
    return _lying(a, "F" if fortran else "C" if c else None)  # the others change nothing that can be seen here


def _arange(start_or_stop: Any, /, stop: Any = None, step: Any = 1.0) -> Number:
    """As many steps as NumPy makes; start and step move."""
    start, stop = (0.0, start_or_stop) if stop is None else (start_or_stop, stop)
    count = settled(lambda *ends: len(np.arange(*ends)), start, stop, step)
    return start + step * np.arange(count, dtype=float)


def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """np.trim_zeros: of a list the elements that are left, as a list."""
    plain = type(filt) in (list, tuple) and axis in (None, 0, -1) and holds(filt) and not any(map(_is_list, filt))
    if not plain:
        return _trimmed(filt, trim=trim) if axis is None else _trimmed(filt, trim=trim, axis=axis)
    (rows,) = np.nonzero([bool(primal(v) != 0) for v in filt])
    if not len(rows):
        return filt[:0]
    return filt[rows[0] if "f" in trim.lower() else None : rows[-1] + 1 if "b" in trim.lower() else None]


def _is_list(x: Any) -> bool:
    return type(x) in (list, tuple) or bool(ndim(x))


_trimmed = _aware(np.trim_zeros)


class _SeeingLists:
    """A ufunc that has no loop for objects: lists that hold carriers become arrays first."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc = ufunc
        self.__name__, self.__doc__ = ufunc.__name__, ufunc.__doc__

    def __call__(self, *args: Any, **settings: Any) -> Any:
        for x in args:
            if (type(x) is list or type(x) is tuple) and holds(x):
                args = tuple([ops.array(x) if type(x) in (list, tuple) and holds(x) else x for x in args])
                break
        return self._ufunc(*args, **settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ufunc, name)

    def __repr__(self) -> str:
        return repr(self._ufunc)


class _WhereTheyLie(_SeeingLists):
    """A ufunc that answers about numbers: about arrays of another library it is that library's."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        like = None if any(isinstance(x, StandIn) for x in args) else foreign_among(args)
        if like is not None:
            return asked_elsewhere(self._ufunc, f"np.{self.__name__}", like, args, settings)
        return self._ufunc(*args, **settings)


_ANSWERING = (
    np.isfinite, np.isnan, np.isinf, np.signbit, np.logical_not, np.logical_and, np.logical_or, np.logical_xor,
)  # fmt: skip
_WITHOUT_OBJECTS = (
    np.logaddexp, np.logaddexp2, np.float_power, np.ldexp, np.copysign, np.nextafter, np.heaviside, np.frexp, np.modf,
    np.fabs, np.radians, np.degrees,
)  # fmt: skip


def _writer(function: Any) -> Callable[..., Any]:
    """A function that writes into its first argument."""

    @functools.wraps(function)
    def write(*args: Any, **settings: Any) -> Any:
        if any(isinstance(x, StandIn) for x in (*args, *settings.values())) or holds(args):
            return WRITERS[function](*args, **settings)
        return function(*args, **settings)

    return write


class _Joiner:
    """np.r_ or np.c_: it says of positions where they come to stand."""

    def __init__(self, original: Any, name: str) -> None:
        self._original, self._name = original, name

    def __len__(self) -> int:
        return 0

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not holds(list(parts)):
            return self._original[key]
        words = [k for k, part in enumerate(parts) if isinstance(part, str)]
        operands = [np.r_[x] if isinstance(x, slice) else x for k, x in enumerate(parts) if k not in words]

        def join(*positions: Any) -> Any:
            rest = iter(positions)
            return self._original[tuple([x if k in words else next(rest) for k, x in enumerate(parts)])]

        return _placed(join, *operands)


_placed = late("chainrule.carriers.functions.places.placed")


def _maker(function: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes arrays of what it is given, carriers among them."""
    known: Entry | None = None

    @functools.wraps(function)
    def make(*args: Any, **settings: Any) -> Any:
        nonlocal known
        args = tuple([list(x) if isinstance(x, types.GeneratorType) else x for x in args])
        if not any(holds(x) for x in (*args, *settings.values())) or _of_objects(args, settings):
            return function(*args, **settings)
        if known is None:
            known = Entry(function, rule)
        return known.called(args, settings)

    return make


def _of_objects(args: tuple[Any, ...], settings: dict[str, Any]) -> bool:
    """Whether an array of objects is asked for: it holds carriers as they are."""
    dtype = settings.get("dtype", args[1] if len(args) > 1 else None)
    return isinstance(dtype, (type, str, np.dtype)) and np.dtype(dtype) == object


def _kaiser(M: Any, beta: Any) -> Number:
    return _window(M, beta)


_window = late("chainrule.carriers.functions.differences.kaiser")


def _vectorize(pyfunc: Callable[..., Any] | None = None, **settings: Any) -> Callable[..., Any]:
    """np.vectorize for carriers too: one call for each element."""
    if pyfunc is None:
        return functools.partial(_vectorize, **settings)  # it is a decorator
    return _vectorized(np.vectorize(pyfunc, **settings), pyfunc)


def _vectorized(plain: np.vectorize, pyfunc: Callable[..., Any]) -> Callable[..., Any]:
    """What np.vectorize has made of a function, for carriers too."""
    unknown = [name for name in ("signature", "excluded", "otypes") if not _usual(name, getattr(plain, name, None))]

    def vectorized(*args: Any, **named: Any) -> Any:
        if not holds((args, named)):
            return plain(*args, **named)
        if unknown or named:
            raise no_setting("np.vectorize", unknown or list(named))
        size = np.broadcast_shapes(*(np.shape(primal(x)) for x in args))
        spread = [ops.ravel(ops.broadcast_to(ops.array(x), size)) for x in args]
        results = [pyfunc(*elements) for elements in zip(*spread, strict=True)]
        if any(isinstance(y, tuple) for y in results):
            return tuple([_elements(column, plain.otypes, size) for column in zip(*results, strict=True)])
        return _elements(results, plain.otypes, size)

    return vectorized


def _usual(name: str, setting: Any) -> bool:
    """Whether a setting of np.vectorize changes nothing for carriers, which are float64 anyway."""
    return not setting or (name == "otypes" and all(np.dtype(kind) == float for kind in setting))


def _elements(results: Any, otypes: Any, size: tuple[int, ...]) -> Number:
    """The results for all elements as one array. Without otypes= NumPy takes the type of the first for all of them."""
    if not otypes and isinstance(results[0], (bool, int, np.integer, np.bool_)) and holds(list(results)):
        raise UnsupportedFunction.here(
            f"np.vectorize makes every result the type of the first one, here {type(results[0]).__name__}: the "
            "others would lose their fractions\n  and their derivatives. Return 0.0 in place of 0, or write "
            "otypes=[float]"
        )
    return ops.reshape(ops.array(list(results)), size)


def _frompyfunc(func: Callable[..., Any], /, nin: int, nout: int, **settings: Any) -> Any:
    """np.frompyfunc for carriers too; what it makes has then no methods."""
    plain = np.frompyfunc(func, nin, nout, **settings)
    if nout != 1:
        return plain
    spread = _vectorize(func, otypes=[float])  # each result keeps its type
    return lambda *args, **more: spread(*args) if holds(args) and not more else plain(*args, **more)


def _ndenumerate(arr: Any) -> Any:
    """np.ndenumerate for carriers too: each place with its element."""
    if not holds(arr):
        return np.ndenumerate(arr)
    whole: Any = arr if isinstance(arr, StandIn) else ops.array(arr)
    return ((place, whole[place]) for place in np.ndindex(*whole.shape))


def _without_rule(function: Any) -> Callable[..., Any]:
    """A function that would not say its name when it is given carriers."""

    @functools.wraps(function)
    def refuse(*args: Any, **settings: Any) -> Any:
        if holds(args) or any(holds(x) for x in settings.values()):
            raise no_rule(full_name(function))
        return function(*args, **settings)

    return refuse


# -- the table of replacements ----------------------------------------------------------------------------------


class LiftedNumpy(types.ModuleType):
    """numpy, or a module of it, with its functions as they are in a lifted function."""

    def __init__(self, original: types.ModuleType) -> None:
        super().__init__(original.__name__)
        vars(self)["_original"] = original

    def __getattr__(self, name: str) -> Any:
        found = vars(self)[name] = replacement(getattr(self._original, name))
        return found


_MODULES = (np, np.linalg, np.emath, np.rec, np.lib, np.lib.stride_tricks)


def _replacements() -> dict[int, tuple[Any, Any]]:
    new = {value: getattr(LIFTED_MATH, name) for name, value in vars(math).items() if callable(value)}
    table: dict[Any, Any] = {old: lifted for old, lifted in new.items() if lifted is not old}
    makers = ((np.array, _array), (np.asarray, _as_array), (np.asanyarray, _as_array), (np.full, _full))
    table.update({function: _maker(function, rule) for function, rule in (*makers, (np.fromiter, _fromiter))})
    table.update({np.lib.stride_tricks.as_strided: _aware(np.lib.stride_tricks.as_strided)})
    for function, order in ((np.ascontiguousarray, "C"), (np.asfortranarray, "F")):
        table.update({function: _maker(function, functools.partial(_as_array, order=order))})
    table.update({np.asarray_chkfinite: _maker(np.asarray_chkfinite, lambda a, *, order=None: a)})
    table.update({np.require: _maker(np.require, _required), np.arange: _maker(np.arange, _arange)})
    table.update({f: _writer(f) for f in WRITERS})
    table.update({np.vectorize: _vectorize, np.frompyfunc: _frompyfunc, np.kaiser: _maker(np.kaiser, _kaiser)})
    table.update({np.isscalar: is_scalar, np.ndenumerate: _ndenumerate, np.trim_zeros: _trim_zeros})
    table.update({ufunc: _SeeingLists(ufunc) for ufunc in _WITHOUT_OBJECTS})
    table.update({ufunc: _WhereTheyLie(ufunc) for ufunc in _ANSWERING})
    table.update({f: _without_rule(f) for f in (np.rec.array, np.asmatrix, np.bmat, np.frombuffer)})
    found_joiners = {id(x): (x, _Joiner(x, name)) for x, name in ((np.r_, "np.r_"), (np.c_, "np.c_"))}
    found = {id(old): (old, lifted) for old, lifted in table.items()}
    found.update(found_joiners)
    found[id(math)] = (math, LIFTED_MATH)
    for module in _MODULES:
        found[id(module)] = (module, LiftedNumpy(module))
    return found


_REPLACED = _replacements()
_FUNCTION = type(np.sum)  # those that ask their arguments for their own ways


def replacement(value: Any) -> Any:
    """What `value` becomes in a lifted function: itself, unless it is one of math's or NumPy's listed above.

    >>> replacement(math.sin) is math.sin, replacement(math.pi) is math.pi
    (False, True)
    """
    if POLYNOMIALS and POLYNOMIALS[0] in sys.modules:
        POLYNOMIALS.clear()
        _register(_REPLACED)
    found = _REPLACED.get(id(value))
    if found is not None and found[0] is value:
        return found[1]
    if type(value) is _FUNCTION and rule_of(value) is not None:
        _REPLACED[id(value)] = (value, _aware(value))
        return replacement(value)
    builtin = type(value) is types.BuiltinFunctionType
    if value is sys.modules.get("cmath") or (builtin and value.__module__ == "cmath"):
        table: dict[int, tuple[Any, Any]] = _of_cmath()
        _REPLACED.update(table)
        return table[id(value)][1]
    if type(value) is np.vectorize:
        return _vectorized(value, LIFT[0](value.pyfunc))
    if type(value) is types.ModuleType and value is sys.modules.get("numpy.fft"):
        _REPLACED[id(value)] = (value, LiftedNumpy(value))
        return replacement(value)
    return _of_scipy(value) if _SCIPY in sys.modules and of_scipy(value) else value


SERIES: dict[type, Callable[[Any], Any]] = {}
"""The classes of numpy.polynomial, once it is imported, and what makes of their objects ones that see carriers."""
POLYNOMIALS: list[str] = []
"""numpy.polynomial, until it is met: it is not imported here, and what replaces it is not made before."""
_of_cmath = late("chainrule.carriers.complexes.cmath_rows.replacements")
_register = late("chainrule.carriers.lifting.polynomials.register")


_SCIPY = "scipy"
_of_scipy = late("chainrule.scipy.lifted.replacement")
_NAMED = (types.FunctionType, types.BuiltinFunctionType, type)


def is_function(value: Any) -> bool:
    """Whether `value` is a function of Python's, of C's or of Cython's, which have a class in each module."""
    return isinstance(value, _NAMED[:2]) or type(value).__name__ == "cython_function_or_method"


def owner(value: Any) -> Any:
    """The name of the module that a function or a class is of, or the class of an object; functions of `scipy.fft` are
    objects of uarray's that know theirs."""
    kind = type(value)
    if isinstance(value, type) or is_function(value) or getattr(kind, "__module__", None) == "uarray":
        return getattr(value, "__module__", None)
    return getattr(kind, "__module__", None)  # types of ctypes have none


def of_scipy(value: Any) -> bool:
    """Whether `value` is a module, a function, a class or an object of SciPy's, or a method of one."""
    kind = type(value)
    if kind is types.ModuleType:
        whose = value.__name__
    elif kind is types.MethodType:
        whose = getattr(type(value.__self__), "__module__", None)  # types of ctypes have none
    elif kind is np.ufunc:
        return getattr(np, value.__name__, None) is not value
    else:
        whose = owner(value)
    return type(whose) is str and (whose == _SCIPY or whose.startswith("scipy."))


SEES_LISTS = frozenset({
    "array", "asarray", "asanyarray", "fromiter", "full", "vectorize", "mean", "std", "var", "average", "median",
    "nanmean", "nansum", "norm", "vector_norm", "solve", "inv", "det", "slogdet", "matrix_power", "multi_dot",
    "trapezoid", "polyval", "sinc", "nan_to_num", "linspace", "convolve", "vdot", "einsum", "pad", "interp",
    "frompyfunc", "kaiser", "full_like", "r_", "c_", "ascontiguousarray", "asfortranarray",
    "asarray_chkfinite", "require", "arange",
    "fill_diagonal", "copyto", "put", "place", "putmask", "put_along_axis", "percentile", "quantile", "nanpercentile",
    "nanquantile", "nanmedian", "nanmax", "nanmin", "nanvar", "nanstd", "nanprod", "nancumsum", "nancumprod",
    "gradient", "cov", "corrcoef", "correlate", "unwrap", "histogram", "bincount", "cholesky", "eigh", "eigvalsh",
    "svd", "svdvals", "qr", "pinv", "lstsq", "cond", "matrix_norm", "tensorsolve", "tensorinv", "polyfit", "polyadd",
    "polysub", "polymul", "polyder", "polyint", "poly", "vander", "logspace", "geomspace", "cumulative_sum",
    "cumulative_prod", "partition", "unique", "select", "choose", "piecewise", "block", "insert", "isscalar",
    "fft", "real", "imag", "ndenumerate", "polynomial", "as_strided", "asmatrix", "bmat", "frombuffer",
    "any", "all", "nonzero", "flatnonzero", "argwhere", "count_nonzero", *(ufunc.__name__ for ufunc in _ANSWERING),
    "angle", "conj", "conjugate", "abs", "absolute", "trim_zeros", *(ufunc.__name__ for ufunc in _WITHOUT_OBJECTS),
})  # fmt: skip
"""Names by which code asks for a function of NumPy's that cannot compute with an array of objects. Functions without
them are not made anew: sums, products and moved elements of an array of carriers are right as NumPy computes them."""
of_sequences = late("chainrule.carriers.functions.rules.names_any")
"""Whether some names are the same of code that makes lists: NumPy makes no array of objects of a list of recorded
arrays."""
