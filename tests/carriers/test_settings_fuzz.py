"""Calls of NumPy drawn at random: a function, a shape, settings, lists for arrays, types, by position or by name, in
reverse, forward and compiled. Each agrees with plain NumPy and with differences, or is refused.

From a fixed seed; CHAINRULE_FUZZ=20000 draws so many, CHAINRULE_FUZZ_SEED=7 from another seed."""

import os
from collections import Counter

import numpy as np
import pytest
from carriers.test_gate import OWN, RULED, SETTINGS, _leaves, _parameters, _starts, _with

import chainrule as cr
from chainrule.carriers.gate import SEQUENCES, full_name
from chainrule.carriers.numpy import PLAIN_UFUNCS, UFUNCS
from chainrule.errors import ChainruleError

pytestmark = pytest.mark.filterwarnings("ignore")
COUNT = int(os.environ.get("CHAINRULE_FUZZ", "250"))
SEED = int(os.environ.get("CHAINRULE_FUZZ_SEED", "0"))
SHAPES = [(), (0,), (1,), (3,), (5,), (2, 3), (3, 3), (1, 3), (3, 1), (2, 0), (4, 2), (2, 3, 3), (2, 3, 2), (1, 1)]
FUNCTIONS = [f for f in RULED if f is not np.einsum]
ELEMENTWISE = sorted((u for u in UFUNCS if isinstance(u, np.ufunc) and u not in PLAIN_UFUNCS), key=lambda u: u.__name__)
OF_UFUNCS = {"dtype": [None, float, np.float32], "order": ["K", "C", "F"], "casting": ["same_kind"], "subok": [True]}
STEPS = (1e-6, 1e-5, 1e-4)


def drawn(seed):
    """(function, arguments, settings, x, whether x is given as a list, whether it is compiled)."""
    draw = np.random.default_rng([SEED, seed])
    x = draw.uniform(0.2, 2.0, SHAPES[draw.integers(len(SHAPES))])
    x = np.asarray(x).astype(np.float32 if draw.random() < 0.15 else np.float64)
    as_list = bool(x.ndim and draw.random() < 0.15)
    compile = bool(draw.random() < 0.06)
    if draw.random() < 0.2:
        function = ELEMENTWISE[draw.integers(len(ELEMENTWISE))]
        others = [draw.uniform(0.2, 2.0, x.shape[draw.integers(x.ndim + 1) :]) for _ in range(function.nin - 1)]
        args = (x, *others) if draw.random() < 0.6 else (*others, x)
        return function, args, _some(draw, OF_UFUNCS, 1), x, False, compile
    function = FUNCTIONS[draw.integers(len(FUNCTIONS))]
    starts = list(_starts(function, x))
    args = starts[draw.integers(len(starts))]
    optional = [p for p in _parameters(function) if p.default is not p.empty and p.name not in ("x", "y", "out")]
    pools = {p.name: _axes(draw, x) if p.name == "axis" else OWN.get(function, {}).get(p.name) or SETTINGS[p.name]
             for p in optional}  # fmt: skip
    settings = _some(draw, pools, 3)
    placed = [p.name for p in optional if p.kind is p.POSITIONAL_OR_KEYWORD]
    while placed and placed[0] in settings and draw.random() < 0.5 and len(args) == _needed(function):
        args = (*args, settings.pop(placed.pop(0)))
        break
    return function, tuple(args), settings, x, as_list and args and args[0] is x, compile


def _needed(function):
    return len([p for p in _parameters(function) if p.default is p.empty and p.name not in SEQUENCES])


def _axes(draw, x):
    if not x.ndim:
        return [None]
    axes = [int(k) for k in draw.permutation(x.ndim)]
    return [None, axes[0], axes[0] - x.ndim, tuple(axes[:2]), tuple(k - x.ndim for k in axes)]


def _some(draw, pools, most):
    names = [n for n in pools if pools[n]]
    chosen = draw.permutation(len(names))[: draw.integers(most + 1)]
    return {names[k]: pools[names[k]][draw.integers(len(pools[names[k]]))] for k in chosen}


def judged(seed):
    """ "agrees", "refused", "NumPy raises", or what is wrong."""
    function, args, settings, x, as_list, compile = drawn(seed)
    name = getattr(function, "__name__", "") if isinstance(function, np.ufunc) else full_name(function)
    said = f"seed {seed}: {name}{args} {settings} of {x.dtype}{x.shape}{' as a list' if as_list else ''}"

    def f(z):
        return _leaves(function(*_with(args, x, list(z) if as_list else z), **settings))

    try:
        expected = [np.asarray(y) for y in f(x.copy())]
    except Exception:
        return "NumPy raises"
    direction = np.cos(np.arange(x.size) + 0.5).reshape(x.shape).astype(x.dtype)
    if not x.ndim:
        x, direction = x[()], direction[()]
        args = _with(args, drawn(seed)[3], x)
    try:
        found, tangents = cr.jvp(f, (x,), (direction,))
        moving = [k for k, y in enumerate(expected) if y.dtype.kind in "fc" and np.all(np.isfinite(y))]
        weights = [np.cos(1.7 * np.arange(y.size) + 0.3).reshape(y.shape) for y in expected]

        def loss(z):
            parts = f(z)
            return sum((np.sum(np.real(weights[k] * parts[k])) for k in moving), 0.0 * np.sum(z))

        gradient = cr.grad(loss)(x)
        compiled = cr.jit(cr.grad(loss))(x) if compile else gradient
    except ChainruleError:
        return "refused"
    except Exception as error:
        return f"{said}: {type(error).__name__}: {error}"
    if len(found) != len(expected):
        return f"{said}: {len(found)} results, NumPy has {len(expected)}"
    single = x.dtype == np.float32 or any(y.dtype == np.float32 for y in expected)
    for y, right in zip(found, expected, strict=True):
        y = np.asarray(y)
        if y.shape != right.shape or y.dtype == object or (y.dtype != right.dtype and not as_list):
            return f"{said}: {y.dtype}{y.shape}, NumPy has {right.dtype}{right.shape}"
        near = {"rtol": 1e-3, "atol": 1e-4} if single else {"rtol": 1e-9, "atol": 1e-11}
        if not np.allclose(y, right, equal_nan=True, **near):
            return f"{said}: {y}, NumPy has {right}"
    forward = sum(float(np.sum(np.real(weights[k] * np.asarray(tangents[k])))) for k in moving)
    size = max([1.0, *(float(np.sum(np.abs(weights[k] * np.asarray(tangents[k])))) for k in moving)])
    back = float(np.sum(direction * gradient))
    if not np.isfinite(forward) and not np.isfinite(back):
        return "agrees"
    if not abs(forward - back) <= (1e-2 if single else 1e-7) * size:
        return f"{said}: forward {forward}, in reverse {back}"
    if not np.allclose(compiled, gradient, rtol=1e-2 if single else 1e-7, atol=(1e-3 if single else 1e-9) * size):
        return f"{said}: compiled {compiled}, otherwise {gradient}"
    if single:
        return "agrees"
    for h in STEPS:
        with np.errstate(all="ignore"):
            steps = (loss(x + h * direction) - loss(x - h * direction)) / (2 * h)
        if not np.isfinite(steps) or abs(steps - forward) <= 1e-4 * size:
            return "agrees"
    return f"{said}: forward {forward}, by differences {steps}"


def test_calls_drawn_at_random():
    met, faults = Counter(), []
    for seed in range(COUNT):
        state = judged(seed)
        if state in ("agrees", "refused", "NumPy raises"):
            met[state] += 1
        else:
            faults.append(state)
    print(dict(met))
    assert not faults, "\n".join(faults[:20]) + f"\n{len(faults)} of {COUNT}"
    assert met["agrees"] > COUNT // 4
