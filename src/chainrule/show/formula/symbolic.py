"""A function run on SymPy symbols: directly, or (for NumPy's functions) by recording it on numbers first and
running the rows of the recording on symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, ChainruleError, ShapeError, UnsupportedFunction, at_user_line
from chainrule.inputs import as_number
from chainrule.numbers import Carrier, shape
from chainrule.recording import order
from chainrule.show.formula.decided import asked, chosen, decisions
from chainrule.show.traced_comparison import Mask, bare
from chainrule.show.traced_run import watch

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
        raise UnsupportedFunction(at_user_line(TOO_LARGE))
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
            results = watch(f, _at_numbers(examples, given)).results
    except Exception:  # what is wrong is said when it runs on symbols
        return
    sizes: dict[int, int] = {}
    depths: dict[int, int] = {}
    for node in order(*(y for y in results if isinstance(y, Carrier))):
        elements = max(1, int(np.prod(shape(node._number), dtype=int)))
        inside = sum(sizes[id(p)] for p in node.parents)
        sizes[id(node)] = min(inside + (elements if node.op else 0), LARGEST + 1)
        depths[id(node)] = 1 + max((depths[id(p)] for p in node.parents), default=0)
        if sizes[id(node)] > LARGEST:
            raise UnsupportedFunction(at_user_line(TOO_LARGE))
        if depths[id(node)] > DEEPEST:
            raise UnsupportedFunction(at_user_line(TOO_DEEP))


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
    with np.errstate(all="ignore"):
        run = watch(f, _at_numbers(examples, given))
    if run.log.comparisons and not given:
        raise UnsupportedFunction(at_user_line(DECIDES))
    (y,) = run.results if len(run.results) == 1 else (None,)
    if not isinstance(y, Carrier):
        return _expression(run.results if y is None else y), []
    following = iter(symbols)
    values: dict[int, Any] = {}
    for v in run.inputs:
        values[id(v)] = _symbols_like(v._number, following)
    result = _expression(side(y, values))
    return result, list(decisions(run.log.comparisons, lambda part: side(part, values)))


def side(x: Any, values: dict[int, Any]) -> Any:
    """What stands for a Value (computed with everything that led to it), a mask or a plain number."""
    if isinstance(x, Mask) and x.question is not None:
        return asked(x.question, lambda part: side(part, values))
    if not isinstance(x, Carrier):
        return bare(x)
    for node in order(x):
        if id(node) not in values:
            values[id(node)] = _row(node, values)
    return values[id(x)]


def _row(node: Any, values: dict[int, Any]) -> Any:
    """The operator of `node` run on symbols."""
    import sympy

    parents = dict(zip(node.active, node.parents, strict=True))
    masks = [isinstance(x, Mask) for x in node.operands]
    args = [
        values[id(parents[i])] if i in parents and not masks[i] else side(x, values)
        for i, x in enumerate(node.operands)
    ]
    name = node.op.name
    try:
        if name == "where" and masks[0]:
            return chosen(*args)
        args = [chosen(x, 1, 0) if mask else x for x, mask in zip(args, masks, strict=True)]
        if name == "exp_difference" and 1 not in parents:
            args[1] = 0.0 * args[1]  # a softmax takes the largest element out: any number would do
        if name in ("max", "min") and node.settings["axis"] is None:
            return (sympy.Max if name == "max" else sympy.Min)(*np.ravel(args[0]))
        with np.errstate(all="ignore"):
            return node.op(*args, **node.settings)
    except ChainruleError:
        raise
    except Exception as error:
        raise UnsupportedFunction(
            at_user_line(f"derive: {name} cannot be written as a formula ({error}); use source(f, x)")
        ) from None


def _expression(result: Any) -> Any:
    """The result as one expression."""
    import sympy

    if isinstance(result, np.ndarray) and result.size == 1:
        result = result.item()
    if isinstance(result, (np.ndarray, list, tuple, dict)):
        raise ShapeError(at_user_line("derive needs a function that returns one number; return one entry, or a sum"))
    if result is None or isinstance(result, str):
        raise ArgumentError(at_user_line(f"derive needs a function that returns one number; this one gave {result!r}"))
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
