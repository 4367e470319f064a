"""A forward pass and its backward pass, called in the way their signatures ask for."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.check.subject import quiet
from chainrule.errors import ArgumentError
from chainrule.numbers import Carrier, primal, shape
from chainrule.records import record
from chainrule.signatures import POSITIONAL, accepts, needed, parameters

COTANGENT = re.compile(
    r"^(d_?)?(out|output|y|z|a|h|o|top|up|upstream|loss|l|g|grad\w*|delta|error|ct|cotangent)s?\w*$", re.IGNORECASE
)


FORTH, BACK = 20260807, 20260808
"""Seeds of a forward and of a backward pass: a mask that is drawn anew is another one."""


@record(frozen=True)
class Passes:
    """`forward` and `backward`, and how they fit together.

    outputs   how many results of forward have a cotangent
    cached    whether forward's last result is handed to backward
    extended  whether backward takes the arguments of forward after the cotangents
    takes     how many cotangents backward takes: 0 (none), 1 (one, or all in a tuple), or one for each output
    draws     whether forward draws random numbers: it is then given the same in every call
    shared    arguments of forward that backward takes too, by name, as it does a mode; with their places
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    outputs: int
    cached: bool
    extended: bool
    takes: int
    draws: bool = False
    shared: tuple[tuple[str, int], ...] = ()

    def run(self, args: tuple[Any, ...]) -> tuple[list[Any], Any]:
        """The outputs for these arguments (not copied), and what backward is handed."""
        with quiet(), same_random_numbers(self.draws):
            return self.split(following(self.forward, args)(*args))

    def split(self, result: Any) -> tuple[list[Any], Any]:
        if not self.cached:
            return (list(result) if self.outputs > 1 else [result]), None
        outputs = list(result[:-1])
        return (list(outputs[0]) if len(outputs) < self.outputs else outputs), result[-1]

    def pull(self, cotangents: list[Any], cache: Any, args: tuple[Any, ...]) -> Any:
        """What backward returns."""
        together = self.takes == 1 and len(cotangents) > 1
        given: list[Any] = [] if not self.takes else [tuple(cotangents)] if together else cotangents
        rest = [cache] if self.cached else list(args) if self.extended else []
        again = {name: args[k] for name, k in self.shared if k < len(args)}
        with quiet(), same_random_numbers(self.draws, BACK):
            return self.backward(*given, *rest, **again)

    def draws_anew(self, args: tuple[Any, ...], cotangents: list[Any]) -> bool:
        """Whether backward draws random numbers of its own."""
        own = copy.deepcopy(args)
        _, cache = self.run(own)
        with same_random_numbers():
            alone = replace(self, draws=False)
            before = _generators()
            alone.pull(copy.deepcopy(cotangents), cache, own)
            return bool(_generators() != before)

    def gradients(self, args: tuple[Any, ...], cotangents: list[Any]) -> Any:
        """A forward pass at copies of the arguments, and what backward makes of copies of the cotangents."""
        own = copy.deepcopy(args)
        _, cache = self.run(own)
        return self.pull(copy.deepcopy(cotangents), cache, own)


def following(f: Callable[..., Any], args: Any) -> Callable[..., Any]:
    """`f` as it can be called with these arguments: lifted where they carry derivatives, so that arrays that it fills
    element by element, and math's functions, are followed."""
    return lift(f) if any(isinstance(x, Carrier) for x in trees.flatten(args)[0]) else f


def fitted(forward: Callable[..., Any], backward: Callable[..., Any], args: tuple[Any, ...]) -> Passes:
    """How the two fit together, from backward's signature and from what forward returns.

    Raises ArgumentError where they do not.
    """
    if not accepts(forward, len(args)):
        needs = ", ".join(needed(forward))
        raise ArgumentError(
            f"check_backward: forward takes {needs or 'other arguments'}, and the point has {len(args)}: write one for "
            "each, at=(..., ...), and the forward pass before the backward pass"
        )
    result, draws = first_run(forward, copy.deepcopy(args))
    required, most = _positional(backward)
    shared = _shared(forward, backward, args)
    required = min(required, most - sum(isinstance(args[k], str) for _, k in shared))
    length = len(result) if isinstance(result, (tuple, list)) and len(result) > 1 else 1
    if length > 1 and required > 0 and most >= 2 and not (required == 1 and _is_outputs(result)):
        outputs = length - 1
        if outputs == 1 and isinstance(result[0], (tuple, list)) and _is_outputs(result[0]):  # (h, c), cache
            each = required == len(result[0]) + 1 > 2  # backward(dh, dc, cache)
            return Passes(forward, backward, len(result[0]), True, False, len(result[0]) if each else 1, draws)
        together = outputs > 1 and required == 2  # all cotangents in one tuple
        if together or required <= outputs + 1 <= most:
            return Passes(forward, backward, outputs, True, False, 1 if together else outputs, draws, shared)
    outputs = length if _is_outputs(result) else 1
    if most == 0:
        return Passes(forward, backward, 1, False, False, 0, draws)
    for takes in dict.fromkeys((outputs, 1)):
        if required <= takes <= most and required < takes + max(len(args), 1):
            return Passes(forward, backward, outputs, False, False, takes, draws)
        if required <= takes + len(args) <= most:
            return Passes(forward, backward, outputs, False, True, takes, draws)
    raise ArgumentError(
        f"check_backward: forward gives {_said(result)}, and backward takes {required} arguments; expected "
        "backward(dout) or backward(dout, cache) with forward(...) -> (out, cache), one cotangent for each output"
    )


def _shared(forward: Callable[..., Any], backward: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """The settings that both passes take by one name: those with a default, `mode="max"`, and texts."""
    names = [p.name for p in parameters(forward) or ()][: len(args)]
    return tuple(
        (p.name, names.index(p.name))
        for p in parameters(backward) or ()
        if p.name in names and (p.default is not p.empty or isinstance(args[names.index(p.name)], str))
    )


def first_run(forward: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, bool]:
    """What forward returns, and whether it drew random numbers from the generators of NumPy or Python."""
    with quiet(), same_random_numbers():
        before = _generators()
        result = forward(*args)
        return result, _generators() != before


def _generators() -> Any:
    state: Any = np.random.get_state()  # noqa: NPY002  (the user's own)
    return state[1].tobytes(), state[2:], random.getstate()


def _positional(f: Callable[..., Any]) -> tuple[int, int]:
    """How many positional arguments `f` needs, and how many it takes."""
    given = parameters(f)
    if given is None:
        return 1, 1
    kinds = [p for p in given if p.kind in POSITIONAL]
    many = any(p.kind is p.VAR_POSITIONAL for p in given)
    least = len(needed(f))
    if not least and kinds:  # backward(self, dout=1)
        least = int(bool(COTANGENT.match(kinds[0].name)))
    return least, 99 if many else len(kinds)


def _is_outputs(result: Any) -> bool:
    """Whether all parts are real arrays or numbers: results, rather than a result and what it was computed from."""
    return isinstance(result, (tuple, list)) and all(is_number(y) for y in result)


def is_number(y: Any) -> bool:
    """Whether `y` is a real or complex number or array that may have a cotangent."""
    y = primal(y) if isinstance(y, Carrier) else y
    if isinstance(y, (bool, int, np.bool_)):
        return False
    return isinstance(y, (float, complex)) or getattr(getattr(y, "dtype", None), "kind", "") in ("f", "c")


def _said(result: Any) -> str:
    if isinstance(result, (tuple, list)):
        return f"{len(result)} results"
    return f"a result of shape {shape(result)}" if hasattr(result, "shape") else type(result).__name__


@contextmanager
def same_random_numbers(draws: bool = True, seed: int = FORTH) -> Iterator[None]:
    """Dropout draws the same mask in every call; afterwards the generators go on where they were."""
    if not draws:
        yield
        return
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002  (the user's own)
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
