"""What becomes of each sample call when it is differentiated.

right      SciPy's value; forward and reverse agree with each other, and with differences
refused    a ChainruleError that names the function, at the line of the call
confusing  any other exception
wrong      another value or derivative
compiled   right, and the gradient compiled gives the same (asked for by `compile`)
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks import scipy_coverage

CALLS = {
    "linalg": ("arrays", "LINALG"),
    "fft": ("arrays", "FFT"),
    "signal": ("arrays", "SIGNAL"),
    "ndimage": ("arrays", "NDIMAGE"),
    "spatial.distance": ("arrays", "DISTANCE"),
    "optimize": ("solvers", "OPTIMIZE"),
    "integrate": ("solvers", "INTEGRATE"),
    "interpolate": ("solvers", "INTERPOLATE"),
    "sparse": ("solvers", "SPARSE_ARRAYS"),
    "stats": ("statistics", "FUNCTIONS"),
    "stats (densities)": ("statistics", "DISTRIBUTIONS"),
    "spellings": ("spellings", "SPELLINGS"),
}
ROUGH = {"optimize": 1e-4, "integrate": 1e-4, "sparse": 1e-6, "spellings": 1e-5}
"""How much of the derivative differences of what a solver found can tell, where it is more than usual."""
Call = tuple[Callable[..., Any], Any]


def calls() -> Iterator[tuple[str, str, Call]]:
    """(module, function, its call) of each."""
    for module, (file, table) in CALLS.items():
        for name, call in getattr(importlib.import_module(f"benchmarks.scipy_calls.{file}"), table).items():
            yield module, name, call


def judged(module: str, name: str, call: Call, compile: bool = False) -> tuple[str, str]:
    """What becomes of a call, and why."""
    f, x = call
    x = np.asarray(x, float) if np.ndim(x) else float(x)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            expected = f(x)
        except Exception as error:
            return "left out", f"{type(error).__name__}: {error}"
        try:
            return _compared(f, x, np.asarray(expected), ROUGH.get(module, 1e-7), compile)
        except cr.ChainruleError as error:
            text = str(error)
            short = name.partition(" ")[0].rpartition(".")[2]
            named = short in text and "site-packages" not in text and f"  {CALLS[module][0]}.py:" in text
            return ("refused" if named else "confusing"), text
        except Exception as error:
            return "confusing", f"{type(error).__name__}: {error}"


def _compared(f: Callable[..., Any], x: Any, expected: Any, rough: float, compile: bool) -> tuple[str, str]:
    direction = np.cos(np.arange(float(np.size(x))) + 0.5).reshape(np.shape(x)) if np.ndim(x) else 1.0
    weights = np.cos(np.arange(float(expected.size)) * 1.7).reshape(expected.shape)

    def whole(v: Any) -> Any:
        y = f(v)
        y = y if isinstance(y, (np.ndarray, cr.Value)) or np.ndim(y) == 0 else cr.array(y)
        return np.sum(weights * y)

    y, tangent = cr.jvp(f, (x,), (direction,))
    y, tangent = np.asarray(cr.array(y)), np.asarray(cr.array(tangent))
    near = 1e-10 if rough < 1e-5 else 1e-7  # what a solver stops at moves with the last digits
    if not np.allclose(y, expected, rtol=near, atol=1e-12 * max(1.0, np.abs(expected).max(initial=0.0))):
        return "wrong", f"{y}, SciPy has {expected}"
    forward = float(np.sum(weights * tangent))
    gradient = cr.grad(lambda v: np.sum(weights * f(v)))(x)
    back = float(np.sum(direction * gradient))
    size = max(1.0, abs(forward), float(np.abs(weights * tangent).sum()))
    if not abs(forward - back) <= 1e-8 * size:
        return "wrong", f"forward {forward}, in reverse {back}"
    for step in (1e-5, 1e-4, 1e-3):
        near = [np.sum(weights * np.asarray(f(x + s * step * direction))) for s in (-2, -1, 1, 2)]
        difference = (8 * (near[2] - near[1]) - (near[3] - near[0])) / (12 * step)
        if abs(difference - forward) <= rough * size:
            break
    else:
        return "wrong", f"forward {forward}, by differences {difference}"
    if compile:
        found = cr.jit(cr.grad(lambda v: np.sum(weights * f(v))))(x)
        if not np.allclose(found, gradient, rtol=1e-8, atol=1e-10 * size):
            return "wrong", f"compiled {found}, otherwise {gradient}"
        return "compiled", ""
    return "right", ""


def special() -> Iterator[tuple[str, str, str]]:
    """(function, what becomes of it, why) of each of `scipy.special`."""
    for name, states in scipy_coverage.survey().items():
        kind = scipy_coverage.overall(states)
        yield (
            name,
            {"supported": "right", "constant": "right"}.get(kind, kind),
            next((why for s, why in states.values() if s == kind), ""),
        )
