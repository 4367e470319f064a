"""Calls of NumPy as people write them, that once were refused or raised what says nothing: by grad and by jit."""

import linecache
import os

import numpy as np
import pytest

import chainrule as cr
from chainrule import numeric
from chainrule.errors import UnsupportedFunction

X = np.array([0.31, 0.72, 0.18, 0.55, 0.87, 0.43])
INSIDE = """
    A = x.reshape(2, 3)
    M = np.array([[x[0] + 2, x[1], x[2]], [x[3], x[4] + 3, x[5]], [x[1], x[2], 2.5 + x[0]]])
    z = x * (1 + 0.5j) + 0.2j
    few = [x[0], x[1], x[2]]
"""
# source of a call: whether jit records it too
CALLS = {
    "np.poly(M)": True,
    "np.poly(M @ M.T)": True,
    "np.poly(x[:3])": True,
    "np.polyint(x, k=x[0])": True,
    "np.pad(A, 1, constant_values=x[0])": True,
    "np.pad(x, (1, 2), constant_values=(x[0], 2.0))": True,
    "np.pad(A, ((1, 0), (0, 2)), 'constant', constant_values=((x[0], 1.0), (x[1], x[2])))": True,
    "np.vecdot(A, A, axis=0)": True,
    "np.require(x, requirements='C') ** 2": True,
    "np.require(x, float, ['C', 'W']) ** 2": True,
    "np.interp(0.3, [0, 1.0], z[:2])": True,
    "np.interp([0.1, 2.0], [0, 1.0], z[:2], left=z[3], right=1.0)": True,
    "np.sinc(z)": True,
    "np.sinc(z - z[0])": True,
    "np.logspace(0, x[0], 3, base=x[:2] + 2)": True,
    "np.logspace([0, x[0]], [1, 2], 3, base=[2, 3], axis=1)": True,
    "np.trim_zeros(np.pad(A, 1))": True,
    "np.trim_zeros(np.pad(A, 1), axis=0)": True,
    "np.trim_zeros(np.pad(A, ((2, 1), (0, 0))), 'f')": True,
    "np.array(np.trim_zeros([0.0, x[0], x[1], 0.0]) + [1.0])": True,
    "np.array(np.trim_zeros((0.0, x[0], 0.0), 'b'))": True,
    "np.insert(x, [1, 3], [x[0], 2.0])": True,
    "np.insert(A, 1, x[:2], axis=1)": True,
    "np.ediff1d(x, to_begin=0.0, to_end=[1.0, 2.0])": True,
    "np.cdouble(x[0]) * z[1]": True,
    "np.copysign(few, -1.0)": True,
    "np.float_power(few, [2, 3, 1])": True,
    "np.logaddexp(few, [0.1, x[3], 0.2])": True,
    "np.logaddexp.reduce(x)": True,
    "np.ldexp(few, 2)": True,
    "np.fabs([x[0], -1.0])": True,
    "np.radians(few) + np.degrees(few)": True,
    "np.bincount([0, 1, 0], weights=few)": True,
    "np.linalg.norm(x=[x[0], 2.0])": True,
    "np.delete(x, 0 * x + np.arange(6) > 3)": True,
    "np.array([0, 1]).choose([x[:2], x[2:4]])": True,
    "np.ones(2).clip(x[0], x[1])": True,
    "np.emath.sqrt(x - 0.5)": True,
    "np.emath.power(x - 0.5, 2)": True,
    "np.emath.logn(2, -x)": True,
    "np.zeros(np.shape(z)) * x + np.ndim(z) + np.size(z)": True,
}


def _function(call):
    """The function that sums what a call gives, from source that tracebacks can show."""
    source = (
        f"def f(x):{INSIDE}    y = {call}\n    w = np.cos(np.arange(np.size(y))).reshape(np.shape(y))\n"
        "    return np.sum(np.real(y) * w) + 0.5 * np.sum(np.imag(y) * w)\n"
    )
    linecache.cache[call] = (len(source), None, source.splitlines(True), call)
    made = {"np": np, "__name__": "calls"}
    exec(compile(source, call, "exec"), made)
    return made["f"]


@pytest.mark.parametrize("part", range(4))
def test_calls_have_derivatives_as_they_are_written(part):
    for k, (call, recorded) in list(enumerate(CALLS.items()))[part::4]:
        f = _function(call)
        due = numeric.gradient(lambda x, f=f: float(f(x)), X, budget="cheap")
        assert np.allclose(cr.grad(f)(X), due.value, rtol=1e-7, atol=1e-7), call
        along = cr.jvp(f, (X,), (X,))[1]
        assert np.isclose(along, np.sum(due.value * X), rtol=1e-7, atol=1e-7), call
        if recorded and (k % 3 == 0 or os.environ.get("CHAINRULE_TESTS") == "all"):
            assert np.allclose(cr.jit(cr.grad(f))(X), due.value, rtol=1e-7, atol=1e-7), call


def test_second_derivatives_of_sinc_and_characteristic_polynomials():
    for f, x in (
        (lambda t: np.sinc(t * (1 + 1j)).real, 0.0),
        (lambda t: np.sinc(t * (1 + 1j)).imag, 0.004),
        (lambda t: np.sinc(t * (1 + 1j)).imag, 0.3),
        (lambda t: np.poly(np.array([[t, 1.0], [0.0, t]]))[2], 0.5),  # the eigenvalues coincide
    ):
        second = cr.grad(cr.grad(f))(x)
        assert numeric.second(f, x).agrees_with(second) or np.isclose(second, numeric.second(f, x).value, rtol=1e-6)


def test_settings_for_which_numpy_does_not_look_keep_their_derivative_in_a_function_that_assigns():
    def f(x):
        y = np.zeros(3)
        y[0] = x[1]
        filled = np.full_like(np.ones(3), x[0])
        return (
            np.sum(filled * y)
            + np.interp(-1.0, np.arange(2.0), np.ones(2), left=x[2])
            + np.pad(np.ones(1), 1, constant_values=x[3])[0]
        )

    assert np.allclose(cr.grad(f)(X), [X[1], X[0], 1, 1, 0, 0])


def test_what_is_inserted_gets_the_floating_type_of_the_array():
    def f(x):
        return np.insert(x.astype(np.float32), 1, x[0])

    assert cr.vjp(f, X)[0].dtype == f(X).dtype == np.float32
    assert np.allclose(cr.grad(lambda x: np.sum(f(x)).astype(float))(X), [2, 1, 1, 1, 1, 1])


def test_floor_division_in_place_leaves_an_array_that_can_be_assigned_to():
    def f(x):
        y = x.copy()
        y //= 0.1
        z = y
        y -= x
        return np.sum(z * np.arange(6))

    assert np.allclose(cr.grad(f)(X), -np.arange(6.0))
    assert np.isclose(cr.jvp(f, (X,), (np.ones(6),))[1], -15.0)


@pytest.mark.parametrize("call", [lambda x: np.exp([x[0], 0.5]), lambda x: np.hypot([x[0], 1.0], 2.0)])
def test_a_list_of_plain_and_recorded_numbers_is_refused_with_what_to_write(call):
    with pytest.raises(UnsupportedFunction, match=r"make an array of it first: np\.\w+\(np\.array"):
        cr.grad(lambda x: np.sum(call(x)))(X)
