"""`derive`: the formula of a function and its gradient, through SymPy."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, MissingExtra, ShapeError, UnsupportedFunction
from chainrule.inputs import as_number
from chainrule.numbers import shape
from chainrule.show.argument_paths import parameters_of, places_of
from chainrule.show.formula import mathml
from chainrule.show.formula.symbolic import TOO_DEEP, depth, formula_of, operations
from chainrule.show.held import Split
from chainrule.show.recorded import recorded
from chainrule.signatures import needed, parameters

SIMPLIFIED = 60  # operations in an expression up to which SymPy may look for a shorter form
NESTED = 12  # and how many operations may lie inside one another: SymPy's time is exponential in it
LIKE_TERMS = 400  # operations up to which fractions and equal terms are cancelled
MOST_INPUTS = 100
MOST_CONDITIONS = 6


class Derivation:
    """A function as a formula, with its gradient.

    symbols    one for each number in the arguments
    formula    what the function computes
    gradient   the derivative by each symbol
    holds      where it is that formula: the conditions under which the branch is taken that the numbers took
    latex      all of it as LaTeX
    """

    def __init__(
        self, name: str, symbols: Sequence[Any], formula: Any, simplify: bool, holds: Sequence[Any] = ()
    ) -> None:
        self.name, self.symbols, self.holds = name, list(symbols), list(holds)
        self.formula = _shorter(formula) if simplify else formula
        parts = {str(s): self.formula.diff(s) for s in self.symbols}
        self.gradient: dict[str, Any] = {s: _shorter(d) for s, d in parts.items()} if simplify else parts

    @property
    def latex(self) -> str:
        import sympy

        name = sympy.latex(sympy.Symbol(self.name))
        call = f"{name}({', '.join(map(sympy.latex, self.symbols))})"
        lines = [rf"{call} &= {sympy.latex(self.formula)}"]
        for s, d in zip(self.symbols, self.gradient.values(), strict=True):
            lines.append(rf"\frac{{\partial {name}}}{{\partial {sympy.latex(s)}}} &= {sympy.latex(d)}")
        if self.holds:
            shown, more = self._conditions(sympy.latex)
            lines.append(r"\text{where } & " + r" \text{ and } ".join(shown) + (rf"\text{{{more}}}" if more else ""))
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def _repr_html_(self) -> str:
        """MathML: notebooks that were exported show it without a network."""
        rows = [(mathml.call(self.name, self.symbols), mathml.expression(self.formula))]
        for s, d in zip(self.symbols, self.gradient.values(), strict=True):
            rows.append((mathml.slope(self.name, s), mathml.expression(d)))
        if not self.holds:
            return mathml.table(rows)
        shown, more = self._conditions(str)
        return mathml.table(rows, f"where {' and '.join(shown)}{more}")

    def __str__(self) -> str:
        lines = [f"{self.name}({', '.join(map(str, self.symbols))}) = {self.formula}"]
        lines += [f"d{self.name}/d{s} = {d}" for s, d in self.gradient.items()]
        if self.holds:
            shown, more = self._conditions(str)
            lines.append(f"where {' and '.join(shown)}{more}")
        return "\n".join(lines)

    def _conditions(self, written: Callable[[Any], str]) -> tuple[list[str], str]:
        more = len(self.holds) - MOST_CONDITIONS
        return [written(c) for c in self.holds[:MOST_CONDITIONS]], f", and {more} more conditions" if more > 0 else ""

    def __repr__(self) -> str:
        return str(self)

    def at(self, *values: float, **by_name: float) -> dict[str, float]:
        """The formula and the gradient with numbers put in: by position, or by name.

        >>> derive(lambda x: x**3).at(2.0)
        {'f': 8.0, 'df/dx': 12.0}
        """
        names = [str(s) for s in self.symbols]
        given = {**dict(zip(names, values, strict=False)), **by_name}
        missing = [n for n in names if n not in given]
        unknown = [n for n in given if n not in names]
        if missing or unknown or len(values) > len(names):
            wrong = (
                f"no {', '.join(unknown)}" if unknown else f"{', '.join(missing)} missing" if missing else "too many"
            )
            raise ArgumentError.here(f"at() expects a number for each of {', '.join(names)}: {wrong}")
        numbers = [(s, float(given[n])) for s, n in zip(self.symbols, names, strict=True)]
        wanted = {self.name: self.formula, **{f"d{self.name}/d{n}": d for n, d in self.gradient.items()}}
        return {what: float(e.subs(numbers).evalf()) for what, e in wanted.items()}


def derive(
    f: Callable[..., Any], *at: Any, simplify: bool = True, argnums: int | Sequence[int] | None = None
) -> Derivation:
    """The formula that `f` computes and its gradient, as SymPy expressions.

    f          a function that returns one number. Its arguments become real symbols of their names
    at         arguments, needed where one is an array or a list (np.ones(4) for `x` gives x0, ..., x3) and where
               the function decides by their values: the formula is that of the branch taken there, and says where
               it holds
    simplify   look for shorter forms, within bounds: long expressions are left as they are
    argnums    the arguments that become symbols; by default all. Strings, booleans, functions and None are held as they
               are given, and whole numbers where the function raises otherwise: labels, indices, counts

    Raises UnsupportedFunction, saying why, where no formula can be found: a decision that depends on an argument
    (`if x > 0`) when `at` is not given, an array operator, a formula of more than 1000 operations. Raises
    MissingExtra without SymPy.

    >>> derive(lambda x, y: x * y + y**2)
    f(x, y) = y*(x + y)
    df/dx = y
    df/dy = x + 2*y
    """
    try:
        import sympy
    except ImportError:
        raise MissingExtra("derive", "SymPy", "symbolic") from None
    if not callable(f):
        raise ArgumentError.here(f"derive expects a function, got {type(f).__name__}; write derive(lambda x: x**2)")
    count = len(at) or (1 if parameters(f) is None else len(needed(f)))
    examples = at or (0.0,) * count
    split = _taken(f, examples, argnums) if at else Split(examples)
    names = [_symbol_name(place) for place in _places(split, parameters_of(f, count))]
    if len(names) > MOST_INPUTS:
        raise UnsupportedFunction.here(f"derive: {len(names)} inputs are too many for formulas; at most {MOST_INPUTS}")
    symbols = [sympy.Symbol(name, real=True) for name in names]
    name = getattr(f, "__name__", "f")
    if len(split.moving) < len(split.leaves):
        f, examples = _of_numbers(f, split), tuple(split.numbers())
    try:
        formula, holds = formula_of(f, examples, symbols, given=bool(at))
        return Derivation(name if name.isidentifier() else "f", symbols, formula, simplify, holds)
    except RecursionError:
        raise UnsupportedFunction.here(TOO_DEEP) from None
    except (ShapeError, TypeError) as error:
        if at or not re.search(r"cannot be (indexed|iterated)|has no len|not (subscriptable|iterable)", str(error)):
            raise
        said = "derive: each argument stands for one number, and this function takes one apart; give an example of its "
        raise ShapeError.here(f"{said}shape: derive(f, np.ones(2))") from None


def _shorter(expression: Any) -> Any:
    """The shortest of a few equal forms. What is tried depends on the length, so that this takes no long time."""
    import sympy

    size, deep = operations(expression), depth(expression)
    if size > LIKE_TERMS or deep > 2 * NESTED:
        return expression
    forms = [expression, sympy.factor_terms(expression)]
    if size <= SIMPLIFIED and deep <= NESTED and not expression.has(sympy.Piecewise):  # folds all combinations
        forms.append(sympy.simplify(expression))
    # The first of equally short ones; a sign taken out of a sum does not make it shorter to read.
    return min(forms, key=lambda form: sympy.count_ops(form) + 2 * str(form).startswith("-("))


def _taken(f: Callable[..., Any], at: tuple[Any, ...], argnums: int | Sequence[int] | None) -> Split:
    """Which numbers become symbols."""
    split = Split(at, argnums)
    if split.whole:
        with np.errstate(all="ignore"), contextlib.suppress(Exception):  # what is wrong is said when it runs on symbols
            return recorded(f, at).split
    return split


def _of_numbers(f: Callable[..., Any], split: Split) -> Callable[..., Any]:
    """`f` as a function of the numbers that become symbols alone."""
    lifted = lift(f)

    def of_numbers(*numbers: Any) -> Any:
        return lifted(*split.filled(numbers))

    return of_numbers


def _places(split: Split, parameters: Sequence[str]) -> Iterator[str]:
    for x, place in zip(split.numbers(), split.of(places_of(split.at, parameters)), strict=True):
        size = shape(as_number(x))
        for index in itertools.product(*map(range, size)):
            yield f"{place}[{']['.join(map(str, index))}]" if index else place


def _symbol_name(place: str) -> str:
    """x[0] as x0, w[1][2] as w1_2, p['rate'] as p_rate."""
    root, *rest = place.replace("]", "").replace("'", "").split("[")
    joined = "_".join(rest)
    return root + (joined if joined[:1].isdigit() else f"_{joined}" if joined else "")
