"""Which library computes for a given kind of number.

Floats are computed by `math`, arrays by their own library (NumPy directly, every other one through the
array API), mpmath and SymPy numbers by theirs. An operator asks `library(*args)` and looks up its own name
there, so the same row of the operator table serves every kind.
"""

from __future__ import annotations

import cmath
import importlib
import math
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy import ndarray

from chainrule.errors import LABELLED, UnsupportedFunction
from chainrule.numbers import Number, StandIn, is_array, primal


class Library:
    """Functions for one kind of number, found by the name they have there.

    spelling  whose names they are: "math", "numpy", "array" (the array API), "mpmath" or "sympy" (see ops/names.py)
    record    for numbers that only note what is done to them: operator -> what to call in its place
    again     whether what sweeps these numbers looks again where 0 * inf came out, so that products may be plain
    """

    def __init__(
        self,
        name: str,
        rank: int,
        find: Callable[[str], Callable[..., Number] | None],
        xp: Any = None,
        record: Callable[[Any], Callable[..., Number]] | None = None,
        again: bool = False,
        spelling: str = "math",
    ):
        self.name, self.rank, self.find, self.xp, self.record, self.again = name, rank, find, xp, record, again
        self.spelling = spelling

    def __repr__(self) -> str:
        return f"<library {self.name}>"


def ieee(function: Callable[..., Any], limit: Callable[..., Any] | None) -> Callable[..., Any]:
    """`function` of the math module, answering as IEEE 754 does where math would raise.

    `limit` is NumPy's function of the same name: log(0) is -inf and log(-1) is nan there.
    """

    def evaluate(*args: float) -> Any:
        try:
            return function(*args)
        except (ValueError, OverflowError, ZeroDivisionError):
            if limit is None:
                return math.nan
            with np.errstate(all="ignore"):
                return float(limit(*(np.float64(a) for a in args)))

    return evaluate


def _find_float(name: str) -> Callable[..., Any] | None:
    function = getattr(math, name, None)
    return None if function is None else ieee(function, getattr(np, name, None))


def _find_in(module: str) -> Callable[[str], Callable[..., Any] | None]:
    return lambda name: getattr(sys.modules[module], name, None)


FLOAT = Library("float", 0, _find_float, np, again=True)
COMPLEX = Library("complex", 1, lambda name: getattr(cmath, name, None), np)
NUMPY = Library("numpy", 2, lambda name: getattr(np, name, None), np, again=True, spelling="numpy")
OBJECT = Library("object", 4, lambda name: None, np)
MPMATH = Library("mpmath", 3, _find_in("mpmath"), np, again=True, spelling="mpmath")
SYMPY = Library("sympy", 3, _find_in("sympy"), np, spelling="sympy")


@lru_cache(maxsize=64)
def _array_library(xp: Any) -> Library:
    name = xp.__name__.removeprefix("array_api_compat.")
    return Library(name, 3, lambda n: function_of_arrays(xp, n), xp, spelling="array")


_SPECIAL = {"jax.numpy": "jax.scipy.special", "array_api_compat.cupy": "cupyx.scipy.special"}
"""Where libraries have the functions that the array API lacks, if not beside the others."""


def function_of_arrays(xp: Any, name: str) -> Callable[..., Any] | None:
    """The function of that name in a namespace of the array API, or among the special functions of its library."""
    found: Callable[..., Any] | None = getattr(xp, name, None)
    if found is None and xp.__name__ in _SPECIAL:
        special = importlib.import_module(_SPECIAL[xp.__name__])
        found = getattr(special, {"lgamma": "gammaln"}.get(name, name), None)
    return found


def library_of_type(x: Number) -> Library | None:
    """The library of `x`, or None where each value has to be asked (NumPy arrays of objects)."""
    kind = type(x)
    if issubclass(kind, (bool, int, float)) and not issubclass(kind, np.generic):
        return FLOAT
    if issubclass(kind, np.generic):
        return NUMPY
    if issubclass(kind, ndarray):
        plain_array(x)
    if issubclass(kind, complex):
        return COMPLEX
    root = kind.__module__.partition(".")[0]
    if root in ("mpmath", "sympy"):
        return MPMATH if root == "mpmath" else SYMPY
    if root in LABELLED or not hasattr(x, "shape"):
        return OBJECT
    from array_api_compat import array_namespace, is_array_api_obj  # only foreign arrays pay for this import

    if is_array_api_obj(x):
        return _array_library(array_namespace(x))
    return OBJECT


def beside(x: Number) -> dict[str, Any]:
    """What a function of a namespace is given to make an array on the device on which `x` lies."""
    known = isinstance(x, (ndarray, StandIn)) or type(x).__module__.partition(".")[0] in ("jax", "jaxlib")
    return {"device": x.device} if hasattr(x, "device") and not known else {}


def is_foreign(x: Number) -> bool:
    """Whether `x` is an array beside which NumPy's must not stand, nor be made of it: one of JAX, PyTorch, CuPy and
    their like. Dask's are not: they are NumPy's arrays in parts."""
    kind = type(x)
    return not isinstance(x, (StandIn, ndarray, np.generic, float, int)) and (
        hasattr(kind, "shape")
        and kind.__module__.partition(".")[0] != "dask"
        and common_library((x,)).spelling == "array"
    )


def isnan(x: Any) -> Any:
    """Which numbers are nan, of any library, where they lie."""
    return x != x if is_foreign(x) else np.isnan(x)


def late(path: str) -> Callable[..., Any]:
    """The function at `path` ("sympy.real_root") of a library that is imported when it is first called.

    >>> late("math.sqrt")(4.0)
    2.0
    """
    module, _, name = path.rpartition(".")
    found: Any = None

    def called(*args: Any, **settings: Any) -> Any:
        nonlocal found
        if found is None:
            found = getattr(importlib.import_module(module), name)
        return found(*args, **settings)

    return called


class Later:
    """A library that is imported when something of it is first used.

    >>> Later("math").floor(2.5)
    2
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._name), name)
        setattr(self, name, value)
        return value


def constant(like: Number, number: float, exact: Callable[[Any], Number]) -> Number:
    """A mathematical constant as a number of the kind of `like`: `number` for floats and arrays, `exact(m)` with
    m the module mpmath or sympy for theirs, to all digits or as a symbol.

    >>> constant(2.0, math.pi, lambda m: m.pi)
    3.141592653589793
    """
    lib = library(primal(like))
    return exact(sys.modules[lib.name]) if lib is MPMATH or lib is SYMPY else number


FLOAT64 = np.dtype(np.float64)
MOST = 1024
"""Types of numbers that are remembered; others are asked each time."""

_known: dict[type, Library] = {float: FLOAT, int: FLOAT, bool: FLOAT, np.float64: NUMPY}


def computed_by(kind: type, lib: Library) -> None:
    """From now on `lib` computes for numbers of that type."""
    _known[kind] = lib


def library(*args: Number) -> Library:
    """The library that computes for these numbers together: of two kinds the more specific one."""
    return common_library(args)


def common_library(args: tuple[Number, ...]) -> Library:
    """`library` of the numbers in a tuple."""
    best, known = FLOAT, _known
    for x in args:
        kind = type(x)
        if kind is ndarray:
            found = OBJECT if x.dtype is not FLOAT64 and x.dtype.char == "O" else NUMPY
        else:
            found = known.get(kind) or _asked(kind, x)
        if found is not best and found.rank > best.rank:
            best = found
    return best


def _asked(kind: type, x: Number) -> Library:
    """The library of a type of numbers that is met for the first time."""
    found = library_of_type(x)
    assert found is not None
    if len(_known) < MOST:
        _known[kind] = found
    return found


def array_of(x: Any) -> Any:
    """`np.asarray(x)` of anything but an array of a class with its own rules for arithmetic, which raises."""
    return np.asarray(plain_array(x) if isinstance(x, ndarray) and type(x) is not ndarray else x)


def plain_array(x: Any) -> Any:
    """An array of a class of its own as a plain one. Raises UnsupportedFunction where that class has its own rules
    for arithmetic, which a derivative would not follow."""
    kind: Any = type(x)
    if not _ordinary(kind):
        raise UnsupportedFunction.here(
            f"a {kind.__name__} has rules of its own for arithmetic or for what is missing, which a derivative "
            "would not\n  follow; use a plain array (np.asarray) and cr.where for what is masked"
        )
    return x.view(ndarray)


@lru_cache(maxsize=256)
def _ordinary(kind: Any) -> bool:
    """Whether a subclass of NumPy's arrays computes as they do: it overrides nothing but how it is made and shown."""
    own = [vars(k) for k in kind.__mro__[: kind.__mro__.index(ndarray)] if k is not np.memmap]
    return not any(name in _COMPUTES or (hasattr(ndarray, name) and name not in _HARMLESS) for v in own for name in v)


_COMPUTES = ("__array_ufunc__", "__array_function__")
_HARMLESS = frozenset({
    "__new__", "__init__", "__array_finalize__", "__array_wrap__", "__array_prepare__", "__array_priority__",
    "__reduce__", "__reduce_ex__", "__setstate__", "__getstate__", "__repr__", "__str__", "__format__", "__doc__",
    "__module__", "__dict__", "__slots__", "__class__", "__del__", "__init_subclass__", "__class_getitem__",
    "__dir__", "__getattribute__", "__getattr__", "__setattr__", "__weakref__", "__hash__", "__static_attributes__",
    "__firstlineno__", "__annotations__", "__qualname__", "__sizeof__", "__subclasshook__",
})  # fmt: skip


def zeros_like(x: Number) -> Number:
    """A constant 0 with the shape and type of the number below `x`."""
    x = primal(x)
    if is_array(x):
        return library(x).xp.zeros_like(x)
    return x * 0 if library(x) is SYMPY else type(x)(0)


def ones_like(x: Number) -> Number:
    """A constant 1 with the shape and type of the number below `x`. Of one that is recorded it is recorded too, with
    what becomes of it: zeros that were computed are then told from those of branches that were not taken."""
    x = primal(x)
    of = library(x)
    return zeros_like(x) + 1 if of.again or of.record is None or of.xp is None else of.xp.ones_like(x)


def without_warnings(function: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    """`np.errstate(all="ignore", **settings)(function)`. The state is made once for each that it takes the place of:
    that takes NumPy as long as three operations on a small array."""
    if _STATE is None:
        silenced: Callable[..., Any] = np.errstate(all="ignore", **settings)(function)
        return silenced
    made: list[Any] = [(None, None)]  # the last state around, and this one in its place

    def silent(*args: Any) -> Any:
        around, state = made[0]
        if around is not _STATE.get():
            around, state = made[0] = (_STATE.get(), _made_state(all="ignore", **settings))
        token = _STATE.set(state)
        try:
            return function(*args)
        finally:
            _STATE.reset(token)

    return silent


_STATE: Any = getattr(sys.modules.get("numpy._core.umath"), "_extobj_contextvar", None)
_made_state: Any = getattr(sys.modules.get("numpy._core.umath"), "_make_extobj", None)
