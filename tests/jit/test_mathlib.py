"""The mathematical functions machine code calls: their accuracy, their special points, and life without libmvec."""

import ctypes
import math

import mpmath
import numpy as np
import pytest

from chainrule.jit.run import machine, mathlib

SMOOTH = [name for name in mathlib.ERROR if name not in ("lgamma", "tgamma")]
TYPES = ["float64", "float32"]


def caller(name, dtype, lanes):
    """The C function `name` on arrays, `lanes` numbers a call; None where there is no such variant."""
    symbol = mathlib.scalar(name, dtype) if lanes == 1 else mathlib.vector(name, dtype, lanes)
    if symbol is None:
        return None
    number = {"float64": "double", "float32": "float"}[dtype]
    kind = number if lanes == 1 else f"<{lanes} x {number}>"
    arity = mathlib.ARITY[name]
    code = f"""
declare {kind} @{symbol}({", ".join([kind] * arity)})
define void @run(ptr %x, ptr %y, ptr %z) {{
  %a = load {kind}, ptr %x, align 4
  %b = load {kind}, ptr %y, align 4
  %c = call {kind} @{symbol}({kind} %a{f", {kind} %b" if arity == 2 else ""})
  store {kind} %c, ptr %z, align 4
  ret void
}}"""
    loaded = machine.load(code, ["run"])
    native = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)(loaded.address("run"))

    def run(*operands):
        size = operands[0].size
        padded = [np.concatenate([x, np.ones(-size % lanes)]).astype(dtype) for x in operands]
        result = np.empty_like(padded[0])
        for k in range(0, result.size, lanes):
            native(*[x.ctypes.data + k * x.itemsize for x in (padded[0], padded[-1], result)])
        return result[:size]

    run.loaded = loaded
    return run


def variants(name, dtype):
    """(lanes, function) for every width this machine has, single numbers first."""
    for lanes in (1, 2, 4, 8, 16):
        run = caller(name, dtype, lanes)
        if run is not None:
            yield lanes, run


def points(name, dtype, n=64):
    random = np.random.default_rng(len(name))
    x = np.concatenate([np.exp(random.uniform(-20, 4, n)), random.uniform(-2, 2, n), random.uniform(-30, 30, n)])
    if name in ("log", "log2", "log10", "lgamma", "pow"):
        x = np.abs(x)
    if name == "log1p":
        x = np.where(x > -1, x, -x)
    if name in ("asin", "acos", "atanh"):
        x = np.where(np.abs(x) <= 1, x, 1 / x)
    if name == "acosh":
        x = 1 + np.abs(x)
    y = random.uniform(-5, 5, x.size) if name == "pow" else random.permutation(x)
    return [x.astype(dtype), y.astype(dtype)][: mathlib.ARITY[name]]


EXACT = {
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x, 2),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "tgamma": mpmath.gamma,
    "pow": mpmath.power,
}


def error(result, name, operands):
    """The largest distance from the exact value, in units of its last place."""
    exact = EXACT.get(name) or getattr(mpmath, name)
    worst = 0.0
    with mpmath.workprec(150):
        for found, *x in zip(result, *operands, strict=True):
            value = exact(*(mpmath.mpf(float(v)) for v in x))
            if 4 * np.finfo(result.dtype).tiny < abs(value) < float(np.finfo(result.dtype).max):
                last = np.spacing(result.dtype.type(float(abs(value))))
                worst = max(worst, float(abs(mpmath.mpf(float(found)) - value) / float(last)))
    return worst


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", mathlib.ERROR)
def test_errors_stay_below_what_is_stated(name, dtype):
    operands = points(name, dtype)
    alone, together = mathlib.ERROR[name]
    for lanes, run in variants(name, dtype):
        assert error(run(*operands), name, operands) <= (alone if lanes == 1 else together)


def special(dtype):
    kind = np.finfo(dtype)
    sizes = [0, 1, 2, 3, 0.5, 1e-20, 6, 27, 88.7, 89, 104, 709.7, 710, 746, 1e5, 1e10, 1e30, kind.max, np.inf]
    tiny = [kind.tiny, kind.tiny / 4, kind.smallest_subnormal]
    x = np.array([*sizes, *tiny], dtype)
    return np.concatenate([x, -x, [np.nan]]).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", SMOOTH)
def test_vectors_answer_as_single_numbers_do_at_special_points(name, dtype):
    x = special(dtype)
    operands = [x] if mathlib.ARITY[name] == 1 else [np.repeat(x, x.size), np.tile(x, x.size)]
    (_, single), *wider = variants(name, dtype)
    expected = single(*operands)
    with np.errstate(all="ignore"):
        for _, run in wider:
            found = run(*operands)
            close = np.abs(found.astype(float) - expected) <= 4 * np.spacing(np.abs(expected))
            alike = (found == expected) | close | (np.isnan(found) & np.isnan(expected))
            signed = np.isnan(expected) | (np.signbit(found) == np.signbit(expected))
            assert (alike & signed).all(), [v[~(alike & signed)] for v in (*operands, found, expected)]


def test_the_widest_vectors_follow_the_processor(monkeypatch):
    for feature, lanes in (("+sse4.2", 2), ("+sse4.2,+avx2", 4), ("+sse4.2,+avx2,+avx512f", 8)):
        fake = machine.Machine("x", feature, "", None)
        monkeypatch.setattr(machine, "host", lambda fake=fake: fake)
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        assert mathlib.widest("float64") == lanes
        assert mathlib.widest("float32") == 2 * lanes
        assert mathlib.vector("exp", "float64", 2 * lanes) is None


def test_without_libmvec_there_are_single_numbers(monkeypatch):
    monkeypatch.setattr(mathlib, "_vector_library", lambda: None)
    assert mathlib.vector("exp", "float64", mathlib.widest("float64")) is None
    run = caller("exp", "float64", 1)
    assert run(np.array([1.0])) == pytest.approx(math.e)


def test_what_the_library_lacks_is_none():
    assert mathlib.scalar("no_such", "float64") is None
    assert mathlib.vector("no_such", "float64", 8) is None
    assert mathlib.vector("exp", "float64", 3) is None
    assert mathlib.vector("tgamma", "float64", mathlib.widest("float64")) is None
