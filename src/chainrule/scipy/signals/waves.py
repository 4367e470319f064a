"""Waves of `scipy.signal` in lifted functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.numbers import primal
from chainrule.scipy.called import number
from chainrule.scipy.signals.windows import get_window
from chainrule.signatures import by_name

Rule = Callable[..., Any]


def chirp(t: Any, f0: Any, t1: Any, f1: Any, method: str = "linear", phi: Any = 0, vertex_zero: bool = True) -> Any:
    refuse_where("scipy.signal.chirp", method=method not in ("linear", "lin", "li"))
    t = number(t)
    return ops.cos(2 * math.pi * (f0 * t + 0.5 * (f1 - f0) / t1 * t * t) + phi * math.pi / 180)


def gausspulse(t: Any, fc: Any = 1000, bw: Any = 0.5, bwr: Any = -6, tpr: Any = -60, retquad: bool = False,
               retenv: bool = False) -> Any:  # fmt: skip
    if retquad or retenv:
        raise no_setting("scipy.signal.gausspulse", ["retquad" if retquad else "retenv"])
    t = number(t)
    a = -((math.pi * fc * bw) ** 2) / (4.0 * math.log(10.0 ** (bwr / 20.0)))
    return ops.exp(-a * t * t) * ops.cos(2 * math.pi * fc * t)


def sawtooth(t: Any, width: Any = 1) -> Any:
    t = number(t)
    turn = ops.mod(t, 2 * math.pi)
    w = number(width)
    up = primal(turn) < primal(w) * 2 * math.pi
    rising = turn / (math.pi * ops.where(up, w, 1.0)) - 1
    found = ops.where(up, rising, (math.pi * (w + 1) - turn) / (math.pi * (1 - ops.where(up, 0.0, w))))
    return ops.where((primal(w) < 0) | (primal(w) > 1), math.nan, found)


def sweep_poly(t: Any, poly: Any, phi: Any = 0) -> Any:
    integral = FUNCTIONS[np.polyint](number(poly)) if holds([poly]) else np.polyint(poly)
    return ops.cos(2 * math.pi * FUNCTIONS[np.polyval](integral, number(t)) + phi * math.pi / 180)


def gauss_spline(x: Any, n: int) -> Any:
    width = (n + 1) / 12.0
    return ops.exp(-(number(x) ** 2) / (2 * width)) / math.sqrt(2 * math.pi * width)


RULES: dict[str, Rule] = by_name(chirp, gausspulse, sawtooth, sweep_poly, gauss_spline, get_window)
