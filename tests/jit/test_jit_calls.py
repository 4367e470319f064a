"""What may be passed to a jitted function, what comes back, what it reads from outside, and what it says."""

from __future__ import annotations

import functools
import gc
import pickle
import random
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from jit.agreement import WAYS, agree, jitted

import chainrule as cr
from chainrule.errors import ArgumentError, JitWarning, MissingExtra, StaleRecording
from chainrule.jit.call import compiled as module
from chainrule.jit.run import machine

Jit = Callable[..., Any]


@pytest.fixture(params=WAYS)
def jit(request: Any, monkeypatch: Any) -> Jit:
    return jitted(request.param, monkeypatch)


def test_results_keep_their_structure() -> None:
    def f(p: Any) -> Any:
        return {"sum": p["a"] + p["b"][0], "both": [p["a"], (p["b"][1], None)], "name": "x", 3: 4}

    p = {"a": np.arange(3.0), "b": (2.0, np.ones(2, np.float32))}
    agree(cr.jit(f)(p), f(p))


class Pair(NamedTuple):
    x: Any
    y: Any


def test_named_tuples_go_in_and_come_out() -> None:
    f = cr.jit(lambda p: Pair(p.y * 2.0, p.x))
    assert f(Pair(1.0, 2.0)) == Pair(4.0, 1.0)
    assert type(f(Pair(1.0, 2.0))) is Pair


def test_a_single_number_comes_back_as_a_python_float(jit: Jit) -> None:
    compiled = jit(lambda x: (np.sum(x), x[0], x.dtype.type(3)))
    assert [type(y) for y in compiled(np.ones(2))] == [float, float, float]
    assert [type(y) for y in compiled(np.ones(2, np.float32))] == [np.float32, np.float32, np.float32]


def test_ints_bools_strings_and_none_are_static() -> None:
    def f(x: Any, n: int, up: bool, how: str | None) -> Any:
        for _ in range(n):
            x = x * 2 if up else x / 2
        return -x if how == "negative" else x

    compiled = cr.jit(f)
    for rest in ((2, True, None), (3, True, None), (1, False, "negative"), (True, 1, None), (2, True, None)):
        assert compiled(3.0, *rest) == f(3.0, *rest)
    assert len(compiled.specialisations) == 4


def test_keywords_and_defaults() -> None:
    compiled = cr.jit(lambda x, *, rate=2.0, n=1: x * rate**n)
    assert compiled(3.0) == 6.0
    assert compiled(3.0, rate=5.0) == 15.0
    assert compiled(x=3.0, rate=5.0, n=2) == 75.0


def test_each_shape_and_type_has_its_recording(jit: Jit) -> None:
    compiled = jit(lambda x: x * 2)
    arrays = [np.ones(3), np.ones(4), np.ones((3, 1)), np.ones(3, np.float32), np.arange(3), np.float64(2), 1.5]
    for x in [*arrays, *arrays]:
        agree(compiled(x), compiled.f(x))
    assert len(compiled.specialisations) == len(arrays)


def test_the_number_of_specialisations_is_bounded(jit: Jit, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "SPECIALISATIONS", 4)
    compiled = jit(lambda x: x + 1)
    for n in range(9, 16):
        compiled(np.ones(n))
    assert len(compiled.specialisations) == 4
    agree(compiled(np.ones(2)), np.full(2, 2.0))


@pytest.mark.parametrize("make", [
    lambda x: x[::2], lambda x: x[::-1], lambda x: x.reshape(2, 3).T, lambda x: np.broadcast_to(x, (2, 6)),
    lambda x: np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float64), lambda x: x.astype(">f8"),
    lambda x: x[:0], lambda x: x.reshape(6, 1)[:, :0], lambda x: np.asfortranarray(x.reshape(2, 3)),
])  # fmt: skip
def test_arrays_of_any_layout(make: Any) -> None:
    x = make(np.arange(6.0))
    f = cr.value_and_grad(lambda x: np.sum(np.exp(-x) * x))
    compiled = cr.jit(f)
    for _ in range(2):
        agree(compiled(x), f(x))


SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 2.3e-308, 1.7e308])


@pytest.mark.parametrize("f", [
    lambda x: x * x, lambda x: x**2, lambda x: x**3, lambda x: x**0.5, lambda x: x**-1.0, lambda x: 1.0 / x,
    lambda x: np.exp(x), lambda x: np.log(x), lambda x: np.sqrt(x), lambda x: np.tanh(x), lambda x: np.maximum(x, 0.0),
    lambda x: np.where(x > 0, np.log(x), 0.0), lambda x: np.abs(x), lambda x: x**x, lambda x: np.arctan2(x, 1.0),
    lambda x: cr.softplus(x), lambda x: cr.sigmoid(x), lambda x: cr.relu(x), lambda x: np.hypot(x, 1.0),
])  # fmt: skip
def test_special_points_give_what_eager_gives(f: Any) -> None:
    def both(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y, pull = cr.vjp(f, x)
            return y, pull(np.ones_like(x))

    agree(cr.jit(both)(SPECIAL), both(SPECIAL), rtol=1e-14, atol=0.0)


def test_results_share_no_memory_with_arguments_or_each_other() -> None:
    compiled = cr.jit(lambda x: (x, x, x.T, x[:1], x * 2))
    x = np.ones((2, 2))
    results = compiled(x)
    for k, y in enumerate(results):
        y[...] = k + 5.0
    assert np.all(x == 1.0)
    assert [y.flat[0] for y in results] == [5.0, 6.0, 7.0, 8.0, 9.0]
    agree(compiled(x), (x, x, x.T, x[:1], x * 2))


def test_the_same_array_twice_among_the_arguments() -> None:
    x = np.arange(3.0)
    agree(cr.jit(cr.grad(lambda a, b: np.sum(a * b), argnums=(0, 1)))(x, x), (x, x))


# -- what is read from outside ------------------------------------------------------------------------------------

SHARED = np.ones(3)
RATE = 2.0


def reads_a_global(x: Any) -> Any:
    return np.sum(x * SHARED) * RATE


def test_a_captured_array_that_changed_is_an_error(jit: Jit, monkeypatch: Any) -> None:
    monkeypatch.setitem(globals(), "SHARED", np.ones(3))
    for f in (reads_a_global, cr.grad(reads_a_global)):
        compiled = jit(f)
        agree(compiled(np.ones(3)), f(np.ones(3)))
        SHARED[1] += 1.0
        with pytest.raises(StaleRecording, match="SHARED"):
            compiled(np.ones(3))
        compiled.forget()
        agree(compiled(np.ones(3)), f(np.ones(3)))


def test_a_captured_number_that_changed_is_an_error(jit: Jit, monkeypatch: Any) -> None:
    compiled = jit(reads_a_global)
    compiled(np.ones(3))
    monkeypatch.setitem(globals(), "RATE", 3.0)
    with pytest.raises(StaleRecording, match="RATE"):
        compiled(np.ones(3))


class Model:
    def __init__(self) -> None:
        self.w = np.ones(2)
        self.layers = [{"b": np.zeros(2)}]

    def __call__(self, x: Any) -> Any:
        return np.sum((x + self.layers[0]["b"]) * self.w)


@pytest.mark.parametrize("change", [
    lambda m: m.w.__setitem__(0, 5.0), lambda m: m.layers[0]["b"].__setitem__(0, 5.0),
])  # fmt: skip
def test_arrays_inside_objects_are_captured(change: Any, jit: Jit) -> None:
    model = Model()
    for f in (model, functools.partial(model.__call__), lambda x: model(x)):
        compiled = jit(cr.grad(f))
        compiled(np.ones(2))
        change(model)
        model.w += 1.0
        with pytest.raises(StaleRecording):
            compiled(np.ones(2))


class Scaled:
    def __init__(self) -> None:
        self.rate, self.turns = 2.0, 0

    def __call__(self, x: Any) -> Any:
        return x * self.rate

    def step(self, x: Any) -> Any:
        return x * self.rate


@pytest.mark.parametrize("of", [lambda s: s, lambda s: s.step, lambda s: lambda x: s(x), None])
def test_numbers_that_a_method_reads_from_its_object_are_captured(of: Any, jit: Jit) -> None:
    scaled = Scaled()
    compiled = jit(of(scaled)) if of else functools.partial(jit(lambda s, x: s(x)), scaled)  # an argument
    compiled(1.0)
    scaled.turns += 1  # not read
    assert compiled(3.0) == 6.0
    scaled.rate = 5.0
    with pytest.raises(StaleRecording, match=r"self\.rate"):
        compiled(3.0)


def test_arrays_of_the_functions_own_are_not_watched(jit: Jit) -> None:
    compiled = jit(lambda x: x * np.linspace(0.0, 1.0, 3))
    compiled(np.ones(3))
    (only,) = compiled.specialisations
    assert only.versions[0].outside == []


NOISE = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("draw", "name"),
    [(lambda: np.random.rand(), "np.random"), (lambda: NOISE.normal(), "NOISE"), (lambda: random.random(), "random")],  # noqa: NPY002
)
def test_random_numbers_drawn_while_recording_are_warned_about(draw: Any, name: str) -> None:
    compiled = cr.jit(cr.grad(lambda x: x * x * draw()))
    with pytest.warns(JitWarning, match=rf"random numbers \({name}\)"):
        first = compiled(1.0)
    assert compiled(1.0) == first


def test_a_generator_is_no_argument() -> None:
    with pytest.raises(ArgumentError, match="draw them outside"):
        cr.jit(lambda x, rng: x * rng.normal())(1.0, NOISE)


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: float(x[0]), "leave float\\(\\) out"),
        (lambda x: cr.Value(x), "its .data"),
    ],
)
def test_what_would_freeze_a_number_is_refused(f: Any, message: str) -> None:
    with pytest.raises(Exception, match=message) as caught:
        cr.jit(f)(np.ones(2))
    assert isinstance(caught.value, cr.ChainruleError)


@pytest.mark.parametrize("x", [np.array(["a"]), np.ones(2, np.float16), {1.0, 2.0}, threading.Thread()])
def test_arguments_that_are_no_numbers_are_refused(x: Any) -> None:
    with pytest.raises(ArgumentError, match="jit takes floats"):
        cr.jit(lambda x: x)(x)


def test_errors_of_the_function_come_through_and_leave_nothing_behind() -> None:
    compiled = cr.jit(lambda x: 1.0 / (x - x))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            compiled(2.0)
    assert compiled.specialisations == []


def test_a_number_that_escapes_is_told_apart() -> None:
    kept = []
    compiled = cr.jit(lambda x: kept.append(x * 2) or x)
    compiled(1.0)
    with pytest.raises(ArgumentError, match="after the function had returned"):
        kept[0] + 1.0


def test_not_a_function() -> None:
    with pytest.raises(ArgumentError, match="jit expects a function"):
        cr.jit(3.0)  # type: ignore[arg-type]


def test_without_llvmlite_the_extra_is_named(monkeypatch: Any) -> None:
    monkeypatch.setattr(machine.importlib, "import_module", _missing)
    with pytest.raises(MissingExtra, match=r"chainrule\[jit\]"):
        cr.jit(lambda x: x)


def _missing(name: str) -> Any:
    raise ImportError(name)


# -- all in all --------------------------------------------------------------------------------------------------


def test_threads_may_call_one_jitted_function() -> None:
    compiled = cr.jit(cr.value_and_grad(lambda x: np.sum(np.sin(x) * x)))
    expected = {n: cr.value_and_grad(lambda x: np.sum(np.sin(x) * x))(np.full(50, float(n))) for n in range(4)}
    wrong: list[Any] = []

    def work(n: int) -> None:
        for _ in range(50):
            try:
                agree(compiled(np.full(50, float(n))), expected[n])
            except AssertionError as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_arguments_are_not_kept_alive(jit: Jit) -> None:
    compiled = jit(lambda x: np.sum(x * x))
    x = np.ones(1000)
    compiled(x)
    gone = weakref.ref(x)
    del x
    gc.collect()
    assert gone() is None


def test_the_report_tells_what_was_made() -> None:
    compiled = cr.jit(reads_a_global)
    assert compiled.report() == "jit(reads_a_global): not called yet"
    compiled(np.ones(3))
    text = compiled.report()
    assert "float64[3]" in text
    assert "1 version" in text
    assert "reads from outside: RATE, SHARED" in text


def test_the_program_that_ran_last_is_the_one_shown_and_the_last_to_give_way(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "SPECIALISATIONS", 2)
    compiled = cr.jit(lambda x: x + 1.0)
    for n in (1, 2, 1, 1, 3, 1):
        compiled(np.ones(n))
        assert compiled.program.inputs[0].shape == (n,)
    assert [s.versions[0].program.inputs[0].shape for s in compiled.specialisations] == [(3,), (1,)]


def doubled(x: Any) -> Any:
    return x * 2.0


@cr.jit
def decorated(x: Any) -> Any:
    return x * 3.0


def test_jitted_functions_go_through_pickle() -> None:
    for compiled in (cr.jit(doubled, strict=True), decorated):
        compiled(1.0)
        again = pickle.loads(pickle.dumps(compiled))
        assert again(2.0) == compiled(2.0)
        assert again.strict == compiled.strict
    assert again is decorated


def test_a_number_that_is_differentiated_outside_is_to_be_an_argument() -> None:
    with pytest.raises(cr.errors.ArgumentError, match="pass that number as an argument"):
        cr.grad(lambda x: cr.jit(lambda y: x * y)(2.0))(3.0)
    assert cr.grad(lambda x: cr.jit(lambda x, y: x * y)(x, 2.0))(3.0) == 2.0
    with pytest.raises(cr.errors.ArgumentError, match="for a Value its"):
        cr.jit(lambda y: cr.Value(2.0) * y)(3.0)
