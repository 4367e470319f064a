"""Before an optimiser's gradient is blamed: a full check of it, at the one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.checking import check
from chainrule.check.claims.claim import name_of
from chainrule.check.reports.report import GradientError, Report
from chainrule.check.verdict import Verdict

Function = Callable[..., Any]

SEED = 20260807


class GuardError(GradientError):
    """The gradient an optimiser was given is wrong where the optimiser stood; carries the report."""

    __module__ = "chainrule"  # where it is public: the name that tracebacks show

    def __init__(self, report: Report, headline: str = "") -> None:
        super().__init__(report)
        if headline:
            self.args = (f"{headline}\n\n{report}",)


def found_wrong(fun: Function, jac: Function, x: Any, args: tuple[Any, ...], name: str = "x") -> Report | None:
    """The report of a check of jac(x, *args) if it says WRONG; None where it does not, or cannot be made.

    >>> found_wrong(lambda x, k: k * np.sum(x), lambda x, k: np.ones_like(x), np.zeros(2), (3.0,)).causes[0]
    'a constant factor: exactly 1/3 of the truth ...'
    """
    f, df = _alone(fun, jac, args)
    try:
        report = check(f, df, at=(x,), seed=SEED, names=[name])
    except Exception:  # what check cannot look at is not blamed
        return None
    return report if report.verdict is Verdict.WRONG else None


def _alone(fun: Function, jac: Function, args: tuple[Any, ...]) -> tuple[Function, Function]:
    """fun and jac as functions of x alone, of the shapes that a check expects: SciPy takes (1,) for a number."""

    def f(x: Any) -> Any:
        value = fun(x, *args)
        return np.sum(value) if np.ndim(value) and np.size(value) == 1 else value

    def df(x: Any) -> Any:
        gradient = jac(x, *args)
        gradient = gradient.toarray() if hasattr(gradient, "toarray") else gradient
        return np.reshape(gradient, np.shape(x)) if np.size(gradient) == np.size(x) else gradient

    f.__name__, df.__name__ = name_of(fun), name_of(jac)
    return f, df
