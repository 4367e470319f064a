"""`y += v` on recorded arrays: what NumPy gives, also where something else holds the array."""

import copy
import functools
import operator

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ShapeError

X = np.array([1.0, 2.0, 3.0])


def alias(x):
    y = x * 1.0
    z = y
    z += 1.0
    return np.sum(y**2)


def row(x):
    y = np.outer(x, x)
    r = y[0]
    r += 1.0
    return np.sum(y)


def rows(x):
    y = np.outer(x, x)
    for r in y:
        r *= 2.0
    return np.sum(y)


def a_view_made_before(x):
    y = x * 1.0
    part = y[1:]
    y -= 1.0
    return np.sum(part)


def another_shape(x):
    y = x * 1.0
    r = y.reshape(3, 1)
    r /= 2.0
    return np.sum(y)


def transposed(x):
    y = np.outer(x, X)
    r = y.T
    r **= 2
    return np.sum(y)


def in_a_helper(x):
    def change(q):
        q += 1.0

    y = x * 1.0
    change(y)
    return np.sum(y)


def in_a_list(x):
    ys = [x * 1.0, x * 2.0]
    for y in ys:
        y += 1.0
    return np.sum(ys[0])


def on_an_object(x):
    class Model:
        pass

    m = Model()
    m.y = x * 1.0
    y = m.y
    y += 1.0
    return np.sum(m.y)


def the_argument(x):
    x += 1.0
    return np.sum(x * x)


SHARED = [
    alias, row, rows, a_view_made_before, another_shape, transposed, in_a_helper, in_a_list, on_an_object, the_argument,
]  # fmt: skip


def one_name(x):
    y = x * 1.0
    y += 1.0
    y -= x
    y *= np.array([1.0, 2.0, 3.0])
    y /= 2.0
    y **= 2
    y @= np.eye(3)
    y %= 7.0
    return np.sum(y)


def an_attribute(x):
    class Model:
        pass

    m = Model()
    m.y = x * 1.0
    m.y += 1.0
    return np.sum(m.y)


def an_item(x):
    ys = [x * 1.0]
    ys[0] += 1.0
    return np.sum(ys[0])


def a_view_of_nothing_else(x):
    y = (x * 2.0).reshape(1, 3)
    y += 1.0
    return np.sum(y**2)


def copies(x):
    y = x * 1.0
    for other in (copy.copy, copy.deepcopy, np.copy, lambda y: y.copy(), lambda y: y.flatten()):
        z = other(y)
        z += 1.0
    return np.sum(y)


def numbers(x):
    total = x[0]
    before = total
    total += x[1]
    return total * before


TAKEN = [one_name, an_attribute, an_item, a_view_of_nothing_else, copies, numbers]
MODES = {
    "reverse": lambda f: cr.value_and_grad(f)(X)[0],
    "forward": lambda f: cr.jvp(f, (X,), (X,))[0],
    "taylor": lambda f: cr.jet(f, (X,), ((X,),))[0],
    "jit": lambda f: cr.jit(f)(X),
    "second": lambda f: cr.value_and_grad(lambda x: cr.value_and_grad(f)(x)[0])(X)[0],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [*SHARED, *TAKEN])
def test_as_numpy(f, mode):
    assert MODES[mode](f) == pytest.approx(f(X.copy()), rel=1e-14)


@pytest.mark.parametrize("mode", MODES)
def test_shape_and_type_stay(mode):
    def grows(x):
        y = x * 1.0
        y += np.ones((2, 3))
        return np.sum(y)

    def widens(x):
        y = (x * 1.0).astype(np.float64) if x.dtype == np.float64 else x * 1
        y += np.ones(3, np.complex64)
        return np.sum(y)

    with pytest.raises(ShapeError, match="cannot make an array of shape"):
        MODES[mode](grows)
    with pytest.raises(cr.ChainruleError):
        MODES[mode](widens)


# -- the type of the array that is assigned to ------------------------------------------------------------------

GIVEN = {
    "a float": lambda x: 5.7,
    "below 0": lambda x: -1,
    "too large": lambda x: 300,
    "nan": lambda x: np.nan,
    "a bool": lambda x: True,
    "a float32": lambda x: np.float32(0.1),
    "an array": lambda x: np.array([0.5, 1.5, 2.5]),
    "an element": lambda x: x[2] * 0.7,
}


def own(x, given):
    x[... if np.ndim(given(x)) else 0] = given(x)
    return x * 1


def copied(x, given):
    y = x.copy()
    y[... if np.ndim(given(x)) else 0] = given(x)
    return y * 1


def made_like(x, given):
    y = np.zeros_like(x)
    y[... if np.ndim(given(x)) else 0] = given(x)
    return y + x


ASSIGNING = {
    "vmap": (lambda f, x: cr.vmap(f)(np.stack([x, x]))[0], "biuf", GIVEN),
    "checkpoint": (lambda f, x: cr.checkpoint(f)(x), "biuf", GIVEN),
    "vjp": (lambda f, x: cr.vjp(f, x)[0], "f", GIVEN),
    "jvp": (lambda f, x: cr.jvp(f, (x,), (x,))[0], "f", GIVEN),
    "jit": (lambda f, x: cr.jit(f)(x), "biuf", ("a float", "nan", "an array", "an element")),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("kind", ["bool", "int32", "uint8", "float32", "float64"])
@pytest.mark.parametrize("way", ASSIGNING)
def test_what_is_assigned_takes_the_type_of_the_array(way, kind):
    run, kinds, given = ASSIGNING[way]
    x = np.array([1, 0, 3]).astype(kind)
    if x.dtype.kind not in kinds:
        return
    for name in given:
        for f in (own, copied) if way == "jit" else (own, copied, made_like):
            try:
                expected = f(x.copy(), GIVEN[name])
            except (OverflowError, ValueError) as error:
                with pytest.raises(type(error)):
                    run(lambda x, f=f, name=name: f(x, GIVEN[name]), x.copy())
                continue
            found = run(lambda x, f=f, name=name: f(x, GIVEN[name]), x.copy())
            np.testing.assert_array_equal(found, expected, err_msg=name)
            assert getattr(found, "dtype", np.dtype(float)) == expected.dtype, (name, f.__name__)


IN_PLACE = {
    "iadd": operator.iadd,
    "isub": operator.isub,
    "imul": operator.imul,
    "itruediv": operator.itruediv,
    "ipow": operator.ipow,
    "__iadd__": lambda y, v: y.__iadd__(v),
    "__isub__": lambda y, v: y.__isub__(v),
    "__imul__": lambda y, v: y.__imul__(v),
    "__itruediv__": lambda y, v: y.__itruediv__(v),
    "__ipow__": lambda y, v: y.__ipow__(v),
    "reduce": lambda y, v: functools.reduce(operator.imul, [y, v, v]),
}


@pytest.mark.parametrize("by", ["a number", "an array"])
def test_operators_that_are_called_change_the_array(by):
    """Nobody looks at what they return."""
    v = {"a number": 3.0, "an array": np.array([2.0, 0.5, 3.0])}[by]
    expected = {
        **dict.fromkeys(["iadd", "isub", "__iadd__", "__isub__"], np.ones(3)),
        **dict.fromkeys(("itruediv", "__itruediv__"), 1.0 / v + 0.0 * X),
        **dict.fromkeys(("imul", "__imul__"), v + 0.0 * X),
        **dict.fromkeys(("ipow", "__ipow__"), v * X ** (v - 1.0)),
        "reduce": v * v + 0.0 * X,
    }
    for name, change in IN_PLACE.items():

        def f(x, change=change):
            y = x * 1.0
            change(y, v)
            return np.sum(y)

        for mode in (cr.grad(f), cr.jacfwd(f), lambda x, f=f: cr.vmap(cr.grad(f))(x[None])[0]):
            np.testing.assert_allclose(mode(X), expected[name], err_msg=name)
    for name in ("imul", "__imul__"):  # every operator of recorded arrays is made in one place

        def g(x, change=IN_PLACE[name]):
            y = x * 1.0
            change(y, v)
            return np.sum(y)

        np.testing.assert_allclose(cr.jit(g)(X), g(X))
