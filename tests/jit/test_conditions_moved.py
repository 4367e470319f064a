"""Arrays of conditions are moved, repeated and joined as arrays of numbers are, recorded and compiled."""

import numpy as np
import pytest

import chainrule as cr

MOVED = {
    "tile": lambda y: np.tile(y, (2, 2)),
    "tile by one number": lambda y: np.tile(y, 2),
    "tile by a small type": lambda y: np.tile(y, np.array([2, 1], np.uint8)),
    "repeat": lambda y: np.repeat(y, 2, axis=0),
    "flip": lambda y: np.flip(y, 1),
    "roll": lambda y: np.roll(y, 1, axis=1),
    "transpose": lambda y: y.T,
    "reshape": lambda y: y.reshape(-1),
    "take": lambda y: np.take(y, [1, 0, 1], axis=1),
    "slice": lambda y: y[:, ::2],
    "concatenate": lambda y: np.concatenate([y, y[:1]]),
    "stack": lambda y: np.stack([y, y]),
    "broadcast_to": lambda y: np.broadcast_to(y, (2, *y.shape)),
}
X = np.array([[0.5, -1.5, 2.0], [-0.25, 1.0, -3.0]])


@pytest.mark.parametrize("move", MOVED.values(), ids=MOVED)
def test_moved_as_the_numbers_are(move):
    def f(x):
        return np.sum(np.where(move(x > 0), move(x) ** 2, move(x)))

    y, expected = X.copy(), np.where(X > 0, 2 * X, 1.0) * count(move)
    slope = cr.grad(f)
    assert np.array_equal(slope(y), expected)
    assert np.array_equal(cr.jit(slope)(y), expected)
    assert cr.jit(f)(y) == pytest.approx(f(y), rel=1e-15)


def count(move):
    """How often each element stands in what is moved."""
    return np.bincount(np.ravel(move(np.arange(X.size).reshape(X.shape))), minlength=X.size).reshape(X.shape)
