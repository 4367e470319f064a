"""How a call of one of SciPy's functions comes to its rule: operands become arrays, what has no rule is refused by the
name that the user wrote."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_rule, no_setting, no_writing
from chainrule.errors import CannotRecord, at_user_line
from chainrule.numbers import StandIn, as_number, differentiated
from chainrule.scipy.rows import no_partial

_USUAL = {"out": None, "where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True}
"""The settings of a ufunc that change nothing."""


def ufunc_called(name: str, rule: Callable[..., Any], inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """What a rule gives for a call of a ufunc."""
    if settings.get("out") is not None:
        raise no_writing(name)
    unusual = [k for k, x in settings.items() if k not in _USUAL or x is not _USUAL[k]]
    if unusual:
        raise no_setting(name, unusual)
    refuse_unknown(name, rule, inputs)
    return rule(*[as_operand(x, name) for x in inputs])


def refuse_unknown(name: str, rule: Any, inputs: tuple[Any, ...]) -> None:
    """Raises UnsupportedFunction where an argument is to be differentiated for which the rule has no derivative."""
    for k in getattr(rule, "refused", ()):
        if k < len(inputs) and _moves(inputs[k]):
            raise no_partial(name, rule.arguments[k])


def _moves(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_moves, x))
    return differentiated(x)


def as_operand(x: Any, name: str) -> Any:
    """An argument as rules compute with it: a carrier, an array of floats or a float."""
    if type(x) is float or isinstance(x, StandIn):
        return x
    x = operand(x, name)
    if isinstance(x, StandIn):
        return x
    x = np.asarray(x)
    if x.dtype.kind in "biu":
        x = x.astype(np.float64)
    return x[()] if x.ndim else x.item() if x.dtype == np.float64 else x[()]


class Ufunc:
    """A ufunc of SciPy's in a lifted function: it sees carriers in lists too, and refuses by the name it has there."""

    def __init__(self, name: str, original: Any, rule: Callable[..., Any] | None) -> None:
        self._name, self._original, self._rule = name, original, rule
        self.refuses = rule is None
        self.__name__ = getattr(original, "__name__", name)
        self.__doc__ = original.__doc__

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if not holds(args):
            return self._original(*args, **settings)
        if self._rule is None:
            if any(map(_moves, args)):
                raise no_rule(self._name)
            return self._original(*[as_operand(x, self._name) for x in args], **settings)
        return ufunc_called(self._name, self._rule, args, settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def function(
    name: str,
    original: Any,
    rule: Callable[..., Any] | None,
    operands: frozenset[str],
    held: tuple[str, ...] = (),
) -> Callable[..., Any]:
    """A function of SciPy's in a lifted function. `operands`: which of its parameters are numbers or arrays; what else
    its signature has must be a parameter of the rule, or have its usual value. By those in `held` there is no
    derivative."""

    @functools.wraps(original)
    def call(*args: Any, **settings: Any) -> Any:
        if not holds(args) and not any(holds(x) for x in settings.values()):
            return original(*args, **settings)
        if rule is None:
            raise no_rule(name)
        given = bound(name, original, rule, operands, args, settings)
        for argument in held:
            if argument in given and _moves(given[argument]):
                raise no_partial(name, argument)
        return rule(**given)

    call.refuses, call.rule = rule is None, rule  # type: ignore[attr-defined]
    return call


def bound(
    name: str,
    original: Any,
    rule: Callable[..., Any],
    operands: frozenset[str],
    args: tuple[Any, ...],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The arguments of a call by the names of the rule's parameters."""
    given = _signature(original).bind(*args, **settings).arguments
    known = _signature(rule).parameters
    usual = _signature(original).parameters
    more = given.pop("kwargs", {})
    unknown = [k for k, x in given.items() if k not in known and not _same(x, usual[k].default)] + [*more]
    if unknown:
        raise no_writing(name) if "out" in unknown else no_setting(name, unknown)
    return {k: as_operand(x, name) if k in operands and x is not None else x for k, x in given.items() if k in known}


def named_when_recorded(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """`rule`, which says its name where it has to know numbers that jit only records."""

    @functools.wraps(rule, updated=())
    def call(*args: Any, **settings: Any) -> Any:
        try:
            return rule(*args, **settings)
        except CannotRecord as error:
            if name in str(error) or not str(error).startswith(("turning ", "a complex number inside")):
                raise
            raise CannotRecord(
                at_user_line(
                    f"{name} decides by the numbers it is given what it does, and jit records without knowing them.\n"
                    "  Compile what comes before and after, or differentiate without jit"
                )
            ) from None

    return call


def _same(x: Any, default: Any) -> bool:
    return x is default or (type(x) is type(default) and x == default)


@functools.lru_cache(maxsize=1024)
def _signature(function: Any) -> inspect.Signature:
    return inspect.signature(function)


def number(x: Any) -> Any:
    """`x` as a float or an array, a carrier where lists and arrays of objects hold some."""
    return as_number(as_operand(x, "scipy"))
