"""Rows of matrices a block at a time, by columns, and their products with small matrices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from jit.agreement import agree

import chainrule as cr
from chainrule.jit.emit.build import written
from chainrule.jit.plan import panels
from chainrule.jit.plan.panels import of_whole_rows


def network(parameters, x):
    for w, b in parameters:
        x = np.maximum(x @ w + b, 0.1 * x[:, :1])
    return np.mean(np.tanh(x) ** 2)


def softmax(parameters, x):
    for w, b in parameters:
        x = x @ w.copy() + b
        x = np.exp(x - np.max(x, axis=1, keepdims=True))
        x = x / np.sum(x, axis=1, keepdims=True)
    return -np.mean(np.log(x[:, 0])), x


def vectors(parameters, x):
    """Rows put together from columns, and matrices that lie the other way round."""
    x = np.stack([x[:, k] * k for k in range(x.shape[1])], axis=1)
    for w, b in parameters:
        x = np.concatenate([np.tanh(x @ w.T.copy().T), np.ones((len(x), 1), x.dtype)], axis=1)[:, :-1] * b
    return np.sum(x[:, 0]) + np.sum(np.logaddexp(x[:, -1], 0.0))


def affine(parameters, x):
    for w, b in parameters:
        x = cr.vmap(lambda row, w=w, b=b: w.T @ row + b)(x)
    return np.sum(x)


def inputs(n, sizes, dtype=float, seed=0):
    random = np.random.default_rng(seed + n)
    pairs = itertools.pairwise(sizes)
    parameters = [(random.normal(size=(a, b)) / a, random.normal(size=b)) for a, b in pairs]
    parameters = [(w.astype(dtype), b.astype(dtype)) for w, b in parameters]
    return parameters, random.normal(size=(n, sizes[0])).astype(dtype)


def made(f, *args):
    """What the machine code of a jitted function is written from."""
    compiled = cr.jit(f)
    compiled(*args)
    return written(compiled.program, strict=False, careful=False)[0]


def alone(f):
    return lambda *args: value[0] if isinstance(value := f(*args), tuple) else value


CASES = [(network, (2, 16, 16, 2)), (softmax, (32, 10, 3)), (vectors, (9, 33, 4)), (affine, (17, 8, 5))]


@pytest.mark.parametrize(("f", "sizes"), CASES)
@pytest.mark.parametrize(("n", "dtype"), [(33, float), (131, float), (150, np.float32)])
def test_panels_give_what_whole_arrays_give(f, sizes, n, dtype):
    """Of one block, and of several with rows left over."""
    args = inputs(n, sizes, dtype)
    step = cr.value_and_grad(alone(f), (0, 1))
    agree(cr.jit(step)(*args), step(*args), *(() if dtype is float else (1e-4, 1e-5)))


@pytest.mark.parametrize("f", [network, vectors])
def test_all_of_a_small_network_is_one_panel(f):
    memory = made(cr.value_and_grad(alone(f)), *inputs(100, (3, 16, 2)))
    assert not any(work.calls for work in memory.plan.rounds)
    (panel,) = memory.panels
    rows = {s for s in memory.plan.steps if s in memory.plan.stored and s.shape[:1] == (100,)}
    assert rows
    assert rows <= panel.columns


def test_a_deep_network_is_one_panel_too_and_its_products_of_one_size_are_one_function():
    def deep(parameters, x):
        for w, b in parameters:
            x = np.tanh(x @ w + b)
        return np.mean(x * x)

    args = inputs(100, (8,) * 11)
    step = cr.jit(cr.value_and_grad(deep))
    agree(step(*args), cr.value_and_grad(deep)(*args))
    assert "matmul" not in str(step.report())
    assert step.llvm().count("define i32") == 4  # x @ w, y @ w.T, x.T @ y, and the function that calls them


def lies(x, how):
    if how == "Fortran":
        return np.asfortranarray(x)
    return np.repeat(np.pad(x, 1), 3, axis=0)[3:-3:3, 1:-1]


@pytest.mark.parametrize("how", ["Fortran", "strided"])
def test_rows_are_read_where_they_lie(how):
    parameters, x = inputs(70, (11, 5, 3))
    x = lies(x, how)
    step = cr.value_and_grad(network, (0, 1))
    agree(cr.jit(step)(parameters, x), step(parameters, x))


@pytest.mark.parametrize("columns", [3, 8, 19])
def test_rows_are_turned_into_columns_and_back(columns):
    """Rows of fewer and more columns than a vector has lanes, in blocks with rows left over."""
    x = np.random.default_rng(columns).normal(size=(141, columns))
    f = cr.jit(lambda w, x: (x @ w, np.sin(x @ w), x * 2.0))
    agree(f(np.eye(columns), x), (x, np.sin(x), x * 2.0))


def test_a_result_whose_columns_are_used_is_whole():
    parameters, x = inputs(150, (9, 9, 3))

    def f(parameters, x):
        (w, b), (v, _) = parameters
        hidden = np.tanh(x @ w + b)
        return np.sum(np.tanh(hidden @ v)), hidden

    agree(cr.jit(f)(parameters, x), f(parameters, x))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_stays_in_its_row(wrong):
    """The last vector of a block has lanes that are no rows: infinite weights must not make numbers of them."""

    def f(parameters, x):
        (w, _), (v, _) = parameters
        return np.sum(np.tanh(x @ w) @ v)

    step = cr.value_and_grad(f, (0, 1))
    for at in (0, 1):
        parameters, x = inputs(45, (4, 6, 3))
        (x if at else parameters[0][0])[1, 2] = wrong
        with np.errstate(invalid="ignore"):
            agree(cr.jit(step)(parameters, x), step(parameters, x))


def test_sums_over_many_rows_of_float32_are_as_good_as_numpys():
    x = np.full((60_000, 3), 0.1, np.float32)
    w = np.ones((3, 2), np.float32)
    got = cr.jit(cr.grad(lambda w, x: np.sum((x @ w) * x[:, :2])))(w, x)
    np.testing.assert_allclose(got, np.full((3, 2), 600.0), rtol=1e-5)


def test_what_needs_all_rows_first_is_left_to_numpy():
    """Products on both sides of a mean over the rows: two panels, and the columns between them would be lost."""
    parameters, x = inputs(100, (4, 6, 3))

    def normalised(parameters, x):
        (w, b), (v, _) = parameters
        h = x @ w + b
        return np.sum(np.tanh((h - np.mean(h, axis=0)) @ v) ** 2)

    step = cr.value_and_grad(normalised, (0, 1))
    agree(cr.jit(step)(parameters, x), step(parameters, x))


def test_a_large_matrix_that_is_only_read_and_written_is_left_to_numpy():
    assert made(lambda w, x: np.tanh(x @ w), np.ones((9, 9)), np.ones((400, 9))).panels
    assert not made(lambda w, x: np.tanh(x @ w), np.ones((9, 9)), np.ones((40_000, 9))).panels


def test_blocks_divide_the_rows_if_they_can():
    assert panels._block(100_000, 50, 8) == 40
    assert panels._block(1000, 128, 8) == 125
    assert panels._block(997, 64, 8) == 64


def test_staged_rows_are_whole_rows_of_floats():
    memory = made(lambda w, x: (np.tanh(x @ w), x @ w > 0), np.ones((3, 3)), np.ones((50, 3)))
    (panel,) = memory.panels
    stored = [r for _, loop in panel.loops for r in loop.roots if r.target not in panel.columns]
    assert {r.target for r in stored if of_whole_rows(r)} == set(panel.staged)


# -- sums of products, written number by number -------------------------------------------------------------


def on_numbers(parameters, x):
    """A network of which each neuron is an array over the rows."""
    values = [x[:, k] for k in range(x.shape[1])]
    for w, b in parameters:
        values = [sum((w[i, j] * v for i, v in enumerate(values)), b[j]) for j in range(w.shape[1])]
        values = [np.maximum(v, 0.1 * v) for v in values]
    return np.mean(sum(v * v for v in values))


@pytest.mark.parametrize(("n", "dtype"), [(37, float), (150, np.float32)])
def test_a_network_on_numbers_has_its_gradient_as_products(n, dtype):
    args = inputs(n, (3, 5, 6, 1), dtype)
    step = cr.value_and_grad(on_numbers, (0, 1))
    agree(cr.jit(step)(*args), step(*args), *(() if dtype is float else (1e-4, 1e-5)))
    memory = made(step, *args)
    assert {tuple(sorted(s.shape)) for s in memory.plan.row_products} == {
        (5, 6)
    }  # 15 sums of the first layer fit into registers


def test_grids_of_sums_with_gaps_and_more_than_a_product_has():
    x, y = np.random.default_rng(0).normal(size=(2, 35, 40))
    missing = {(3, 4), (0, 0), (7, 7)}

    def f(x, y):
        return np.array([np.sum(x[i] * y[j]) for i in range(35) for j in range(5) if (i, j) not in missing])

    agree(cr.jit(f)(x, y), f(x, y))
    assert made(f, x, y).plan.row_products


def test_sums_that_others_are_made_from_stay():
    """The second grid is of arrays that need the first: both are right, and nothing is computed twice."""
    x, y = np.random.default_rng(1).normal(size=(2, 5, 40))

    def f(x, y):
        first = [[np.sum(a * b) for b in y] for a in x]
        scaled = [np.sin(b * row[0]) for b, row in zip(y, first, strict=True)]
        return np.array(first), np.array([[np.sum(a * b) for b in scaled] for a in x])

    agree(cr.jit(f)(x, y), f(x, y))


# -- other lengths ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [softmax, vectors])
def test_other_lengths_share_the_code_of_panels(f):
    """Blocks with room for more rows than there are: fewer than one has, whole ones, and a row more."""
    step = cr.jit(cr.value_and_grad(alone(f), (0, 1)))
    for n in (40, 64, 100, 129, 33, 71):
        args = inputs(n, (9, 5, 3))
        agree(step(*args), cr.value_and_grad(alone(f), (0, 1))(*args))
    assert "of other lengths" in str(step.report())
    assert "matmul" not in str(step.report())


def grown(w, times):
    """Products of a matrix that is no panel's, one after the other, by a number of `w`."""
    g = w[0, 0] * np.cos(np.arange(1600.0)).reshape(40, 40)
    for _ in range(times):
        g = np.tanh(g @ g)
    return np.mean(g)


OUTSIDE = {
    "a product": lambda w, x: grown(w, 1),
    "products": lambda w, x: grown(w, 4),
    "a library call": lambda w, x: np.sum(np.linalg.inv(w.T @ w + np.eye(w.shape[1]))),
}


@pytest.mark.parametrize("outside", OUTSIDE)
def test_library_calls_beside_a_panel_leave_it_whole(outside):
    def f(parameters, x):
        return network(parameters, x) + OUTSIDE[outside](parameters[0][0], x)

    args, step = inputs(131, (2, 16, 3)), cr.value_and_grad(f)
    agree(cr.jit(step)(*args), step(*args))
    memory = made(step, *args)
    assert memory.panels
    assert any(work.calls for work in memory.plan.rounds)
