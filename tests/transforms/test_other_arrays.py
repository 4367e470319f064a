"""Derivatives of every order on arrays of other libraries: results are theirs, and nothing is copied to the host."""

import sys
import types
import warnings

import numpy as np
import pytest
from transforms import cupy_stand_in

import chainrule as cr

X = np.array([0.3, -0.5, 1.2])


def smooth(x):
    return cr.sum(cr.tanh(x) ** 2 * cr.exp(-x * x)) + cr.logsumexp(x) + cr.max(x) * x[0]


def of_numpy(x):
    return np.mean(np.where(x > 0, x * x, -x)) + np.sum(np.cumsum(x)) + np.dot(x, x) + np.sum(np.stack([x, x]) @ x)


def sorted_up(x):
    return cr.sum(cr.sort(x)[1:] * x[::-1][1:] ** 2)


W = np.arange(12.0).reshape(4, 3) / 7


def beside_numpys(x):
    """NumPy's arrays, lists and numbers beside the library's."""
    h = np.tanh(W @ x + np.array([0.1, 0.2, 0.3, 0.4]))
    y = np.zeros_like(x)
    y[0], y[1:] = x[1], W[0, 1:] * x[1:] ** 2
    powers = np.sum(np.array([2, 3, 4]) ** (x * x)) + np.sum((x * x + 1) ** np.array([2, 3, 4]))
    taken = np.sum(x[np.array([2, 0, 0])] * [1.0, 2.0, 3.0]) + np.dot(x, [1, 2, 3]) + np.sum(x * (W[0] > 0.1))
    return np.sum(h * h) + np.sum(np.stack([x, W[0]]) ** 2) + np.sum(y) + powers + taken * np.float64(0.5)


FUNCTIONS = [smooth, of_numpy, sorted_up, beside_numpys]
TRANSFORMS = {
    "hessian": cr.hessian,
    "product": lambda f: lambda x: cr.hvp(f, x, 2 * x),
    "twice": lambda f: cr.grad(lambda x: cr.sum(cr.grad(f)(x) * x)),
    "jacfwd": lambda f: cr.jacfwd(lambda x: x * f(x)),
    "vmap": lambda f: lambda x: cr.vmap(f)(cr.stack([x, 2 * x])),
    "vmap of grad": lambda f: lambda x: cr.vmap(cr.grad(f))(cr.stack([x, 2 * x])),
}


def torch():
    """Tensors that cannot become NumPy's arrays, as those on a GPU."""
    library = pytest.importorskip("torch")
    return library.as_tensor, library.Tensor, lambda y: np.array(y.tolist())


def jax():
    library = pytest.importorskip("jax")
    library.config.update("jax_enable_x64", True)
    return library.numpy.asarray, library.Array, np.asarray


def strict():
    """Arrays of the standard and no more, on a device that is not the host."""
    library = pytest.importorskip("array_api_strict")
    host, other = library.Device("CPU_DEVICE"), library.Device("device1")
    back = lambda y: np.asarray(library.asarray(y, device=host, copy=True))
    return (lambda x: library.asarray(x, device=other)), type(library.asarray(1.0)), back


def dask():
    library = pytest.importorskip("dask.array")
    return (lambda x: library.from_array(x, chunks=2)), library.Array, lambda y: y.compute()


@pytest.fixture(scope="module", autouse=True)
def no_library_of_that_name():
    """Dask asks for a library `sparse`, and would find the folder of tests."""
    stand_in = types.ModuleType("sparse")
    stand_in.SparseArray = type("SparseArray", (), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sparse", stand_in)
        yield


@pytest.fixture
def no_host(monkeypatch):
    def refused(*args, **settings):
        raise AssertionError("a tensor was copied to the host")

    library = pytest.importorskip("torch")
    monkeypatch.setattr(library.Tensor, "__array__", refused)
    monkeypatch.setattr(library.Tensor, "numpy", refused)


def agree(library, f, name):
    make, kind, back = library()
    transform = TRANSFORMS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cr.errors.VmapWarning)  # some are computed one example after the other
        found = transform(f)(make(X))
    assert isinstance(found, kind)
    np.testing.assert_allclose(back(found), transform(f)(X), rtol=1e-11, atol=1e-12)


@pytest.mark.usefixtures("no_host")
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_tensors(f, name):
    agree(torch, f, name)


@pytest.mark.parametrize(
    ("f", "name"), [(smooth, "product"), (of_numpy, "vmap of grad"), (of_numpy, "vmap"), (beside_numpys, "product")]
)
def test_arrays_of_jax(f, name):
    agree(jax, f, name)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_arrays_of_the_standard(name):
    agree(strict, smooth, name)
    if name in ("jacfwd", "product"):
        agree(strict, beside_numpys, name)


@pytest.mark.parametrize("f", [smooth, of_numpy, beside_numpys], ids=lambda f: f.__name__)
def test_arrays_of_dask(f):
    for name in TRANSFORMS if f is not beside_numpys else ("product", "jacfwd"):
        agree(dask, f, name)
    with pytest.raises(cr.errors.UnsupportedFunction, match="sort: Dask"):
        cr.grad(sorted_up)(dask()[0](X))


@pytest.mark.parametrize("library", [torch, jax, strict], ids=lambda library: library.__name__)
def test_examples_are_computed_at_once(library):
    make, kind, back = library()
    f = cr.vmap(lambda x: cr.where(cr.sum(x) > 0, cr.sum(x * x), 0.0))
    rows = np.stack([X, -X])
    found = f(make(rows))
    assert isinstance(found, kind)
    np.testing.assert_allclose(back(found), [X @ X, 0.0])
    assert f.report() == "all 2 examples at once"
    branching = cr.vmap(lambda x: np.sum(x * x) if x[0] > 0 else np.sum(x))
    with pytest.warns(cr.errors.VmapWarning):
        found = branching(make(rows))
    assert isinstance(found, kind)
    np.testing.assert_allclose(back(found), [X @ X, -np.sum(X)])


def test_what_a_library_lacks_is_named():
    make, _, _ = strict()
    with pytest.raises(cr.errors.UnsupportedFunction, match="erf cannot be computed for Array"):
        cr.grad(lambda x: cr.sum(cr.erf(x)))(make(X))
    with pytest.raises(cr.errors.UnsupportedFunction, match="index that is an array of array_api_strict"):
        cr.grad(sorted_up)(make(X))
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"np\.piecewise of arrays of torch: .*cr\.where"):
        cr.grad(lambda x: np.sum(np.piecewise(x, [x > 0], [lambda x: x, 1.0])))(torch()[0](X))
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"np\.isin of arrays of torch: .*not copied to the host"):
        cr.grad(lambda x: np.sum(x * np.isin(x, [0.3])))(torch()[0](X))
    with pytest.raises(cr.errors.UnsupportedFunction, match=r"operator that such arrays refuse: .*\n.*test_other"):
        cr.grad(lambda x: np.linalg.det(4 * np.eye(3) + np.diag(x)))(make(X))
    with pytest.raises(cr.errors.UnsupportedFunction, match="einsum cannot be computed by array_api_strict"):
        cr.grad(lambda x: np.einsum("i,i->", x, x))(make(X))


# Conditions, single numbers and matrices of their own type beside the library's arrays.
MIXED = {
    "two numbers by a condition": lambda x, m: np.sum(cr.where(m, 0.5, 2.25) * x),
    "two whole numbers": lambda x, m: np.sum(cr.where(m, 1, 0) * x),
    "by a comparison": lambda x, m: np.sum(cr.where(x > 0.5, 0.5, 2.25) * x),
    "a whole number": lambda x, m: np.sum(np.where(m, x, 3)),
    "False for 0": lambda x, m: np.sum(np.where(m, x, False)),
    "whole numbers stacked": lambda x, m: np.sum(np.stack([x, np.array([1, 2, 3])]) ** 2),
    "an exponent": lambda x, m: np.sum(np.array([2, 3, 4]) ** x),
    "a product of two types": lambda x, m: np.sum(np.einsum("ij,j->i", W, x) ** 2),
    "cholesky": lambda x, m: np.sum(np.linalg.cholesky(4 * np.eye(3) + np.diag(x))),
    "eigvalsh": lambda x, m: np.sum(np.linalg.eigvalsh(np.ones((3, 3)) + np.diag(x)) ** 2),
    "median": lambda x, m: np.median(x) ** 2,
    "fft": lambda x, m: np.sum(np.abs(np.fft.fft(x)) ** 2 * np.array([1.0, 2.0, 3.0])),
}


@pytest.mark.usefixtures("no_host")
@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_numbers_beside_tensors_are_what_they_are(name, kind):
    library, f = pytest.importorskip("torch"), MIXED[name]
    expected = cr.value_and_grad(f)(X, X > 0)
    found = cr.value_and_grad(f)(library.as_tensor(X, dtype=getattr(library, kind)), library.as_tensor(X > 0))
    digits = 1e-12 if kind == "float64" else 2e-5
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.tolist(), b, rtol=digits, atol=digits)
    assert str(found[1].dtype) == f"torch.{kind}"  # the type of what it is a gradient by


def factors(x):
    a = 4 * np.eye(3) + np.outer(x, x) + np.diag(x)
    w, v = np.linalg.eigh(a)
    return np.sum(v[:, 0] ** 2 * w) + np.sum(np.linalg.qr(a)[1][0] ** 2) + np.sum(np.linalg.svd(a)[1][:1])


# What is decided by numbers, and what NumPy is asked about them.
DECIDED = {
    "places": lambda x: x[np.argmax(x)] ** 2 + np.sum(x[np.argsort(x)] * [1.0, 2.0, 3.0]) + x[np.argmin(x)],
    "a condition on all": lambda x: np.sum(x * x) if np.all(np.isfinite(x)) and np.any(x > 1) else np.sum(x),
    "two conditions": lambda x: np.sum(np.where(np.logical_and(x > 0, ~np.isnan(x)), x**3, x)),
    "some of them": lambda x: np.sum(x[np.nonzero(x > 0)[0]] ** 2) + np.sum(x[x > W[0]] ** 2),
    "select": lambda x: np.sum(np.select([x < 0, x < 1], [x**2, x**3], 7.0)),
    "interp": lambda x: np.sum(np.interp(x, [-1.0, 0.0, 1.0], [1.0, 0.5, 3.0], right=2.0) * x),
    "without nan": lambda x: np.nansum(x * x) + np.nanmean(x**3) + np.nanmax(x) ** 2 + np.nanstd(x) + np.nanvar(x),
    "quantiles": lambda x: np.sum(np.quantile(x, [0.3, 0.9])) + np.percentile(x, 40),
    "spaced": lambda x: np.sum(np.linspace(x[0], x[1], 4) ** 2) + np.sum(np.full_like(x, 2.0) * x),
    "inverses": lambda x: np.sum(np.linalg.pinv(np.stack([x, x * x, W[0]])[:2])),
    "spectra": lambda x: np.sum(np.fft.irfft(np.fft.rfft(x) * np.array([1.0, 0.5]), 3) ** 2),
    "factors": factors,
    "steps": lambda x: np.sum(x // 0.7 * x) + np.sum(np.zeros_like(x) + x) + np.sum(np.vander(x)[:, 0]),
}


def found_there(make, kind, back, f):
    """Value and gradient, and a product with the Hessian, as NumPy's numbers have them."""
    value_and_grad, product = cr.value_and_grad(f), lambda x: cr.hvp(f, x, 2 * x)
    for found, expected in zip(
        (*value_and_grad(make(X)), product(make(X))), (*value_and_grad(X), product(X)), strict=True
    ):
        assert isinstance(found, kind)
        np.testing.assert_allclose(back(found), expected, rtol=1e-10, atol=1e-11)


@pytest.mark.usefixtures("no_host")
@pytest.mark.parametrize("name", DECIDED)
def test_what_is_decided_by_tensors_is_asked_where_they_lie(name):
    found_there(*torch(), DECIDED[name])


def test_arrays_that_meet_none_of_numpys():
    """By CuPy's protocols. Tensors on a GPU meet none in an operator either; those on the CPU do."""
    with cupy_stand_in.installed() as cupy:
        kind = (lambda x: cupy.asarray(x.copy())), cupy.ndarray, lambda y: y.get()
        for f in (*DECIDED.values(), *FUNCTIONS):
            found_there(*kind, f)
        for f in MIXED.values():
            found = cr.value_and_grad(f)(cupy.asarray(X.copy()), cupy.asarray(X > 0))
            for a, b in zip(found, cr.value_and_grad(f)(X, X > 0), strict=True):
                np.testing.assert_allclose(a.get(), b, rtol=1e-11, atol=1e-12)
        slopes = cr.vmap(cr.grad(lambda x: np.average(x, weights=[1.0, 2.0, 3.0])))(cupy.asarray(np.stack([X, X])))
        assert isinstance(slopes, cupy.ndarray)


@pytest.mark.usefixtures("no_host")
def test_a_function_that_asks_what_it_is_given_is_compared_on_tensors():
    asks = lambda x: np.sum(x * x) if not hasattr(x, "items") else 0.0
    np.testing.assert_allclose(cr.grad(asks)(torch()[0](X)).tolist(), 2 * X)
    np.testing.assert_allclose(cr.grad(asks, verify=True)(torch()[0](X)).tolist(), 2 * X)
    two = lambda x: np.sum(x) if isinstance(x, cr.Value) else np.sum(x * x)
    with pytest.raises(cr.errors.AnotherFunction):
        cr.grad(two, verify=True)(torch()[0](X))


def test_lower_factors_of_dask():
    make, _, back = dask()
    f = lambda x: cr.sum(np.linalg.cholesky(4 * np.eye(3) + np.ones((3, 3)) * x[0]) * W[:3])
    np.testing.assert_allclose(back(cr.jvp(f, (make(X),), (make(X),))[1]), cr.jvp(f, (X,), (X,))[1])


@pytest.mark.usefixtures("no_host")
def test_shares_of_an_index_that_occurs_twice_are_added_where_they_lie():
    library = pytest.importorskip("torch")
    x = library.as_tensor(X)
    for index in ([0, 0, 2], library.tensor([0, 0, 2]), np.array([True, False, True])):
        found = cr.grad(lambda x, index=index: cr.sum(x[index] ** 2))(x)
        count = np.bincount(
            np.arange(3)[np.asarray(index.tolist() if hasattr(index, "tolist") else index)], minlength=3
        )
        np.testing.assert_allclose(found.tolist(), 2 * X * count)


def to_an_element(x):
    x[0] = 2.5
    return cr.sum(x * x)


def to_a_result(x):
    y = x * 1.0
    y[0] = 9.0
    return cr.sum(y)


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("f", [to_an_element, to_a_result])
def test_an_assignment_to_one_example_is_not_lost(f):
    rows = pytest.importorskip("torch").as_tensor(np.stack([X, 2 * X]))
    np.testing.assert_allclose(cr.vmap(f)(rows), cr.vmap(f)(np.stack([X, 2 * X])))
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(rows), cr.vmap(cr.grad(f))(np.stack([X, 2 * X])))
    np.testing.assert_array_equal(rows, np.stack([X, 2 * X]))
