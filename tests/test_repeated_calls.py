"""The ten-thousandth call is the tenth one: as many steps of Python's, and no more memory.

Counted are the functions that a call enters and the blocks of memory in use, so that a busy machine changes nothing.
`python -m benchmarks.repeated` has the same in time.
"""

from __future__ import annotations

import ast
import functools
import gc
import math
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
import chainrule.carriers.frozen as frozen
import chainrule.carriers.lift as lifting
from chainrule import libraries
from chainrule.jit.run import machine

pytestmark = pytest.mark.usefixtures("collected")

X, Y, W = np.ones((5, 3)), np.ones(5), np.array([0.1, 0.2, 0.3])


def predict(w: Any) -> Any:  # needs no lifting
    return X @ w


def deep(w: Any) -> Any:
    return predict(w) * 2.0


def loss(w: Any) -> Any:
    return np.mean((predict(w) - deep(w) - Y) ** 2)


def halved(x: Any) -> Any:
    return x / 2


def wave(x: Any) -> Any:
    return math.sin(x) * x + halved(x)


class Model:
    def __init__(self) -> None:
        self.w = W

    def __call__(self, w: Any) -> Any:
        return np.sum(predict(w) * self.scale())

    def scale(self) -> float:
        return 2.0


def fresh_helpers(w: Any) -> Any:
    helpers.predict = lambda w: X @ w  # type: ignore[attr-defined]
    return np.sum(helpers.predict(w))  # type: ignore[attr-defined]


helpers = types.ModuleType("helpers_of_a_test")
model = Model()
jitted = cr.jit(loss)

OF_ARRAYS = {
    "plain": loss,
    "object": model,
    "method": model.__call__,
    "partial": functools.partial(lambda k, w: np.sum(predict(w) * k), 2.0),
    "lambda": lambda w: loss(w) + 1.0,
    "module": fresh_helpers,
    "jitted": lambda w: jitted(w),
}

TRANSFORMS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "grad": cr.grad,
    "value_and_grad": cr.value_and_grad,
    "jacobian": cr.jacobian,
    "jacfwd": cr.jacfwd,
    "jacrev": cr.jacrev,
    "hessian": cr.hessian,
    "hvp": lambda f: lambda w: cr.hvp(f, w, w),
    "jvp": lambda f: lambda w: cr.jvp(f, (w,), (w,)),
    "vjp": lambda f: lambda w: cr.vjp(f, w)[1](1.0),
    "grad of grad": lambda f: cr.grad(lambda w: np.sum(cr.grad(f)(w) ** 2)),
    "made anew": lambda f: lambda w: cr.grad(f)(w),
    "jit": cr.jit,
    "jit of grad": lambda f: cr.jit(cr.value_and_grad(f)),
}
OF_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "grad": cr.grad(wave),
    "second": cr.grad(cr.grad(wave)),
    "jet": lambda x: cr.taylor(wave, x, 3),
    "jit": cr.jit(cr.grad(wave)),
    "expression": lambda x: (cr.Value(x) * 2.0).backward(),
    "numeric": lambda x: cr.numeric.derivative(wave, x),
}


def counted(f: Callable[[Any], Any], x: Any) -> int:
    """The functions that f(x) enters."""
    entered = [0]

    def note(frame: Any, event: str, what: Any) -> None:
        entered[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        f(x)
    finally:
        sys.setprofile(before)
    return entered[0]


def compare(f: Callable[[Any], Any], x: Any, calls: int) -> None:
    """Whether the last of these calls is like the tenth. Python's own stores of small objects fill up for a while, so
    memory is looked at several times: what a call leaves behind shows each time."""
    for _ in range(10):
        f(x)
    tenth, grown = counted(f, x), []
    for _ in range(4):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(calls // 4):
            f(x)
        gc.collect()
        grown.append(sys.getallocatedblocks() - before)
    assert min(grown) < 0.8 * (calls // 4)  # not one block for each call
    assert counted(f, x) <= tenth + 5 + tenth // 20  # an estimate by differences is patient by the clock


@pytest.mark.parametrize("kind", OF_ARRAYS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_of_arrays(name: str, kind: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(lifting, "MOST", 20)
    if kind == "module" and name.startswith("jit"):
        pytest.skip("a function that changes what it reads is refused")
    compare(TRANSFORMS[name](OF_ARRAYS[kind]), W, 10_000 if (name, kind) == ("value_and_grad", "plain") else 400)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_of_numbers(name: str) -> None:
    compare(OF_NUMBERS[name], 0.5, 240 if name == "numeric" else 1000)


@pytest.mark.parametrize("show", [cr.draw, cr.explain], ids=["draw", "explain"])
def test_what_is_shown_is_gone_when_it_is_dropped(show: Any) -> None:
    compare(lambda x: str(show(wave, x)), 0.5, 80)


def test_a_jitted_function_that_is_dropped_leaves_nothing(monkeypatch: Any) -> None:
    monkeypatch.setattr(machine, "LIBRARIES", 4)
    monkeypatch.setattr(machine, "_current", [])
    closed: list[int] = []
    close = machine._Linker.unlink

    def unlink(self: Any, library: Any) -> None:
        close(self, library)
        if self.gone == self.linked >= 4:
            closed.append(self.linked)

    monkeypatch.setattr(machine._Linker, "unlink", unlink)
    for k in range(12):
        assert cr.jit(lambda x, k=k: x * k)(2.0) == 2.0 * k
        gc.collect()
    assert len(closed) >= 2  # LLVM's linker goes, with what it keeps of each library


# -- the work of a call and the length of its program ---------------------------------------------------------------


def recurrent(turns: int) -> Callable[[Any], Any]:
    def f(w: Any) -> Any:
        h = 0.1
        for k in range(turns):
            h = math.tanh(w[k % 3] * h + w[(k + 1) % 3])
        return h

    return f


@pytest.mark.parametrize("make", [cr.jit, lambda f: cr.jit(cr.grad(f))], ids=["f", "grad"])
@pytest.mark.parametrize("given", [[0.1, 0.2, 0.3], np.array([0.1, 0.2, 0.3])], ids=["list", "array"])
def test_a_call_does_not_walk_through_its_program(make: Any, given: Any) -> None:
    calls = []
    for turns in (500, 1500):
        f = make(recurrent(turns))
        f(given)
        calls.append(counted(f, given))
    assert calls[0] == calls[1] < 200


# -- caches ---------------------------------------------------------------------------------------------------------


def test_copies_of_arrays_have_a_bound() -> None:
    arrays = [np.ones(2) * k for k in range(frozen.MOST + 50)]
    for x in arrays:
        frozen.frozen(x)
    again = frozen.frozen(arrays[-1])
    assert again is frozen.frozen(arrays[-1])
    assert frozen.frozen(arrays[0]) is not None
    assert frozen.kept() <= frozen.MOST
    del arrays, x
    gc.collect()
    assert frozen.kept() < frozen.MOST


def test_a_lifting_begins_anew_where_new_functions_come_all_the_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(lifting, "MOST", 50)
    f = cr.grad(lambda w: fresh_helpers(w))
    for _ in range(130):
        f(W)
    assert max((len(x.seen) for x in gc.get_objects() if type(x) is lifting._Lifting), default=0) <= lifting.MOST + 2


def test_types_of_numbers_have_a_bound() -> None:
    for k in range(libraries.MOST + 50):
        libraries.library(type(f"Number{k}", (float,), {})(1.0))
    assert len(libraries._known) <= libraries.MOST


ROOT = Path(cr.__file__).parent
WITHOUT_END = {"functools.cache", "cache"}


def test_no_cache_is_without_a_bound() -> None:
    """`functools.cache` never forgets: it is for functions of nothing, or of what there are few of."""
    found = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                for d in node.decorator_list:
                    if ast.unparse(d) in WITHOUT_END and node.args.args:
                        found.append(f"{path.name}:{node.name}")
                    if ast.unparse(d) in ("lru_cache(maxsize=None)", "functools.lru_cache(maxsize=None)"):
                        found.append(f"{path.name}:{node.name}")
    assert found == []
