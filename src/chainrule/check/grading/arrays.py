"""The last ring, for engines whose numbers may be arrays: sums, products and broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.grading.adapter import Adapter, Missing
from chainrule.check.grading.expressions import by_rows
from chainrule.check.grading.mistakes import near
from chainrule.check.grading.report import Answer
from chainrule.transforms.gradient import grad

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
R, C, M = np.array([1.0, -2.0, 0.5]), np.array([[2.0], [3.0]]), np.array([[1.0, -1.0], [0.5, 2.0], [-2.0, 1.0]])
Question = tuple[str, Callable[..., Any], tuple[Any, ...]]
QUESTIONS: tuple[Question, ...] = (
    ("sum(a)", lambda call, a: call("sum", a), (X,)),
    ("sum(a * a)", lambda call, a: call("sum", a * a), (X,)),
    ("sum(a + b), b a row", lambda call, a, b: call("sum", (a + b) * a), (X, R)),
    ("sum(a * b), b a column", lambda call, a, b: call("sum", a * b), (X, C)),
    ("sum(a - b), b a number", lambda call, a, b: call("sum", (a - b) * a), (X, np.array(0.5))),
    ("sum(a / b), b a row", lambda call, a, b: call("sum", a / b), (X, R)),
    ("sum(a @ b)", lambda call, a, b: call("sum", (a @ b) * (a @ b)), (X, M)),
    ("sum(exp(a))", lambda call, a: call("sum", call("exp", a)), (X,)),
    ("sum(relu(a))", lambda call, a: call("sum", call("relu", a)), (X,)),
    ("sum(tanh(a))", lambda call, a: call("sum", call("tanh", a)), (X,)),
    ("mean(a * a)", lambda call, a: call("mean", a * a), (X,)),
)


def array_questions(engine: Adapter) -> list[Answer]:
    """The answers, or none where the engine is one of single numbers."""
    try:
        total = engine.call("sum", engine.leaf(X.copy()))
        engine.sweep(total)
        if abs(float(np.asarray(engine.value(total), dtype=float).reshape(())) - X.sum()) > 1e-9:
            return []
    except Exception:  # no arrays here
        return []
    return [_asked(engine, *question) for question in QUESTIONS]


def _asked(engine: Adapter, text: str, f: Callable[..., Any], at: tuple[Any, ...]) -> Answer:
    right = grad(by_rows(f), tuple(range(len(at))))(*at)
    try:
        leaves = [engine.leaf(x.copy()) for x in at]
        engine.sweep(f(engine.call, *leaves))
        yours = [np.asarray(engine.gradient(x), dtype=float) for x in leaves]
    except (TypeError, AttributeError, NotImplementedError, Missing) as error:
        return Answer("arrays", text, "missing", str(error)[:100])
    except Exception as error:
        return Answer("arrays", text, "wrong", f"raises {type(error).__name__}: {str(error)[:80]}")
    for name, x, due in zip("ab", yours, right, strict=False):
        if x.shape != np.shape(due):
            why = f"the gradient of {name} has shape {x.shape}, {np.shape(due)} is due: sum over the repeated axes"
            return Answer("arrays", text, "wrong", why)
        if not np.allclose(x, due, rtol=1e-6, atol=1e-12):
            k = np.unravel_index(int(np.argmax(np.abs(x - due))), x.shape)
            where = f"{name}[{', '.join(map(str, k))}]" if x.shape else name
            factor = float(x[k]) / float(due[k]) if due[k] else 0.0
            why = f"the gradient is wrong at {where}"
            if x.size > 1 and np.allclose(x, factor * np.asarray(due), rtol=1e-6, atol=1e-12):
                n = {x.size: "a sum in place of a mean?", 1 / x.size: "a mean in place of a sum?"}
                told = next((f": {words}" for size, words in n.items() if near(factor, size)), "")
                why = f"the gradient of {name} is {factor:.6g} times the right one{told}"
            return Answer("arrays", text, "wrong", why, (float(x[k]),), (float(due[k]),))
    return Answer("arrays", text, "right", "")
