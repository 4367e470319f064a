"""Witnesses that only `compare` asks: HIPS autograd and CasADi, by their rules, with Chainrule's table for the names.

Neither has arrays of the array API. HIPS autograd boxes NumPy's arrays, so the function runs as a whole on boxes;
CasADi has expressions of single numbers, so it runs entry by entry. A library without a function or its derivative
says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.subject import Subject
from chainrule.check.witness.by_rules import with_bar
from chainrule.check.witness.by_values import precise
from chainrule.check.witness.evidence import NotApplicable
from chainrule.check.witness.seen import seen_by, spread
from chainrule.libraries import Library, computed_by
from chainrule.numbers import new_level, primal
from chainrule.transforms.calling import called
from chainrule.values.value import Value

AUTOGRAD = {"float_power": "power", "cumulative_sum": "cumsum", "cumulative_prod": "cumprod", "lgamma": "gammaln"}
"""What HIPS autograd calls what NumPy calls otherwise."""
OPERATORS = ("add", "sub", "mul", "truediv", "pow", "neg", "abs")


class Expression:
    """An expression of CasADi as an entry of NumPy's arrays of objects: CasADi's own answer NumPy in its place."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of


def _between_expressions(function: Callable[..., Any]) -> Callable[..., Expression]:
    def between(*args: Any) -> Expression:
        return Expression(function(*(x.of if isinstance(x, Expression) else x for x in args)))

    return between


for _name in OPERATORS:
    _of = _between_expressions(getattr(operator, _name))
    setattr(Expression, f"__{_name}__", _of)
    if _name not in ("neg", "abs"):
        setattr(Expression, f"__r{_name}__", lambda x, y, of=_of: of(y, x))


def _no_number(x: Expression, y: Any) -> bool:
    raise NotApplicable("f compares numbers, which its expressions do not have")


for _name in ("lt", "le", "gt", "ge"):
    setattr(Expression, f"__{_name}__", _no_number)


def hips_autograd(subject: Subject, second: bool) -> Any:
    """The Jacobian by HIPS autograd, a sweep for each result."""
    import autograd
    import autograd.numpy
    import autograd.scipy.special
    from autograd.numpy.numpy_boxes import ArrayBox

    if second:
        raise NotApplicable("asked for first derivatives only")

    def function(name: str) -> Any:
        name = AUTOGRAD.get(name, name)
        return getattr(autograd.numpy, name, None) or getattr(autograd.scipy.special, name, None)

    computed_by(ArrayBox, Library("autograd", 3, function, autograd.numpy, again=True, spelling="numpy"))

    def results(leaves: Any) -> list[Any]:
        level = new_level()
        return [primal(y) for y in called(spread(subject), [Value.leaf(x, level) for x in leaves])]

    pull, whole = autograd.core.make_vjp(lambda xs: _joined(autograd.numpy, results(xs)), tuple(_plain(subject)))
    values = np.ravel(np.asarray(whole))
    seen_by(subject, [values])
    rows = [np.concatenate([np.ravel(g) for g in pull(unit)]) for unit in np.eye(values.size)]
    return with_bar(subject, np.array(rows, dtype=float))


def _plain(subject: Subject) -> list[Any]:
    return [np.asarray(x, dtype=np.float64) if np.ndim(x) else float(x) for x in subject.leaves]


def _joined(xp: Any, results: list[Any]) -> Any:
    return xp.concatenate([xp.reshape(y, (-1,)) for y in results])


def casadi_expressions(subject: Subject, second: bool) -> Any:
    """The Jacobian by CasADi, of one expression for each result."""
    import casadi

    if second:
        raise NotApplicable("asked for first derivatives only")
    named = {"subtract": "sub", "multiply": "mul", "divide": "truediv", "negative": "neg", "power": "pow"}

    def function(name: str) -> Any:
        name = named.get(name, name)
        found = getattr(operator, name) if name in OPERATORS else getattr(casadi, name, None)
        return None if found is None else _between_expressions(found)

    computed_by(Expression, Library("casadi", 3, function, np, spelling="array"))
    symbols = casadi.SX.sym("x", subject.n)
    entries = np.array([Expression(symbols[k]) for k in range(subject.n)], dtype=object)
    results = [y.of if isinstance(y, Expression) else y for y in precise(subject, entries)]
    results = casadi.vertcat(*results)
    both = casadi.Function("both", [symbols], [results, casadi.jacobian(results, symbols)])
    values, slopes = both(subject.x)
    seen_by(subject, [np.asarray(values, dtype=float)])
    return with_bar(subject, np.asarray(slopes, dtype=float))
