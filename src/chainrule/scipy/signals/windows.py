"""Windows of `scipy.signal` by their shapes, in lifted functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.special import UFUNCS

Rule = Callable[..., Any]


def _window(formula: Callable[..., Any]) -> Callable[..., Any]:
    """A window of M samples by a formula of their places 0 .. M - 1; periodic ones are cut off from longer ones."""

    def of(M: int, *shapes: Any, sym: bool = True) -> Any:
        size = M if sym else M + 1
        return formula(size, np.arange(float(size)), *shapes)[:M]

    return of


_gaussian = _window(lambda m, n, std: ops.exp(-0.5 * ((n - (m - 1) / 2) / number(std)) ** 2))
_general = _window(lambda m, n, p, sig: ops.exp(-0.5 * ops.absolute((n - (m - 1) / 2) / number(sig)) ** (2 * p)))
_kaiser = _window(
    lambda m, n, beta: (
        UFUNCS["i0"](number(beta) * np.sqrt(np.maximum(0.0, 1 - (2 * n / (m - 1) - 1) ** 2)))
        / UFUNCS["i0"](number(beta))
    )
)
_exponential = _window(
    lambda m, n, center, tau: ops.exp(-np.abs(n - ((m - 1) / 2 if center is None else center)) / tau)
)


def _cosines(m: int, n: Any, a: Any) -> Any:
    a = number(a)
    angle = np.linspace(-math.pi, math.pi, m)
    total: Any = 0.0
    for k in range(shape(a)[0]):
        total = total + a[k] * np.cos(k * angle)
    return total


def _tukey(m: int, n: Any, alpha: Any) -> Any:
    width = number(alpha) * (m - 1) / 2.0
    plain = primal(width)
    near = np.minimum(n, m - 1 - n)
    return ops.where(near <= plain, 0.5 * (1 + ops.cos(math.pi * (near / width - 1))), 1.0)


_general_cosine, _tapered = _window(_cosines), _window(_tukey)


def get_window(window: Any, Nx: int, fftbins: bool = True) -> Any:
    if isinstance(window, tuple) and window[0] in ("gaussian", "kaiser", "tukey"):
        made = {"gaussian": _gaussian, "kaiser": _kaiser, "tukey": _tapered}[window[0]]
        return made(Nx, *window[1:], sym=not fftbins)
    raise no_rule(f"scipy.signal.get_window of {window[0] if isinstance(window, tuple) else 'a number'!r}")


RULES: dict[str, Rule] = {
    "gaussian": lambda M, std, sym=True: _gaussian(M, std, sym=sym),
    "general_gaussian": lambda M, p, sig, sym=True: _general(M, p, sig, sym=sym),
    "kaiser": lambda M, beta, sym=True: _kaiser(M, beta, sym=sym),
    "exponential": lambda M, center=None, tau=1.0, sym=True: _exponential(M, center, tau, sym=sym),
    "general_cosine": lambda M, a, sym=True: _general_cosine(M, a, sym=sym),
    "general_hamming": lambda M, alpha, sym=True: _general_cosine(M, [alpha, 1.0 - alpha], sym=sym),
    "tukey": lambda M, alpha=0.5, sym=True: _tapered(M, alpha, sym=sym),
    "get_window": get_window,
}
