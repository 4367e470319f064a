"""What a jitted function reads besides its arguments, of every kind and changed in every way: the next call gives the
new answer or says that something has changed. It never gives the old one."""

from __future__ import annotations

import contextlib
import decimal
import gc
import importlib.util
import math
import weakref
from typing import Any

import numpy as np
import pytest
from jit.agreement import by_rows
from jit.state_programs import PREAMBLE, programs

import chainrule as cr
from chainrule.errors import ArgumentError, ChainruleError, JitWarning, StaleRecording
from chainrule.jit.captured import found

PROGRAMS = programs()


def made(source: str) -> dict[str, Any]:
    for library in ("pandas", "torch", "scipy"):
        if f"import {library}" in source and importlib.util.find_spec(library) is None:
            pytest.skip(f"no {library}")
    scope: dict[str, Any] = {}
    exec(PREAMBLE + source, scope)
    return scope


@pytest.mark.parametrize("name", PROGRAMS)
def test_never_an_old_answer(name: str, monkeypatch: Any) -> None:
    source, change = PROGRAMS[name]
    scope = made(source)
    compiled = by_rows(scope["f"], monkeypatch)  # what is watched is the same as with machine code
    with contextlib.suppress(ChainruleError):  # what cannot be watched is refused
        first = compiled(2.0)
        if change != "pass":
            assert first == compiled(2.0)  # while nothing changes nothing is said
        exec(change, scope)
        expected = scope["f"](2.0)  # before the program looks: reading a class may hide that it has changed
        np.testing.assert_array_equal(compiled(2.0), expected)


@pytest.mark.parametrize("drawn", ["it = itertools.count(2)", "it = (k for k in itertools.count(2))"])
def test_a_gradient_that_changes_with_each_call(drawn: str) -> None:
    """The slope is computed by no step of the program: it is the number that was drawn."""
    scope = made(drawn + "\ndef f(x): return x * next(it)")
    with pytest.raises(ArgumentError, match=r"changes with each call|an iterator"):
        cr.jit(cr.grad(scope["f"]))(1.5)


UNREAD = {  # set up, what f returns, a change of something that f does not read or that does not matter
    "another attribute": ("o = C(); o.k = 2.0; o.turns = 0", "x * o.k", "o.turns += 1"),
    "another global": ("k = 2.0; turns = 0", "x * k", "turns += 1"),
    "the same number again": ("k = 2.0", "x * k", "k = float('2.0')"),
    "an attribute set to the same number": ("o = C(); o.k = 2.0", "x * o.k", "o.k = float('2.0')"),
    "nan again": ("k = math.nan", "x if k != k else x * k", "k = float('nan')"),
    "an equal list": ("t = [1.0, [2.0]]", "x * t[1][0]", "t = [1.0, [2.0]]"),
    "an equal array": ("t = np.ones(3)", "np.sum(x * t)", "t = np.ones(3)"),
    "a helper defined again": ("def h(): return 2.0", "x * h()", "exec('def h(): return 2.0', globals())"),
    "a log": ("seen = []\ndef h(x): seen.append('x'); return x", "h(x)", "seen.clear()"),
    "a count of calls": ("n = 0\ndef h(x):\n  global n\n  n += 1\n  return x", "h(x)", "n = 0"),
    "a count in a list": ("n = [0]\ndef h(x):\n  n[0] += 1\n  return x", "h(x)", "n[0] = 0"),
    "a count of an object": ("o = C(); o.n = 0\ndef h(x):\n  o.n += 1\n  return x", "h(x)", "o.n = 0"),
    "numbers of nodes": (
        "t = itertools.count()\ndef h(x):\n  y = C(); y.name = next(t)\n  return x",
        "h(x)",
        "next(t)",
    ),
    "a cache of its own": ("t = {}\ndef h(k):\n  if k not in t: t[k] = k + 1.0\n  return t[k]", "x * h(1)", "pass"),
    "a result kept": ("t = {}\ndef h(x):\n  t['last'] = 1\n  return x", "h(x)", "pass"),
    "a cached property": ("o = P(); o._k = 2.0", "x * o.cached", "pass"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_nothing_is_said_without_need(name: str, monkeypatch: Any) -> None:
    setup, body, change = UNREAD[name]
    scope = made(f"{setup}\ndef f(x): return {body}")
    compiled = by_rows(scope["f"], monkeypatch)
    first = compiled(2.0)
    for _ in range(3):
        exec(change, scope)
        assert compiled(2.0) == first
    assert [len(s.versions) for s in compiled.specialisations] == [1]


def test_what_f_fills_is_filled_once_and_what_it_logs_is_logged_once(monkeypatch: Any) -> None:
    scope = made("t, n = {}, []\ndef f(x):\n  n.append(1)\n  return x * t.setdefault('k', 2.0)")
    compiled = by_rows(scope["f"], monkeypatch)
    assert compiled(3.0) == compiled(3.0) == 6.0
    assert scope["t"] == {"k": 2.0}
    scope["t"]["k"] = 5.0
    with pytest.raises(StaleRecording, match=r"t\['k'\]"):
        compiled(3.0)


@pytest.mark.parametrize(
    ("setup", "body", "message"),
    [
        (
            "n = {'k': 0}\ndef h():\n  n['k'] += 1\n  return n['k']",
            "x * h()",
            "'n' is read by a jitted function and changes",
        ),
        ("t = itertools.cycle([1.0, 2.0])", "x * next(t)", "an iterator"),
        ("k = 2.0\ndef h(): return eval('k')", "x * h()", "write the names out"),
        ("def h():\n  with open(path) as file: return float(file.read())", "x * h()", "read it outside"),
    ],
)
def test_what_cannot_be_watched_is_refused(setup: str, body: str, message: str) -> None:
    scope = made(f"{setup}\nput('1.0')\ndef f(x): return {body}")
    with pytest.raises(ArgumentError, match=message):
        cr.jit(scope["f"])(2.0)


def test_too_much_to_watch_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr(found, "MOST", 1000)
    scope = made("t = [float(k) for k in range(2000)]\ndef f(x): return x * t[5]")
    with pytest.raises(ArgumentError, match="too many to watch"):
        cr.jit(scope["f"])(2.0)


@pytest.mark.parametrize("ask", ["time.time()", "now()", "time.perf_counter()"])
def test_who_asks_for_the_time_is_warned(ask: str) -> None:
    scope = made(f"import time\nfrom time import time as now\ndef f(x):\n  begin = {ask}\n  return x * 2")
    with pytest.warns(JitWarning, match="asks for the time"):
        assert cr.jit(scope["f"])(2.0) == 4.0


DRAWN = {
    "uuid4": ("import uuid", "uuid.uuid4().int % 7"),
    "urandom": ("import os", "os.urandom(1)[0]"),
    "from os": ("from os import urandom", "urandom(1)[0]"),
    "secrets": ("import secrets", "secrets.randbelow(9)"),
    "SystemRandom": ("", "random.SystemRandom().random()"),
    "default_rng": ("", "np.random.default_rng().normal()"),
    "RandomState": ("", "np.random.RandomState().normal()"),
    "random.random": ("", "random.random()"),
    "of random": ("from random import gauss", "gauss(0.0, 1.0)"),
    "np.random": ("", "np.random.rand()"),
    "a bound method": ("draw = np.random.default_rng(0).normal", "draw()"),
    "a bound method in a list": ("draw = [np.random.default_rng(0).normal]", "draw[0]()"),
    "a default": ("def h(draw=np.random.default_rng(0).normal): return draw()", "h()"),
    "in a helper": ("import os\ndef h(): return os.urandom(1)[0]", "h()"),
    "in a method": ("import os\nclass R:\n  def m(self): return os.urandom(1)[0]\no = R()", "o.m()"),
    "a generator of an object": ("o = C(); o.r = np.random.default_rng(0)", "o.r.normal()"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_who_draws_random_numbers_is_warned(name: str, monkeypatch: Any) -> None:
    setup, drawn = DRAWN[name]
    scope = made(f"import random\n{setup}\ndef f(x): return x * {drawn}")
    compiled = by_rows(scope["f"], monkeypatch)
    with pytest.warns(JitWarning, match="random numbers"):
        compiled(2.0)


def test_a_generator_with_a_seed_is_no_cause(monkeypatch: Any) -> None:
    scope = made("def f(x): return x * np.random.default_rng(3).normal()")
    compiled = by_rows(scope["f"], monkeypatch)
    assert compiled(2.0) == compiled(2.0) == scope["f"](2.0)


@pytest.mark.parametrize(
    ("module", "name", "body"),
    [
        (math, "sin", "math.sin(x)"),
        (np, "sin", "np.sin(x)"),
        (np, "sum", "np.sum(x * np.ones(2))"),
        (np.linalg, "norm", "np.linalg.norm(x * np.ones(2))"),
        (math, "cos", "h(x)"),
    ],
)
def test_functions_of_libraries_that_are_replaced(module: Any, name: str, body: str, monkeypatch: Any) -> None:
    scope = made(f"from math import cos\ndef h(x): return math.cos(x)\ndef f(x): return {body}")
    compiled = by_rows(scope["f"], monkeypatch)
    assert compiled(0.5) == compiled(0.5)
    monkeypatch.setattr(module, "another_name", 1.0, raising=False)
    assert compiled(0.5) == pytest.approx(scope["f"](0.5))
    monkeypatch.setattr(module, name, lambda x: x * 2.0)
    for _ in range(2):
        with pytest.raises(StaleRecording, match=f"{module.__name__}.{name}"):
            compiled(0.5)


def test_settings_of_the_process(monkeypatch: Any) -> None:
    scope = made("import decimal\ndef f(x): return x * (2 if np.geterr()['under'] == 'ignore' else 3)")
    compiled = by_rows(scope["f"], monkeypatch)
    assert compiled(1.0) == 2.0
    with np.errstate(under="warn"), pytest.raises(StaleRecording, match="geterr"):
        compiled(1.0)
    scope = made("import decimal\ndef f(x): return x * decimal.getcontext().prec")
    compiled = by_rows(scope["f"], monkeypatch)
    assert compiled(1.0) == 28.0
    with decimal.localcontext(prec=5), pytest.raises(StaleRecording, match="getcontext"):
        compiled(1.0)


def test_objects_that_refer_to_each_other_are_not_kept_alive() -> None:
    class Layer:
        def __init__(self, parent: Any) -> None:
            self.parent, self.w = parent, np.ones(2)

    class Model:
        def __init__(self) -> None:
            self.layer = Layer(self)

        @cr.jit
        def loss(self, x: Any) -> Any:
            return np.sum(self.layer.w * x * self.layer.parent.layer.w)

    model = Model()
    assert model.loss(np.ones(2)) == 2.0
    model.layer.w[0] = 3.0
    with pytest.raises(StaleRecording, match=r"self\.layer\.w"):
        model.loss(np.ones(2))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
