"""Arrays with labels (xarray) and classes of fields (attrs): computed with, or refused with what to write."""

import dataclasses

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, numeric
from chainrule.errors import ArgumentError, ChainruleError

X = np.array([1.3, 0.7, 2.1])


def _labelled():
    xr = pytest.importorskip("xarray")
    u = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("a", "b"), coords={"a": [0, 1]})
    return xr, u, xr.Dataset({"u": u, "v": ("b", np.array([1.0, 2.0, 3.0]))})


def _functions(xr, u, table):
    def assigned(w):
        y = u * w
        y[0] = 1.0
        return (y**2).sum()

    return {
        "left": lambda w: np.sum(u * w[0]),
        "right": lambda w: np.sum(w[0] * u),
        "array": lambda w: (w * u).sum(),
        "power": lambda w: np.sum(w ** (u / 5)),
        "ufunc": lambda w: np.sum(np.multiply(w, u)),
        "mean": lambda w: ((u * w) ** 2).mean(dim="a").sum(),
        "made": lambda w: (xr.DataArray(w, dims="b") * u).sum(),
        "table": lambda w: (table["v"] * w).sum() + (table * w[0])["u"].sum(),
        "dot": lambda w: u.dot(xr.DataArray(w, dims="b")).sum(),
        "where": lambda w: (u * w).where(u > 2, 0.0).sum(),
        "std": lambda w: (u * w).std(),
        "select": lambda w: (u.sel(a=1) * w).isel(b=0),
        "cumsum": lambda w: (u * w).cumsum("b").sum(),
        "assigned": assigned,
    }


def test_arrays_with_labels_compute_with_recorded_numbers():
    """Every function by every mode, or one of them: no mode of a function is wrong."""
    xr, u, table = _labelled()
    functions = _functions(xr, u, table)
    for k, (name, of_labels) in enumerate(functions.items()):

        def f(w, of_labels=of_labels):
            y = of_labels(w)
            return y.data if isinstance(y, xr.DataArray) else y

        due = numeric.gradient(lambda w, f=f: float(f(w)), X, budget="cheap")
        found = cr.jit(cr.grad(f))(X) if k % 5 == 0 else cr.grad(f)(X)
        assert np.allclose(found, due.value, rtol=1e-8, atol=1e-10), name
        assert np.isclose(cr.jvp(f, (X,), (np.ones(3),))[1], np.sum(due.value), rtol=1e-8), name


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda u, _: cr.grad(lambda x: (x**2).sum())(u), r"pass its numbers, x\.data"),
        (lambda _, table: cr.grad(lambda d: d["u"].sum())(table), "Dataset inside of the function"),
        (lambda u, _: cr.jit(lambda x: x * 2)(u), r"pass its numbers, x\.data"),
        (lambda u, _: cr.check(lambda x: (x**2).sum(), lambda x: 2 * x, at=u), r"pass its numbers, x\.data"),
        (lambda u, _: cr.grad(lambda w: np.sum(u * w))(2.0), r"return its \.data"),
        (lambda u, _: cr.jvp(lambda w: u * w, (2.0,), (1.0,)), r"return its \.data"),
        (lambda u, _: cr.grad(lambda w: np.sum((u * w).values))(2.0), "without losing its derivative"),
        (lambda u, _: cr.grad(lambda w: float((u * w).sum()))(2.0), "lose its derivative"),
    ],
)
def test_what_arrays_with_labels_cannot_do_is_said(call, said):
    _, u, table = _labelled()
    with pytest.raises(ChainruleError, match=said):
        call(u, table)


def loss(p):
    return np.sum(p.w**2) * p.b


def test_classes_of_attrs_are_containers():
    attrs = pytest.importorskip("attrs")
    for settings in ({"frozen": True}, {"slots": False}, {}):

        @nn.container
        @attrs.define(**settings)
        class Line:
            w: np.ndarray
            b: float
            name: str = attrs.field(default="line", metadata={"setting": True})

        p = Line(np.array([1.0, 2.0]), 3.0, "mine")
        for gradient in (cr.grad(loss)(p), cr.jit(cr.grad(loss))(p)):
            assert type(gradient) is Line
            assert np.allclose(gradient.w, [6.0, 12.0])
            assert (gradient.b, gradient.name) == (5.0, "mine")
        assert cr.check(loss, lambda p, make=Line: make(2 * p.w * p.b, np.sum(p.w**2)), at=p)
        assert cr.hvp(loss, p, p).b == 10.0


def _fields():
    @dataclasses.dataclass
    class Plain:
        w: object
        b: float

    yield Plain, "dataclasses.asdict"
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Defined:
        w: object
        b: float

    yield Defined, "attrs.asdict"


def test_other_classes_of_fields_are_refused_with_what_to_write_and_may_be_made_inside():
    for kind, advice in _fields():
        p = kind(np.array([1.0, 2.0]), 3.0)
        for call in (cr.grad(loss), cr.jit(cr.grad(loss)), lambda p: cr.check(loss, loss, at=p)):
            with pytest.raises(ArgumentError, match=r"nn\.container above the class") as told:
                call(p)
            assert advice in str(told.value)
        with pytest.raises(ArgumentError, match=r"nn\.container above the class"):
            cr.jacobian(lambda w, kind=kind: kind(w, 1.0))(np.ones(2))
        assert np.allclose(cr.grad(lambda w, kind=kind: loss(kind(w, 3.0)))(np.array([1.0, 2.0])), [6.0, 12.0])


def test_tables_of_pandas_are_refused_as_arguments():
    pandas = pytest.importorskip("pandas")
    for x in (pandas.Series([1.0, 2.0]), pandas.DataFrame({"a": [1.0]})):
        with pytest.raises(ArgumentError, match=r"x\.to_numpy\(\)"):
            cr.grad(lambda x: (x**2).sum())(x)
