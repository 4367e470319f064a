"""Layers of nets that work with one loss for each example: dZ is that of each example's own loss, dW and db are means
over the examples."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.backward.checking import report_on
from chainrule.check.backward.layer import Layer
from chainrule.check.diagnosis.diagnose import by_factors_alone
from chainrule.check.judges.said import of_form, read_as
from chainrule.check.verdict import Verdict

SAID = "the mean over {} examples by the parameters, with a gradient from above that is of each example's own loss"


def as_means(
    report: Any, forward: Any, data: Sequence[Any], parameters: Sequence[Any], judged: Callable[..., Any]
) -> Any:
    """The report, or that on gradients by the parameters that are means over the examples, where these are right.

    Slopes by a parameter are 1/n of what they were if it moves 1/n as far: forward(x, w0 + (w - w0) / n). That is
    what `judged` is handed; at w = w0 nothing else changes. One parameter alone may be divided by mistake.
    """
    count = sum(np.ndim(p) > 0 for p in parameters)
    if report.verdict is not Verdict.WRONG or of_form(report) or count < 2 or not data or np.ndim(data[0]) != 2:
        return report
    for n in dict.fromkeys(np.shape(data[0])):

        @functools.wraps(forward)
        def slower(*args: Any, n: int = n) -> Any:
            given, moved = args[: len(data)], args[len(data) :]
            return forward(*given, *(_slower(p, p0, n) for p, p0 in zip(moved, parameters, strict=True)))

        try:
            with by_factors_alone():
                found = judged(slower)
        except Exception:  # it computes with nothing but the arrays themselves
            continue
        if n > 1 and found.verdict is Verdict.CORRECT:
            return read_as(found, SAID.format(n))
    return report


def layer_as_means(report: Any, layer: Any, args: tuple[Any, ...], settings: Mapping[str, Any]) -> Any:
    """The report on a layer, an object that keeps its parameters, or that on such means where they are right."""
    if report.verdict is not Verdict.WRONG or of_form(report):
        return report
    settings = dict(settings)
    found = Layer(layer, args, settings.pop("update", None))
    passes = found.passes

    def judged(forward: Callable[..., Any]) -> Any:
        found.passes = replace(passes, forward=forward)
        return report_on(found, **settings)

    return as_means(report, passes.forward, args, list(found.parameters.values()), judged)


def _slower(p: Any, p0: Any, n: int) -> Any:
    return p if np.ndim(p0) == 0 else p0 + (p - p0) / n
