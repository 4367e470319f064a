"""Programs as people would write them: 1 * x is x, x - (-y) is x + y, x * (1 / y) is x / y, ..., one function for each
operator.

Every rule holds in real arithmetic; the last digit may differ, as it does whenever sums are ordered otherwise. What
keeps every bit is the passes' of machine code. A rule gives a simpler step, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.jit.passes.constant_folding import folded
from chainrule.jit.passes.cse import Seen
from chainrule.jit.passes.strength_reduction import reduced
from chainrule.jit.program import CONSTANT, INPUT, Step
from chainrule.ops.row import TABLE
from chainrule.show.code.python_syntax import infix

F64 = np.dtype(np.float64)
SCALED = ("multiply", "divide")
BROADCASTING = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "where", "tie_weights")
EXACT = ("broadcast_to", "negative", "positive", "reshape", "sum", "transpose")
"""Rows that the passes of machine code reduce in the way a reader would."""
LONGEST_LIST = 8  # arrays of at most this many elements are put together element by element

Settings = dict[str, Any]


class Readable:
    """The steps of one text. `strong`: whether products of cotangents keep their strong zero.

    >>> x = Step(INPUT, (), {}, (), F64)
    >>> steps = Readable()
    >>> steps.make("multiply", [steps.literal(1.0), x]) is x
    True
    """

    def __init__(self, strong: bool = False) -> None:
        self.strong, self.seen = strong, Seen()

    def simpler(self, step: Step) -> Step:
        """What is written for a step whose arguments are simple already."""
        if step.op == INPUT:
            return step
        if step.op == CONSTANT:
            return self.literal(step.settings["value"])
        return self.make(step.op, step.args, step.settings, step.shape, step.dtype, step.at)

    def literal(self, x: Any) -> Step:
        value = np.asarray(x)
        if value.dtype.kind in "iu" and value.shape == ():
            value = value.astype(float)
        return self.seen.same(Step(CONSTANT, (), {"value": value}, value.shape, value.dtype))

    def make(
        self,
        op: str,
        args: Sequence[Step],
        settings: Settings | None = None,
        shape: tuple[int, ...] | None = None,
        dtype: np.dtype[Any] = F64,
        at: int = 0,
    ) -> Step:
        """The step `op` of `args`, simplified. `shape` is left out where broadcasting tells it."""
        if shape is None:
            shape = np.broadcast_shapes(*(a.shape for a in args))
        if op in BROADCASTING:
            args = [self._thinned(a, args, shape) for a in args]
        step = Step(op, tuple(args), settings or {}, shape, dtype, "", at)
        rule = RULES.get(op)
        found = rule(self, step) if rule else None
        if found is not None:
            return found
        if op in EXACT:
            step = reduced(step, True)
        if not _called(op):
            step = folded(step)
        return self.literal(step.settings["value"]) if step.op == CONSTANT else self.seen.same(step)

    def _thinned(self, step: Step, among: Sequence[Step], shape: tuple[int, ...]) -> Step:
        """An operand without the repetition that broadcasting does again."""
        others = [a.shape for a in among if a is not step and a.op not in ("broadcast_to", CONSTANT)]
        if shape == () or shape not in others:
            return step
        if step.op == CONSTANT and value_of(step).size > 1 and is_number(step, value_of(step).flat[0]):
            return self.literal(value_of(step).flat[0])
        if step.op == "broadcast_to":
            step = step.args[0]
        if step.op == "reshape" and step.args[0].shape == ():
            return step.args[0]
        return step


def value_of(step: Step) -> Any:
    """The array that a constant is."""
    return np.asarray(step.settings["value"])


def is_number(step: Step, x: float) -> bool:
    """Whether this is the constant x, or an array of nothing but x."""
    return step.op == CONSTANT and value_of(step).size > 0 and bool(np.all(value_of(step) == x))


def _called(op: str) -> bool:
    """Whether it is written as a function of numbers, of which constants are left as they are: log(2)."""
    row = TABLE.get(op)
    return row is not None and row.elementwise and infix(op) is None and op not in ("negative", "where")


def _literal(step: Step) -> bool:
    return step.op == CONSTANT


def _scale(steps: Readable, step: Step) -> Step | None:
    """A product; its strong zero (0 * inf is 0) is kept only where that is asked for."""
    known = [value_of(a) for a in step.args if _literal(a)]
    if steps.strong and not any(np.all(x) and np.all(np.isfinite(x)) for x in known):
        return None
    return steps.make("multiply", step.args)


def _power_slope(steps: Readable, step: Step) -> Step | None:
    """b x**(b - 1)."""
    x, b = step.args
    lower = steps.make("power", [x, steps.make("subtract", [b, steps.literal(1.0)])])
    return steps.make("multiply", [b, lower])


def _power_log(steps: Readable, step: Step) -> Step | None:
    """x**b log(x)**n, where 0 * inf is 0."""
    x = step.args[0]
    log = steps.make("log", [x])
    logs = steps.make("power", [log, steps.literal(float(step.settings["n"]))])
    return steps.make("scale", [steps.make("power", step.args), logs])


def _negative(steps: Readable, step: Step) -> Step | None:
    (a,) = step.args
    if a.op == "subtract":
        return steps.make("subtract", a.args[::-1])
    if a.op in SCALED and _literal(a.args[0]):
        return steps.make(a.op, [_minus(steps, a.args[0]), a.args[1]])
    return None


def _minus(steps: Readable, a: Step) -> Step:
    return steps.make("negative", [a])


def _negated(a: Step) -> bool:
    """Whether `a` is -x or -2 * x, so that adding it is better written as subtracting."""
    factor = a.args[0] if a.op in SCALED else None
    return a.op == "negative" or (
        factor is not None and _literal(factor) and factor.shape == () and bool(value_of(factor) < 0)
    )


def _add(steps: Readable, step: Step) -> Step | None:
    (a, b), shape = step.args, step.shape
    for x, other in ((a, b), (b, a)):
        if is_number(x, 0) and other.shape == shape:
            return other
    if a is b and not _literal(a):
        return steps.make("multiply", [steps.literal(2.0), a])
    if a.op == "add" and a.args[1] is b:
        return steps.make("add", [a.args[0], steps.make("add", [b, b])])
    if _negated(b):
        return steps.make("subtract", [a, _minus(steps, b)])
    if a.op == "negative":
        return steps.make("subtract", [b, a.args[0]])
    if a.op == b.op == "stack" and a.shape == b.shape == shape and len(shape) == 1:
        sums = [steps.make("add", pair) for pair in zip(a.args, b.args, strict=True)]
        return steps.make("stack", sums, {"axis": 0}, shape)
    return None


def _subtract(steps: Readable, step: Step) -> Step | None:
    (a, b), shape = step.args, step.shape
    if is_number(b, 0) and a.shape == shape:
        return a
    if is_number(a, 0) and b.shape == shape:
        return _minus(steps, b)
    if _negated(b):
        return steps.make("add", [a, _minus(steps, b)])
    if a.op == "subtract" and a.args[1] is b:
        return steps.make("subtract", [a.args[0], steps.make("add", [b, b])])
    return None


def _multiply(steps: Readable, step: Step) -> Step | None:
    (a, b), shape = step.args, step.shape
    if _literal(b) and not _literal(a):  # 3 * x rather than x * 3
        return steps.make("multiply", [b, a])
    if is_number(a, 1) and b.shape == shape:
        return b
    if is_number(a, -1) and b.shape == shape:
        return _minus(steps, b)
    if is_number(a, 0):
        return steps.literal(np.zeros(shape))
    if _literal(a) and b.op in SCALED and _literal(b.args[0]):
        return steps.make(b.op, [steps.make("multiply", [a, b.args[0]]), b.args[1]])
    for x, other in ((a, b), (b, a)):
        if x.op == "negative":
            return _minus(steps, steps.make("multiply", [x.args[0], other]))
    for x, other in ((a, b), (b, a)):
        if x.op == "divide" and is_number(x.args[0], 1):
            return steps.make("divide", [other, x.args[1]])
        if x.op == "divide" and is_number(x.args[0], -1):
            return _minus(steps, steps.make("divide", [other, x.args[1]]))
    if b.op == "multiply" and _literal(b.args[0]) and not _literal(a):  # numbers to the front
        return steps.make("multiply", [b.args[0], steps.make("multiply", [a, b.args[1]])])
    if a.op == "multiply" and _literal(a.args[0]):
        return steps.make("multiply", [a.args[0], steps.make("multiply", [a.args[1], b])])
    return None


def _divide(steps: Readable, step: Step) -> Step | None:
    a, b = step.args
    if is_number(b, 1) and a.shape == step.shape:
        return a
    if a.op == "negative":
        return _minus(steps, steps.make("divide", [a.args[0], b]))
    if b.op == "negative":
        return _minus(steps, steps.make("divide", [a, b.args[0]]))
    return None


def _power(steps: Readable, step: Step) -> Step | None:
    a, b = step.args
    if is_number(b, 1) and a.shape == step.shape:
        return a
    return steps.literal(np.ones(step.shape)) if is_number(b, 0) else None


def _guarded(steps: Readable, condition: Step, a: Step, b: Step) -> bool:
    """Whether rows choose so where the textbook does not: the shift of exponentials is 0 where it is infinite, and the
    exponent of the slope of x**0 is no -1."""
    if condition.op == "isfinite":
        shift = _moved(a)
        return shift.op in ("max", "logsumexp") and _moved(condition.args[0]) is shift and is_number(b, 0)
    one = steps.literal(1.0)
    return (
        condition.op == "equal"
        and is_number(condition.args[1], 0)
        and a is one
        and b is steps.make("subtract", [condition.args[0], one])
    )


def _where(steps: Readable, step: Step) -> Step | None:
    condition, a, b = step.args
    if a is b and a.shape == step.shape:
        return a
    if _guarded(steps, condition, a, b):
        return a if condition.op == "isfinite" else b
    if not _literal(condition):
        return None
    holds = value_of(condition)
    chosen = a if holds.all() else b if not holds.any() else None
    return chosen if chosen is not None and chosen.shape == step.shape else None


def _reshape(steps: Readable, step: Step) -> Step | None:
    """A number as an array of one element, and back."""
    (a,) = step.args
    return a.args[0] if a.op == "stack" and a.args[0].shape == step.shape == () and len(a.args) == 1 else None


def _both(steps: Readable, step: Step) -> Step | None:
    """A condition and one that always holds."""
    for x, other in (step.args, step.args[::-1]):
        if is_number(x, True) and other.dtype == bool and other.shape == step.shape:
            return other
    return None


def _moved(step: Step) -> Step:
    """What is only brought into another shape."""
    while step.op in ("reshape", "broadcast_to"):
        (step,) = step.args
    return step


def _broadcast_to(steps: Readable, step: Step) -> Step | None:
    (a,) = step.args
    if a.op == "reshape" and a.args[0].shape == ():
        return steps.make("broadcast_to", a.args, step.settings, step.shape)
    return None


def _getitem(steps: Readable, step: Step) -> Step | None:
    (a,), at = step.args, step.settings["index"]
    if isinstance(at, tuple) and at == ():
        return a
    return a.args[at] if a.op == "stack" and type(at) is int and a.settings["axis"] == 0 else None


def _scatter(steps: Readable, step: Step) -> Step | None:
    """One number among zeros, as a list."""
    (a,), at, shape = step.args, step.settings["index"], step.shape
    if a.shape != () or len(shape) != 1 or shape[0] > LONGEST_LIST or type(at) is not int:
        return None
    parts = [a if k == at % shape[0] else steps.literal(0.0) for k in range(shape[0])]
    return steps.make("stack", parts, {"axis": 0}, shape)


def _sum(steps: Readable, step: Step) -> Step | None:
    (a,) = step.args
    if a.op == "negative":
        return _minus(steps, steps.make("sum", a.args, step.settings, step.shape))
    return None


def _astype(steps: Readable, step: Step) -> Step | None:
    """A number in another precision is the same number; a condition is 1 where it holds."""
    (a,) = step.args
    if step.dtype.kind != "f" or a.dtype.kind in "iu":
        return None
    if a.dtype.kind == "f" or _literal(a):
        return a if not _literal(a) else steps.literal(value_of(a).astype(float))
    return steps.make("where", [a, steps.literal(1.0), steps.literal(0.0)])


RULES: dict[str, Callable[[Readable, Step], Step | None]] = {
    "reciprocal": lambda steps, step: steps.make("divide", [steps.literal(1.0), *step.args]),
    "square": lambda steps, step: steps.make("power", [*step.args, steps.literal(2.0)]),
    "exp_difference": lambda steps, step: steps.make("exp", [steps.make("subtract", step.args)]),
    "tie_weights": lambda steps, step: None if step.shape else steps.literal(1.0),
    "scale": _scale, "strong_zero_product": _scale, "astype": _astype,
    "negative": _negative, "add": _add, "subtract": _subtract,
    "multiply": _multiply, "divide": _divide, "power": _power, "where": _where,
    "power_slope": _power_slope, "power_log": _power_log,
    "broadcast_to": _broadcast_to, "reshape": _reshape, "getitem": _getitem, "scatter": _scatter, "sum": _sum,
    "logical_and": _both, "bitwise_and": _both,
}  # fmt: skip
