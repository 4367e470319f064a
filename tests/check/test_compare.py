"""`compare`: every derivative that can be had, in one table."""

import math

import numpy as np
import pytest

from chainrule.check import compare


def speaking(table):
    return {e.name: e.value for e in table.evidence if e.speaks}


def test_every_witness_gives_the_same_slope():
    for value in speaking(compare(lambda x: math.sin(x * x) / x, 0.7)).values():
        assert value.item() == pytest.approx(0.8042047209525736, rel=1e-12)


@pytest.mark.parametrize(("library", "name"), [("torch", "PyTorch"), ("jax", "JAX")])
def test_other_libraries_run_functions_written_with_math_and_numpy(library, name):
    pytest.importorskip(library)
    assert name in speaking(compare(lambda x: np.sum(np.sin(x) * math.pi), np.array([0.3, 0.7])))


def test_a_cast_to_float_silences_who_cannot_follow_it():
    pytest.importorskip("torch")
    assert set(speaking(compare(lambda x: math.atan(x.__float__()) + x / 3, 0.5))) == {"differences"}


def test_a_cast_to_float_is_left_out_for_those_who_can():
    told = speaking(compare(lambda x: float(np.sin(x)), 0.5))
    assert {"differences", "reverse AD", "high precision"} <= set(told)
    assert np.ptp([value.item() for value in told.values()]) < 1e-9


def test_a_function_of_torch_tensors():
    torch = pytest.importorskip("torch")
    table = compare(lambda x: torch.sum(x * torch.sin(x)), torch.tensor([0.3, 0.7], dtype=torch.float64))
    assert set(speaking(table)) == {"PyTorch", "differences"}
    assert "its arguments are torch arrays" in str(table)
    assert "float32" not in str(table)


def test_a_function_of_jax_arrays_in_float32_says_so():
    jax = pytest.importorskip("jax")
    table = compare(lambda x: jax.numpy.sum(jax.numpy.exp(x)), jax.numpy.array([0.3, 1.7], dtype="float32"))
    assert "JAX computed in float32: 7 digits are all that it can hold" in str(table)


def softmax_loss(w):
    z = WEIGHTS @ w
    return np.log(np.sum(np.exp(z - z[0]))) - z[1] + z[0]


WEIGHTS = np.arange(6.0).reshape(3, 2) / 4
PLAIN = {
    "number": (lambda x: math.atan2(x, 2) * math.log1p(x) + abs(x) ** 2.5 / (1 + math.exp(-x)), 0.7),
    "integer": (lambda x: x**3, 2),
    "array": (softmax_loss, np.array([0.3, -0.7])),
    "several results": (lambda x, a: np.outer(x, x) * a, ([1.0, 2.0], 3.0)),
    "methods": (lambda x: x.reshape(2, 2).T.sum(axis=0) @ np.sqrt(x[:2]) + x[1:].mean(), np.arange(1.0, 5.0)),
    "special": (lambda x: math.erf(x) + math.hypot(x, 2), 0.3),
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize(("library", "name"), [("autograd", "HIPS autograd"), ("casadi", "CasADi")])
def test_peers_run_functions_written_with_math_and_numpy(library, name, kind):
    pytest.importorskip(library)
    found = speaking(compare(*PLAIN[kind]))
    np.testing.assert_allclose(found[name], found["high precision"], rtol=1e-13)


def test_a_peer_that_sees_another_function_is_put_aside():
    pytest.importorskip("autograd")
    table = compare(lambda x: x * x if type(x) is float else x**3, 0.5)
    assert "HIPS autograd" not in speaking(table) or speaking(table)["HIPS autograd"] == 1.0


def test_a_peer_without_a_rule_says_so():
    pytest.importorskip("autograd")
    (said,) = [e for e in compare(lambda x: np.cbrt(x), 0.5).evidence if e.name == "HIPS autograd"]
    assert not said.speaks
    assert "cbrt" in said.why
