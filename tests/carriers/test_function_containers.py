"""Lists and dicts of functions that a function finds by name: what is called through them is lifted."""

import copy
import functools
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.lift import lift

TABLE = {"tanh": math.tanh, "mine": lambda z: math.exp(-z), "scale": 2.0}
LAYERS = [math.sin, lambda z: math.exp(z), functools.partial(math.pow, 2.0)]
CHANGED = {"f": math.sin}
GROWN = [math.sin]


def composed(*functions):
    kept = list(functions)

    def together(x):
        for f in kept:
            x = f(x)
        return x

    return together


def with_default(x, table={"cos": math.cos}):  # noqa: B006
    return table["cos"](x) * x


WAYS = {
    "dict": lambda x: TABLE["tanh"](x) * TABLE["scale"],
    "function in a dict": lambda x: TABLE["mine"](x),
    "get": lambda x: TABLE.get("mine")(x),
    "loop": lambda x: sum(f(x) for f in LAYERS),
    "index": lambda x: LAYERS[-1](x),
    "slice": lambda x: sum(f(x) for f in LAYERS[:2]),
    "zip": lambda x: sum(w * f(x) for w, f in zip([1, 2, 3], LAYERS, strict=True)),
    "items": lambda x: sum(f(x) for name, f in TABLE.items() if name != "scale"),
    "values": lambda x: next(iter(TABLE.values()))(x),
    "reduce": lambda x: functools.reduce(lambda a, f: f(a), LAYERS, x),
    "unpacked": lambda x: [*LAYERS][1](x),
    "names": lambda x: (lambda f, *rest: f(x))(*LAYERS),
    "length": lambda x: LAYERS[0](x) * len(LAYERS) * ("tanh" in TABLE),
    "closure": composed(math.sin, lambda z: math.exp(z)),
    "default": with_default,
    "copied": lambda x: copy.copy(LAYERS)[0](x),
}


@pytest.mark.parametrize("way", WAYS)
def test_functions_in_containers(way):
    f, h = WAYS[way], 1e-6
    expected = (f(0.7 + h) - f(0.7 - h)) / (2 * h)
    assert cr.grad(f)(0.7) == pytest.approx(expected, rel=1e-8)
    assert cr.jvp(f, (0.7,), (1.0,))[1] == pytest.approx(expected, rel=1e-8)


def test_compiled():
    pytest.importorskip("llvmlite")
    assert cr.jit(cr.grad(WAYS["loop"]))(0.7) == pytest.approx(cr.grad(WAYS["loop"])(0.7), rel=1e-14)


def test_what_is_put_in_later_is_called():
    slope, closed = cr.grad(lambda x: CHANGED["f"](x)), composed(math.sin)
    chain = cr.grad(closed)
    assert slope(0.5) == math.cos(0.5)
    assert chain(0.5) == math.cos(0.5)
    CHANGED["f"] = math.exp
    closed.__closure__[0].cell_contents.append(math.exp)
    assert slope(0.5) == math.exp(0.5)
    assert chain(0.5) == pytest.approx(math.cos(0.5) * math.exp(math.sin(0.5)))


def test_changes_reach_the_original():
    def register(x):
        GROWN.append(lambda z: math.exp(z))
        GROWN[0] = len
        last = GROWN.pop()
        return last(x)

    assert cr.grad(register)(0.5) == math.exp(0.5)
    assert [len] == GROWN


def test_containers_of_data_stay_themselves():
    data, table = [1.0, 2.0], {"a": np.ones(2), "b": [abs]}
    same = lift(lambda: (data, table, math.sin))()
    assert same[0] is data
    assert same[1] is table


def test_attributes_that_hold_containers():
    class Net:
        acts = {"exp": math.exp}  # noqa: RUF012

    assert cr.grad(lambda x: Net.acts["exp"](x))(0.5) == math.exp(0.5)
