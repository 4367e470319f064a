"""What shares memory with a recorded array, and what is a copy of it: as NumPy has it, whichever function made it."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.7, 1.3, 2.1, 0.4])


def written(x):
    y = np.zeros((2, 4))
    y[0] = x
    y[1] = x * x
    return y


STARTS = {
    "a row": lambda x: x * 1.0,
    "a matrix": lambda x: np.outer(x, x),
    "a transposed matrix": lambda x: np.outer(x, x[:2]).T,
    "an array that is assigned to": written,
    "tiles": lambda x: np.tile(x, (2, 1)),
    "one tile": lambda x: np.tile(x, 1),
    "stacked": lambda x: np.stack([x, x * x]),
}
PARTS = {
    "array_split": lambda y: np.array_split(y, 3)[1],
    "array_split at places": lambda y: np.array_split(y, [1, 2])[1],
    "array_split of the last axis": lambda y: np.array_split(y, 2, axis=-1)[0],
    "array_split backwards": lambda y: np.array_split(y, [3, 1])[-1],
    "split": lambda y: np.split(y, [1], axis=-1)[1],
    "dsplit": lambda y: np.dsplit(y[None, None] if np.ndim(y) == 1 else y[None], 2)[0],
    "unstack": lambda y: np.unstack(y)[0],
    "unstack the last axis": lambda y: np.unstack(y, axis=-1)[1],
    "rollaxis": lambda y: np.rollaxis(y, -1),
    "rollaxis to the end": lambda y: np.rollaxis(y, 0, np.ndim(y)),
    "moveaxis": lambda y: np.moveaxis(y, 0, -1),
    "ravel": lambda y: y.ravel(),
    "reshape": lambda y: y.reshape(-1),
    "flat": lambda y: y.flat[1:3],
    "flat of the transposed": lambda y: y.T.flat[[0, 1]],
    "flat, copied": lambda y: y.flat.copy(),
    "ascontiguousarray": np.ascontiguousarray,
    "ascontiguousarray of the transposed": lambda y: np.ascontiguousarray(y.T),
    "asfortranarray": np.asfortranarray,
    "asfortranarray of the transposed": lambda y: np.asfortranarray(y.T),
    "asarray in C's order": lambda y: np.asarray(y.T, order="C"),
    "asarray in Fortran's order": lambda y: np.asarray(y, order="F"),
    "asarray": np.asarray,
    "require": lambda y: np.require(y, requirements="F"),
    "require nothing": np.require,
}
FLAT = {
    "one element": lambda y, v: y.flat.__setitem__(0, v),
    "a slice": lambda y, v: y.flat.__setitem__(slice(0, 3), v),
    "several": lambda y, v: y.flat.__setitem__([1, 2], v),
    "of the transposed": lambda y, v: y.T.flat.__setitem__(1, v),
    "an array that is repeated": lambda y, v: y.flat.__setitem__(slice(None), np.array([1.0, 2.0])),
}


def weighted(y):
    return np.sum(y * np.cos(np.arange(np.size(y))).reshape(np.shape(y)))


def wrong(f):
    """Where value or gradient is not that of plain numbers, what they are; f is a polynomial."""
    try:
        plain = f(X)
    except Exception:  # a shape that the function does not take
        return None
    steps = np.eye(4) * 1e-3
    expected = [(8.0 * (f(X + h) - f(X - h)) - (f(X + 2 * h) - f(X - 2 * h))) / 12e-3 for h in steps]
    value, gradient = cr.value_and_grad(f)(X)
    fine = np.isclose(value, plain, rtol=1e-12) and np.allclose(gradient, expected, rtol=1e-6, atol=1e-7)
    return None if fine else f"{value}, {gradient}; plain numbers give {plain}, {expected}"


@pytest.mark.parametrize("start", STARTS)
def test_what_is_written_to_a_part_is_written_to_the_whole_where_memory_is_shared(start):
    found, make = {}, STARTS[start]
    for name, part in PARTS.items():

        def to_the_part(x, part=part):
            y = make(x)
            z = part(y)
            z[...] = x[0] * 5.0
            return weighted(y) + 2.0 * weighted(z)

        def to_the_whole(x, part=part):
            y = make(x)
            z = part(y)
            y *= 3.0
            return weighted(y) + 2.0 * weighted(z)

        found |= {f"{name}, {f.__name__}": wrong(f) for f in (to_the_part, to_the_whole)}
    for name, write in FLAT.items():

        def by_flat(x, write=write):
            y = make(x)
            write(y, x[1] * 2.0)
            return weighted(y)

        found[f"flat: {name}"] = wrong(by_flat)
    assert not {name: said for name, said in found.items() if said}


def test_flat_is_read_as_numpys():
    f = lambda x: (
        np.sum(x.flat) + sum(list(x.flat)) + x.flat[1] ** 2 + len(x.flat) + np.dot(x.flat, x) + np.sin(x.flat)[0]
    )
    value, gradient = cr.value_and_grad(f)(X)
    assert value == pytest.approx(f(X))
    np.testing.assert_allclose(gradient, 2.0 + 2.0 * X + np.array([np.cos(X[0]), 2.0 * X[1], 0.0, 0.0]))
    np.testing.assert_allclose(cr.jit(cr.grad(f))(X), gradient)
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(X[None])[0], gradient)
