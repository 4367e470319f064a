"""Jitted functions as C: compiled by the system's compiler, they compute what Python computes."""

import ctypes
import math
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
from jit.test_kernel_rows import BOOLEAN, OF_BOOLEANS, ROWS, arity

import chainrule as cr
from chainrule.errors import ArgumentError, UnsupportedFunction
from chainrule.jit.export import export_c
from chainrule.jit.program import INPUT, Program, Step
from chainrule.jit.replay import Replay
from chainrule.trees import flatten

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
compiles = pytest.mark.skipif(COMPILER is None, reason="no C compiler")


def in_c(compiled, args, place):
    """The results of the exported function, called through ctypes."""
    source, _ = export_c(compiled, place / "exported.c")
    library = place / "exported.so"
    flags = ["-std=c11", "-O2", "-Wall", "-Wno-unused", "-Wno-parentheses", "-Wno-maybe-uninitialized", "-Werror"]
    subprocess.run([COMPILER, *flags, "-shared", "-fPIC", str(source), "-o", str(library), "-lm"], check=True)
    function = ctypes.CDLL(str(library)).exported
    leaves, _ = flatten(args)
    arrays = [np.asarray(x, order="C") for x in leaves if isinstance(x, (float, np.ndarray, np.float32))]
    passed = [_passed(x) for x in arrays]
    results = [np.full(s.shape, 7, s.dtype) for s in compiled.program.outputs]
    status = function(*passed, *[ctypes.c_void_p(r.ctypes.data) for r in results])
    return status, results


def _passed(x):
    if x.shape:
        return ctypes.c_void_p(x.ctypes.data)
    return ctypes.c_double(float(x)) if x.dtype == np.float64 else ctypes.c_float(float(x))


def integrator(x, y, a):
    for _ in range(100):
        x, y = x + 0.05 * (a * x - x * y), y + 0.05 * (x * y - y)
    return x * y


def network(W, b, X):
    h = [np.maximum(sum(W[j, i] * X[:, i] for i in range(2)) + b[j], 0.0) for j in range(3)]
    return np.mean(np.exp(-sum(h)) ** 2)


def special(x):
    return np.sum(np.log1p(x * x) + np.sqrt(np.abs(x)) * np.tanh(x) + cr.sigmoid(x))


X = np.random.default_rng(0).standard_normal((37, 2))
W, B = np.random.default_rng(1).standard_normal((3, 2)), np.array([0.1, -0.2, 0.3])
TREE = {"a": 1.5, "b": [2.0, X[0]]}
FUNCTIONS = {
    "three numbers": (cr.value_and_grad(lambda a, b, c: -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5), (2.0, 1.5, 0.7)),
    "an integrator": (cr.value_and_grad(integrator, argnums=(0, 1, 2)), (1.0, 0.5, 1.1)),
    "a small network": (cr.value_and_grad(network, argnums=(0, 1)), (W, B, X)),
    "sums over axes": (lambda x: (np.sum(x, axis=0), np.max(x, axis=1), np.mean(x)), (X,)),
    "an array of results": (cr.grad(special), (X,)),
    "running sums": (lambda x: np.cumsum(np.cumsum(x * x, axis=0), axis=1), (X,)),
    "numbers of 32 bits": (lambda x: np.sum(np.exp(x) * 2, axis=0), (X.astype("f4"),)),
    "a branch": (lambda x, y: x * y if x > y else x + y, (2.0, 1.0)),
    "containers": (
        lambda p: {"sum": p["a"] + p["b"][0], "more": [p["b"][1] * p["a"]]},
        ({"a": 1.5, "b": [2.0, X[0]]},),
    ),
}


@compiles
@pytest.mark.parametrize("name", FUNCTIONS)
def test_c_computes_what_python_computes(name, tmp_path):
    f, args = FUNCTIONS[name]
    compiled = cr.jit(f)
    expected, _ = flatten(compiled(*args))
    eager, _ = flatten(f(*args))
    status, results = in_c(compiled, args, tmp_path)
    assert status == 0
    tolerance = 1e-5 if "32" in name else 1e-12
    for found, jitted, plain in zip(results, expected, eager, strict=True):
        np.testing.assert_allclose(found, jitted, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(found, plain, rtol=tolerance, atol=tolerance)


@compiles
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_of_kernels_has_words_in_c(dtype, tmp_path):
    tame = [np.linspace(low, high, 24).astype(dtype) for low, high in ((0.2, 0.9), (0.95, 0.15), (0.5, 0.7))]
    inputs = [Step(INPUT, (), {}, x.shape, x.dtype) for x in tame]
    truth = [Step("less", (x, inputs[1]), {}, x.shape, np.dtype(bool)) for x in inputs]
    outputs = []
    for name in ROWS:
        args = (truth if name in OF_BOOLEANS else [truth[0], *inputs[:2]] if name == "where" else inputs)[: arity(name)]
        outputs.append(Step(name, tuple(args), {}, (24,), np.dtype(bool) if name in BOOLEAN else inputs[0].dtype))
    program = Program(inputs, outputs)
    with np.errstate(all="ignore"):
        _, expected = Replay(program).run(tame)
    status, found = in_c(SimpleNamespace(program=program), tame, tmp_path)
    assert status == 0
    for name, got, want in zip(ROWS, found, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4 if dtype == np.float32 else 1e-11, err_msg=name)


@compiles
def test_another_way_through_a_branch_is_told(tmp_path):
    compiled = cr.jit(lambda x, y: x * y if x > y else x + y)
    compiled(2.0, 1.0)
    assert in_c(compiled, (1.0, 2.0), tmp_path)[0] == 1


def test_the_header_says_what_the_parameters_are(tmp_path):
    compiled = cr.jit(lambda x, w: np.sum(x * w))
    compiled(X, 2.0)
    source, header = export_c(compiled, tmp_path / "weighted")
    assert (source.name, header.name) == ("weighted.c", "weighted.h")
    text = header.read_text()
    assert "int weighted(const double *x0, double x1, double *y0);" in text
    assert "x0: an array of 37 x 2 = 74 numbers" in text
    assert "y0: a number, a result" in text


def test_what_numpy_computes_is_refused(tmp_path):
    compiled = cr.jit(lambda a: np.linalg.solve(a, np.ones(2)))
    compiled(np.eye(2))
    with pytest.raises(UnsupportedFunction, match="solve is computed by NumPy"):
        export_c(compiled, tmp_path / "f.c")


def test_only_called_jitted_functions_are_exported(tmp_path):
    with pytest.raises(ArgumentError, match="expects what jit returns, got function"):
        export_c(lambda x: x, tmp_path / "f.c")
    with pytest.raises(ArgumentError, match="call the jitted function first"):
        export_c(cr.jit(lambda x: x), tmp_path / "f.c")
    compiled = cr.jit(lambda x: x * x)
    compiled(1.0)
    with pytest.raises(ArgumentError, match="'2-d' is no name in C"):
        export_c(compiled, tmp_path / "2-d.c")
