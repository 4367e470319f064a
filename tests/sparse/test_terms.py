"""Entries by terms: those of the dense Jacobian, over drawn programs, and where slopes are infinite or missing."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.sparse.layout import layout_of
from chainrule.sparse.pattern import dependence
from chainrule.sparse.plan import taken
from chainrule.transforms.recorded import record
from tests.sparse.test_sparse import FUNCTIONS, SCALARS, X

sp = pytest.importorskip("scipy.sparse")


def by_terms(f, x):
    """The Jacobian by terms; None where they are not known."""
    recorded = record(lift(f), *trees.numbers([x]))
    pattern = dependence(recorded.inputs, recorded.results)
    pattern.sort_indices()
    layout = layout_of(recorded, pattern)
    if layout is None:
        return None
    data = taken(np.asarray(layout.slopes(recorded)), layout.at)
    return sp.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape).toarray()


UNKNOWN = {
    "an arrow", "cumsum", "one number", "solve", "matrices", "a constant", "full",
}  # fmt: skip
ALL = [*((name, f) for name, (f, _) in FUNCTIONS.items()), *((name, cr.grad(f)) for name, (f, _) in SCALARS.items())]


def test_terms_are_known_where_rows_are_short():
    for name, f in ALL:
        for x in (X, -X):
            found = by_terms(f, x)
            assert (found is None) == (name in UNKNOWN), name
            if found is not None:
                dense = cr.jacobian(lambda x, f=f: cr.concatenate([cr.array(f(x)).ravel()]))(x)
                np.testing.assert_allclose(found, dense, rtol=1e-12, atol=1e-13, err_msg=name)


def _ends_by_themselves(x):
    r = np.zeros(12)
    r[0], r[-1] = x[0] ** 2, x[-1] - 1.0
    r[1:-1] = x[:-2] - 2.0 * x[1:-1] ** 2 + x[2:]
    return r


@pytest.mark.parametrize("f", [_ends_by_themselves, lambda x: np.concatenate([x[:1], x[:-2] * x[2:], x[-1:]])])
def test_entries_are_computed_in_their_order(f):
    recorded = record(lift(f), *trees.numbers([X[:12]]))
    pattern = dependence(recorded.inputs, recorded.results)
    pattern.sort_indices()
    assert isinstance(layout_of(recorded, pattern).at, tuple)
    np.testing.assert_allclose(by_terms(f, X[:12]), cr.jacobian(f)(X[:12]), rtol=1e-13)


K = np.linspace(0.5, 2.0, 12)
STEPS = {
    "sine": lambda x, y: np.sin(x),
    "scaled": lambda x, y: K * x - 2,
    "negative": lambda x, y: -x,
    "sum": lambda x, y: x + y,
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / (2 + np.cos(y)),
    "roll": lambda x, y: np.roll(x, 2),
    "back": lambda x, y: x[::-1],
    "pad": lambda x, y: np.pad(x[1:-1], 1),
    "front": lambda x, y: np.concatenate([x[3:], y[:3]]),
    "ends": lambda x, y: np.concatenate([[0.0], x[:10] - y[2:], [1.0]]),
    "gather": lambda x, y: x[[3, 3, 5, 7, 0, 1, 2, 11, 11, 11, 4, 6]],
    "table": lambda x, y: (x.reshape(3, 4) * y[:4]).ravel(),
    "turned": lambda x, y: x.reshape(4, 3).T.ravel(),
    "stack": lambda x, y: np.stack([x[:6], y[6:]], axis=1).ravel(),
    "lines": lambda x, y: np.repeat(np.sum(x.reshape(6, 2), axis=1), 2),
    "means": lambda x, y: np.broadcast_to(np.mean(x.reshape(4, 3), axis=1, keepdims=True), (4, 3)).ravel(),
    "larger": lambda x, y: np.maximum(x, y),
    "chosen": lambda x, y: np.where(K > 1, x, y),
    "by sign": lambda x, y: np.where(x > 0, x**2, y),
    "by number": lambda x, y: x * x[0],
}


def drawn(seed):
    draw = np.random.default_rng(seed)
    steps = [(STEPS[str(name)], draw.integers(0, 2)) for name in draw.choice(list(STEPS), 4)]

    def f(x):
        seen = [x, x, x]
        for step, other in steps:
            seen.append(step(seen[-1], seen[-2 - other]))
        return seen[-1]

    return f


def test_drawn_programs():
    known = 0
    x = np.random.default_rng(1).normal(size=12)
    for seed in range(60):
        f = drawn(seed)
        found = by_terms(f, x)
        if found is not None:
            known += 1
            np.testing.assert_allclose(found, cr.jacobian(f)(x), rtol=1e-10, atol=1e-12, err_msg=str(seed))
    assert known > 50


def test_compiled_entries_are_no_zero_times_infinity_of_other_columns():
    x = np.array([1.0, 0.0, -1.0, 4.0, np.nan, np.inf, 1e-310, 1e200])

    def f(x):
        y = np.where(x > 0, np.sqrt(np.where(x > 0, x, 0.0)), np.roll(x, 1))
        return np.concatenate([y * np.roll(x, 1), x / np.roll(x, 1), np.sqrt(x * 0.0), np.maximum(x, x[::-1])])

    with np.errstate(all="ignore"):
        found = cr.sparse_jacobian(f, compiled=True, verify=False)(x).toarray()
        np.testing.assert_allclose(found, cr.jacobian(f)(x), rtol=1e-12)


def test_no_warning_where_a_slope_is_computed_beside_a_pole():
    found = cr.sparse_jacobian(lambda x: x**3 + np.sqrt(x + 1.0), compiled=True)(np.zeros(3))
    assert found.toarray().tolist() == (0.5 * np.eye(3)).tolist()


def test_results_are_the_callers_own():
    slopes = cr.sparse_jacobian(lambda x: 2.0 * (x + np.roll(x, 1)), compiled=True)
    first = slopes(X)
    first.data[:] = 7.0
    first.indices[:] = 0
    assert slopes(X).sum() == 200.0
    assert first.sum() == 700.0
