"""Jitted methods: one recording for each object, nothing kept alive, and nothing old returned."""

import copy
import functools
import gc
import sys
import types
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, StaleRecording


class Layer:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        return np.tanh(self.w * x)


class Model:
    scale = 2.0

    def __init__(self, w):
        self.layer = Layer(w)
        self.biases = [np.zeros(2), {"last": np.ones(2)}]
        self.calls = 0

    @cr.jit
    def loss(self, x):
        return np.sum(self.layer.forward(x) + self.biases[0] + self.biases[1]["last"]) * self.scale

    @cr.jit
    @functools.partial(cr.grad, argnums=1)
    def slope(self, x):
        return np.sum(self.layer.forward(x)) * self.factor

    @property
    def factor(self):
        return self.helped() + 1.0

    def helped(self):
        return self.scale

    @staticmethod
    @cr.jit
    def square(x):
        return x * x

    @classmethod
    @cr.jit
    def scaled(cls, x):
        return x * cls.scale

    @cr.jit
    def __call__(self, x):
        return x - self.scale


class Doubled(Model):
    def loss(self, x):
        return 2 * Model.loss(self, x) + 0 * super().loss(x)


X = np.array([0.3, -0.7])


def test_each_object_has_its_own_recording():
    for w in (1.0, 2.0, 1.0):
        model = Model(w)
        want = np.sum(np.tanh(w * X) + 1.0) * 2.0
        assert model.loss(X) == pytest.approx(want, rel=1e-14)
        assert model.loss(x=X) == model.loss(X)
        assert Model.loss(model, X) == model.loss(X)
        assert Doubled(w).loss(X) == pytest.approx(2 * want, rel=1e-14)


def test_derivatives_of_methods():
    model = Model(0.5)
    want = 3.0 * 0.5 / np.cosh(0.5 * X) ** 2
    np.testing.assert_allclose(model.slope(X), want, rtol=1e-14)
    np.testing.assert_allclose(cr.grad(model.loss)(X) * 1.5, want, rtol=1e-14)
    np.testing.assert_allclose(cr.jit(cr.grad(model.loss))(X) * 1.5, want, rtol=1e-14)


def test_static_and_class_methods_and_calls():
    model = Model(1.0)
    assert model.square(3.0) == Model.square(3.0) == 9.0
    assert model.scaled(3.0) == Model.scaled(3.0) == 6.0
    assert model(5.0) == 3.0


@pytest.mark.parametrize("order", [staticmethod, classmethod])
@pytest.mark.parametrize("transform", [cr.jit, cr.grad, cr.value_and_grad])
def test_the_other_order_is_refused(order, transform):
    message = f"{transform.__name__} expects a function, got {order.__name__}; write @{order.__name__} above @"
    with pytest.raises(ArgumentError, match=message):
        transform(order(lambda x: x))


def test_a_gradient_by_self_is_refused():
    class Wrong:
        @cr.grad
        def slope(self, x):
            return x

    with pytest.raises(ArgumentError, match=r"got Wrong .*; of a method self is argument 0, so write argnums=1"):
        Wrong().slope(1.0)


def test_objects_are_not_kept_alive():
    model = Model(1.0)
    model.loss(X)
    model.slope(X)
    model(1.0)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    bound = Model(2.0).loss  # keeps its object, as any method does
    assert bound(X) == bound(X) == Model(2.0).loss(X)


def test_a_copy_is_another_object():
    model = Model(1.0)
    model.loss(X)
    other = copy.deepcopy(model)
    other.layer.w = 3.0
    assert other.loss(X) == pytest.approx(np.sum(np.tanh(3.0 * X) + 1.0) * 2.0)


def rebind_array(model):
    model.biases[0] = np.ones(2)


def write_array(model):
    model.biases[1]["last"][0] = 5.0


def drop_array(model):
    model.biases.pop(0)


def set_number(model):
    model.layer.w = 7.0


def set_object(model):
    model.layer = Layer(8.0)


def hide_class_attribute(model):
    model.scale = 4.0


@pytest.mark.parametrize(
    "change", [rebind_array, write_array, drop_array, set_number, set_object, hide_class_attribute]
)
def test_what_a_method_reads_is_watched(change):
    model = Model(1.0)
    model.loss(X)
    model.calls += 1  # not read
    model.loss(X)
    change(model)
    with pytest.raises(StaleRecording, match=r"self\."):
        model.loss(X)
    if change is not drop_array:
        model.loss.forget()
        assert model.loss(X) == pytest.approx(Model.loss.f(model, X), rel=1e-14)


def test_properties_and_helpers_are_looked_into():
    model = Model(1.0)
    model.slope(X)
    model.scale = 5.0
    with pytest.raises(StaleRecording, match=r"self\.scale"):
        model.slope(X)


def test_objects_and_modules_that_a_function_reads_are_watched(monkeypatch):
    layer, settings = Layer(np.ones(2)), types.ModuleType("settings_of_a_test")
    settings.rate = 2.0
    monkeypatch.setitem(sys.modules, "settings_of_a_test", settings)
    f = cr.jit(lambda x: np.sum(layer.w * x) * settings.rate)
    f(X)
    settings.rate = 3.0
    with pytest.raises(StaleRecording, match=r"settings\.rate"):
        f(X)
    f.forget()
    f(X)
    layer.w = np.zeros(2)
    with pytest.raises(StaleRecording, match=r"layer\.w"):
        f(X)


def test_a_string_that_decides_the_way():
    class Switched:
        mode = "square"

        @cr.jit
        def loss(self, x):
            return x * x if self.mode == "square" else x

    x = Switched()
    assert x.loss(3.0) == 9.0
    x.mode = "line"
    with pytest.raises(StaleRecording, match=r"self\.mode"):
        x.loss(3.0)


def test_an_element_of_a_list_that_is_replaced():
    weights = [np.ones(2), np.ones(2)]
    f = cr.jit(lambda x: np.sum(weights[0] * x * weights[1]))
    f(X)
    weights[1] = np.zeros(2)
    with pytest.raises(StaleRecording, match=r"weights\[1\]"):
        f(X)


class Slotted:
    __slots__ = ("__weakref__", "w")

    def __init__(self):
        self.w = np.ones(2)

    @cr.jit
    def loss(self, x):
        return np.sum(self.w * x)


class Unwatched:
    __slots__ = ()

    @cr.jit
    def loss(self, x):
        return x


def test_objects_with_slots():
    x = Slotted()
    assert x.loss(X) == pytest.approx(np.sum(X))
    x.w = np.zeros(2)
    with pytest.raises(StaleRecording, match=r"self\.w"):
        x.loss(X)
    with pytest.raises(ArgumentError, match=r"add '__weakref__' to its __slots__"):
        Unwatched().loss(1.0)


def test_reports_of_one_object_and_of_all():
    a, b = Model(1.0), Model(2.0)
    a.loss(X), b.loss(X)
    assert a.loss.report().count("1 version") == 1
    assert Model.loss.report().count("1 version") >= 2
    assert a.loss.program.inputs[0].shape == (2,)


def test_partials_and_callable_objects():
    layer = Layer(2.0)
    assert cr.jit(functools.partial(Layer.forward, layer))(1.0) == pytest.approx(np.tanh(2.0))
    assert cr.jit(functools.partial(lambda x, k: x * k, k=3.0))(2.0) == 6.0
    assert cr.jit(layer.forward)(1.0) == pytest.approx(np.tanh(2.0))
    assert cr.jit(lambda x: layer.forward(x))(1.0) == pytest.approx(np.tanh(2.0))
