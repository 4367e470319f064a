"""Sparse Jacobians and Hessians: equal to the dense ones, in the passes that the structure allows, at every point."""

import math
import pickle

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, SparsityError, UnsupportedFunction

sp = pytest.importorskip("scipy.sparse")
X = np.random.default_rng(0).normal(size=50)
BIDIAGONAL = np.diag(np.ones(50)) + np.diag(np.ones(49), 1)


def broyden(x):
    left, right = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return (3 - 2 * x) * x - left - 2 * right + 1


def heat(x):
    u = np.pad(x.reshape(5, 10), 1)
    inside = u[1:-1, 1:-1]
    return (4 * inside - u[2:, 1:-1] - u[:-2, 1:-1] - u[1:-1, 2:] - u[1:-1, :-2] + np.exp(inside)).ravel()


FUNCTIONS = {  # the function, the passes that it takes
    "broyden": (broyden, 3),
    "heat": (heat, 7),
    "a constant matrix": (lambda x: np.sin(BIDIAGONAL @ x), 2),
    "from the right": (lambda x: np.sin(x @ BIDIAGONAL), 2),
    "roll": (lambda x: np.roll(x, 1) * x, 2),
    "an arrow": (lambda x: np.concatenate([[np.sum(x**2)], x[1:] * x[0]]), 3),
    "where": (lambda x: np.where(x > 0, x**2, np.roll(x, 2)), 3),
    "indices": (lambda x: x[[3, 3, 7]] * x[[1, 2, 3]], 2),
    "cumsum": (lambda x: np.cumsum(x[:3]), 3),
    "numbers": (lambda x: np.array([x[0] * x[1], math.sin(x[2])]), 1),
    "a list": (lambda x: [x[i] * x[i + 1] for i in range(4)], 2),
    "one number": (lambda x: np.sum(x**2), 1),
    "solve": (lambda x: np.linalg.solve(np.eye(5) + x[:5, None] * x[5:10], x[10:15]), 5),
    "matrices": (lambda x: x[:6].reshape(2, 3) @ x[6:12].reshape(3, 2), 2),
    "maxima": (lambda x: np.max(x.reshape(5, 10), axis=1), 1),
    "transposed": (lambda x: (x.reshape(5, 10).T * 2)[::2], 1),
    "a constant": (lambda x: np.array([1.0, 2.0]), 0),
    "full": (lambda x: x - np.mean(x), 50),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobians(name):
    f, passes = FUNCTIONS[name]
    slopes = cr.sparse_jacobian(f)
    found = slopes(X)
    dense = cr.jacobian(lambda x: cr.array(f(x)) if isinstance(f(x), list) else f(x) + 0 * x[0])(X)
    assert isinstance(found, sp.csr_array)
    np.testing.assert_allclose(found.toarray(), np.reshape(dense, (-1, 50)), rtol=1e-12, atol=1e-13)
    assert slopes.report().startswith(f"{passes} passes")
    np.testing.assert_allclose(
        slopes(-X).toarray(),
        np.reshape(cr.jacobian(lambda x: cr.array(f(x)) if isinstance(f(x), list) else f(x) + 0 * x[0])(-X), (-1, 50)),
        rtol=1e-12,
        atol=1e-13,
    )


SCALARS = {
    "rosenbrock": (lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), 3),
    "an arrow": (lambda x: np.sum(x[1:] ** 2) * x[0], 2),
    "a chain": (lambda x: np.sum(np.sin(x[1:] - x[:-1])), 3),
    "a form": (lambda x: x @ BIDIAGONAL @ x, 3),
    "full": (lambda x: np.sum(x) ** 2, 50),
}


@pytest.mark.parametrize("name", SCALARS)
def test_hessians(name):
    f, products = SCALARS[name]
    bends = cr.sparse_hessian(f)
    found = bends(X)
    np.testing.assert_allclose(found.toarray(), cr.hessian(f)(X), rtol=1e-12, atol=1e-12)
    assert (found != found.T).nnz == 0 or abs(found - found.T).max() < 1e-12
    assert bends.report() == f"{products} products instead of 50"


def test_compiled_and_pickled():
    fast = pickle.loads(pickle.dumps(cr.sparse_jacobian(broyden, compiled=True)))
    np.testing.assert_allclose(fast(X).toarray(), cr.jacobian(broyden)(X), rtol=1e-12)
    assert "3 passes" in repr(fast)
    f = SCALARS["rosenbrock"][0]
    np.testing.assert_allclose(cr.sparse_hessian(f, compiled=True)(X).toarray(), cr.hessian(f)(X), rtol=1e-10)


POINTS = [np.array(x) for x in ([1.0, 2.0, 3.0], [-1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [1.0, 2.0, 3.0, 4.0])]
EYES = [np.eye(4), np.eye(4)[::-1].copy()]
ELSEWHERE = {  # what is multiplied with what depends on numbers: of (x, m)
    "a branch": lambda x, m: x[::-1] ** 2 if x[0] > 0 else x**2,
    "a computed index": lambda x, m: x[np.argsort(x)] ** 2,
    "an index among the arguments": lambda x, m: x[np.argmax(m[: len(x)], axis=1) % len(x)] ** 2,
    "zeros of an argument": lambda x, m: m[: len(x), : len(x)] @ (x * x),
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", ELSEWHERE)
def test_another_pattern_at_another_point_is_found(name, compiled):
    f = ELSEWHERE[name]
    slopes = cr.sparse_jacobian(f, compiled=compiled)
    for m in [*EYES, EYES[0]]:
        for x in [*POINTS, POINTS[0]]:
            np.testing.assert_allclose(slopes(x, m).toarray(), cr.jacobian(f)(x, m), atol=1e-12)
    changing = EYES[0].copy()
    for k in range(4):
        changing[:] = np.roll(EYES[0], k, 1)
        np.testing.assert_allclose(
            slopes(POINTS[-1], changing).toarray(), cr.jacobian(f)(POINTS[-1], changing), atol=1e-12
        )


def test_a_compiled_answer_is_verified_once():
    class Counted(cr.sparse_jacobian(broyden).__class__):
        count = 0

        def _holds(self, *args):
            self.count += 1
            return super()._holds(*args)

    slopes = Counted(lambda x, a: a * broyden(x), 0, True, True)
    scale = np.ones(50)
    for x in (X, 2 * X, 3 * X):
        slopes(x, scale)
    assert slopes.count == 1
    scale[0] = 0.0
    for x in (X, 2 * X):
        slopes(x, scale)
    assert slopes.count == 2


def test_full_columns_are_computed_forward_and_the_rest_by_rows():
    weights = np.random.default_rng(0).normal(size=(3, 50))

    def f(x):  # a full column, and rows of 16 entries in a band: 2 colors by rows, 16 by columns
        return cr.concatenate([x[1:49].reshape(3, 16) @ np.ones(16), weights[0, :47] * x[0]]) + x[0]

    slopes = cr.sparse_jacobian(f)
    np.testing.assert_allclose(slopes(X).toarray(), cr.jacobian(f)(X), atol=1e-13)
    assert slopes.report() == "2 passes instead of 50: columns and rows"


def test_further_arguments_and_whole_numbers():
    slopes = cr.sparse_jacobian(lambda x, k: k * x**2)
    assert slopes([1, 2], 3.0).toarray().tolist() == [[6.0, 0.0], [0.0, 12.0]]
    assert cr.sparse_jacobian(lambda x: x**2)(3).toarray().tolist() == [[6.0]]


def test_as_scipy_wants_it():
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.least_squares(broyden, -np.ones(50), jac=cr.sparse_jacobian(broyden))
    assert np.abs(found.fun).max() < 1e-6
    f = SCALARS["rosenbrock"][0]
    found = optimize.minimize(
        f, np.full(50, 0.9), jac=cr.grad(f), hess=cr.sparse_hessian(f), method="trust-constr", options={"maxiter": 60}
    )
    assert found.fun < 1e-6


def test_wrong_calls():
    with pytest.raises(ArgumentError, match="an array of real numbers"):
        cr.sparse_jacobian(broyden)(np.ones(3) * 1j)
    drawn = np.random.default_rng(0)
    with pytest.raises(SparsityError, match="a drawn direction differ"):
        cr.sparse_jacobian(lambda x: x * drawn.normal())(X)


@pytest.mark.parametrize("compiled", [False, True])
def test_float32_and_nan_and_noise(compiled):
    x = np.array([0.5, 1.5, 2.5, -1.0])
    single = cr.sparse_jacobian(lambda x: np.sin(x) * np.roll(x, 1), compiled=compiled)(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(
        single.toarray(), cr.jacobian(lambda x: np.sin(x) * np.roll(x, 1))(x), rtol=1e-5, atol=1e-6
    )
    with np.errstate(invalid="ignore"):
        logs = cr.sparse_jacobian(np.log, compiled=compiled)(x).toarray()
    np.testing.assert_array_equal(logs, np.diag([2.0, 1 / 1.5, 0.4, np.nan]))
    flat = cr.sparse_hessian(lambda x: np.sum((x / np.linalg.norm(x)) ** 2), compiled=compiled)(x)
    np.testing.assert_allclose(flat.toarray(), 0, atol=1e-13)


def test_another_function_each_time_is_no_noise():
    rng = np.random.default_rng(0)
    with pytest.raises(SparsityError):
        cr.sparse_jacobian(lambda x: x * rng.random())(np.ones(3))


WRONG = {
    "None": (lambda x: None, "is a return missing"),
    "complex numbers": (lambda x: np.exp(1j * x), "real and imaginary parts"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_results_that_are_refused(kind):
    f, said = WRONG[kind]
    with pytest.raises(ArgumentError, match=said):
        cr.sparse_jacobian(f, verify=False)(np.ones(3))


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_any_argument_by_its_place(at, compiled):
    others = (2.0, np.linspace(1.0, 2.0, 5))

    def f(*args):
        x, (a, b) = args[at], args[:at] + args[at + 1 :]
        return a * x[1:] * np.sin(x[:-1]) + b

    for x in (X[:6], X[6:12]):
        args = (*others[:at], x, *others[at:])
        slopes = cr.sparse_jacobian(f, argnums=at, compiled=compiled)
        np.testing.assert_allclose(slopes(*args).toarray(), cr.jacobian(f, argnums=at)(*args), rtol=1e-13)
        bends = cr.sparse_hessian(lambda *args: np.sum(f(*args)), argnums=at, compiled=compiled)
        expected = cr.hessian(lambda *args: np.sum(f(*args)), argnums=at)(*args)
        np.testing.assert_allclose(bends(*args).toarray(), expected, rtol=1e-13, atol=1e-15)


def test_calls_that_are_refused():
    with pytest.raises(ArgumentError, match="the place of one argument"):
        cr.sparse_jacobian(lambda x, a: x * a, argnums=(0, 1))
    with pytest.raises(ArgumentError, match="argnums=1 is the place of another one"):
        cr.sparse_jacobian(lambda x: x, argnums=1)(np.ones(3))
    with pytest.raises(ArgumentError, match="by their places"):
        cr.sparse_jacobian(lambda x, a: x * a)(np.ones(3), a=2.0)
    with pytest.raises(ArgumentError, match="float16"):
        cr.sparse_jacobian(lambda x: x)(np.ones(3, np.float16))
    with pytest.raises(ArgumentError, match="expects a function"):
        cr.sparse_hessian(3)


@pytest.mark.parametrize(
    ("made", "f"),
    [(cr.sparse_jacobian, lambda x: x[1:] * x[:-1]), (cr.sparse_hessian, lambda x: np.sum(x[1:] * x[:-1] ** 2))],
)
def test_jit_of_a_sparse_derivative_is_the_compiled_one(made, f):
    x = np.arange(1.0, 6.0)
    compiled = cr.jit(made(f, verify=False))
    assert compiled.compiled
    assert not compiled.verify
    np.testing.assert_array_equal(compiled(x).toarray(), made(f)(x).toarray())
    with pytest.raises(ArgumentError, match=r"takes no strict, threads or backend; write jit\(f\)"):
        cr.jit(made(f), threads=2)


@pytest.mark.parametrize("outer", [cr.grad, cr.jit, cr.jacfwd, cr.hessian], ids=lambda f: f.__name__)
def test_a_sparse_array_is_made_in_no_other_transform(outer):
    inner = cr.sparse_jacobian(lambda x: x * x)
    with pytest.raises(UnsupportedFunction, match=r"write cr\.jacobian\(f\) there"):
        outer(lambda x: (inner(x) @ np.ones(2)).sum())(np.ones((2, 2)))
