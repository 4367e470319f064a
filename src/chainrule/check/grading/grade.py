"""`grade`: an engine's answers to the expressions, against the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.grading.adapter import Adapter, Missing
from chainrule.check.grading.arrays import array_questions
from chainrule.check.grading.expressions import ACCUMULATION, EXPRESSIONS, ORDER, Expression, by_rows
from chainrule.check.grading.mistakes import gradient_mistake, near, slope_taken, value_mistake
from chainrule.check.grading.report import Answer, Grade
from chainrule.transforms.gradient import value_and_grad

UNSUPPORTED = (TypeError, AttributeError, NotImplementedError, AssertionError, Missing)


def grade(kind: type, functions: Mapping[str, Any] | None = None) -> Grade:
    """Grade a class of numbers that differentiates what is computed with it, such as micrograd's Value.

    kind        the class. Its names are found: data, val or value; grad or gradient; backward or backprop; methods or
                functions of its module for exp, tanh, ...
    functions   functions by name, where they are neither

    The expressions go from single operators to accumulation, the order of the sweep, repeated sweeps and long chains;
    what the engine does not offer is told from what it gets wrong, and what follows from a simpler mistake from the
    mistake itself. Raises ArgumentError for what is no such class.

    >>> from chainrule import Value
    >>> grade(Value)
    <Grade Value: all of 102 right>
    """
    engine = Adapter(kind, functions)
    answers = [_asked(engine, expression) for expression in EXPRESSIONS]
    answers += [*_again(engine), *array_questions(engine)]
    return Grade(engine.name, roots(answers))


def roots(answers: list[Answer]) -> list[Answer]:
    """The answers, "follows" in place of "wrong" where all that ran in a simpler wrong one ran too, and in place of
    "missing" where the operator or function itself is missing.

    A backward pass that misses a part of the graph spoils all that has more than one operation; one that ends in long
    chains, or at a special point, spoils nothing else.
    """
    found = list(answers)
    simple = [a for a in answers if a.ring in ("operators", "constants")]
    graph = next((a for a in answers if a.text == ORDER[0].text and a.status == "wrong"), None)
    wrong = [a for a in answers if a.status == "wrong" and a.used and a.ring not in ("points", "again", "size")]
    for k, a in enumerate(answers):
        if a.status == "wrong" and a.used:
            whole = graph is not None and a is not graph and "graph" in a.used
            if whole or any(b is not a and b.used < a.used for b in wrong) or _same_as_simpler(a, simple):
                found[k] = replace(a, status="follows")
        elif a.status == "missing" and a not in simple and any(b.status == "missing" for b in simple):
            found[k] = replace(a, status="follows")
    return found


def _same_as_simpler(a: Answer, simple: list[Answer]) -> bool:
    """Whether a single operator fails by itself that this expression uses as well, and no more."""
    return a not in simple and any(b.status == "wrong" and b.used and b.used <= a.used for b in simple)


def _asked(engine: Adapter, expression: Expression) -> Answer:
    """One expression, forward and backward."""
    right, slopes = truth(expression.f, expression.at)
    used: frozenset[str] = frozenset()

    def answer(status: str, why: str, yours: tuple[float, ...] = (), due: tuple[float, ...] = ()) -> Answer:
        methods = (engine.backward,) if expression.ring == "order" else expression.methods
        place = engine.line_of(methods) if status == "wrong" else ""
        return Answer(expression.ring, expression.text, status, why, yours, due, place, used)

    try:
        leaves = [engine.leaf(x) for x in expression.at]
        result, used = engine.watch(lambda: expression.f(engine.call, *leaves))
        if not isinstance(result, engine.kind):
            kind = type(result).__name__
            return answer("wrong", f"the result is a {kind}: it leaves the graph, and the derivative is lost")
        value = _float(engine.value(result))
        engine.sweep(result)
        yours = tuple(_float(engine.gradient(x)) for x in leaves)
    except UNSUPPORTED as error:
        return answer("missing", _said(error))
    except RecursionError:
        deep = "the backward pass or the sorting is recursive; a loop has no such limit"
        return answer("wrong", f"RecursionError: {deep if expression.ring == 'size' else 'it calls itself for ever'}")
    except Exception as error:
        return answer("wrong", f"raises {_said(error)}")
    if not near(value, right):
        return answer("wrong", value_mistake(value, right), (value,), (right,))
    if all(map(near, yours, slopes)):
        return answer("right", "", yours, slopes)
    why = gradient_mistake(expression.ring, yours, slopes, _alone(expression))
    if "times the right one" in why and not any(m.startswith("__") for m in expression.methods) and len(yours) == 1:
        taken = slope_taken(expression.at[0], value, yours[0])
        why = f"the derivative by a is taken as {taken}" if taken else why
    return answer("wrong", why, yours, slopes)


def truth(f: Callable[..., Any], at: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """Value and derivatives, by Chainrule's own rules on plain numbers."""
    value, slopes = value_and_grad(by_rows(f), tuple(range(len(at))))(*at)
    return float(value), tuple(map(float, slopes))


def _alone(expression: Expression) -> tuple[float, ...] | None:
    """The derivatives of an expression that ends in `* 3`, without it."""
    if expression not in ACCUMULATION or not expression.text.endswith("* 3"):
        return None
    return tuple(g / 3.0 for g in truth(expression.f, expression.at)[1])


def _again(engine: Adapter) -> list[Answer]:
    """A second backward pass, a result that shares numbers with an earlier one, a gradient set to 0."""

    def graph() -> tuple[Any, Any]:
        a = engine.leaf(2.0)
        b = a * a
        return a, b * a  # 3 a^2 = 12

    found = []
    used = frozenset({"__mul__", "graph", "again"})

    def ask(text: str, right: float, why: str, run: Callable[[], Any]) -> None:
        try:
            yours = _float(run())
        except UNSUPPORTED as error:
            found.append(Answer("again", text, "missing", _said(error)))
        except Exception as error:
            found.append(Answer("again", text, "wrong", f"raises {_said(error)}"))
        else:
            status = "right" if near(yours, right) else "wrong"
            place = engine.line_of((engine.backward,))
            why_not = "" if status == "right" else why
            found.append(Answer("again", text, status, why_not, (yours,), (right,), place, used))

    def twice() -> Any:
        a, y = graph()
        engine.sweep(y)
        engine.sweep(y)
        return engine.gradient(a)

    def shared() -> Any:
        a = engine.leaf(2.0)
        b = a * a
        engine.sweep(b * 3)
        engine.sweep(b * a)
        return engine.gradient(a)

    def reset() -> Any:
        a, y = graph()
        engine.sweep(y)
        setattr(a, engine.grad, 0.0)
        b = a * 5
        engine.sweep(b)
        return engine.gradient(a)

    inner = "gradients of earlier sweeps, left in inner numbers, are passed on again: start each sweep from zero"
    ask("b = a * a; y = b * a; y backward, twice", 24.0, inner, twice)
    ask("b = a * a; (b * 3) backward, then (b * a) backward", 24.0, inner, shared)
    ask("y backward; a.grad = 0; (a * 5) backward", 5.0, "a gradient set to 0 does not start anew", reset)
    return found


def _float(x: Any) -> float:
    if isinstance(x, (list, tuple)):
        return math.nan
    return float(np.asarray(x, dtype=float).reshape(()))


def _said(error: BaseException) -> str:
    if isinstance(error, Missing):
        return str(error)
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:100]}" if text else type(error).__name__
