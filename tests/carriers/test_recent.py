"""Functions that `jvp` and `vjp` lifted once: the same ones again, never an old one, and nobody's data."""

import gc
import math
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule.carriers.float_rules import OPERATORS
from chainrule.carriers.lifting import recent

factor = 2.0


def scaled(x):
    return factor * math.sin(x)


def loss(x):
    return scaled(x) ** 2


def pulled(f, x):
    return cr.vjp(f, x)[1](1.0)[0]


WAYS = {"jvp": lambda f, x: cr.jvp(f, (x,), (1.0,))[1], "vjp": pulled}


@pytest.fixture(autouse=True)
def nothing_yet(monkeypatch):
    monkeypatch.setattr(recent, "_recent", [])


@pytest.mark.parametrize("way", WAYS)
def test_what_a_function_looks_up_may_change(way, monkeypatch):
    for value in (2.0, 2.0, 5.0):
        monkeypatch.setitem(globals(), "factor", value)
        assert WAYS[way](loss, 0.3) == pytest.approx(value**2 * math.sin(0.6))
    monkeypatch.setitem(globals(), "scaled", lambda x: math.exp(x))
    assert WAYS[way](loss, 0.3) == pytest.approx(2 * math.exp(0.6))
    (known,) = recent._recent
    assert known.f is loss


@pytest.mark.parametrize("way", WAYS)
def test_a_cell_may_change(way):
    w = 1.0

    def f(x):
        return math.exp(w * x)

    found = []
    for w in (1.0, 3.0):  # noqa: B007  (f reads it)
        found.append(WAYS[way](f, 0.0))
    assert found == [1.0, 3.0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("held", ["cell", "default", "attribute", "function in a cell"])
def test_nobodys_data_are_kept(way, held):
    class Data(np.ndarray):
        pass

    def made(data):
        of_cell = lambda x: math.sin(x) * data[0]
        if held == "cell":
            return of_cell
        if held == "function in a cell":
            return lambda x: of_cell(x)
        f = (lambda x, data=data: math.sin(x) * data[0]) if held == "default" else (lambda x: math.sin(x))
        if held == "attribute":
            f.data = data
        return f

    data = np.ones(3).view(Data)
    seen = weakref.ref(data)
    f = made(data)
    WAYS[way](f, 0.5)
    del f, data
    gc.collect()
    assert seen() is None


@pytest.mark.parametrize("operator", [op for op in OPERATORS if op is not None and op.code], ids=lambda op: op.name)
def test_tangents_of_tangents_of_floats_warn_nowhere_and_are_right(operator):
    """They are pushed without silencing NumPy. Warnings are errors here."""
    others = (0.5,) if operator.arity == 2 else ()
    f = lambda x: operator(x, *others)
    slope = lambda x: cr.jvp(f, (x,), (1.0,))[1]
    for x in (0.0, -0.0, 5e-324, 1e-310, 1e308, -1e308, math.inf, -math.inf, math.nan):
        cr.jvp(slope, (x,), (1.0,))
        cr.jvp(slope, (x,), (1e300,))
    for x in (0.3, 0.7):
        assert cr.jvp(slope, (x,), (1.0,))[1] == pytest.approx(cr.grad(cr.grad(f))(x), rel=1e-12, abs=1e-14)
