"""Losses and their gradients beside PyTorch's; what would be another loss is refused."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError

RANDOM = np.random.default_rng(2)
LOGITS, CLASSES = 3 * RANDOM.normal(size=(4, 3, 5)), RANDOM.integers(0, 5, (4, 3))
PROBABILITIES = RANDOM.dirichlet(np.ones(5), (4, 3))
SCORES, SIGNS = RANDOM.normal(size=7), np.array([1.0, -1, 1, -1, 1, 1, -1])


def flat(loss, **settings):
    """PyTorch's losses of classes have them on the second axis."""
    return lambda z, t: loss(z.reshape(12, 5), t.reshape(12, *t.shape[2:]), **settings)


TABLE = {
    "mse": (nn.mse, F.mse_loss, SCORES, SIGNS),
    "hinge": (nn.hinge, lambda s, t: torch.relu(1 - t * s).mean(), SCORES, SIGNS),
    "binary": (nn.binary_cross_entropy, F.binary_cross_entropy_with_logits, 9 * SCORES, (SIGNS + 1) / 2),
    "binary far out": (
        nn.binary_cross_entropy,
        F.binary_cross_entropy_with_logits,
        np.array([-800.0, 800.0, 30.0, -30.0]),
        np.array([1.0, 0.0, 0.25, 0.75]),
    ),
    "cross entropy": (nn.cross_entropy, flat(F.cross_entropy), LOGITS, CLASSES),
    "of probabilities": (nn.cross_entropy, flat(F.cross_entropy), LOGITS, PROBABILITIES),
    "smoothed": (
        lambda z, t: nn.cross_entropy(z, t, smoothing=0.1),
        flat(F.cross_entropy, label_smoothing=0.1),
        LOGITS,
        CLASSES,
    ),
    "smoothed probabilities": (
        lambda z, t: nn.cross_entropy(z, t, smoothing=0.3),
        flat(F.cross_entropy, label_smoothing=0.3),
        LOGITS,
        PROBABILITIES,
    ),
    "far out": (nn.cross_entropy, flat(F.cross_entropy), 300 * LOGITS, CLASSES),
    "nll": (nn.nll, flat(F.nll_loss), np.log(PROBABILITIES), CLASSES),
}


@pytest.mark.parametrize(("ours", "theirs", "x", "target"), TABLE.values(), ids=TABLE)
def test_value_and_gradient_are_those_of_pytorch(ours, theirs, x, target):
    value, gradient = cr.value_and_grad(ours)(x, target)
    leaf = torch.tensor(x, requires_grad=True)
    expected = theirs(leaf, torch.tensor(target))
    expected.backward()
    assert value == pytest.approx(expected.item(), rel=1e-13, abs=1e-300)
    np.testing.assert_allclose(gradient, leaf.grad.numpy(), rtol=1e-12, atol=1e-17)
    assert ours(x.astype(np.float32), target.astype(np.float32) if target.dtype.kind == "f" else target).dtype == (
        np.float32
    )


def test_losses_compile_with_their_labels_as_arguments():
    pytest.importorskip("llvmlite")
    compiled = cr.jit(cr.value_and_grad(nn.cross_entropy))
    for labels in (CLASSES, (CLASSES + 1) % 5):
        value, gradient = compiled(LOGITS, labels)
        expected, slopes = cr.value_and_grad(nn.cross_entropy)(LOGITS, labels)
        assert value == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-15)


def test_a_small_probability_keeps_its_digits():
    """softplus(z) - z would be 0 here."""
    assert float(nn.binary_cross_entropy(np.array([40.0]), np.array([1.0]))) == pytest.approx(np.exp(-40.0), rel=1e-14)
    assert float(nn.cross_entropy(np.array([[40.0, 0.0]]), np.array([0]))) == pytest.approx(np.exp(-40.0), rel=1e-12)


WRONG = {
    "column beside row": (lambda: nn.mse(np.ones((3, 1)), np.ones(3)), ShapeError, r"\[:, 0\]"),
    "hinge, column": (lambda: nn.hinge(np.ones((3, 1)), np.ones(3)), ShapeError, r"\(3, 1\)"),
    "binary, column": (lambda: nn.binary_cross_entropy(np.ones((3, 1)), np.ones(3)), ShapeError, r"\(3,\)"),
    "labels of 0 and 1": (lambda: nn.hinge(np.ones(2), np.array([0, 1])), ArgumentError, "2 \\* labels - 1"),
    "no class": (lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0, 3])), ArgumentError, "0 to 2, got 3"),
    "negative class": (lambda: nn.nll(np.ones((2, 3)), np.array([0, -1])), ArgumentError, "got -1"),
    "classes as floats": (lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0.0, 1.0])), ShapeError, "whole labels"),
    "too few": (lambda: nn.cross_entropy(np.ones((2, 3)), np.array([0])), ShapeError, r"\(2,\)"),
    "a list of numbers for probabilities": (lambda: nn.nll(np.ones(3), [0.5, 0.5]), ShapeError, r"\(3,\)"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_another_loss_is_refused(wrong):
    call, kind, says = WRONG[wrong]
    with pytest.raises(kind, match=says):
        call()


def test_lists_are_arrays_here():
    assert float(nn.mse([1.0, 2.0], [1.0, 4.0])) == 2.0
    assert float(nn.cross_entropy([[0.0, 0.0]], [1])) == pytest.approx(np.log(2))
    assert float(nn.cross_entropy(np.zeros(2), 1)) == pytest.approx(np.log(2))


@pytest.mark.parametrize("draw", [getattr(nn.initial, n) for n in dir(nn.initial) if "_" in n])
@pytest.mark.parametrize("shape", [(200, 100), (40, 20, 5, 5)])
def test_an_initialisation_has_the_variance_it_states(draw, shape):
    inputs, outputs = nn.initial.fans(shape)
    said = draw.__doc__
    formulas = {"2 / (inputs + outputs)": 2 / (inputs + outputs), "2 / inputs": 2 / inputs, "1 / inputs": 1 / inputs}
    variance = next((v for text, v in formulas.items() if f"of variance {text}" in said), 1 / (3 * inputs))
    drawn = draw(np.random.default_rng(0), shape)
    assert drawn.shape == shape
    assert np.var(drawn) == pytest.approx(variance, rel=0.05)
    with pytest.raises(ArgumentError, match="default_rng"):
        draw(0, shape)
