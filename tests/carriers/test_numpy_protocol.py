"""NumPy's functions on carriers: the value NumPy gives, the gradient of differences, or a refusal by name."""

import numpy as np
import pytest

import chainrule as cr
from benchmarks import coverage
from chainrule import Value
from chainrule.carriers.functions.rules import FUNCTIONS, PLAIN
from chainrule.carriers.numpy import PLAIN_UFUNCS, UFUNCS
from chainrule.errors import DomainError, DroppedDerivative, UnsupportedFunction

V = np.array([0.3, 0.9, 0.6, 0.1])
M = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, 0.4], [0.6, 0.7, 1.9]])
B = np.array([0.5, -1.0, 2.0, 0.25])

ABOVE_ONE = {np.arccosh}
TWO = [u for u in UFUNCS if u.nin == 2 and u is not np.matmul]
ONE = [u for u in UFUNCS if u.nin == 1]

CALLS = {
    "where": lambda x: np.where(x > 0.5, x * x, -x),
    "clip": lambda x: np.clip(x, 0.2, 0.7),
    "clip low": lambda x: np.clip(x, 0.2, None),
    "clip by name": lambda x: (
        np.clip(x, min=0.2, max=0.5) if np.lib.NumpyVersion(np.__version__) >= "2.1.0" else np.clip(x, 0.2, 0.5)
    ),
    "sum": np.sum,
    "sum axis": lambda x: np.sum(x.reshape(2, 2), axis=0, keepdims=True),
    "sum where": lambda x: np.sum(x, where=x > 0.2),
    "mean": np.mean,
    "prod": np.prod,
    "prod where": lambda x: np.prod(x, where=x > 0.2),
    "var": np.var,
    "var ddof": lambda x: np.var(x, ddof=1),
    "std": lambda x: np.std(x, axis=0),
    "max": np.max,
    "amin": np.min,
    "ptp": np.ptp,
    "median": np.median,
    "median odd": lambda x: np.median(x[:3]),
    "median axis": lambda x: np.median(x.reshape(2, 2), axis=1),
    "average": lambda x: np.average(x, weights=[1.0, 2.0, 3.0, 4.0]),
    "nansum": np.nansum,
    "nanmean": np.nanmean,
    "cumsum": np.cumsum,
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "diff": np.diff,
    "trapezoid": lambda x: np.trapezoid(x, dx=0.5),
    "reshape": lambda x: np.reshape(x, (2, 2)),
    "reshape F": lambda x: np.reshape(x, (2, 2), order="F"),
    "ravel": np.ravel,
    "transpose": lambda x: np.transpose(x.reshape(1, 4)),
    "swapaxes": lambda x: np.swapaxes(x.reshape(1, 4), 0, 1),
    "moveaxis": lambda x: np.moveaxis(x.reshape(1, 2, 2), 0, -1),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "squeeze": lambda x: np.squeeze(x.reshape(1, 4)),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 4)),
    "concatenate": lambda x: np.concatenate([x, 2 * x, np.ones(2)]),
    "stack": lambda x: np.stack([x, x * x], axis=1),
    "vstack": lambda x: np.vstack([x, x]),
    "hstack": lambda x: np.hstack([x, [1.0]]),
    "dstack": lambda x: np.dstack([x, x]),
    "column_stack": lambda x: np.column_stack([x, x * x]),
    "append": lambda x: np.append(x, x[0]),
    "split": lambda x: np.split(x, 2)[1],
    "hsplit": lambda x: np.hsplit(x, 2)[0],
    "atleast_2d": np.atleast_2d,
    "atleast_3d": np.atleast_3d,
    "flip": np.flip,
    "flipud": np.flipud,
    "fliplr": lambda x: np.fliplr(x.reshape(2, 2)),
    "roll": lambda x: np.roll(x, 1),
    "rot90": lambda x: np.rot90(x.reshape(2, 2), 3),
    "take": lambda x: np.take(x, [0, 0, 3]),
    "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(x), 0),
    "repeat": lambda x: np.repeat(x, 2),
    "tile": lambda x: np.tile(x, 3),
    "pad": lambda x: np.pad(x, 1),
    "pad edge": lambda x: np.pad(x, 2, mode="edge"),
    "sort": np.sort,
    "diag": np.diag,
    "diagonal": lambda x: np.diagonal(x.reshape(2, 2)),
    "triu": lambda x: np.triu(x.reshape(2, 2)),
    "tril": lambda x: np.tril(x.reshape(2, 2)),
    "dot": lambda x: np.dot(x, B),
    "vdot": lambda x: np.vdot(B, x),
    "inner": lambda x: np.inner(x, x),
    "outer": lambda x: np.outer(x, x),
    "tensordot": lambda x: np.tensordot(x, B, 1),
    "kron": lambda x: np.kron(x.reshape(2, 2), M),
    "cross": lambda x: np.cross(x[:3], B[:3]),
    "einsum": lambda x: np.einsum("i,j->ij", x, x),
    "matmul": lambda x: np.matmul(x.reshape(2, 2), x.reshape(2, 2)),
    "trace": lambda x: np.trace(x.reshape(2, 2)),
    "norm": np.linalg.norm,
    "norm axis": lambda x: np.linalg.norm(x.reshape(2, 2), axis=1),
    "solve": lambda x: np.linalg.solve(M, x[:3]),
    "inv": lambda x: np.linalg.inv(x.reshape(2, 2)),
    "det": lambda x: np.linalg.det(x.reshape(2, 2)),
    "slogdet": lambda x: np.linalg.slogdet(x.reshape(2, 2))[1],
    "matrix_power": lambda x: np.linalg.matrix_power(x.reshape(2, 2), 3),
    "multi_dot": lambda x: np.linalg.multi_dot([x.reshape(2, 2), x.reshape(2, 2), x[:2]]),
    "nan_to_num": np.nan_to_num,
    "copy": np.copy,
    "real": np.real,
    "round": lambda x: np.round(x, 1),
    "around": lambda x: np.around(x, 1),
    "vector_norm": lambda x: np.linalg.vector_norm(x.reshape(2, 2)),
    "vector_norm axis": lambda x: np.linalg.vector_norm(x.reshape(2, 2), axis=0),
    "linalg.outer": lambda x: np.linalg.outer(x, x),
    "linalg.trace": lambda x: np.linalg.trace(x.reshape(2, 2)),
    "linalg.diagonal": lambda x: np.linalg.diagonal(x.reshape(2, 2)),
    "linalg.matrix_transpose": lambda x: np.linalg.matrix_transpose(x.reshape(2, 2)),
    "full_like": lambda x: np.full_like(x, x[0]),
    "polyval": lambda x: np.polyval(x, 0.5),
    "polyval at": lambda x: np.polyval([1.0, 2.0, 3.0], x),
    "convolve": lambda x: np.convolve(x, x[:2]),
    "convolve same": lambda x: np.convolve(x, V[:3], "same"),
    "convolve valid": lambda x: np.convolve(x, B[:2], "valid"),
    "meshgrid": lambda x: np.meshgrid(x[:2], x)[0] * np.meshgrid(x[:2], x)[1],
    "meshgrid ij": lambda x: np.meshgrid(x, B, indexing="ij")[0],
    "linspace": lambda x: np.linspace(x[0], x[1], 5),
    "sinc": np.sinc,
    "add.reduce": np.add.reduce,
    "multiply.reduce": np.multiply.reduce,
    "maximum.reduce": np.maximum.reduce,
    "add.accumulate": np.add.accumulate,
    "multiply.accumulate": np.multiply.accumulate,
    "multiply.outer": lambda x: np.multiply.outer(x, x),
    "subtract.outer": lambda x: np.subtract.outer(B, x),
    "matrix_transpose": lambda x: np.matrix_transpose(x.reshape(2, 2)),
    "sum of a list": lambda x: np.sum([x[0], x[1] * x[2]]),
}


def same_derivative(f, x):
    """The value is NumPy's; Jacobians by both modes are those of differences."""
    np.testing.assert_allclose(cr.jvp(f, (x,), (np.zeros_like(x),))[0], f(x), rtol=1e-14)
    assert np.allclose(np.asarray(f(Value(x)).data), f(x), rtol=1e-14, atol=0)
    reverse, forward = cr.jacrev(f)(x), cr.jacfwd(f)(x)
    assert reverse.shape == np.shape(f(x)) + x.shape
    steps = [(f(x + 1e-6 * e) - f(x - 1e-6 * e)) / 2e-6 for e in np.eye(x.size).reshape(x.size, *x.shape)]
    differences = np.stack(steps, axis=-1).reshape(reverse.shape)
    np.testing.assert_allclose(reverse, differences, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("ufunc", [u for u in ONE if u.nout == 1], ids=lambda u: u.__name__)
def test_ufuncs_of_one_number(ufunc):
    same_derivative(ufunc, V + 1 if ufunc in ABOVE_ONE else V)


@pytest.mark.parametrize("ufunc", [u for u in TWO if u.nout == 1], ids=lambda u: u.__name__)
def test_ufuncs_of_two_numbers(ufunc):
    if ufunc in (np.matvec, np.vecmat):
        left = np.arange(16.0).reshape(4, 4) / 7 if ufunc is np.matvec else V[::-1]
        same_derivative(lambda x: ufunc(left, x if ufunc is np.matvec else np.outer(x, V)), V)
        return
    other = np.array([1, 2, 0, 1]) if ufunc is np.ldexp else np.array([0.71, 0.2, 1.3, 0.83])
    same_derivative(lambda x: ufunc(x, other).astype(float), V)
    if ufunc is not np.ldexp:
        same_derivative(lambda x: ufunc(other, x).astype(float), V)


def test_ufuncs_with_two_results():
    for ufunc, f in ((np.divmod, lambda x: np.divmod(x, 0.25)), (np.modf, lambda x: np.modf(3 * x))):
        assert ufunc in UFUNCS
        for k in (0, 1):
            same_derivative(lambda x, f=f, k=k: f(x)[k], V)


@pytest.mark.parametrize("name", CALLS)
def test_functions(name):
    same_derivative(CALLS[name], V)


@pytest.mark.parametrize("ufunc", sorted(PLAIN_UFUNCS, key=lambda u: u.__name__), ids=lambda u: u.__name__)
def test_ufuncs_that_carry_no_derivative(ufunc):
    args = (V,) if ufunc.nin == 1 else (V, V > 0.5)
    found = ufunc(Value(args[0]), *args[1:])
    assert type(found) is np.ndarray
    assert np.array_equal(found, ufunc(*args))


@pytest.mark.parametrize(
    "function", [np.argmax, np.argsort, np.shape, np.size, np.any, np.zeros_like, np.argwhere, np.ndim]
)
def test_functions_that_carry_no_derivative(function):
    assert function in PLAIN
    assert np.array_equal(function(Value(V)), function(V))


REFUSED = {
    "np.gcd": lambda x: np.gcd(x, 1),
    "np.gcd.reduce": np.gcd.reduce,
    "np.gcd.reduceat": lambda x: np.gcd.reduceat(x, [0, 2]),
    "np.gcd.accumulate": np.gcd.accumulate,
    "np.subtract.reduce: no derivative rule for the setting initial=": lambda x: np.subtract.reduce(x, initial=1.0),
    "np.sum: no derivative rule for the setting dtype=": lambda x: np.sum(x, dtype=int),
    "np.max: no derivative rule for the setting where=": lambda x: np.max(x, where=x > 0),
    "np.median: no derivative rule for the setting overwrite_input=": lambda x: np.median(x, overwrite_input=True),
    "np.concatenate: no derivative rule for the setting dtype=": lambda x: np.concatenate((x, x), dtype=int),
    "np.stack: no derivative rule for the setting casting=": lambda x: np.stack((x, x), casting="no"),
    "np.add: no derivative rule for the setting where= without out=": lambda x: np.add(x, 1.0, where=x > 0.5),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize(
    "mode", [cr.grad, cr.jacfwd, lambda f: lambda x: cr.taylor(f, x, 2)], ids=["Value", "Dual", "Series"]
)
def test_refused_by_name(name, mode):
    with pytest.raises(UnsupportedFunction) as caught:
        mode(REFUSED[name])(V)
    assert str(caught.value).startswith(name)
    assert "test_numpy_protocol.py:" in str(caught.value)


@pytest.mark.parametrize("factor", [np.linalg.eigh, np.linalg.svd, np.linalg.qr], ids=lambda f: f.__name__)
@pytest.mark.parametrize("mode", [cr.jacfwd, cr.jacrev])
def test_factors_without_a_derivative_say_so(factor, mode):
    with pytest.raises(DomainError) as caught:
        mode(lambda x: factor(np.outer(x, x))[0 if factor is np.linalg.qr else 1 if factor is np.linalg.eigh else 2])(V)
    assert factor.__name__ in str(caught.value)
    assert "test_numpy_protocol.py:" in str(caught.value)


def test_whole_numbers_of_steps_carry_no_derivative():
    f = lambda x: np.sum(x * np.minimum(np.floor(3 * x) + 1, 2).astype(int))
    np.testing.assert_array_equal(cr.grad(f)(V), np.minimum(np.floor(3 * V) + 1, 2))
    np.testing.assert_array_equal(cr.grad(lambda x: np.sum((x + np.floor(x)).astype(int) * x))(V), np.floor(V + V // 1))


def test_settings_at_their_usual_values_say_nothing():
    def f(x):
        joined = np.concatenate((x, x), axis=0, dtype=None, casting="same_kind", out=None)
        return np.sum(joined * np.vstack((joined, x[:1].repeat(2 * len(x))), dtype=None)[0])

    np.testing.assert_array_equal(cr.grad(f)(V), 4 * V)


def test_the_refusal_says_what_to_do():
    with pytest.raises(UnsupportedFunction) as caught:
        np.gcd(Value(V), 1)
    text = (
        "np.gcd has no derivative rule in Chainrule.\n"
        "  Write it with functions of the table (chainrule.ops.PUBLIC), give it a rule with @cr.custom_vjp,\n"
        "  or hold its argument constant with cr.stop_gradient(x)\n"
        "  test_numpy_protocol.py:"
    )
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    "call",
    [lambda x, b: np.sum(x, out=b[:1].reshape(())), lambda x, b: np.exp(x, out=b), lambda x, b: np.cumsum(x, out=b)],
)
def test_out_is_refused(call):
    with pytest.raises(DroppedDerivative, match="cannot write into an existing array"):
        call(Value(V), np.zeros(4))


def test_mixed_with_arrays_from_either_side():
    x = Value(V)
    for y in (
        B + x,
        x + B,
        B * x,
        B @ x,
        x @ B,
        B - x,
        B / (x + 1),
        np.float64(2.0) * x,
        np.float32(2.0) + x,
        [1, 2, 3, 4] * x,
    ):
        assert isinstance(y, Value)


FOLDED = [
    (ufunc, method, settings)
    for ufunc in (np.add, np.multiply, np.subtract, np.divide, np.hypot, np.logaddexp, np.maximum, np.minimum)
    for method, settings in (
        ("reduce", {}), ("reduce", {"axis": 1}), ("reduce", {"axis": -1, "keepdims": True}), ("accumulate", {}),
        ("accumulate", {"axis": 1}), ("reduceat", {"indices": [0, 2, 1]}), ("reduceat", {"indices": [1, 1], "axis": 1}),
    )
]  # fmt: skip


@pytest.mark.parametrize(("ufunc", "method", "settings"), FOLDED, ids=lambda x: getattr(x, "__name__", str(x)))
def test_functions_of_two_numbers_fold_arrays(ufunc, method, settings):
    x = np.array([[0.4, 0.9, 1.3], [1.7, 0.6, 0.8], [0.5, 1.1, 0.7]])
    f = lambda x: getattr(ufunc, method)(x, **settings)
    np.testing.assert_allclose(cr.jvp(f, (x,), (x,))[0], f(x), rtol=1e-14)
    weights = np.cos(np.arange(f(x).size)).reshape(f(x).shape)
    found = cr.grad(lambda x: np.sum(weights * f(x)))(x)
    right = cr.numeric.gradient(lambda x: np.sum(weights * f(x)), x)
    np.testing.assert_allclose(found, np.reshape(getattr(right, "value", right), x.shape), rtol=1e-7, atol=1e-9)


def test_every_rule_is_tried_here():
    named = {f.__name__ for f in FUNCTIONS if f not in PLAIN}
    tried = {name.split()[0].split(".")[-1] for name in CALLS} | {"interp", "imag", "atleast_1d", "vsplit"}
    surveyed = {name.rpartition(".")[2] for name in coverage.public()}  # by tests/test_coverage.py
    assert named - tried <= surveyed
