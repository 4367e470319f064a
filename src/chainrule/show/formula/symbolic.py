"""A function run on SymPy symbols: directly, or (for NumPy's functions) by recording it on numbers first and
running the steps of the program on symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, ChainruleError, ShapeError, UnsupportedFunction
from chainrule.inputs import as_number
from chainrule.jit.passes.rewrite import rewritten
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.replay import Replay, computation
from chainrule.numbers import shape
from chainrule.show.readable import Readable, value_of
from chainrule.show.recorded import recorded

LARGEST = 1000  # operations in a formula beyond which none is written
DEEPEST = 80  # operations inside one another
GENERIC = (0.7, 0.43, 1.1, 0.29, 0.83)  # numbers to record at when none are given
SIMPLE = 64  # floats that are fractions with a denominator up to this are written as fractions
TOO_LARGE = f"derive: the formula has more than {LARGEST} operations (a loop, written out?); use source(f, x)"
TOO_DEEP = "derive: the formula is nested too deeply (a loop, written out?); use source(f, x)"
DECIDES = (
    "derive: the function decides by the value of an argument (if, max, a comparison), so it has no single formula. "
    "Give numbers to take one branch, derive(f, 2.0), or write cr.where, cr.maximum, cr.abs"
)
TAKEN = (
    "derive: the function makes a plain number of an argument (float(x), another library), and computes with that. "
    "Leave float out, and write np.sin, cr.sin, ... in place of the other library's functions"
)
FINITE = {"isfinite": True, "isinf": False, "isnan": False}
"""What is asked of numbers, and the answer of symbols."""
CONDITIONS = {
    "less": "Lt", "less_equal": "Le", "greater": "Gt", "greater_equal": "Ge", "equal": "Eq", "not_equal": "Ne",
    "logical_and": "And", "bitwise_and": "And", "logical_or": "Or", "bitwise_or": "Or", "logical_xor": "Xor",
    "bitwise_xor": "Xor", "logical_not": "Not", "invert": "Not",
}  # fmt: skip
"""Comparisons, and what joins them, as SymPy calls them."""


def formula_of(
    f: Callable[..., Any], examples: tuple[Any, ...], symbols: Sequence[Any], given: bool
) -> tuple[Any, list[Any]]:
    """The expression that `f` computes of `symbols`, one for each number of `examples`; and where it holds.

    given   whether the examples are the user's numbers: then a branch may be taken by them
    """
    import sympy

    _refuse_large(f, examples, given)
    holds: list[Any] = []
    try:
        result = _expression(lift(f)(*_filled(examples, symbols)))
    except (ArgumentError, ShapeError):
        raise
    except Exception:  # whatever NumPy or the function say to symbols
        result, holds = _through_recording(f, examples, symbols, given)
    formula = _exact(sympy, result)
    if operations(formula) > LARGEST:
        raise UnsupportedFunction.here(TOO_LARGE)
    return formula, [_exact(sympy, condition) for condition in holds]


def depth(expression: Any) -> int:
    """How many operations of an expression lie inside one another, at most."""
    level, count = {expression}, 0
    while level and count <= DEEPEST:
        level = {a for e in level for a in e.args}
        count += bool(level)
    return count


def _refuse_large(f: Callable[..., Any], examples: tuple[Any, ...], given: bool) -> None:
    """Count the operations of the written-out formula on numbers first: SymPy would take hours to make a large one."""
    try:
        with np.errstate(all="ignore"):
            program = recorded(f, _at_numbers(examples, given)).program
    except Exception:  # what is wrong is said when it runs on symbols
        return
    sizes: dict[Step, int] = {}
    depths: dict[Step, int] = {}
    for step in Program(program.inputs, program.outputs).steps():
        own = 0 if step.op in (INPUT, CONSTANT) else max(1, math.prod(step.shape))
        sizes[step] = min(sum(sizes[a] for a in step.args) + own, LARGEST + 1)
        depths[step] = 1 + max((depths[a] for a in step.args), default=0)
        if sizes[step] > LARGEST:
            raise UnsupportedFunction.here(TOO_LARGE)
        if depths[step] > DEEPEST:
            raise UnsupportedFunction.here(TOO_DEEP)


def _at_numbers(examples: tuple[Any, ...], given: bool) -> Any:
    """The examples, or the generic numbers when they are only placeholders."""
    leaves, structure = trees.numbers(examples)
    return examples if given else trees.unflatten(structure, [GENERIC[k % len(GENERIC)] for k in range(len(leaves))])


def operations(expression: Any) -> int:
    """How many operations an expression holds, as far as `LARGEST` matters; shared parts count each time."""
    pending, count = [expression], 0
    while pending and count <= LARGEST:
        arguments = pending.pop().args
        count += len(arguments)
        pending.extend(arguments)
    return count


def _through_recording(
    f: Callable[..., Any], examples: tuple[Any, ...], symbols: Sequence[Any], given: bool
) -> tuple[Any, list[Any]]:
    import sympy

    with np.errstate(all="ignore"):
        run = recorded(f, _at_numbers(examples, given))
    program = rewritten(run.program, _Textbook().simpler)
    if run.trace.frozen:
        raise UnsupportedFunction.here(TAKEN)
    if not given and (program.guards or run.trace.decided):
        raise UnsupportedFunction.here(DECIDES)
    if len(program.outputs) != 1:
        _expression(list(program.outputs))
    following = iter(symbols)
    values = {step: _symbols_like(np.empty(step.shape), following) for step in program.inputs}
    for step in program.steps():
        if step.op == CONSTANT:
            values[step] = _constant(value_of(step))
        elif "function" in step.settings:  # places in an order: as they are at these numbers
            values[step] = Replay(Program(program.inputs, [step])).results(run.split.numbers())[0]
        elif step.op != INPUT:
            values[step] = _row(step, [values[a] for a in step.args])
    found: dict[Any, None] = {}
    for guard in program.guards:
        for condition in np.ravel(np.asarray(values[guard.step], dtype=object)):
            found[condition if guard.holds else sympy.Not(condition)] = None
    return _expression(values[program.outputs[0]]), [c for c in found if c != True]  # noqa: E712 (SymPy's, too)


class _Textbook(Readable):
    """Steps of a formula. A softmax takes the largest element out: any number would do."""

    def simpler(self, step: Step) -> Step:
        return self.make("exp", step.args[:1]) if step.op == "exp_difference" else super().simpler(step)


def _constant(x: Any) -> Any:
    if x.shape:
        return x
    number = x.item()
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _row(step: Step, args: list[Any]) -> Any:
    """The operator of a step run on symbols."""
    import sympy

    try:
        if step.op in CONDITIONS:
            return _each(getattr(sympy, CONDITIONS[step.op]), *args)
        if step.op in FINITE:
            return _each(lambda x: FINITE[step.op], *args)
        if step.op == "array_equal":  # a condition for each element
            same = [_each(lambda x, value: x if value else sympy.Not(x), *args), _each(sympy.Eq, *args)]
            return same[step.args[0].dtype != bool]
        if step.op == "where":
            return _each(lambda c, a, b: sympy.Piecewise((a, c), (b, True)), *args)
        if step.op in ("max", "min") and step.settings["axis"] is None:
            return (sympy.Max if step.op == "max" else sympy.Min)(*np.ravel(args[0]))
        with np.errstate(all="ignore"):
            return computation(step)(*args)
    except ChainruleError:
        raise
    except Exception as error:
        raise UnsupportedFunction.here(
            f"derive: {step.op} cannot be written as a formula ({error}); use source(f, x)"
        ) from None


def _each(compute: Callable[..., Any], *parts: Any) -> Any:
    """`compute` of numbers and expressions, or of each element of arrays of them."""
    if not any(np.shape(x) for x in parts):
        return compute(*parts)
    return np.vectorize(compute, otypes=[object])(*parts)


def _expression(result: Any) -> Any:
    """The result as one expression."""
    import sympy

    if isinstance(result, np.ndarray) and result.size == 1:
        result = result.item()
    if isinstance(result, (np.ndarray, list, tuple, dict)):
        raise ShapeError.here("derive needs a function that returns one number; return one entry, or a sum")
    if result is None or isinstance(result, str):
        raise ArgumentError.here(f"derive needs a function that returns one number; this one gave {result!r}")
    return sympy.sympify(result)


def _exact(sympy: Any, formula: Any) -> Any:
    """Floats that are short fractions as fractions: x**0.5 as sqrt(x)."""
    short = {}
    for x in formula.atoms(sympy.Float):
        fraction = Fraction(float(x)) if abs(float(x)) < 1e9 else None
        if fraction is not None and fraction.denominator <= SIMPLE:
            short[x] = sympy.Rational(fraction.numerator, fraction.denominator)
    return formula.xreplace(short)


def _symbols_like(x: Any, following: Any) -> Any:
    size = shape(as_number(x))
    if not size:
        return next(following)
    array = np.empty(size, dtype=object)
    for index in np.ndindex(size):
        array[index] = next(following)
    return array


def _filled(examples: tuple[Any, ...], symbols: Sequence[Any]) -> Any:
    """The arguments with symbols in place of numbers."""
    following = iter(symbols)
    leaves, structure = trees.flatten(examples)
    return trees.unflatten(structure, [_symbols_like(x, following) for x in leaves])
