"""NumPy's protocols: `np.sin(x)`, `np.add.reduce(x)` and `np.linalg.solve(a, b)` reach the operator table.

What has no rule is refused by name: no object arrays, no silent conversion.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment import in_place, writing
from chainrule.carriers.casting import operand_as
from chainrule.carriers.functions.decided import below, chosen
from chainrule.carriers.functions.elsewhere import asked_elsewhere, foreign_among
from chainrule.carriers.functions.plain import PLAIN, asked
from chainrule.carriers.gate import (
    ENTRIES,
    Entry,
    complex_number,
    complex_rules,
    entry,
    full_name,
    named,
    of_type,
    operand,
    ready,
    rule_of,
)
from chainrule.carriers.refusals import no_complex, no_rule, no_setting, no_writing
from chainrule.errors import ChainruleError, UnsupportedFunction, has_labels
from chainrule.libraries import is_foreign, late, library
from chainrule.numbers import Carrier, Number, StandIn, primal, shape
from chainrule.ops import names, powers
from chainrule.ops.compare import FOLLOWED
from chainrule.ops.logistic import heaviside0

_LN2 = math.log(2.0)


def _frexp(x: Any) -> Any:
    exponent = chosen(lambda value: np.frexp(value)[1], x)
    return powers.ldexp(x, -exponent), exponent


def _nextafter(a: Number, x: Any, y: Any) -> Number:
    """`a` a step farther. From an infinity that is the largest float, whose slope is that of `clip` there: 0."""
    following, infinite = np.nextafter(x, y), abs(x) == math.inf
    return ops.where(infinite, ops.where(following == x, a, following), a + ops.where(infinite, 0.0, following - x))


UFUNCS: dict[np.ufunc, Callable[..., Number]] = {
    **names.of_numpy(ops.TABLE.values(), {name: getattr(ops, name) for name in ops.PUBLIC}),
    np.divmod: lambda a, b: (ops.floor_divide(a, b), ops.remainder(a, b)),
    np.modf: lambda x: (x - ops.trunc(x), ops.trunc(x)),
    np.heaviside: lambda x, at_0: (
        heaviside0(x) if FOLLOWED[0] else ops.where(primal(x) == 0, at_0, heaviside0(primal(x)))
    ),
    np.ldexp: lambda x, n: powers.ldexp(x, n if isinstance(n, StandIn) else np.asarray(n)),
    np.logaddexp2: lambda a, b: ops.logaddexp(a * _LN2, b * _LN2) / _LN2,
    np.frexp: _frexp,
    np.nextafter: lambda a, b: _nextafter(a, primal(a), primal(b)),
    np.vecdot: lambda a, b: ops.einsum("...i,...i->...", a, b),
    np.matvec: lambda a, b: ops.einsum("...ij,...j->...i", a, b),
    np.vecmat: lambda a, b: ops.einsum("...i,...ij->...j", a, b),
}
_of_scipy = late("chainrule.scipy.lifted.ufunc")
_called = late("chainrule.scipy.called.ufunc_called")
_REDUCE = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
_ACCUMULATE = {np.add: np.cumsum, np.multiply: np.cumprod}
PLAIN_FUNCTIONS = frozenset(PLAIN)
# The answer of these is boolean or integer, so it carries no derivative.
PLAIN_UFUNCS = {
    np.isfinite, np.isnan, np.isinf, np.signbit, np.logical_not, np.logical_and, np.logical_or, np.logical_xor,
    np.spacing,
}  # fmt: skip

_CALL_SETTINGS: dict[str, tuple[Any, ...]] = {
    "casting": ("same_kind", "unsafe"), "order": ("K", "C", "F", "A"), "subok": (True, False), "signature": (None,),
    "where": (True,), "out": (None,),
}  # fmt: skip
"""The settings of an elementwise function that change no number, and with which values."""


def _is_usual(name: str, x: Any) -> bool:
    return any(x is usual or (type(x) is str and x == usual) for usual in _CALL_SETTINGS.get(name, ()))


def array_ufunc(self: Carrier, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
    """`ufunc` called on at least one carrier, or one of its methods."""
    found = _of_scipy(ufunc) if ufunc not in UFUNCS and foreign(ufunc) else None
    name = f"{'np.' + ufunc.__name__ if found is None else found[0]}{'' if method == '__call__' else f'.{method}'}"
    if method == "at":
        return writing.at(ufunc, *inputs)
    out = settings.pop("out", None)
    if out is not None:
        if settings.get("where", True) is not True and method == "__call__" and ufunc.nout == 1:
            return writing.put_where(name, out[0], ufunc, inputs, settings)
        return writing.put_out(name, out, getattr(ufunc, method)(*inputs, **settings))
    if in_place.ASSIGNED[0] and (opened := in_place.opened(inputs)) is not inputs:
        return in_place.HANDLE[1](getattr(ufunc, method)(*opened, **settings))
    if found is not None and found[1] is not None and method == "__call__":
        return _called(name, found[1], inputs, settings)
    if method in _METHODS and ufunc not in PLAIN_UFUNCS:
        return _METHODS[method](ufunc, name, inputs, settings)
    rule = UFUNCS.get(ufunc)
    for x in inputs:
        if not ready(x):
            if any(has_labels(x) for x in inputs):
                return NotImplemented
            inputs = tuple([operand(x, name) for x in inputs])
            if ufunc not in PLAIN_UFUNCS and any(complex_number(x) for x in inputs):
                rule = _complex_rule(ufunc, name)
            break
    if ufunc in PLAIN_UFUNCS:
        if settings.get("where", True) is not True:
            raise no_setting(name, ["where"])
        plain = tuple([primal(x) for x in inputs])
        for x in plain:
            if is_foreign(x):
                return asked_elsewhere(ufunc if method == "__call__" else None, name, x, plain, settings)
        return getattr(ufunc, method)(*plain, **settings)
    if settings and ufunc is np.vecdot and "axis" in settings:
        axis = settings.pop("axis")
        inputs = tuple([ops.moveaxis(x, axis, -1) for x in inputs])
    dtype = _dtype_asked(name, settings) if settings else None
    if rule is None or method != "__call__":
        raise no_rule(name)
    try:
        return rule(*inputs) if dtype is None else _in_type(rule, inputs, dtype, name)
    except ChainruleError as error:
        raise named(error, name) from error.__cause__


def _in_type(rule: Callable[..., Any], inputs: tuple[Any, ...], dtype: Any, name: str) -> Any:
    """What an elementwise function gives that computes in the type that was asked for."""
    if np.dtype(dtype).kind == "f":
        inputs = tuple([operand_as(x, np.dtype(dtype)) for x in inputs])
    return of_type(rule(*inputs), dtype, name)


def foreign(ufunc: np.ufunc) -> bool:
    """Whether a ufunc is not one of NumPy's, where SciPy is there to have it."""
    return "scipy.special" in sys.modules and getattr(np, ufunc.__name__, None) is not ufunc


def has_rule(ufunc: np.ufunc) -> bool:
    """Whether a ufunc of SciPy's has one."""
    found = _of_scipy(ufunc) if foreign(ufunc) else None
    return found is not None and found[1] is not None


def _complex_rule(ufunc: np.ufunc, name: str) -> Callable[..., Any]:
    """What computes an elementwise function of complex numbers."""
    known = complex_rules()
    if ufunc not in known:
        raise no_complex(name)
    return known[ufunc] or UFUNCS[ufunc]


def _dtype_asked(name: str, settings: dict[str, Any]) -> Any:
    """The setting dtype=. Of the others each must have its usual value."""
    more = [k for k, x in settings.items() if k != "dtype" and not _is_usual(k, x)]
    if "where" in more:
        raise no_setting(name, ["where"], " without out=: the rest holds nothing; write out=np.zeros(shape) too")
    if more:
        raise no_setting(name, more)
    return settings.get("dtype")


def _reduce(ufunc: np.ufunc, name: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    array, *rest = inputs
    if ufunc not in _REDUCE:
        return _folded(ufunc, name, operand(array, name), rest, settings)
    given = {**dict(zip(("axis", "dtype", "out", "keepdims", "initial", "where"), rest, strict=False)), **settings}
    given.setdefault("axis", 0)
    return _entry(_REDUCE[ufunc], name).called((array,), given)


def _accumulate(ufunc: np.ufunc, name: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    array, *rest = inputs
    if ufunc not in _ACCUMULATE:
        return _running(ufunc, name, operand(array, name), rest, settings)
    given = {**dict(zip(("axis", "dtype", "out"), rest, strict=False)), **settings}
    given.setdefault("axis", 0)
    return _entry(_ACCUMULATE[ufunc], name).called((array,), given)


_LEAVING_OUT = frozenset({np.power, np.float_power, np.arctan2})
"""Of these NumPy 2.4's vectorised loops leave out all elements but the first and the last."""


def _binary(ufunc: np.ufunc, name: str) -> Callable[..., Any]:
    one = ufunc.nin == 2 and ufunc.nout == 1 and ufunc.signature is None
    if ufunc not in UFUNCS or not one or ufunc in _LEAVING_OUT:
        raise no_rule(name)
    return UFUNCS[ufunc]


def _axis_only(name: str, rest: list[Any], settings: dict[str, Any], *known: str) -> dict[str, Any]:
    """The axis, and settings of these names; others are refused unless they have their usual value."""
    names = ("axis", "dtype", "out", "keepdims", "initial", "where")
    given = {"axis": 0, **dict(zip(names, rest, strict=False)), **settings}
    usual = {"dtype": None, "out": None, "keepdims": False, "initial": np._NoValue, "where": True}
    more = [k for k, v in given.items() if k not in known and k in usual and v is not usual[k]]
    if more:
        raise no_setting(name, more)
    return given


def _lines(name: str, x: Any, axis: Any) -> Any:
    if isinstance(axis, (tuple, list)) or axis is None:
        if len(shape(x)) != 1 and axis is not None and len(axis) != 1:
            raise no_setting(name, ["axis"], " (several)")
        axis = 0 if axis is None else axis[0]
        if len(shape(x)) != 1:
            raise no_setting(name, ["axis"], " (None)")
    return ops.moveaxis(x, axis, 0), axis


def _folded(ufunc: np.ufunc, name: str, x: Any, rest: list[Any], settings: dict[str, Any]) -> Any:
    """One element after the other, as NumPy does: ((x0 - x1) - x2)."""
    row = _binary(ufunc, name)
    given = _axis_only(name, rest, settings, "axis", "keepdims")
    x, axis = _lines(name, x, given["axis"])
    if not shape(x)[0]:
        raise no_setting(name, ["axis"], ": there is nothing to reduce")
    y = functools.reduce(row, [x[k] for k in range(shape(x)[0])])
    return ops.expand_dims(y, axis) if given.get("keepdims") else y


def _running(ufunc: np.ufunc, name: str, x: Any, rest: list[Any], settings: dict[str, Any]) -> Any:
    row = _binary(ufunc, name)
    x, axis = _lines(name, x, _axis_only(name, rest, settings, "axis")["axis"])
    found = [x[k] for k in range(min(shape(x)[0], 1))]
    for k in range(1, shape(x)[0]):
        found.append(row(found[-1], x[k]))
    return ops.moveaxis(ops.stack(found, 0), 0, axis) if found else ops.moveaxis(x, 0, axis)


def _reduceat(ufunc: np.ufunc, name: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """The elements from each place to the next; the one element where the next place is not behind it."""
    array, places, *rest = inputs
    x, axis = _lines(name, operand(array, name), _axis_only(name, rest, settings, "axis")["axis"])
    row, n = _binary(ufunc, name), shape(x)[0]
    begins = [int(k) for k in np.asarray(primal(places)).ravel()]
    if any(not 0 <= k < n for k in begins):
        raise IndexError(f"index out-of-bounds in {name.removeprefix('np.')} [0, {n})")
    parts = [range(k, max(end, k + 1)) for k, end in zip(begins, [*begins[1:], n], strict=True)]
    y = [functools.reduce(row, [x[k] for k in part]) for part in parts]
    return ops.moveaxis(ops.stack(y, 0), 0, axis)


def _outer(ufunc: np.ufunc, name: str, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    if ufunc not in UFUNCS or ufunc.nin != 2 or ufunc.signature is not None:
        raise no_rule(name)
    dtype = _dtype_asked(name, settings)
    a, b = (operand(x, name) for x in inputs)
    inputs = (ops.reshape(a, shape(a) + (1,) * len(shape(b))), b)
    return UFUNCS[ufunc](*inputs) if dtype is None else _in_type(UFUNCS[ufunc], inputs, dtype, name)


_METHODS = {"reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "reduceat": _reduceat}


@functools.lru_cache(maxsize=1024)
def _entry(function: Any, name: str) -> Entry:
    return Entry(function, rule_of(function), name)


def array_function(self: Carrier | None, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy called on at least one carrier, or (None) on an array of another library."""
    if function in writing.WRITERS:
        return writing.WRITERS[function](*args, **kwargs)
    if kwargs.get("out") is not None:
        return writing.put_out(full_name(function), (kwargs.pop("out"),), function(*args, **kwargs))
    found = ENTRIES.get(function)
    if found is None:
        if function in PLAIN_FUNCTIONS:
            return asked(function, full_name(function), args, kwargs)
        if rule_of(function) is None:
            raise no_writing(full_name(function)) if kwargs.get("out") is not None else no_rule(full_name(function))
        found = entry(function)
    try:
        return found.called(args, kwargs)
    except (TypeError, NotImplementedError, AttributeError) as error:
        if isinstance(error, ChainruleError):
            raise
        like = foreign_among([below(x) for x in (args if self is None else (self, *args))])
        if like is None:
            raise
        whose = library(like).name
        raise UnsupportedFunction.here(f"{full_name(function)} of arrays of {whose}: {error}") from None


def method(function: Any, x: Carrier, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """The method of arrays that does what one of NumPy's functions does."""
    return array_function(x, function, (), (x, *args), settings)
