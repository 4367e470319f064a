"""Programs handed to JAX and PyTorch: values, derivatives, branches, types and refusals.

The compilers take up to seconds for each program, so most tests compute operation by operation what they are given."""

import os
import pickle

import numpy as np
import pytest
from jit.programs import SAMPLES
from ops.scenarios import interior

import chainrule as cr
from chainrule import trees
from chainrule.jit.backend import of_torch
from chainrule.jit.call import specialise
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

LIBRARIES = ["jax", "torch"]
X = np.array([0.3, -1.2, 2.0])
W = np.array([[0.5, -0.2, 0.1], [1.0, 0.3, -0.4]])
ALL = os.environ.get("CHAINRULE_TESTS") == "all"


def energy(x, w):
    return np.sum(np.tanh(w @ x) ** 2) + np.sum(x**3)


def array(library, x, dtype=None):
    xp = pytest.importorskip("jax.numpy" if library == "jax" else "torch")
    if library == "jax":
        with pytest.importorskip("jax").enable_x64(True):
            return xp.asarray(np.asarray(x, dtype))
    return xp.as_tensor(np.array(x, dtype))


@pytest.fixture(params=LIBRARIES)
def library(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.fixture
def uncompiled(monkeypatch):
    """PyTorch's functions one after the other; JAX's compiler takes less time than such a way through its functions."""
    monkeypatch.setattr(of_torch.Torch, "compiled", lambda self, compute, inputs: (compute, "operation by operation"))


def agree(got, expected, rtol=1e-11):
    got, expected = trees.flatten(got)[0], trees.flatten(expected)[0]
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert type(a).__module__.partition(".")[0] in ("jaxlib", "torch")
        assert tuple(a.shape) == np.shape(b)
        assert str(a.dtype).rpartition(".")[2] == np.result_type(b).name
        scale = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
        np.testing.assert_allclose(np.asarray(a), b, rtol=rtol, atol=rtol * scale)


def test_jax_compiles_derivatives():
    pytest.importorskip("jax")
    for transform in (cr.value_and_grad, cr.hessian):
        f = cr.jit(transform(energy), backend="jax")
        agree(f(array("jax", X), array("jax", W)), transform(energy)(X, W))
        agree(f(X, W), transform(energy)(X, W))  # NumPy's arrays as well
    many = cr.jit(cr.vmap(cr.grad(energy), in_axes=(0, None)), backend="jax")
    rows = np.stack([X, 2 * X])
    agree(many(array("jax", rows), W), np.stack([cr.grad(energy)(x, W) for x in rows]))
    assert "compiled by jax.jit for " in f.report()


@pytest.mark.skipif(not ALL, reason="takes PyTorch's compiler twenty seconds")
def test_torch_compiles_derivatives():
    pytest.importorskip("torch")
    f = cr.jit(cr.value_and_grad(energy), backend="torch")
    agree(f(array("torch", X), W), cr.value_and_grad(energy)(X, W))
    assert "compiled by torch.compile for cpu" in f.report()


def test_where_the_compiler_fails_pytorch_computes_operation_by_operation(monkeypatch):
    pytest.importorskip("torch")

    def failing(*args, **settings):
        raise RuntimeError("no C++ compiler")

    monkeypatch.setattr(of_torch, "_graph", failing)
    f = cr.jit(cr.grad(energy), backend="torch")
    with pytest.warns(cr.errors.JitWarning, match="no C\\+\\+ compiler"):
        agree(f(X, W), cr.grad(energy)(X, W))
    assert "operation by operation, as torch.compile failed: RuntimeError: no C++ compiler" in f.report()


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.name not in ("Lotka-Volterra", "LSTM", "moons")], ids=repr)
def test_programs_as_people_write_them(sample, library):
    if library == "jax" and not ALL and sample.name not in ("Black-Scholes", "logistic regression"):
        pytest.skip("XLA takes a second for each program")
    args = sample.at(sample.n and 20)
    agree(cr.jit(sample.compiled, backend=library)(*args), sample.compiled(*args), rtol=1e-10)


# Rows that a library cannot compute, or not their slopes.
LACKING: dict[str, set[str]] = {"jax": set(), "torch": {"gamma"}}
LESS_ACCURATE = {"torch": {"digamma": 1e-9, "gammaln": 1e-9}}  # PyTorch's polygamma has ten digits
ROWS = sorted(row.name for row in TABLE.values() if isinstance(row, Elementwise) and row.public)


def slopes_of(names):
    """The values of rows and their slopes, by name, in one function of a list of operands for each."""

    def slopes(operands):
        return {
            name: cr.value_and_grad(lambda *xs, row=TABLE[name]: cr.sum(row(*xs)), tuple(range(len(operands[name]))))(
                *operands[name]
            )
            for name in names
        }

    return slopes


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_and_their_slopes(library, dtype):
    part = 1 if library == "torch" or ALL else 6
    names = [name for name in ROWS if name not in LACKING[library]][dtype == np.float32 :: part]
    at = {name: [np.asarray(interior(TABLE[name], k), dtype) for k in range(TABLE[name].arity)] for name in names}
    given = {name: [array(library, x) for x in xs] for name, xs in at.items()}
    got, expected = cr.jit(slopes_of(names), backend=library)(given), slopes_of(names)(at)
    for name in names:
        known = LESS_ACCURATE.get(library, {}).get(name, 1e-12)
        agree(got[name], expected[name], rtol=known if dtype == np.float64 else 1e-5)


@pytest.mark.usefixtures("uncompiled")
def test_rows_that_a_library_lacks_are_refused_by_name(library):
    for name in LACKING[library]:
        at = {name: [array(library, interior(TABLE[name], k)) for k in range(TABLE[name].arity)]}
        with pytest.raises(cr.errors.UnsupportedFunction, match=name):
            cr.jit(slopes_of([name]), backend=library)(at)


@pytest.mark.usefixtures("uncompiled")
def test_functions_of_numpy_without_a_row(library):
    """Those that the library has by their name are its own, and others are refused with the line."""
    f = cr.jit(lambda x: x * np.argmax(x) + np.nan_to_num(x) + np.sort(x), backend=library)
    agree(f(array(library, X)), X * 2 + X + np.sort(X))
    if library == "torch":
        with pytest.raises(cr.errors.UnsupportedFunction, match=r"has no function for numpy.interp"):
            cr.jit(lambda x: np.interp(x, [0.0, 1.0], [1.0, 2.0]) * x, backend=library)(array(library, X))


def bent(x):
    return x * x if x > 0 else -x


@pytest.mark.usefixtures("uncompiled")
def test_branches_are_guarded(library):
    f = cr.jit(cr.grad(bent), backend=library)
    assert [float(f(x)) for x in (3.0, -1.0, 0.5, -2.0)] == [6.0, -1.0, 1.0, -1.0]
    assert len(f.specialisations[0].versions) == 2
    found = f(array(library, 2.0))
    assert float(found) == 4.0
    assert str(found.dtype).endswith("float64")


@pytest.mark.usefixtures("uncompiled")
def test_more_ways_than_are_kept(library, monkeypatch):
    monkeypatch.setattr(specialise, "VERSIONS", 2)
    f = cr.jit(lambda x: x * int(x), backend=library)
    with pytest.warns(cr.errors.JitWarning, match="took 2 ways"):
        assert [float(f(k + 0.5)) for k in range(4)] == [0.0, 1.5, 5.0, 10.5]


@pytest.mark.usefixtures("uncompiled")
def test_elements_indices_and_assignments(library):
    def f(x, k):
        y = np.zeros(4)
        y[0], y[2] = x[0] * x[1], x[k[0]]
        return np.sum(y * y) + np.sum(x[k] * x[[2, 0]]) + np.sum(x[::-1][1:] ** 3)

    k = np.array([1, 1])
    got = cr.jit(cr.value_and_grad(f), backend=library)(array(library, X), array(library, k))
    agree(got, cr.value_and_grad(f)(X, k))


@pytest.mark.usefixtures("uncompiled")
def test_zeros_of_branches_win(library):
    """0 * inf of a branch that was not taken is 0, as in the passes over a recording."""
    f = cr.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))
    agree(cr.jit(f, backend=library)(array(library, np.array([4.0, 0.0]))), f(np.array([4.0, 0.0])))


@pytest.mark.usefixtures("uncompiled")
def test_results_are_arrays_in_the_containers_of_the_function(library):
    f = cr.jit(lambda p: {"a": p["x"] * 2, "b": (p["x"][0], 3.0), "n": 4, "s": "name"}, backend=library)
    got = f({"x": array(library, X, np.float32)})
    assert (got["n"], got["s"]) == (4, "name")
    agree([got["a"], got["b"]], [np.float32(X) * 2, (np.float32(X)[0], 3.0)])


def test_inside_of_jax():
    jax = pytest.importorskip("jax")
    f = cr.jit(energy, backend="jax")
    with jax.enable_x64(True):
        x, w = jax.numpy.asarray(X), jax.numpy.asarray(W)
        slope, curved = jax.jit(lambda x: (jax.grad(f)(x, w), jax.vmap(jax.hessian(f), (0, None))(x[None], w)))(x)
        agree(slope, cr.grad(energy)(X, W))
        np.testing.assert_allclose(curved[0], cr.hessian(energy)(X, W), rtol=1e-10, atol=1e-12)
    single = jax.jit(jax.grad(f))(jax.numpy.asarray(X, "float32"), jax.numpy.asarray(W, "float32"))
    np.testing.assert_allclose(single, cr.grad(energy)(X, W), rtol=1e-5)
    with pytest.raises(cr.errors.ArgumentError, match=r"numbers are not known.*test_backend.py:\d+"):
        jax.grad(cr.jit(bent, backend="jax"))(1.0)


@pytest.mark.usefixtures("uncompiled")
def test_inside_of_pytorch():
    torch = pytest.importorskip("torch")
    f = cr.jit(energy, backend="torch")
    x, w = array("torch", X).requires_grad_(), array("torch", W)
    f(x, w).backward()
    np.testing.assert_allclose(x.grad, cr.grad(energy)(X, W), rtol=1e-12)
    x = array("torch", X)
    twice = torch.func.grad(lambda x: torch.func.grad(f)(x, w)[0])(x)
    np.testing.assert_allclose(twice, cr.hessian(energy)(X, W)[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(torch.func.vmap(f, (0, None))(x[None], w), [energy(X, W)])


rate = [0.5]


@pytest.mark.usefixtures("uncompiled")
def test_what_is_read_besides_the_arguments_is_watched(library):
    f = cr.jit(lambda x: x * rate[0], backend=library)
    assert float(f(2.0)) == 1.0
    rate[0] = 1.0
    with pytest.raises(cr.errors.StaleRecording, match="rate"):
        f(2.0)
    f.forget()
    assert float(f(2.0)) == 2.0
    rate[0] = 0.5
    theirs = array(library, X)
    with pytest.raises(cr.errors.CannotRecord, match=f"reads an array of {library}"):
        cr.jit(lambda x: x * theirs)(X)


def test_refusals(library):
    with pytest.raises(cr.errors.ArgumentError, match='backend expects "jax", "torch" or None'):
        cr.jit(energy, backend="tpu")
    for setting in ({"strict": True}, {"threads": 2}):
        with pytest.raises(cr.errors.ArgumentError, match=f"{next(iter(setting))} is for the machine code made here"):
            cr.jit(energy, backend=library, **setting)
    half = array(library, X, np.float16)
    with pytest.raises(cr.errors.ArgumentError, match="got one of float16"):
        cr.jit(energy, backend=library)(half, W)
    with pytest.raises(cr.errors.ArgumentError, match=f"backend='{library}'"):
        cr.jit(energy)(array(library, X), W)


def test_a_pickle_is_recorded_anew(library):
    f = pickle.loads(pickle.dumps(cr.jit(np.sin, backend=library)))
    assert f.backend == library


@pytest.mark.usefixtures("uncompiled")
def test_methods(library):
    class Spring:
        def __init__(self, k):
            self.k = k

        def energy(self, x):
            return 0.5 * self.k * x * x

    Spring.fast = cr.jit(Spring.energy, backend=library)
    Spring.fast.__set_name__(Spring, "fast")
    assert [float(Spring(k).fast(2.0)) for k in (1.0, 100.0)] == [2.0, 200.0]
