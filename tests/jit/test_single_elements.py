"""Single numbers where arrays are expected, read by loops, by later functions, by NumPy and as results."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([[0.5], [1.5], [2.5]])
FUNCTIONS = {
    "joined": lambda x: np.concatenate([x.ravel(), np.sum(x * x)[None]]) ** 2,
    "largest of one": lambda x: np.max(np.sum(x)[None]),
    "sorted": lambda x: np.sort((np.sum(x) * x[0])[None], axis=-1),
    "after a call": lambda x: np.var(sum(x[k] * np.nanmean(x) for k in range(2)), axis=0),
    "read again at the end": lambda x: cr.logsumexp(x),
    "median of equals": lambda x: np.median(np.full_like(np.ones((3, 1)), np.sum(x))),
    "median": lambda x: np.median(x) ** 2,
    "view of a product": lambda x: np.reshape(np.sum(np.sort(x, axis=0)) * x[:1], ()),
    "diagonal of a product": lambda x: np.einsum("ii->i", x @ x.T) ** 2,
    "reversed part": lambda x: x[1:3][::-1] ** 2,
    "reversed twice": lambda x: x[::-1][:2][::-1][1:] * x[::-2][::-1][:1],
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives(name, strict):
    f = FUNCTIONS[name]
    total = lambda x: np.sum(f(x))
    ways = (f, cr.grad(total), lambda x: cr.jvp(f, (x,), (np.cos(x),)), cr.hessian(total))
    for way in ways:
        fast = cr.jit(way, strict=strict)
        for x in (X, 2 - X, X):
            for got, due in zip(np.atleast_1d(fast(x)), np.atleast_1d(way(x)), strict=True):
                np.testing.assert_allclose(got, due, rtol=1e-12)


def test_derivatives_go_through_what_is_filled_like_an_argument():
    fast = cr.jit(cr.grad(lambda x, y: np.sum(np.full_like(y, np.sum(x * x)))))
    np.testing.assert_allclose(fast(X, np.ones(4)), 8 * X)
    fast = cr.jit(cr.grad(lambda x, y: np.sum(np.nan_to_num(x * y) * y)))
    np.testing.assert_allclose(fast(X, 3 * X), 9 * X * X)


def each(x):
    return [a * a - 0.5 * a if a > 0.0 else np.sin(a) for a in x]


SUMS = {
    "an array": lambda x: np.sum(np.array(each(x))),
    "a stack": lambda x: np.sum(np.stack(each(x))),
    "a mean": lambda x: np.mean(np.array(each(x))) * 90.0,
    "a table": lambda x: np.sum(np.array(each(x)).reshape(9, 10)),
    "np.vectorize": lambda x: np.sum(np.vectorize(lambda a: each([a])[0])(x)),
    "a loop": lambda x: sum(each(x)),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_of_lists_are_those_of_loops(name):
    """No array is stored to be added up: the program computes single numbers, as the loop's does."""
    x = np.concatenate([np.linspace(0.1, 2.0, 60), np.linspace(-1.0, -0.1, 30)])
    step = cr.value_and_grad(SUMS[name])
    fast, exact = cr.jit(step), cr.jit(step, strict=True)
    for got, due in zip(fast(x), step(x), strict=True):
        np.testing.assert_allclose(got, due, rtol=1e-12)
    assert exact(x)[0] == step(x)[0]
    assert not any(s.op in ("sum", "stack") for s in fast.program.steps())


def recurrence(x):
    s = 0.0
    for k in range(len(x)):
        s = np.sin(s * 0.3) + x[k]
    return s


LAST = {
    "the last of a recurrence": recurrence,
    "the first of a sum": lambda x: x[0] + sum(np.sin(x[k] * x[k - 1]) for k in range(1, len(x))),
    "two of a table": lambda x: x[3] - 2.0 * x[5] + np.sum(np.stack([np.exp(a) * a for a in x[6:]])),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", LAST)
def test_a_constant_cotangent_is_stored_as_others_are(name, strict):
    """Its adjoint, as an array, is a constant one: no arrays are added for one number."""
    x, f = np.linspace(0.1, 0.9, 12), LAST[name]
    fast = cr.jit(cr.grad(f), strict=strict)
    np.testing.assert_allclose(fast(x), cr.grad(f)(x), rtol=1e-12)
    assert not [s for s in fast.program.steps() if s.op == "add" and s.shape]
