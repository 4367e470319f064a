"""The right-hand side of a differential equation, recorded once: what it does to t, y and the numbers it closes over.

It is run on t and y that only record what is done to them. What it does with Values that it finds elsewhere (the
parameters) makes Values whose numbers are such recorded ones: the operands of these that have plain numbers are the
parameters. So the function need not say what it depends on, and from here on it is a list of rows of the table that
computes on any numbers. A function that asks (`if y[0] > 1`) is not recorded: what it does depends on the answer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import recording
from chainrule.carriers.dual import Dual
from chainrule.errors import forgiven
from chainrule.libraries import late
from chainrule.numbers import Carrier, StandIn, primal, shape
from chainrule.values.value import Value

_trace = late("chainrule.jit.record.tracer.new_trace")
_computation = late("chainrule.jit.replay.computation")
T, Y, PARAMETER, STEP, CONSTANT = range(5)


class Recorded:
    """A function of t, y and its parameters.

    parameters  the Values it closes over, in the order in which it needs them
    key         equal for two that compute the same, whatever their parameters are
    """

    def __init__(self, steps: list[tuple[Any, list[tuple[int, Any]], dict[str, Any]]], parameters: list[Any],
                 result: tuple[int, Any], key: Any) -> None:  # fmt: skip
        self.steps, self.parameters, self.result, self.key = steps, parameters, result, key

    def __call__(self, t: Any, y: Any, *parameters: Any) -> Any:
        done: list[Any] = []
        given = (t, y)

        def found(at: tuple[int, Any]) -> Any:
            kind, k = at
            if kind in (T, Y):
                return given[kind]
            return parameters[k] if kind == PARAMETER else done[k] if kind == STEP else k

        for function, args, settings in self.steps:
            done.append(function(*map(found, args), **settings))
        return found(self.result)


def recorded(f: Callable[[Any, Any], Any], t: float, y: Any, plainly: bool = False) -> Recorded | None:
    """`f` as a function of its parameters too; None where it cannot be recorded, or holds what is no single Value.
    `plainly`: in plain numbers, whatever carriers its parameters are."""
    run, result = _run(f, t, y)
    return None if run is None else _Reading(run.inputs).read(primal(result) if plainly else result)


def with_tangent(f: Callable[[Any, Any], Any], t: float, y: Any) -> tuple[Recorded, Recorded, float | None] | None:
    """The number and the tangent of what `f` gives where it closes over Duals of one level, and that level (None where
    it closes over none). The numbers that it meets are parameters of both. None where it cannot be recorded so."""
    run, result = _run(f, t, y)
    if run is None or (isinstance(result, Carrier) and type(result) is not Dual):
        return None
    level = result.level if isinstance(result, Dual) else None
    parts = (result.primal, result.tangent) if isinstance(result, Dual) else (result, 0.0)
    number, tangent = (_Reading(run.inputs, with_numbers=True).read(part) for part in parts)
    return None if number is None or tangent is None else (number, tangent, level)


def _run(f: Callable[[Any, Any], Any], t: float, y: Any) -> tuple[Any, Any]:
    """The trace of f, and its result; None where it is not the same at other places."""
    run = _trace()
    try:
        with forgiven():
            result = f(run.input(float(t)), run.input(np.array(y)))
    except Exception:  # what it is will be raised where it is called with plain numbers
        return None, None
    if run.guards:
        return None, None
    run.ended()
    return run, result


class _Unknown(Exception):
    """What is met is not of the kinds that are known here."""


class _Reading:
    """The steps that lead to a result, of both kinds: those recorded on t and y alone, and those of Values.

    with_numbers  whether numbers that are met are parameters, too; all but small whole ones, exponents say
    """

    def __init__(self, inputs: list[Any], with_numbers: bool = False) -> None:
        self.with_numbers = with_numbers
        self.places: dict[int, tuple[int, Any]] = {id(inputs[0]): (T, None), id(inputs[1]): (Y, None)}
        self.steps: list[Any] = []
        self.parameters: list[Any] = []
        self.key: list[Any] = []
        self.held: list[Any] = list(inputs)  # so that no id is used again

    def read(self, result: Any) -> Recorded | None:
        try:
            if isinstance(result, Value):
                for node in recording.order(result):
                    if _is_recorded(node.data):
                        self._node(node)
            at = self._place(result)
        except _Unknown:
            return None
        key = (tuple(self.key), at if at[0] != CONSTANT else None, tuple(_kind(p) for p in self.parameters))
        return Recorded(self.steps, self.parameters, at, key)

    def _node(self, node: Any) -> None:
        args = list(node.operands)
        for k, parent in zip(node.active, node.parents, strict=True):
            args[k] = parent
        if node.op is None:
            raise _Unknown
        self._add(node, node.op, node.op.name, [self._place(x) for x in args], node.settings)

    def _add(self, whose: Any, function: Any, name: str, args: list[tuple[int, Any]], settings: dict[str, Any]) -> None:
        self.places[id(whose)] = (STEP, len(self.steps))
        self.held.append(whose)
        self.steps.append((function, args, settings))
        self.key.append((name, tuple((kind, _form(k)) for kind, k in args), _form(settings)))

    def _place(self, x: Any) -> tuple[int, Any]:
        """Where a number comes from."""
        known = self.places.get(id(x))
        if known is not None:
            return known
        if isinstance(x, Value):
            if isinstance(x.data, (Carrier, StandIn)):
                raise _Unknown  # a Value of Values, or one whose history is not in the recording
            self.places[id(x)] = (PARAMETER, len(self.parameters))
            self.parameters.append(x)
            return self.places[id(x)]
        if _is_recorded(x):
            return self._step(x.step)
        if isinstance(x, StandIn):
            raise _Unknown
        return self._number(x)

    def _number(self, x: Any) -> tuple[int, Any]:
        plain = type(x) is float or (isinstance(x, (np.ndarray, np.generic)) and x.dtype == np.float64)
        if not self.with_numbers or not plain or (np.ndim(x) == 0 and x == int(x) and abs(x) <= 8):
            return CONSTANT, x
        self.parameters.append(x)
        return PARAMETER, len(self.parameters) - 1

    def _step(self, last: Any) -> tuple[int, Any]:
        """A step that was recorded on t and y, and those that lead to it."""
        pending = [last]
        while pending:
            step = pending[-1]
            open_ones = [a for a in step.args if id(a) not in self.places and a.op != "constant"]
            if id(step) in self.places or step.op == "constant":
                pending.pop()
            elif open_ones:
                pending += open_ones
            else:
                pending.pop()
                args = [self._of_step(a) for a in step.args]
                function = functools.partial(_cast, dtype=step.dtype) if step.op == "astype" else _computation(step)
                self._add(step, function, step.op, args, {})
                self.key.append((_form(step.settings), str(step.dtype)))
        return self._of_step(last)

    def _of_step(self, step: Any) -> tuple[int, Any]:
        if step.op == "constant" and id(step) not in self.places:
            self.places[id(step)] = self._number(step.settings["value"])
            self.held.append(step)
        return self.places[id(step)]


def _cast(x: Any, *, dtype: Any) -> Any:
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x).astype(dtype)[()]


def _is_recorded(x: Any) -> bool:
    return isinstance(x, StandIn) and not isinstance(x, Carrier) and hasattr(x, "step")


def _kind(x: Any) -> Any:
    return shape(x), str(getattr(number_of(x), "dtype", "float"))


def number_of(parameter: Any) -> Any:
    """The plain number of a parameter, as compiled functions take it."""
    x = parameter.data if isinstance(parameter, Value) else parameter
    return x if type(x) is float else np.asarray(x)[()]


def _form(x: Any) -> Any:
    """Something that is equal for equal settings and constants, and can be hashed."""
    if isinstance(x, np.ndarray):
        return x.shape, str(x.dtype), x.tobytes()
    if isinstance(x, dict):
        return tuple((k, _form(v)) for k, v in x.items())
    if isinstance(x, (tuple, list)):
        return type(x).__name__, tuple(map(_form, x))
    return type(x).__name__, repr(x)
