"""Functions that write to arrays, under one transform inside another: as the same functions that write to none."""

import itertools

import numpy as np
import pytest

import chainrule as cr
from chainrule import trees

X = np.array([0.3, 0.5, -0.7, 1.1])
ONES = np.ones(4)


def filled(x):
    y = np.zeros(4)
    y[1] = x[0] * x[1]
    for i in range(2, 4):
        y[i] = y[i - 1] + x[i] * x[0]
    return y


def filled_plainly(x):
    y = [0.0 * x[0], x[0] * x[1]]
    y.append(y[1] + x[2] * x[0])
    y.append(y[2] + x[3] * x[0])
    return np.stack(y)


def in_place(x):
    y = x * 1.0
    y[1:] += x[0] * x[1:]
    return y


def in_place_plainly(x):
    return np.concatenate([x[:1], x[1:] + x[0] * x[1:]])


def objects(x):
    y = np.empty(4, object)
    for i in range(4):
        y[i] = x[i] * x[0]
    return y


def objects_plainly(x):
    return x * x[0]


def contained(x):
    return {"a": filled(x), "b": (in_place(x), [x[0] * x[1]])}


def contained_plainly(x):
    return {"a": filled_plainly(x), "b": (in_place_plainly(x), [x[0] * x[1]])}


def complex_one(x):
    z = np.zeros(4, complex)
    z[1] = x[0] * 1j * x[1]
    return z


def complex_one_plainly(x):
    return np.array([0.0, 1j, 0.0, 0.0]) * (x[0] * x[1])


def through_view(view):
    def f(x):
        y = x * x
        part = view(y)
        part *= x[0]
        return y

    places = np.zeros(4)
    view(places)[...] = 1.0

    def plainly(x):
        return np.where(places > 0, x * x * x[0], x * x)

    return f, plainly


VIEWS = {
    "slice": lambda y: y[1:3],
    "strided": lambda y: y[1::2],
    "reversed": lambda y: y[::-1][1:3],
    "row": lambda y: y.reshape(2, 2)[1],
    "transposed": lambda y: y.reshape(2, 2).T[1],
    "split": lambda y: np.split(y, 2)[1],
    "diagonal": lambda y: np.einsum("ii->i", y.reshape(2, 2)),
    "raveled": lambda y: np.ravel(y)[2:],
    "element": lambda y: y[2:3],
}
PAIRS = {
    f.__name__: (f, plainly)
    for f, plainly in (
        (filled, filled_plainly),
        (in_place, in_place_plainly),
        (objects, objects_plainly),
        (contained, contained_plainly),
        (complex_one, complex_one_plainly),
    )
} | {f"view {name}": through_view(view) for name, view in VIEWS.items()}


def squares(tree):
    return sum(np.sum(np.abs(leaf) ** 2) for leaf in trees.flatten(tree)[0])


FIRST = np.array([1.0, 0.0, 0.0, 0.0])
INNER = {
    "tangent": lambda f: lambda x: cr.jvp(f, (x,), (ONES,))[1],
    "tangent along one": lambda f: lambda x: cr.jvp(f, (x,), (FIRST,))[1],
    "primal of jvp": lambda f: lambda x: cr.jvp(f, (x,), (ONES,))[0],
    "pullback": lambda f: lambda x: cr.vjp(f, x)[1](cr.vjp(f, x)[0])[0],
    "jacobian": cr.jacobian,
    "jacfwd": cr.jacfwd,
    "grad": lambda f: cr.grad(lambda x: squares(f(x))),
}
OUTER = {
    "grad": lambda g: cr.grad(lambda x: squares(g(x))),
    "jvp": lambda g: lambda x: cr.jvp(g, (x,), (ONES,))[1],
    "vmap": lambda g: lambda x: cr.vmap(g)(np.stack([x, 2 * x])),
    "jacobian": cr.jacobian,
}


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")  # complex numbers are computed one after the other
@pytest.mark.parametrize(("inner", "outer"), [*itertools.product(INNER, OUTER)])
@pytest.mark.parametrize("name", PAIRS)
def test_writes_inside_two_transforms(name, inner, outer):
    f, plainly = PAIRS[name]
    found, expected = ((OUTER[outer](INNER[inner](g)))(X) for g in (f, plainly))
    leaves, structure = trees.flatten(found)
    others, expected_structure = trees.flatten(expected)
    assert structure == expected_structure
    for x, y in zip(leaves, others, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("transform", [cr.jacobian, cr.jacfwd])
def test_a_filled_array_is_computed_for_all_examples_at_once(transform):
    many = cr.vmap(transform(filled))
    many(np.stack([X, 2 * X]))
    assert many.report() == "all 2 examples at once"


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
def test_complex_results_with_an_axis_of_their_own():
    rows = np.arange(6.0).reshape(2, 3)
    found = cr.vmap(lambda x: {"a": x * 1j, "b": x}, out_axes={"a": 1, "b": 0})(rows)
    np.testing.assert_array_equal(found["a"], rows.T * 1j)
    np.testing.assert_array_equal(found["b"], rows)
