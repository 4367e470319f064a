"""What becomes of each sample call when it is differentiated.

right      NumPy's value, of its shape and type; the derivative of differences, forward and in reverse
refused    a ChainruleError that names the function or what was written, at the line of the call, and says what to write
confusing  any other exception
wrong      another value or derivative
compiled   right, and compiled it gives the same (asked for by `compile`)
"""

from __future__ import annotations

import functools
import inspect
import linecache
import re
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.numpy_calls import arrays, assignments, elementwise, products, reductions, shapes
from benchmarks.numpy_calls.points import POINTS, SYMMETRIC

MODULES = (elementwise, reductions, shapes, products, arrays, assignments)
Call = Callable[..., Any]


def calls(module: ModuleType) -> Iterator[tuple[str, Call]]:
    """(how it is written, the call) of each of a file."""
    for name, what in tuple(vars(module).items()):
        if isinstance(what, list) and name.isupper():
            for f in what:
                line = linecache.getline(module.__file__ or "", f.__code__.co_firstlineno)
                yield line.strip().partition(": ")[2].removesuffix(","), f
        elif inspect.isfunction(what) and what.__module__ == module.__name__ and parameter(what) in POINTS:
            yield name, what


def parameter(f: Call) -> str:
    return f.__code__.co_varnames[0] if f.__code__.co_argcount else ""


def judged(text: str, f: Call, compile: bool = False) -> tuple[str, str]:
    """What becomes of a call, and why."""
    x = POINTS[parameter(f)]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            expected = f(_copy(x))
        except Exception as error:
            return "left out", f"{type(error).__name__}: {error}"
        try:
            return _compared(f, x, expected, compile)
        except cr.ChainruleError as error:
            return ("refused" if _understandable(text, f, str(error)) else "confusing"), str(error)
        except Exception as error:
            return "confusing", f"{type(error).__name__}: {error}"


def _copy(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def _understandable(text: str, f: Call, message: str) -> bool:
    """Whether a refusal names something of the call, its place, and goes on to say what to write."""
    source = text if text.startswith(("np.", "(")) or "(" in text else inspect.getsource(f)
    named = any(word in message for word in set(re.findall(r"[A-Za-z_]\w{2,}", source)) - {"return", "def"})
    named = named or any(written in source for written in re.findall(r"`([^`]+)`", message))
    return named and f.__code__.co_filename.rpartition("/")[2] in message and "\n" in message.strip()


def leaves(y: Any) -> list[Any]:
    """The arrays and numbers of a result."""
    if isinstance(y, dict):
        y = list(y.values())
    return [leaf for part in y for leaf in leaves(part)] if isinstance(y, (tuple, list)) else [y]


def is_number(y: Any) -> bool:
    return isinstance(y, (float, complex, np.ndarray, np.generic)) and np.asarray(y).dtype.kind in "fc"


def _weights(y: Any) -> Any:
    w = np.cos(1.7 * np.arange(np.size(y)) + 0.3).reshape(np.shape(y))
    w = w * (1.0 - 0.6j) if np.iscomplexobj(y) else w
    return w if np.ndim(y) else w.item()


def _direction(x: Any, symmetric: bool) -> Any:
    t = np.cos(np.arange(np.size(x)) + 0.5).reshape(np.shape(x))
    t = t + t.T if symmetric else t
    t = t * (0.6 + 0.8j) if np.iscomplexobj(x) else t
    return t.astype(x.dtype) if np.ndim(x) else t.item()


def total(f: Call, weights: list[Any], x: Any) -> Any:
    """One real number that all of the result's numbers enter."""
    return sum(np.sum(np.real(np.conj(w) * y)) for y, w in zip(f(x), weights, strict=True))


def _compared(f: Call, x: Any, expected: Any, compile: bool) -> tuple[str, str]:
    single = getattr(x, "dtype", None) == np.float32
    near, rough = (1e-5, 3e-3) if single else (1e-10, 2e-6)
    right = leaves(expected)
    weights = [_weights(y) if is_number(y) else None for y in right]
    direction = _direction(x, parameter(f) in SYMMETRIC)
    others: list[Any] = []

    def numbers(v: Any) -> list[Any]:
        found = leaves(f(v))
        others[:] = found
        return [y for k, y in enumerate(found) if k >= len(right) or weights[k] is not None]

    found, slopes = cr.jvp(numbers, (_copy(x),), (direction,))
    if len(others) != len(right):
        return "wrong", f"{len(others)} results, NumPy has {len(right)}"
    for y, r, w in zip(others, right, weights, strict=True):
        if w is None and not (np.array_equal(y, r) if isinstance(r, np.ndarray) else y == r):
            return "wrong", f"{y!r}, NumPy has {r!r}"
    for y, r in zip(found, filter(is_number, right), strict=True):
        if np.shape(y) != np.shape(r) or np.asarray(y).dtype != np.asarray(r).dtype:
            return "wrong", f"{np.asarray(y).dtype}{np.shape(y)}, NumPy has {np.asarray(r).dtype}{np.shape(r)}"
        loose = np.asarray(r).dtype.itemsize < 8 + 8 * np.iscomplexobj(r)
        if not np.allclose(y, r, rtol=1e-3 if loose else near, atol=1e-12, equal_nan=True):
            return "wrong", f"{y}, NumPy has {r}"
    kept = [w for w in weights if w is not None]
    pairs = list(zip(kept, slopes, strict=True))
    forward = float(sum(np.sum(np.real(np.conj(w) * t)) for w, t in pairs))
    loss = functools.partial(total, numbers, kept)
    gradient = cr.grad(lambda v: loss(v))(_copy(x)) if pairs else np.zeros(np.shape(x))
    if np.shape(gradient) != np.shape(x):
        return "wrong", f"a gradient of shape {np.shape(gradient)} by what has shape {np.shape(x)}"
    back = float(np.sum(np.real(np.conj(direction) * gradient)))
    size = max([1.0, abs(forward), *(float(np.sum(np.abs(w * t))) for w, t in pairs)])
    digits = min([np.asarray(y).dtype.itemsize for y in right if is_number(y)], default=8)
    narrowed = digits < 8 or single
    if not abs(forward - back) <= (1e-3 if narrowed else 1e-8) * size:
        return "wrong", f"forward {forward}, in reverse {back}"
    ours = differences(loss, x, direction) if pairs and digits > 2 else forward
    if not abs(ours - forward) <= (0.05 if narrowed else rough) * size and not np.isnan(ours):
        return "wrong", f"forward {forward}, by differences {ours}"
    if compile:

        def kept_only(v: Any) -> list[Any]:
            return [y for y, w in zip(leaves(f(v)), weights, strict=True) if w is not None]

        again = cr.jit(cr.grad(lambda v: total(kept_only, kept, v)))(_copy(x)) if pairs else gradient
        if not np.allclose(again, gradient, rtol=1e-7, atol=1e-9 * size):
            return "wrong", f"compiled {again}, otherwise {gradient}"
        return "compiled", ""
    return "right", ""


def differences(loss: Call, x: Any, direction: Any) -> float:
    """The slope along a direction; nan where the loss is."""
    step = 1e-2 if getattr(x, "dtype", None) == np.float32 else 1e-4

    def at(k: int) -> float:
        return float(loss(_copy(x + k * step * direction)))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)


def survey(compile: bool = False, only: str = "") -> list[tuple[str, str, str, str]]:
    """(file, how it is written, what becomes of it, why) of each call."""
    return [
        (module.__name__.rpartition(".")[2], text, *judged(text, f, compile))
        for module in MODULES
        for text, f in calls(module)
        if only in text
    ]
