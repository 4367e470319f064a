"""vmap of NumPy's functions of two arrays, all of whose axes are as long as there are examples: an axis of the examples
that is taken for another one gives other numbers, and no error."""

import itertools

import numpy as np
import pytest

import chainrule as cr


def _filled(a, b):
    y = np.zeros(a.shape)
    y[..., 0] = a[..., 1]
    y += b
    return y


PAIRS = {
    "matmul": np.matmul,
    "dot": np.dot,
    "inner": np.inner,
    "outer": np.outer,
    "kron": np.kron,
    "no sum": lambda a, b: np.tensordot(a, b, 0),
    "one sum": lambda a, b: np.tensordot(a, b, 1),
    "two sums": lambda a, b: np.tensordot(a, b, 2),
    "vdot": np.vdot,
    "cross": lambda a, b: np.cross(np.concatenate([a, a[..., :1]], -1), np.concatenate([b, b[..., :1]], -1)),
    "solve": np.linalg.solve,
    "solve a column": lambda a, b: np.linalg.solve(a, b[..., 0]),
    "least squares": lambda a, b: np.linalg.lstsq(a, b)[0],
    "elementwise": np.hypot,
    "where": lambda a, b: np.where(a > 0, a, b),
    "rows": lambda a, b: np.einsum("...i,...i->...", a, b),
    "matrices": lambda a, b: np.einsum("...ij,...jk->...ik", a, b),
    "spread": lambda a, b: np.einsum("...i,j...->...ij", a, b),
    "concatenate": lambda a, b: np.concatenate([a, b]),
    "stack": lambda a, b: np.stack([a, b], -1),
    "append": np.append,
    "convolve": np.convolve,
    "polyval": np.polyval,
    "along": lambda a, b: np.take_along_axis(a, np.argsort(b, -1), -1),
    "clip": lambda a, b: np.clip(a, b, None),
    "trapezoid": np.trapezoid,
    "add.outer": np.add.outer,
    "broadcast": lambda a, b: sum(np.broadcast_arrays(a, b)),
    "choose": lambda a, b: np.choose((a > 0) * 1, [a, b]),
    "cov": lambda a, b: np.cov(a, b) if a.size > 1 else np.cov(np.append(a, b)),
    "filled": _filled,
    "places": lambda a, b: a[np.argsort(b, -1)],
    "places behind": lambda a, b: a[..., np.argsort(b, -1)],
    "chosen": lambda a, b: np.take(np.atleast_1d(b), np.argmax(a, -1), axis=-1),
}
AXES = [(0, 0), (0, None), (None, 0)]
COUNT = 2
RNG = np.random.default_rng(3)


def examples(axes):
    """Two arrays with so many axes, each of length COUNT; matrices that can be solved with."""
    return [RNG.normal(size=(COUNT,) * axes) + (3 * np.eye(COUNT) if axes > 1 else 0) for _ in range(COUNT)]


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("name", PAIRS)
def test_pairs_of_any_dimensions(name):
    f, met = PAIRS[name], 0
    for left, right, axes in itertools.product(range(4), range(4), AXES):
        a, b = examples(left), examples(right)
        x, y = (np.stack(z) if axis == 0 else z[0] for z, axis in zip((a, b), axes, strict=True))
        rows = [(a[k if axes[0] == 0 else 0], b[k if axes[1] == 0 else 0]) for k in range(COUNT)]
        try:
            expected = np.stack([f(*row) for row in rows])
        except (ValueError, IndexError, TypeError, np.linalg.LinAlgError):
            continue  # NumPy has no such call
        met += 1
        many = cr.vmap(f, axes)
        np.testing.assert_allclose(many(x, y), expected, rtol=1e-10, atol=1e-12)
        value, pullback = cr.vjp(many, x, y)
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-12)
        slopes = [cr.vjp(f, *row)[1](np.ones(expected.shape[1:])) for row in rows]
        for found, axis, parts in zip(pullback(np.ones(expected.shape)), axes, zip(*slopes, strict=True), strict=True):
            np.testing.assert_allclose(found, np.stack(parts) if axis == 0 else sum(parts), rtol=1e-8, atol=1e-10)
    assert met
