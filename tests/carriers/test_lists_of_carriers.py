"""Lists and tuples of recorded numbers, handed to NumPy's functions: as the array of their numbers, in every mode."""

import numpy as np
import pytest

import chainrule as cr

LISTS = {
    "mean": lambda v: np.mean(v),
    "std": lambda v: np.std(v),
    "var": lambda v: np.var(v, ddof=1),
    "sum": lambda v: np.sum(v),
    "median": lambda v: np.median(v),
    "average": lambda v: np.average(v, weights=[1.0, 2.0]),
    "max": lambda v: np.max(v),
    "norm": lambda v: np.linalg.norm(v),
    "dot": lambda v: np.dot(v, [1.0, 3.0]),
    "dot, right": lambda v: np.dot([1.0, 3.0], v),
    "inner": lambda v: np.inner(v, v),
    "outer": lambda v: np.sum(np.outer(v, [2.0, 3.0]) ** 2),
    "solve": lambda v: np.sum(np.linalg.solve([v, [0.3, 2.0]], [1.0, 2.0])),
    "inv": lambda v: np.sum(np.linalg.inv([v, [0.3, 2.0]])),
    "det": lambda v: np.linalg.det([v, [0.3, 2.0]]),
    "trapezoid": lambda v: np.trapezoid(v, [0.0, 2.0]),
    "polyval": lambda v: np.polyval(v, 2.0),
    "cumsum": lambda v: np.sum(np.cumsum(v) ** 2),
    "where": lambda v: np.sum(np.where([True, False], v, 0.0)),
    "vstack": lambda v: np.sum(np.vstack([v, [1.0, 2.0]]) ** 2),
    "append": lambda v: np.sum(np.append(v, [1.0]) ** 2),
    "einsum": lambda v: np.einsum("i,i->", v, [1.0, 2.0]),
    "exp": lambda v: np.sum(np.exp(v)),
    "array": lambda v: np.sum(np.array([v, v], dtype=float)[:, 0]),
    "ndmin": lambda v: np.sum(np.array(v, ndmin=3)[0, 0, 1]),
    "asarray": lambda v: np.asarray(v)[0] ** 2,
    "fromiter": lambda v: np.sum(np.fromiter(v, float)),
    "full": lambda v: np.sum(np.full((2, 2), v) ** 2),
    "multiply.outer": lambda v: np.sum(np.multiply.outer(np.array(v), [1.0, 2.0]) ** 2),
    "kron": lambda v: np.sum(np.kron(v, [1.0, 2.0]) ** 2),
    "interleaved": lambda v: np.mean([[v[0], 1.0], [2.0, v[1] * v[0]]]),
    "tuple": lambda v: np.mean((v[0], v[1] ** 2)),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "wrap", [lambda x: [x[0], x[1]], lambda x: (x[0], x[1] * 1.0), lambda x: x], ids=["list", "tuple", "array"]
)
def test_lists_and_tuples_of_carriers(name, wrap):
    f, x = LISTS[name], np.array([0.7, 1.9])
    right = np.array([(f(wrap(x + 1e-6 * e)) - f(wrap(x - 1e-6 * e))) / 2e-6 for e in np.eye(2)])
    value, found = cr.value_and_grad(lambda x: f(wrap(x)))(x)
    np.testing.assert_allclose(found, right, rtol=1e-6, atol=1e-8)
    assert value == pytest.approx(f(wrap(x)), rel=1e-13)
    np.testing.assert_allclose(cr.jvp(lambda x: f(wrap(x)), (x,), (np.ones(2),))[1], right.sum(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(cr.jit(cr.grad(lambda x: f(wrap(x))))(x), right, rtol=1e-6, atol=1e-8)
