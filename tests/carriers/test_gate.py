"""Every function of NumPy's that has a rule, with every setting of its signature: NumPy's value, shape and type and the
derivative of differences, or a refusal by name. Made from the signatures, so that a new rule is tried as well."""

import inspect
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.functions.rules import FUNCTIONS, PLAIN
from chainrule.carriers.gate import SEQUENCES, entry, full_name
from chainrule.carriers.numpy import PLAIN_UFUNCS, UFUNCS
from chainrule.engine import PURE
from chainrule.errors import ChainruleError

pytestmark = pytest.mark.filterwarnings("ignore")
EVERY = bool(os.environ.get("CHAINRULE_EVERY_POINT"))  # a stride over the calls of a function otherwise
RULED = sorted((f for f in FUNCTIONS if f not in PLAIN), key=full_name)

_numbers = np.random.default_rng(5)


def _array(*size):
    return _numbers.uniform(0.2, 2.0, size).round(3)


ARRAYS = [
    _array(3),
    _array(2, 3),
    _array(3, 3),
    _array(1, 3),
    _array(3, 1),
    _array(2, 2, 3),
    _array(1),
    _array(0),
    _array(2, 0),
    _array(),
]
ARRAYS += [np.array([[2.0, 0.3], [0.5, 1.7]]) + 0.1 * _array(3, 2, 2)]
BESIDE = [
    _array(3),
    _array(3, 3),
    _array(1, 3),
    _array(2, 3, 3),
    _array(1),
    _array(),
    1.5,
    [0.5, 1.0, 2.0],
    [[1.0], [2.0], [0.3]],
    np.array([1, 2, 3]),
]
# What the parameters of NumPy's functions may be; an unknown parameter is an error, so that it is added here.
SETTINGS = {
    "axis": [None, 0, -1, 1, (0, 1), np.int64(0)],
    "axes": [None, 0, 1, 2, (0, 1), (1, 0), ([0], [0]), (-1, 0)],
    "dtype": [None, float, np.float32, int, np.dtype("f8")],
    "out": [None, np.zeros(3)],
    "keepdims": [True, False],
    "initial": [0.5, 3.0],
    "where": [True, np.array([True, False, True])],
    "ddof": [0, 1],
    "mean": [0.5],
    "correction": [1],
    "overwrite_input": [False, True],
    "shape": [(3,), (-1,), (3, 1), (2, 3), 3, (2, 3, 3)],
    "order": ["C", "F", "A", "K", None],
    "copy": [True, False, None],
    "subok": [False, True],
    "casting": ["same_kind", "no", "unsafe"],
    "indices_or_sections": [1, 3, [1], [1, 2], np.int64(1)],
    "values": [1.0, [1.0, 2.0], [[1.0, 2.0, 3.0]]],
    "sparse": [True],
    "indexing": ["ij", "xy"],
    "start": [0.5],
    "stop": [2.0, [1.0, 2.0]],
    "num": [4, 1, 0],
    "endpoint": [False],
    "retstep": [True],
    "device": [None, "cpu"],
    "decimals": [0, 1],
    "offset": [0, 1, -1],
    "axis1": [0, 1],
    "axis2": [1, 0, -1],
    "k": [0, 1, -1, 3],
    "ord": [None, 1, 2, np.inf, -np.inf, 0, 3, "fro"],
    "fill_value": [1.0, [1.0, 2.0, 3.0]],
    "nan": [1.0],
    "posinf": [2.0],
    "neginf": [-2.0],
    "mode": [
        "full",
        "same",
        "valid",
        "raise",
        "clip",
        "wrap",
        "constant",
        "edge",
        "reflect",
        "symmetric",
        "mean",
        "maximum",
        "linear_ramp",
        "empty",
    ],
    "left": [None, 0.0],
    "right": [None, 0.0],
    "period": [None, 3.0],
    "optimize": [True, False],
    "source": [0, [0, 1]],
    "destination": [-1, [1, 0]],
    "shift": [1, (1, -1), np.int64(2)],
    "indices": [[0, 0], 0, [[0, 2], [1, 1]], np.array([2]), np.zeros((1, 3), int), np.zeros((2, 1), int)],
    "repeats": [2, [1, 2, 0]],
    "reps": [2, (2, 1), np.int64(3), ()],
    "pad_width": [1, (1, 2), ((1, 0), (0, 2)), {0: (1, 2)}],
    "kind": [None, "stable", "mergesort"],
    "stable": [None, True],
    "axisa": [-1, 0],
    "axisb": [-1, 0],
    "axisc": [-1, 0],
    "n": [1, 2, 0, -1, 3],
    "norm": [None, "backward", "ortho", "forward"],
    "s": [None, (2,), (4, 2), (3, -1)],
    "prepend": [0.5, [0.1]],
    "append": [0.5],
    "dx": [0.5],
    "returned": [True, False],
    "return_indices": [True, False],
    "writeable": [False, True],
    "window_shape": [2, (2,), (1, 2)],
    "weights": [[1.0, 2.0, 0.5], _array(2, 3), _array(2, 2, 3), _array(3, 3)],
    "a_min": [0.5, [0.1, 0.2, 0.9]],
    "a_max": [1.0],
    "min": [0.5],
    "max": [1.0],
    "constant_values": [0, 1.5, (1.0, 2.0)],
    "stat_length": [2],
    "end_values": [1.0],
    "reflect_type": ["odd"],
    "q": [0.3, [0.0, 1.0], [[0.25, 0.5]], 1, 30],
    "method": [
        "lower",
        "higher",
        "nearest",
        "midpoint",
        "inverted_cdf",
        "averaged_inverted_cdf",
        "hazen",
        "weibull",
        "linear",
    ],
    "interpolation": [None],
    "obj": [0, [0, 1], slice(0, 1), -1],
    "condition": [[True, False, True], [True]],
    "new_shape": [(2, 2), 3, (2, 3, 3)],
    "trim": ["fb", "f", "b"],
    "kth": [0, 1, [0, 1]],
    "return_index": [True],
    "return_inverse": [True],
    "return_counts": [True],
    "equal_nan": [False],
    "sorted": [True, False],
    "to_end": [1.0, [1.0, 2.0]],
    "to_begin": [0.5],
    "discont": [1.0],
    "edge_order": [1, 2],
    "include_initial": [True],
    "assume_unique": [False, True],
    "base": [2.0],
    "tol": [1.0],
    "deg": [1, 2],
    "func1d": [np.sum],
    "rowvar": [False],
    "bias": [True],
    "fweights": [[1, 2, 1]],
    "aweights": [[0.5, 1.0, 2.0]],
    "minlength": [5],
    "bins": [2, [0.0, 0.5, 2.0]],
    "range": [(0.0, 2.0)],
    "density": [True, False],
    "m": [1, 2, 0],
    "N": [2, 4, 0],
    "increasing": [True],
    "upper": [True],
    "UPLO": ["L", "U"],
    "full_matrices": [False, True],
    "compute_uv": [False],
    "hermitian": [False, True],
    "rcond": [None, 1e-12],
    "rtol": [None],
    "full": [True],
    "w": [[1.0, 2.0, 0.5]],
    "cov": [True],
    "p": [None, 1, 2, -2, np.inf, "fro"],
    "ind": [1, 2],
    "default": [0.0, [1.0, 2.0, 3.0]],
    "choices": [[[1.0, 2.0, 3.0], 0.5]],
}
ROT90 = {"axes": [(0, 1), (1, 0), (1, 2)]}
TRANSPOSE = {"axes": [None, (1, 0), (0, 2, 1), (0,), (-1, 0)]}
OWN = {
    np.rot90: ROT90,
    np.transpose: TRANSPOSE,
    np.pad: {"mode": SETTINGS["mode"][6:]},
    np.take: {"mode": ["raise", "clip", "wrap"]},
    np.lib.stride_tricks.as_strided: {"strides": [(8,), (0, 8), (8, 8)], "shape": [None, (2,), (2, 2)]},
}
# Functions whose first operand is not the one to move, or that take functions: how they are called with x.
STARTS = {
    np.choose: lambda x: [([0, 1, 0], [x, 0.5]), (0, (x, x)), ([[1], [0]], [x, 0.5])],
    np.select: lambda x: [([[True, False, False], [True, True, False]], [x, 1.0]), ([[True, False, True]], [x])],
    np.piecewise: lambda x: [
        (x, [np.ones(x.shape, bool)], [lambda v: v * v]),
        (x, [_first(x)], [np.exp, 2.0]),
        (x, [_first(x)], [lambda v: v * 3]),
    ],
    np.apply_along_axis: lambda x: [
        (f, axis, x) for f in (np.sum, lambda r: r * r[0], lambda r: np.multiply.outer(r, r)) for axis in (0, -1, 1)
    ],
    np.apply_over_axes: lambda x: [(np.sum, x, 0), (np.sum, x, (0, -1)), (np.max, x, [0])],
    np.bincount: lambda x: [([0, 2, 2], x)],
    np.extract: lambda x: [(x > 0.5, x), ([True, False, True], x)],
    np.compress: lambda x: [([True, False, True], x), ([True], x)],
    np.linalg.cholesky: lambda x: [(x,)],
    np.block: lambda x: [([x, x],), ([[x], [x]],), (x,), ([[x, 1.0]],)],
}


def _first(x):
    return np.arange(x.size).reshape(x.shape) < 2


OWN[np.emath.power] = {"p": [2, 0.5, -1.5, [1.0, 2.0, 0.3]]}
OWN[np.convolve] = {"mode": SETTINGS["mode"][:3]}
EINSUM = ["ij,ij->ij", "ij,j->i", "...j,j", "ij->ji", "ii", "i,i->", "ij,jk->ik", "i", "ij,ij"]


def _parameters(function):
    return [p for p in inspect.signature(function).parameters.values() if p.kind not in (p.VAR_KEYWORD,)]


def _starts(function, x):
    """Positional arguments to begin with, x among them."""
    parameters = _parameters(function)
    first = parameters[0]
    if function is np.einsum:
        for text in EINSUM:
            yield (text, x)
            yield from ((text, x, y) for y in BESIDE)
            yield from ((text, y, x) for y in BESIDE)
        return
    if function in STARTS:
        yield from STARTS[function](x)
        return
    if function is np.interp:
        yield (x, [0.0, 1.0, 2.0], [0.0, 2.0, 1.0])
        yield ([-1.0, 0.7, 5.0], np.arange(x.size, dtype=float), x)
        yield (0.65, [0.0, 1.0, 2.0], x)
        return
    if first.kind is first.VAR_POSITIONAL:
        yield (x,)
        yield from ((x, y) for y in BESIDE)
        return
    if first.name in SEQUENCES:
        yield ([x],)
        yield (x,)
        yield from (([x, y],) for y in BESIDE)
        yield from (((y, x),) for y in BESIDE)
        return
    needed = [p for p in parameters if p.default is p.empty]
    choices = [_choices(function, p.name) for p in needed]
    if len(needed) == 1:
        yield (x,)
        return
    if function is np.where:
        yield (x > 0.5 if isinstance(x, np.ndarray) else [True], x, 0.0)
        yield ([True, False, True], x, [1.0, 2.0, 3.0])
        return
    for rest in itertools.product(*(c or BESIDE for c in choices[1:])):
        yield (x, *rest)
    if all(c is None for c in choices):
        yield from ((y, x) for y in BESIDE)


def _choices(function, name):
    return OWN.get(function, {}).get(name, SETTINGS.get(name))


def _calls(function, x):
    """(positional, by name): one setting at a time, two of the commonest together, and all by position once."""
    optional = [p for p in _parameters(function) if p.default is not p.empty]
    if function is np.pad:
        optional += [
            inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None)
            for n in ("constant_values", "stat_length", "end_values", "reflect_type")
        ]
    for k, start in enumerate(_starts(function, x)):
        yield start, {}
        if function in (np.einsum, np.where) or k > 10:
            continue
        for p in optional:
            if p.name in ("x", "y"):  # the places of trapezoid
                values = BESIDE
            else:
                values = _choices(function, p.name)
                assert values is not None, f"{full_name(function)}: what may {p.name}= be?"
            for value in values:
                yield start, {p.name: value}
                if p.name == "axis":
                    for q in optional:
                        if q.name in ("keepdims", "weights", "x", "ddof", "initial"):
                            for other in BESIDE if q.name == "x" else SETTINGS[q.name]:
                                yield start, {"axis": value, q.name: other}
        for p in optional[:1]:
            if p.kind is p.POSITIONAL_OR_KEYWORD and SETTINGS.get(p.name):
                yield (*start, SETTINGS[p.name][1 % len(SETTINGS[p.name])]), {}


def _parts(y):
    return [np.asarray(p) for p in _leaves(y)]


def _with(tree, old, new):
    if tree is old:
        return new
    return type(tree)([_with(t, old, new) for t in tree]) if type(tree) in (list, tuple) else tree


def compare(function, args, settings, x):
    """Whether the call agrees with NumPy; None where it is refused, or NumPy raises, too."""

    def f(z):
        return function(*_with(tuple(args), x, z), **settings)

    name = f"{full_name(function)}{args}{settings}"
    try:
        right = f(x)
    except Exception:
        right = None
    if settings.get("out") is not None:
        settings["out"][...] = 0.0
    tangent = np.cos(np.arange(x.size, dtype=float)).reshape(x.shape)
    try:
        value, moved = cr.jvp(lambda z: f(z), (x,), (tangent,))
        pulled = [cr.vjp(lambda z, k=k: _nth(f(z), k), x) for k in range(len(_leaves(value)))]
    except ChainruleError:
        return None
    except Exception as error:
        if right is None or not sum(p.size for p in _parts(right)):
            return None
        pytest.fail(f"{name}: {type(error).__name__}: {error}")
    if right is None:
        return None
    values, tangents, rights = _leaves(value), _leaves(moved), _parts(right)
    assert len(values) == len(rights), name
    h, narrow = 1e-6, any(r.dtype.kind == "f" and r.dtype.itemsize < x.dtype.itemsize for r in rights)
    wide = {k: v for k, v in settings.items() if k != "dtype"} if narrow else settings  # its digits tell the slope

    def moved_by(step):
        return _parts(function(*_with(tuple(args), x, x + step * tangent), **_with(wide, x, x + step * tangent)))

    higher, lower = moved_by(h), moved_by(-h)
    for k, (v, t, r) in enumerate(zip(values, tangents, rights, strict=True)):
        v, t = np.asarray(v), np.asarray(t)
        assert v.shape == r.shape, f"{name}: shape {v.shape}, NumPy {r.shape}"
        assert v.dtype == r.dtype, f"{name}: {v.dtype}, NumPy {r.dtype}"
        np.testing.assert_allclose(v, r, rtol=1e-6 if narrow else 1e-12, atol=1e-7 if narrow else 1e-13, err_msg=name)
        if r.dtype.kind not in "fc" or not np.all(np.isfinite(r)):
            continue
        steps = (higher[k] * 1.0 - lower[k]) / (2 * h)
        if narrow and function is np.astype:
            steps = tangent  # a difference keeps no digit of a float32
        rough = {"rtol": 1e-4, "atol": 1e-5} if narrow else {"rtol": 1e-5, "atol": 1e-7}
        np.testing.assert_allclose(t, steps, err_msg=name, **rough)
        _, pullback = pulled[k]
        ct = np.sin(1.0 + np.arange(r.size, dtype=float)).reshape(r.shape) * (
            1.0 - 0.7j if r.dtype.kind == "c" else 1.0
        )
        (back,) = pullback(ct if r.shape else ct.item())
        assert np.shape(back) == x.shape, f"{name}: gradient of shape {np.shape(back)}"
        sent = np.sum((t * np.conj(ct)).real)
        near = {"rtol": 1e-5, "atol": 1e-5} if narrow else {"rtol": 1e-9, "atol": 1e-11}
        np.testing.assert_allclose(np.sum(back * tangent), sent, err_msg=name, **near)
    return True


def _leaves(y):
    return [leaf for part in y for leaf in _leaves(part)] if isinstance(y, (tuple, list)) else [y]


def _nth(y, k):
    return _leaves(y)[k]


@pytest.mark.parametrize("function", RULED, ids=full_name)
def test_every_setting_is_honoured_or_refused(function):
    calls = [(args, settings, x) for x in ARRAYS for args, settings in _calls(function, x)]
    agreed = 0
    stride = 1 if EVERY else 1 + len(calls) // 70
    for args, settings, x in calls[PURE * (stride // 2) :: stride]:  # the sources, uncompiled, take calls between
        agreed += compare(function, args, settings, x) or 0
    assert agreed or PURE


@pytest.mark.parametrize("function", RULED, ids=full_name)
def test_a_setting_that_numpy_does_not_have_is_an_error(function):
    with pytest.raises((ChainruleError, TypeError)):
        entry(function).called((cr.Value(ARRAYS[2]),), {"made_up": 1})


UFUNC_SETTINGS = [
    {},
    {"dtype": float},
    {"dtype": np.float32},
    {"casting": "no"},
    {"casting": "same_kind"},
    {"order": "F"},
    {"subok": False},
    {"where": np.array([True, False, True])},
    {"where": True},
    {"out": None},
    {"signature": None},
    {"signature": "dd->d"},
]


@pytest.mark.parametrize("ufunc", sorted({*UFUNCS, *PLAIN_UFUNCS}, key=lambda u: u.__name__), ids=lambda u: u.__name__)
def test_ufuncs_and_their_methods(ufunc):
    agreed = 0
    small = [a * 0.371 + 0.0013 for a in ARRAYS]  # in the domain of most
    for x in [*small, *(a + 1.20137 for a in ARRAYS[:2])]:
        others = [b for b in BESIDE if not isinstance(b, list) or np.ndim(b) == 1]
        whole = [2, [1, 2, 3], np.array([1, 0, 2])]
        calls = [("__call__", (x,), s) for s in UFUNC_SETTINGS] if ufunc.nin == 1 else []
        if ufunc.nin == 2:
            beside = whole if ufunc is np.ldexp else others
            calls += [("__call__", (x, b), s) for b in beside for s in UFUNC_SETTINGS[: 12 if b is beside[0] else 1]]
            calls += [("__call__", (b, x), {}) for b in beside if ufunc is not np.ldexp]
            calls += [("outer", (x, b), {}) for b in beside[:4]] + [("outer", (beside[0], x), {})]
            axes = [None, 0, -1, (0, 1)]
            calls += [
                ("reduce", (x,), s)
                for s in ({}, {"keepdims": True}, {"initial": 1.0}, {"dtype": int}, {"where": x > 0.5})
            ]
            calls += [("reduce", (x,), {"axis": a}) for a in axes] + [("reduce", (x, 0, None, None, True), {})]
            calls += [("accumulate", (x,), {}), ("accumulate", (x, -1), {}), ("accumulate", (x,), {"dtype": int})]
            calls += [("reduceat", (x, [0]), {})]
            calls += [("reduce", ([x, x],), {"axis": a}) for a in (0, -1) if ufunc in (np.add, np.multiply)]
        for method, args, settings in calls if EVERY else calls[PURE::2]:
            named = getattr(ufunc, method)
            call = lambda *a, named=named, **s: named(*a, **s)
            call.__module__, call.__name__ = "numpy", f"{ufunc.__name__}.{method}"
            agreed += compare(call, args, settings, x) or 0
    assert agreed > 2


FIRST = {  # what meets a rule, a complex number or a container first in a process, and its answer
    "cr.grad(lambda x: abs(x * 1j) ** 2)(3.0)": 6.0,
    "cr.grad(lambda x: abs(np.multiply(x, 1j)) ** 2)(3.0)": 6.0,
    "cr.grad(lambda x: abs(np.fft.fft(np.array([x, x]))[0]) ** 2)(3.0)": 24.0,
    "cr.grad(lambda x: (x + 0j).imag + x)(3.0)": 1.0,
    "cr.grad(lambda z: abs(z) ** 2)(3.0 + 4.0j)": 6.0 + 8.0j,
    "cr.grad(lambda x: np.sum(x.astype(complex).real))(np.array([3.0]))[0]": 1.0,
    "cr.grad(lambda x: np.mean([x, 2 * x]))(3.0)": 1.5,
    "cr.grad(lambda p: p['w'][0] * p['b'])({'w': (2.0, 1.0), 'b': 3.0})['b']": 2.0,
    "np.asarray(cr.jacobian(lambda a, b: np.array([a * b, a]), (0, 1))(2.0, 3.0)).sum()": 6.0,
    "cr.jvp(lambda x: np.kaiser(3, x)[0], (0.0,), (1.0,))[1]": 0.0,
    "cr.grad(lambda x: [v for v in np.add.accumulate([x, x])][1])(3.0)": 2.0,
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each starts from a copy of a process that has only imported")
def test_rules_and_complex_numbers_are_imported_by_whoever_meets_them_first():
    """Each in a process where nothing else was asked for."""
    program = """
import os, sys
import numpy as np
import chainrule as cr
for text in sys.argv[1:]:
    sys.stdout.flush()
    if not os.fork():
        print(complex(eval(text)))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""
    out = subprocess.run([sys.executable, "-W", "ignore", "-c", program, *FIRST], capture_output=True, text=True)
    assert [complex(line) for line in out.stdout.split()] == pytest.approx(list(FIRST.values())), out.stderr
