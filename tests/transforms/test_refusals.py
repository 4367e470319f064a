"""What f may not do to traced numbers is refused, also where f catches the refusal and goes on."""

import decimal
import operator
import threading

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import REFUSALS, AnotherFunction, ChainruleError, Refusal, forgiven, swallowed

TRANSFORMS = {
    "grad": lambda f: cr.grad(f)(0.7),
    "value_and_grad": lambda f: cr.value_and_grad(f)(0.7),
    "of a whole number": lambda f: cr.value_and_grad(f)(2),
    "of an array": lambda f: cr.grad(lambda x: np.sum(f(x)))(np.array([0.7])),
    "jvp": lambda f: cr.jvp(f, (0.7,), (1.0,)),
    "vjp": lambda f: cr.vjp(f, 0.7),
    "taylor": lambda f: cr.taylor(f, 0.7, 3),
    "jacobian": lambda f: cr.jacobian(f)(0.7),
    "hessian": lambda f: cr.hessian(f)(0.7),
    "jit": lambda f: cr.jit(f)(0.7),
    "jit of grad": lambda f: cr.jit(cr.grad(f))(0.7),
    "grad of jit": lambda f: cr.grad(cr.jit(f))(0.7),
    "grad of grad": lambda f: cr.grad(cr.grad(f))(0.7),
}
LOSING = {
    "float": float,
    "asarray": lambda x: np.float64(np.array([0.0]).__setitem__(0, x) or 1.0),
    "no rule": lambda x: np.gcd(x, 2.0),
    "complex": lambda x: np.maximum(np.exp(1j * x), 0.5).imag,
    "complex array": lambda x: np.median(np.array([1j, 2.0]) * x).real,
    "complex()": lambda x: complex(x, 1.0).real,
    "format": lambda x: float(f"{float(x):.3f}"),
}
CATCHING = {
    "Exception": Exception,
    "TypeError": TypeError,
    "several": (TypeError, ValueError),
    "its own name": ChainruleError,
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("lossy", LOSING.values(), ids=LOSING)
def test_a_refusal_that_f_catches_is_raised_all_the_same(transform, lossy):
    if transform is TRANSFORMS["jit"] and lossy is LOSING["no rule"]:
        pytest.skip("jit runs NumPy's own function")

    def f(x):
        try:
            return x * lossy(x)
        except Exception:
            return 1e10 + 0 * x

    with pytest.raises(ChainruleError):
        transform(f)


@pytest.mark.parametrize("caught", CATCHING.values(), ids=CATCHING)
def test_whatever_it_catches_it_by(caught):
    def f(x):
        try:
            return float(x) ** 2
        except caught:
            return x * 1e10

    with pytest.raises(Refusal, match="caught this error and went on"):
        cr.grad(f)(3.0)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_what_plain_numbers_raise_as_well_may_be_caught(transform):
    def f(x):
        try:
            return np.linalg.solve(np.zeros((2, 2)), np.zeros(2))[0] * x
        except np.linalg.LinAlgError:
            return x * x * x

    transform(f)


def test_the_next_call_and_another_thread_know_nothing_of_it():
    def f(x):
        try:
            return float(x) ** 2
        except TypeError:
            return x

    found, stop = [], threading.Event()

    def others():
        while not stop.is_set():
            found.append(cr.grad(lambda x: x * x)(3.0))

    thread = threading.Thread(target=others)
    thread.start()
    try:
        for _ in range(200):
            with pytest.raises(Refusal):
                cr.grad(f)(3.0)
            assert cr.grad(lambda x: x * x)(3.0) == 6.0
    finally:
        stop.set()
        thread.join()
    assert set(found) == {6.0}


def test_what_is_caught_on_purpose_is_forgiven():
    before = REFUSALS[0]
    with forgiven(), pytest.raises(Refusal):
        float(cr.Value(1.0))
    assert swallowed(before) is None


class Asking:
    """Methods that C calls are not lifted, so their questions are Python's."""

    def isinstance(self, x):
        return x * x if isinstance(x, float) else x * x * x

    def type(self, x):
        return x * x if type(x) is float else x * x * x

    def isscalar(self, x):
        return x * x if np.isscalar(x) else x * x * x

    def hasattr(self, x):
        return x * x * x if hasattr(x, "backward") or hasattr(x, "tangent") else x * x

    def attempt(self, x):
        try:
            return float(decimal.Decimal(x)) * x
        except TypeError:
            return x * x * x


def _of_object(name):
    holder = [Asking()]
    return lambda x: operator.methodcaller(name, x)(holder[0])


ASKING = {name: _of_object(name) for name in ("isinstance", "type", "isscalar", "hasattr", "attempt")}


@pytest.mark.parametrize("f", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize("of", [cr.grad, cr.value_and_grad])
def test_verify_compares_the_value_with_that_of_plain_numbers(f, of):
    with pytest.raises(AnotherFunction, match="for plain numbers"):
        of(f, verify=True)(3.0)
    with pytest.raises(AnotherFunction):
        of(lambda x, a: (f(x) * a, None), has_aux=True, verify=True)(3.0, 2)


@pytest.mark.parametrize("x", [3.0, 3, np.float32(3), np.arange(3.0), [1.0, 2.0]], ids=str)
def test_verify_is_silent_where_the_values_agree(x):
    f = lambda x: np.sum(np.exp(-(np.sin(np.asarray(x) if isinstance(x, list) else x) ** 2)))
    g = lambda x: sum(f(v) for v in x) if isinstance(x, list) else f(x)
    assert str(cr.grad(g, verify=True)(x)) == str(cr.grad(g)(x))
