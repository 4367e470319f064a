"""Complex numbers: every function with a rule against NumPy's value and differences, all others refused by name, and
the conventions against PyTorch and JAX."""

import cmath
import contextlib

import numpy as np
import pytest
from carriers.complex_calls import OTHERS, POINTS, TAKEN, call_of, function_of, is_number, leaves

import chainrule as cr
from chainrule.errors import UnsupportedFunction

pytestmark = pytest.mark.filterwarnings("ignore")
STEP = 1e-6


def paired(a, b):
    return np.sum((np.conj(a) * b).real)


def kinds_of_call(call):
    return ("cc", "rc", "cr") if "y" in call.replace("numpy", "") or "B" in call else ("cc",)


def taken_by_numpy(call, at, kinds):
    x = POINTS[at].copy() if kinds[0] == "c" else POINTS[at].real.copy()
    f = function_of(call, at, kinds)
    try:
        with np.errstate(all="ignore"):
            return f, x, leaves(f(x.copy()))
    except (TypeError, ValueError, np.linalg.LinAlgError):
        return None


@pytest.mark.parametrize("name", TAKEN)
def test_a_function_is_right_or_refused(name):
    found = call_of(name)
    if found is None:
        pytest.skip("NumPy's takes no complex numbers")
    for kinds in kinds_of_call(found[0]):
        taken = taken_by_numpy(*found, kinds)
        if taken is not None:
            compare(name, kinds, *taken)


def compare(name, kinds, f, x, plain):
    t = np.cos(np.arange(x.size)).reshape(x.shape) * (1 + (0.3j if kinds[0] == "c" else 0))
    found = None
    with contextlib.suppress(UnsupportedFunction):
        found = cr.jvp(f, (x,), (t,))
    if found is None:
        with pytest.raises(UnsupportedFunction, match=name.rpartition(".")[2]):
            cr.jvp(f, (x,), (t,))
        return
    value, tangent = map(leaves, found)
    assert len(value) == len(plain)
    ahead, behind = (leaves(f(x + s * STEP * t)) for s in (1, -1))
    for k, y in enumerate(plain):
        if not is_number(y):
            np.testing.assert_array_equal(value[k], y)
            continue
        np.testing.assert_allclose(value[k], y, rtol=1e-12, atol=1e-13)
        assert np.asarray(value[k]).dtype == np.asarray(y).dtype
        slope = (np.asarray(ahead[k]) - np.asarray(behind[k])) / (2 * STEP)
        np.testing.assert_allclose(tangent[k], slope, rtol=1e-5, atol=1e-6)
        ct = np.sin(1 + np.arange(np.size(y))).reshape(np.shape(y)) * (1 + (0.7j if np.iscomplexobj(y) else 0))
        _, pullback = cr.vjp(lambda z, k=k: leaves(f(z))[k], x)
        (back,) = pullback(ct if np.ndim(y) else ct.item())
        assert np.iscomplexobj(back) == (kinds[0] == "c")
        np.testing.assert_allclose(paired(back, t), paired(ct, slope), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OTHERS)
def test_a_function_without_a_rule_is_refused(name):
    found = call_of(name)
    if found is None:
        pytest.skip("NumPy's takes no complex numbers")
    f, x, _ = taken_by_numpy(*found, "cc")
    with pytest.raises(UnsupportedFunction, match=name.rpartition(".")[2]):
        cr.jvp(f, (x,), (x,))


REAL_THROUGH_COMPLEX = {
    "spectrum": lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2 * np.arange(5)),
    "phase": lambda x: np.sum(np.angle(np.fft.rfft(x)[1:]) ** 2),
    "wave": lambda x: np.sum(np.imag(np.exp(1j * x)) * x),
    "product": lambda x: np.sum((np.fft.ifft(x) * np.fft.ifft(x).conj()).real ** 2),
    "filter": lambda x: np.sum(np.fft.irfft(np.fft.rfft(x) * np.array([1, 2j, 3]), 5) ** 3),
    "determinant": lambda x: np.abs(np.linalg.det(np.outer(x, x) + 1j * np.diag(x + 2))),
    "solution": lambda x: np.sum(np.abs(np.linalg.solve(np.diag(x + 2) + 1j * np.outer(x, x), x + 1j)) ** 2),
    "logarithm": lambda x: np.sum(np.log(x + 2j).imag ** 2 + np.sqrt(x + 0.5j).real),
}


@pytest.mark.parametrize("name", REAL_THROUGH_COMPLEX)
def test_real_functions_through_complex_numbers_in_every_mode(name):
    f = REAL_THROUGH_COMPLEX[name]
    x, t = np.array([0.3, -0.7, 1.1, 0.4, -0.2]), np.cos(np.arange(5.0))
    slopes = np.array([(f(x + STEP * e) - f(x - STEP * e)) / (2 * STEP) for e in np.eye(5)])
    gradient = cr.grad(f)
    np.testing.assert_allclose(cr.value_and_grad(f)(x)[0], f(x), rtol=1e-12)
    np.testing.assert_allclose(gradient(x), slopes, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(cr.jvp(f, (x,), (t,))[1], slopes @ t, rtol=1e-5, atol=1e-7)
    curved = (gradient(x + STEP * t) - gradient(x - STEP * t)) / (2 * STEP)
    np.testing.assert_allclose(cr.hvp(f, x, t), curved, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(cr.hessian(f)(x) @ t, curved, rtol=1e-5, atol=1e-5)
    along = cr.taylor(lambda s: f(x + s * t), 0.0, 2)
    np.testing.assert_allclose(along.coefficients[1:], [slopes @ t, curved @ t / 2], rtol=1e-5, atol=1e-5)


def test_under_jit():
    pytest.importorskip("llvmlite")
    x = np.array([0.3, -0.7, 1.1, 0.4, -0.2])
    f = REAL_THROUGH_COMPLEX["filter"]
    compiled = cr.jit(cr.grad(f))
    for at in (x, x[::-1].copy()):
        np.testing.assert_allclose(compiled(at), cr.grad(f)(at), rtol=1e-12)
    z = np.array([3 + 4j, 1j])
    gradient = cr.grad(lambda z: np.sum(np.abs(z) ** 3))
    np.testing.assert_allclose(cr.jit(gradient)(z), gradient(z), rtol=1e-14)
    np.testing.assert_allclose(cr.jit(lambda x: np.exp(1j * x))(x), np.exp(1j * x), rtol=1e-15)


ELEMENTARY = [
    "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arcsinh",
    "arccosh", "arctanh", "expm1", "log1p", "square", "reciprocal",
]  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTARY)
def test_elementary_functions_are_numpys_in_all_quadrants_and_holomorphic(name):
    f = getattr(np, name)
    for r in (0.3, 0.999, 1.4, 6.0):
        for angle in (0.4, 1.2, np.pi / 2, 2.0, 2.9, -0.4, -1.2, -np.pi / 2, -2.0, -2.9):
            z = cmath.rect(r, angle)
            if name in ("arctan", "arcsinh") and abs(z.imag) > 1 and abs(z.real) < STEP:
                continue  # on their branch cut
            value, slope = cr.value_and_grad(f, holomorphic=True)(z)
            np.testing.assert_allclose(value, f(z), rtol=2e-14, atol=1e-15)
            steps = [(f(z + 1e-6 * d) - f(z - 1e-6 * d)) / (2e-6 * d) for d in (1, 1j)]
            np.testing.assert_allclose(slope, steps[0], rtol=1e-5, atol=1e-8)
            np.testing.assert_allclose(slope, steps[1], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("exponent", [2, 3, -1, -2, 0, 0.5, 1.5, 1j, 2 - 1j])
def test_powers(exponent):
    for z in (0.3 + 0.4j, -1.2 + 0.5j, -0.5 - 0.7j):
        value, slope = cr.value_and_grad(lambda z: z**exponent, holomorphic=True)(z)
        np.testing.assert_allclose([value, slope], [z**exponent, exponent * z ** (exponent - 1)], rtol=1e-13)
    np.testing.assert_allclose(cr.grad(lambda x: (1j**x).real)(2.0), 0.0, atol=1e-15)


def test_a_real_operand_gets_a_real_cotangent():
    x, z = np.array([1.0, 2.0]), np.array([1j, 2 + 1j])
    a, b = cr.grad(lambda x, z: np.sum(np.abs(x * z) ** 2), (0, 1))(x, z)
    assert a.dtype == np.float64
    assert b.dtype == np.complex128
    np.testing.assert_allclose(a, 2 * x * np.abs(z) ** 2)
    np.testing.assert_allclose(b, 2 * x**2 * z)


def test_the_convention_is_pytorchs_and_jaxs_conjugate():
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
    z = np.array([0.3 + 0.5j, -1.0 + 0.2j])
    ours = cr.grad(lambda z: np.sum(np.abs(np.exp(z) * z) ** 2 + (z * z).imag))(z)
    w = torch.tensor(z, requires_grad=True)
    torch.sum(torch.abs(torch.exp(w) * w) ** 2 + (w * w).imag).backward()
    np.testing.assert_allclose(ours, w.grad.numpy(), rtol=1e-12)
    jnp = jax.numpy
    theirs = jax.grad(lambda z: jnp.sum(jnp.abs(jnp.exp(z) * z) ** 2 + (z * z).imag))(jnp.asarray(z))
    np.testing.assert_allclose(ours, np.conj(theirs), rtol=1e-5)


def test_products_with_vectors():
    z, t = np.array([0.3 + 0.5j, -1.0 + 0.2j]), np.array([1j, 2.0 - 1j])
    np.testing.assert_allclose(cr.jvp(lambda z: z**2, (z,), (t,))[1], 2 * z * t)
    np.testing.assert_allclose(cr.vjp(lambda z: z**2, z)[1](t)[0], np.conj(2 * z) * t)
    np.testing.assert_allclose(cr.vjp(lambda z: z**2, z)[1](np.ones(2))[0], np.conj(2 * z))
    np.testing.assert_allclose(cr.jacobian(lambda x: np.exp(1j * x))(0.3), 1j * np.exp(0.3j))
    np.testing.assert_allclose(cr.jacobian(np.sin, holomorphic=True)(z), np.diag(np.cos(z)), atol=1e-15)
    second = cr.grad(cr.grad(lambda z: z**3, holomorphic=True), holomorphic=True)
    np.testing.assert_allclose(second(1j), 6j)


def test_containers_types_and_constants():
    by_name = cr.grad(lambda p: np.abs(p["a"] * p["b"]) ** 2)({"a": 1 + 1j, "b": 2.0})
    single = cr.grad(lambda z: np.sum(np.abs(z) ** 2))(np.array([3 + 4j], np.complex64))
    assert by_name == pytest.approx({"a": 8 + 8j, "b": 8.0})
    assert single.dtype == np.complex64
    assert single == 6 + 8j
    assert cr.grad(lambda x: np.sum(np.abs(np.fft.fft([x, 2 * x, 1.0])) ** 2))(2.0) == pytest.approx(60.0)
    assert cr.grad(lambda x: np.array([x, 1j * x])[1].imag)(2.0) == 1.0
    assert cr.grad(lambda x: (x.astype(complex) * 1j).imag)(np.float64(2.0)) == 1.0
    assert cr.grad(lambda z: np.abs(z * cr.stop_gradient(z)))(1 + 2j) == pytest.approx(1 + 2j)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cr.grad(lambda z: z * np.conj(z), holomorphic=True)(1j), "not holomorphic"),
        (lambda: cr.grad(lambda z: z * z)(1j), "holomorphic=True"),
        (lambda: cr.grad(lambda z: z * z, holomorphic=True)(1.0), "complex arguments"),
        (lambda: cr.jacobian(lambda z: z * z)(1j), "holomorphic=True"),
        (lambda: cr.hessian(lambda z: np.abs(z) ** 2)(1j), "holomorphic"),
        (lambda: cr.jvp(lambda x: x * 2, (1.0,), (1j,)), "real numbers"),
        (lambda: cr.vjp(lambda x: x * 2, 1.0)[1](1j), "real numbers"),
        (lambda: cr.grad(lambda x: complex(x, 1.0).real)(2.0), r"a \+ 1j \* b"),
        (lambda: cr.grad(lambda z: z.astype(float))(2j), "real or .imag"),
        (lambda: cr.grad(lambda z: cr.relu(z).real)(2j), "relu"),
        (lambda: cr.grad(lambda z: np.insert(np.ones(2), 0, z).sum())(2j), "np.insert"),
        (lambda: cr.Value(1j), "real number"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(cr.ChainruleError, match=words):
        call()
