"""How a call of one of SciPy's functions comes to its rule: operands become arrays, what has no rule is refused by the
name that the user wrote."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.carriers.gate import holds, operand
from chainrule.carriers.refusals import no_rule, no_setting, no_writing
from chainrule.errors import CannotRecord, UnsupportedFunction
from chainrule.inputs import as_number
from chainrule.numbers import StandIn, differentiated, known, primal
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
    try:
        return rule(*[as_operand(x, name) for x in inputs])
    except UnsupportedFunction as error:  # of a function that the rule is written with
        if name in str(error):
            raise
        raise type(error)(f"{name}: {error}") from None


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


class RecordedOnly(UnsupportedFunction):
    """A solver has met numbers that jit only records."""


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


def settled(x: Any) -> Any:
    """An argument as it stands now. In a function that assigns to elements, what `np.linspace` makes can be assigned
    to, and is no plain array: a rule that asks for one would take it for what is differentiated."""
    if isinstance(x, StandIn):
        return x.now()
    if type(x) is list or type(x) is tuple:
        found = [settled(v) for v in x]
        return type(x)(found) if any(v is not w for v, w in zip(x, found, strict=True)) else x
    return x


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
        args, settings = tuple(map(settled, args)), {k: settled(x) for k, x in settings.items()}
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


_WITHOUT_TURNS = ("scipy.integrate.fixed_quad",)
"""Solvers that are given a function and ask it as often as they are told."""
_ASKED = ("turning ", "a complex number inside", "float(x) inside", "complex(x) inside", "int(x) inside")
"""How the messages begin of numbers that were asked for while jit records."""


def named_when_recorded(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """`rule`, of arguments as they stand; it says its name where it has to know numbers that jit only records."""

    @functools.wraps(rule, updated=())
    def call(*args: Any, **settings: Any) -> Any:
        try:
            return rule(*map(settled, args), **{k: settled(x) for k, x in settings.items()})
        except CannotRecord as error:
            if name in str(error) or not str(error).startswith(_ASKED):
                raise
            raise _decides(name) from None

    return call


def solver_named(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule of a solver, refused by its name where it meets numbers that jit only records: in its arguments, or in
    what the functions among them give. SciPy may have caught that, and raised an error of its own."""

    @functools.wraps(rule, updated=())
    def call(*args: Any, **settings: Any) -> Any:
        args, settings = tuple(map(settled, args)), {k: settled(x) for k, x in settings.items()}
        given = [*args, *settings.values()]
        solves = any(map(callable, given[:1])) and name not in _WITHOUT_TURNS
        if solves and recorded_only(given):
            raise _no_solver(name)
        try:
            return rule(*args, **settings)
        except Exception as error:
            if any(isinstance(e, (RecordedOnly, CannotRecord)) for e in _chain(error)):
                raise (_no_solver if solves else _decides)(name) from None
            raise

    return call


def recorded_only(x: Any) -> bool:
    """Whether an argument is, or holds, a number that jit records without knowing it."""
    if type(x) is list or type(x) is tuple:
        return any(map(recorded_only, x))
    return isinstance(x, StandIn) and isinstance(y := primal(x), StandIn) and known(y) is None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _decides(name: str) -> CannotRecord:
    return CannotRecord.here(
        f"{name} decides by the numbers it is given what it does, and jit records without knowing them.\n"
        "  Compile what comes before and after, or differentiate without jit"
    )


def _no_solver(name: str) -> UnsupportedFunction:
    return UnsupportedFunction.here(
        f"jit records no {name}: a solver decides by its numbers how often it turns. Compile what it calls,\n"
        "  and differentiate the rest without jit"
    )


def _same(x: Any, default: Any) -> bool:
    return x is default or (type(x) is type(default) and x == default)


@functools.lru_cache(maxsize=1024)
def _signature(function: Any) -> inspect.Signature:
    return inspect.signature(function)


class Behind:
    """What answers as the object of SciPy's in its `original` does, where it has no answer of its own."""

    original: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "original":
            raise AttributeError(name)
        return getattr(self.original, name)


def number(x: Any) -> Any:
    """`x` as a float or an array, a carrier where lists and arrays of objects hold some."""
    return as_number(as_operand(x, "scipy"))
