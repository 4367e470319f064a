"""`checkpoint`: the same derivatives in every mode, with less kept."""

import pickle
import tracemalloc

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AnotherFunction, ArgumentError, CheckpointWarning
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import TABLE

OWN = [row for row in TABLE.values() if isinstance(row, Elementwise) and {"numpy", "array"} & set(row.kernels)]
RNG = np.random.default_rng(3)
W, X = RNG.normal(size=(4, 4)), RNG.normal(size=4)


def body(x, w, *, scale=1.0, power=2, name="n"):
    for _ in range(3):
        x = np.tanh(w @ x) * scale
    return x, {name: np.sum(x) ** power}


def loss(step):
    def f(x, w):
        y, extra = step(step(x, w)[0], w, scale=2.0, power=3, name="m")
        return np.sum(y**2) + extra["m"]

    return f


MODES = {
    "grad": lambda f: cr.grad(f, argnums=(0, 1))(X, W),
    "hessian": lambda f: cr.hessian(f)(X, W),
    "jvp": lambda f: cr.jvp(f, (X, W), (W[0], W)),
    "hvp": lambda f: cr.hvp(lambda x: f(x, W), X, W[0]),
    "jacobian of grad": lambda f: cr.jacobian(cr.grad(f))(X, W),
    "jit": lambda f: cr.jit(cr.grad(f))(X, W),
    "vmap": lambda f: cr.vmap(cr.grad(f), in_axes=(0, None))(np.stack([X, -X]), W),
    "inside vmap": lambda f: cr.grad(lambda w: np.sum(cr.vmap(f, in_axes=(0, None))(np.stack([X, -X]), w)))(W),
    "value": lambda f: f(X, W),
}


@pytest.mark.parametrize("mode", MODES)
def test_it_changes_no_derivative(mode):
    found, expected = MODES[mode](loss(cr.checkpoint(body))), MODES[mode](loss(body))
    for a, b in zip(*(x if isinstance(x, tuple) else (x,) for x in (found, expected)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)


def test_what_lies_inside_is_not_kept():
    def segment(x):
        for _ in range(20):
            x = np.sin(x) * 1.1
        return x

    def peak(step):
        def f(x):
            for _ in range(20):
                x = step(x)
            return np.sum(x)

        tracemalloc.start()
        cr.grad(f)(np.ones(2000))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(cr.checkpoint(segment)) < peak(segment) / 4


def test_numbers_from_outside_keep_their_derivative():
    def f(w):
        return np.sum(cr.checkpoint(lambda x: np.sin(w * x))(2 * w))

    with pytest.warns(CheckpointWarning, match="pass that number as an argument"):
        np.testing.assert_allclose(cr.grad(f)(X), 4 * X * np.cos(2 * X * X))
    np.testing.assert_allclose(cr.grad(lambda w: np.sum(w * cr.grad(lambda x: np.sum(cr.checkpoint(np.sin)(x)))(X)))(X),
                               np.cos(X))  # fmt: skip


def test_what_draws_numbers_is_refused():
    draw = np.random.default_rng(1)
    with pytest.raises(AnotherFunction, match="random numbers"):
        cr.grad(lambda x: np.sum(cr.checkpoint(lambda x: x * draw.normal())(x)))(X)


@pytest.mark.parametrize("row", [row for row in OWN if hasattr(np, row.name)], ids=lambda row: row.name)
def test_functions_that_rows_compute_with_other_digits_than_numpy_are_no_other_functions(row):
    x, function = np.linspace(0.1, 0.9, 200), getattr(np, row.name)
    others = (0.3,) * (row.arity - 1)
    found = cr.grad(lambda x: np.sum(cr.checkpoint(lambda x: function(x, *others))(x)))(x)
    np.testing.assert_allclose(found, cr.grad(lambda x: np.sum(function(x, *others)))(x), rtol=1e-12)


def test_it_is_a_function_like_others():
    step = cr.checkpoint(np.sin)
    assert step.__name__ == "sin"
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(step))(X), np.sin(X))
    with pytest.raises(ArgumentError, match="expects a function"):
        cr.checkpoint(3.0)
