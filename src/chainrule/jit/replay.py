"""A program computed step by step with NumPy: slow, plain, and what machine code is tested against."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.record.holes import filled
from chainrule.numbers import shape
from chainrule.ops.cast import astype_kernel
from chainrule.ops.composite import COMPOSITES
from chainrule.ops.registry import SPECIAL
from chainrule.ops.row import TABLE
from chainrule.ops.triangular import triangular_inverse, triangular_solve

Computation = Callable[..., Any]


def _elements(*numbers: Any, shape: tuple[int, ...], index: Sequence[Any], dtype: Any = None) -> Any:
    out = np.zeros(shape, dtype or np.result_type(*numbers))
    for place, number in zip(index, numbers, strict=True):
        if out[place].shape != np.shape(number):  # machine code repeats no number
            raise AssertionError(f"a join of {np.shape(number)} at {place}")
        out[place] = number
    return out


def _gather(x: Any, *parts: Any, index: Any) -> Any:
    return x[filled(index, parts)]


def _scatter_at(ct: Any, *parts: Any, index: Any, shape: tuple[int, ...]) -> Any:
    return TABLE["scatter"](ct, index=filled(index, parts), shape=shape)


def _take_places(x: Any, places: Any, *, shape: tuple[int, ...], block: int) -> Any:
    return np.reshape(np.reshape(x, -1)[places[:, None] + np.arange(block)], shape)


def _add_places(ct: Any, places: Any, *, shape: tuple[int, ...], block: int) -> Any:
    flat = TABLE["scatter"](ct.reshape(-1, block), index=(places[:, None] + np.arange(block),), shape=(prod(shape),))
    return flat.reshape(shape)


def _by_masks(step: Step, x: Any, *parts: Any) -> Any:
    """A move by masks; zeros where they have more or fewer elements than they had, as a guard will say."""
    index = filled(step.settings["index"], parts)
    whole = x if step.op == "gather" else np.broadcast_to(np.empty((), np.int8), step.shape)
    if type(index) is np.ndarray and index.ndim == 1:
        size: tuple[int, ...] = (int(np.count_nonzero(index)), *np.shape(whole)[1:])
    else:
        size = np.shape(whole[index])
    if size != (step.shape if step.op == "gather" else np.shape(x)):
        return np.zeros(step.shape, step.dtype)
    return FUNCTIONS[step.op](x, *parts, **step.settings)


FUNCTIONS: dict[str, Computation] = {
    **{
        name: getattr(np, name)
        for name in (
            "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "isnan", "isinf", "isfinite",
            "signbit", "logical_not", "logical_and", "logical_or", "logical_xor", "invert", "bitwise_and",
            "bitwise_or", "bitwise_xor",
        )
    },
    "array_equal": lambda a, b: np.array_equal(a, b),
    "round_digits": lambda x, digits: round(x, digits),
    "nearly_equal": np.equal,
    "as_many": np.equal,
    "triangular_solve": triangular_solve,
    "triangular_inverse": triangular_inverse,
    "take_places": _take_places,
    "add_places": _add_places,
    "astype": astype_kernel,
    "elements": _elements,
    "join": _elements,
    "gather": _gather,
    "scatter_at": _scatter_at,
}  # fmt: skip
"""Operations of programs that are no rows of the operator table, because they carry no derivative or only move
elements.

nearly_equal equal, where a miss by rounding does no harm
as_many      equal, of how many elements a mask takes out
triangular_solve, triangular_inverse: of matrices that are known to be. settings: lower
elements     numbers stored into a new array of zeros. settings: shape, dtype, index (a tuple of integers for each)
join         the same of arrays, each of the shape of its place. settings: shape, index (one for each)
gather       getitem with computed indices: args (x, *indices), settings: index, with a Hole for each of them
scatter_at   its adjoint: args (ct, *indices), settings: index, shape
astype       settings: dtype
"""


def computation(step: Step) -> Computation:
    """The function of the arguments' values that computes `step`: the row's own, with the step's settings."""
    settings = step.settings
    if step.op in ("gather", "scatter_at") and any(a.dtype == np.bool_ for a in step.args[1:]):
        return functools.partial(_by_masks, step)
    if step.op == "astype":  # one that a pass has made has no settings: its type is the step's
        settings = {"dtype": step.dtype}
    if "function" in settings:  # a function of NumPy without a row
        return functools.partial(_called, settings)
    found = TABLE.get(step.op) or COMPOSITES.get(step.op) or SPECIAL.get(step.op) or FUNCTIONS[step.op]
    return functools.partial(found, **settings) if settings else found


def _called(settings: dict[str, Any], *parts: Any) -> Any:
    result = settings["function"](*filled(settings["args"], parts), **filled(settings["kwargs"], parts))
    return result if settings["part"] is None else result[settings["part"]]


class Replay:
    """`run` computes a program's results from its inputs. The interface is that of machine code."""

    def __init__(self, program: Program) -> None:
        steps = program.steps()
        place = {id(step): k for k, step in enumerate([*program.inputs, *(s for s in steps if s.op == CONSTANT)])}
        self._constants = [s.settings["value"] for s in steps if s.op == CONSTANT]
        self._computed: list[tuple[Computation, list[int], Step]] = []
        for step in steps:
            if step.op not in (INPUT, CONSTANT):
                self._computed.append((computation(step), [place[id(a)] for a in step.args], step))
                place[id(step)] = len(place)
        self._guards = [(place[id(g.step)], g.holds) for g in program.guards]
        self._outputs = [place[id(s)] for s in program.outputs]
        self.failed = -1
        self.compile_seconds = 0.0

    def run(self, inputs: list[Any]) -> tuple[bool, list[Any]]:
        """Whether every guard holds, and the results, single numbers of float64 as floats. `failed` is then the first
        guard that did not."""
        with np.errstate(all="ignore"):
            values = self._values(inputs)
        for k, (place, holds) in enumerate(self._guards):
            if bool(values[place]) is not holds:
                self.failed = k
                return False, []
        return True, [_single(values[k]) for k in self._outputs]

    def results(self, inputs: list[Any]) -> list[Any]:
        """The results as NumPy gives them, and whatever it says about them, without a look at guards."""
        values = self._values(inputs)
        return [values[k] for k in self._outputs]

    def _values(self, inputs: list[Any]) -> list[Any]:
        values = [*inputs, *self._constants]
        for compute, places, step in self._computed:
            y = compute(*[values[k] for k in places])
            if step.shape and shape(y) != step.shape:
                y = np.broadcast_to(y, step.shape)
            values.append(y)
        return values

    def llvm(self) -> str:
        return ""

    def assembly(self) -> str:
        return ""

    @property
    def partition(self) -> Any:
        return None


def _single(x: Any) -> Any:
    """A single number of float64 as a float."""
    return float(x) if np.shape(x) == () and np.result_type(x) == np.float64 else x
