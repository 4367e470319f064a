"""Many cotangents in one sweep: the same adjoints as one sweep for each."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.recording import order
from chainrule.sweeps import stacked
from chainrule.transforms.recorded import record

A = np.linspace(-1.2, 1.7, 12).reshape(3, 4)
W = np.linspace(0.3, 1.1, 8).reshape(4, 2)
PLACES = np.array([2, 0, 2])
MIXED = np.linspace(0.1, 2.4, 24).reshape(2, 3, 4)

FUNCTIONS = {
    "elementwise": lambda x: np.exp(x) * x - x / 2.0,
    "operands that are repeated": lambda x: x[0] + x[:, :1] * x,
    "a number for all": lambda x: x * x[1, 2],
    "sums": lambda x: np.sum(x * x, axis=1),
    "sums that keep their axes": lambda x: x - np.mean(x, axis=0, keepdims=True),
    "all elements": lambda x: np.stack([x.sum(), x.max(), cr.logsumexp(x)]),
    "extremes": lambda x: np.max(x, axis=1) + np.min(x, axis=(0, 1)),
    "spread": lambda x: np.std(x, axis=0) + cr.norm(x, axis=0),
    "products of elements": lambda x: np.prod(x, axis=0),
    "running sums": lambda x: np.cumsum(x, axis=1),
    "shapes": lambda x: np.transpose(x.reshape(2, 3, 2), (2, 0, 1))[::-1],
    "joined": lambda x: np.concatenate([x, np.stack([x[0], x[2]])]),
    "repeated": lambda x: np.broadcast_to(x[0] * x[1], (3, 4)),
    "repeated along an old axis": lambda x: np.broadcast_to(x[:, :1], (3, 5)),
    "slices and new axes": lambda x: x[1:, None, ::2],
    "index arrays": lambda x: x[PLACES] + x[:, PLACES[0]][:, None],
    "pairs of indices": lambda x: x[PLACES, PLACES],
    "index arrays with a slice between": lambda x: (MIXED * x)[PLACES % 2, :, PLACES],
    "masks": lambda x: x[A > 0] * 2.0,
    "matrix products": lambda x: (x @ W) @ W.T @ x.T,
    "stacks of matrix products": lambda x: MIXED @ x.T,
    "vectors in matrix products": lambda x: (x @ x[0]) * (x @ (x[:, 0] @ x)),
    "choices": lambda x: np.where(A > 0, x, -x) + np.where(A > 1, 0.0, x),
    "bounds": lambda x: np.clip(x, -1.0, x[0, 0] + 1.0),
    "letters": lambda x: np.einsum("ij,kj->ik", x, x),
    "systems": lambda x: np.linalg.solve(x[:, :3] @ x[:, :3].T + np.eye(3), x[:, 3]),
    "softmax": lambda x: cr.log_softmax(x) + cr.softmax(x, axis=0),
    "elements as floats": lambda x: np.stack([x[0][k] * x[1][k] for k in range(4)]),
    "a branch not taken": lambda x: np.where(A > 0, np.log(np.where(A > 0, x, 1.0)), 0.0),
    "nothing of the input": lambda x: A * 2.0 + 0.0 * x,
}  # fmt: skip


def recorded(f, x):
    return record(lift(f), [x], trees.numbers([x])[1])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("most", [2**20, 24])
def test_a_sweep_of_all_cotangents_is_the_sweeps_of_each(name, most, monkeypatch):
    monkeypatch.setattr(stacked, "ELEMENTS", most)  # 24: two at a time
    recording = recorded(FUNCTIONS[name], A)
    size = recording.plain(recording.results[0]).shape
    cotangents = np.random.default_rng(1).standard_normal((5, *size)) * (np.arange(5.0) != 3).reshape(
        5, *[1] * len(size)
    )
    (found,) = stacked.stacked_adjoints(order(recording.results[0]), recording.inputs, cotangents)
    if found is None:  # nothing was sent
        found = np.zeros((5, *A.shape))
    for ct, adjoint in zip(cotangents, found, strict=True):
        (expected,) = recording.pull(recording.results[0], ct)
        np.testing.assert_allclose(adjoint, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobians_by_both_modes_agree(name):
    np.testing.assert_allclose(cr.jacrev(FUNCTIONS[name])(A), cr.jacfwd(FUNCTIONS[name])(A), rtol=1e-12, atol=1e-13)


def test_the_hessian_in_arrays_is_that_by_elements():
    x = np.linspace(-0.5, 1.0, 6)
    in_arrays = lambda x: (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()
    by_elements = lambda x: sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(5))
    np.testing.assert_allclose(cr.hessian(in_arrays)(x), cr.hessian(by_elements)(x), rtol=1e-13)


def test_an_input_that_nothing_is_sent_to():
    rows = cr.jacrev(lambda x, y: x * 2.0, argnums=(0, 1))(np.ones(2), np.ones(3))
    np.testing.assert_array_equal(rows[0], 2 * np.eye(2))
    np.testing.assert_array_equal(rows[1], np.zeros((2, 3)))


def test_no_stack_where_numbers_are_of_another_kind():
    single = recorded(lambda x: x * x, A.astype(np.float32))
    cotangents = np.ones((2, 3, 4), np.float32)
    assert stacked.stacked_adjoints(order(single.results[0]), single.inputs, cotangents) is None
    jacobian = cr.jacrev(lambda x: x * x)(A[0].astype(np.float32))
    assert jacobian.dtype == np.float32
    np.testing.assert_array_equal(jacobian, np.diag(2 * A[0].astype(np.float32)))


def test_rules_written_by_hand_are_asked_for_each_cotangent():
    @cr.custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, ct: (3 * x**2 * ct,))
    np.testing.assert_allclose(cr.jacrev(lambda x: cube(x) * x)(A[0]), np.diag(4 * A[0] ** 3), atol=1e-15)
