"""Each layer trained beside PyTorch's for fifteen steps (CHAINRULE_TESTS=all: fifty); modules as containers."""

import copy
import dataclasses
import os
import pickle
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import ArgumentError, ShapeError

STEPS = 50 if os.environ.get("CHAINRULE_TESTS") == "all" else 15
RANDOM = np.random.default_rng(4)
ROWS = RANDOM.normal(size=(6, 4))
SEQUENCES = RANDOM.normal(size=(2, 5, 4))
LINES = RANDOM.normal(size=(2, 3, 7))
IMAGES = RANDOM.normal(size=(2, 3, 6, 5))
WHOLE = RANDOM.integers(0, 7, (2, 5))


def new():
    return np.random.default_rng(8)


def torch_attention(heads, causal):
    def forward(x, *leaves):
        q, k, v = (
            F.linear(x, w.T, b).reshape(2, 5, heads, -1).transpose(1, 2)
            for w, b in zip(leaves[:6:2], leaves[1:6:2], strict=True)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return F.linear(mixed.transpose(1, 2).reshape(2, 5, 4), leaves[6].T, leaves[7])

    return forward


def torch_mlp(bend):
    def forward(x, w1, b1, w2, b2, w3, b3):
        return F.linear(bend(F.linear(bend(F.linear(x, w1.T, b1)), w2.T, b2)), w3.T, b3)

    return forward


TABLE = {
    "Linear": (nn.Linear(4, 3, new()), lambda x, w, b: F.linear(x, w.T, b), ROWS),
    "Linear of sequences": (nn.Linear(4, 3, new(), bias=False), lambda x, w: F.linear(x, w.T), SEQUENCES),
    "MLP": (nn.MLP(4, [8, 8, 2], new()), torch_mlp(F.relu), ROWS),
    "MLP of tanh": (
        nn.MLP(4, [5, 5, 2], new(), activation=np.tanh, init=nn.initial.glorot_uniform),
        torch_mlp(torch.tanh),
        ROWS,
    ),
    "LayerNorm": (nn.LayerNorm(4), lambda x, s, b: F.layer_norm(x, (4,), s, b), SEQUENCES),
    "RMSNorm": (nn.RMSNorm(4, eps=1e-3), lambda x, s: F.rms_norm(x, (4,), s, eps=1e-3), SEQUENCES),
    "Embedding": (nn.Embedding(7, 3, new()), lambda x, table: F.embedding(x, table), WHOLE),
    "Attention": (nn.Attention(4, new(), heads=2), torch_attention(2, False), SEQUENCES),
    "causal Attention": (nn.Attention(4, new(), causal=True), torch_attention(1, True), SEQUENCES),
    "Conv of lines": (
        nn.Conv(3, 2, 3, new(), dimensions=1, padding=1),
        lambda x, w, b: F.conv1d(x, w, b.reshape(-1), padding=1),
        LINES,
    ),
    "Conv of images": (
        nn.Conv(3, 2, (3, 2), new(), stride=2, padding=1),
        lambda x, w, b: F.conv2d(x, w, b.reshape(-1), stride=2, padding=1),
        IMAGES,
    ),
}
rows = pytest.mark.parametrize(("layer", "twin", "x"), TABLE.values(), ids=TABLE)


def loss(layer, x, target):
    return nn.mse(layer(x), target)


def target_of(layer, x):
    return np.random.default_rng(1).normal(size=layer(x).shape)


@rows
def test_the_losses_are_those_of_pytorch(layer, twin, x):
    target, opt = target_of(layer, x), optim.Adam(0.02)
    leaves = [torch.tensor(p, requires_grad=True) for p in layer.parameters()]
    theirs = torch.optim.Adam(leaves, lr=0.02)
    state, first = opt.start(layer), None
    for _ in range(STEPS):
        theirs.zero_grad()
        expected = F.mse_loss(twin(torch.tensor(x), *leaves), torch.tensor(target))
        expected.backward()
        theirs.step()
        value, grads = cr.value_and_grad(loss)(layer, x, target)
        assert value == pytest.approx(expected.item(), rel=1e-8)
        first = first or value
        layer, state = opt.step(layer, grads, state)
    assert value < first


@rows
def test_a_layer_compiles_and_is_pickled_and_copied(layer, twin, x):
    pytest.importorskip("llvmlite")
    target = target_of(layer, x)
    value, grads = cr.value_and_grad(loss)(layer, x, target)
    compiled = cr.jit(cr.value_and_grad(loss))
    for other in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        fast, slopes = compiled(other, x, target)
        assert fast == pytest.approx(value, rel=1e-12)
        assert type(slopes) is type(layer)
        for a, b in zip(slopes.parameters(), grads.parameters(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-13)
    assert repr(grads) == repr(layer)


@rows
def test_a_layer_keeps_single_precision(layer, twin, x):
    single = cr.nn.cast(layer, np.float32)
    assert single(x.astype(np.float32) if x.dtype.kind == "f" else x).dtype == np.float32


def test_a_layer_is_checked_by_its_own_parameters():
    layer, target = TABLE["MLP of tanh"][0], np.ones((6, 2))
    report = cr.check(lambda m: loss(m, ROWS, target), cr.grad(lambda m: loss(m, ROWS, target)), at=layer)
    assert report.verdict is cr.Verdict.CORRECT, str(report)
    wrong = cr.check(lambda m: loss(m, ROWS, target), lambda m: m, at=layer)
    assert wrong.verdict is cr.Verdict.WRONG
    forward = cr.jvp(lambda m: loss(m, ROWS, target), (layer,), (layer,))[1]
    grads = cr.grad(loss)(layer, ROWS, target)
    assert forward == pytest.approx(np.dot(optim.ravel(layer)[0], optim.ravel(grads)[0]), rel=1e-12)


def test_attention_takes_masks_and_gives_what_is_masked_no_gradient():
    q, k, v = RANDOM.normal(size=(3, 2, 4, 3))
    mask = RANDOM.random((2, 4, 4)) < 0.6
    mask[..., 0] = True
    expected = F.scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), attn_mask=torch.tensor(mask))
    np.testing.assert_allclose(nn.attention(q, k, v, mask), expected.numpy(), rtol=1e-12)
    both = nn.attention(q, k, v, mask, causal=True)
    np.testing.assert_allclose(both, nn.attention(q, k, v, mask & np.tril(np.ones((4, 4), bool))), rtol=1e-15)
    mask[:, :, 3] = False
    slope = cr.grad(lambda k: np.sum(nn.attention(q, k, v, mask) ** 2))(k)
    assert not slope[:, 3].any()
    assert slope[:, :3].all()


def test_dropout_keeps_the_mean_and_draws_from_the_generator_alone():
    x = np.ones((200, 100))
    dropped = nn.dropout(x, 0.25, new())
    assert set(np.unique(dropped)) == {0.0, 1 / 0.75}
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(dropped, nn.dropout(x, 0.25, new()))
    np.testing.assert_array_equal(dropped, x * nn.dropout_mask(new(), x.shape, 0.25))
    assert nn.dropout(x, 0.25, None) is x
    slope = cr.grad(lambda x: np.sum(nn.dropout(x, 0.25, new())))(x)
    np.testing.assert_array_equal(slope, dropped)


# Modules.


class Twice(nn.Module):
    inner: nn.Linear
    gain: float
    name: str = nn.setting("twice")

    def __call__(self, x):
        return self.gain * self.inner(self.inner(x))


def test_a_module_of_ones_own_is_a_container():
    model = Twice(nn.Linear(4, 4, new()), 2.0)
    slope = cr.grad(lambda m: np.sum(m(ROWS)))(model)
    assert isinstance(slope, Twice)
    assert slope.name == "twice"
    assert slope.gain == pytest.approx(np.sum(model(ROWS)) / 2)
    assert repr(model) == "Twice(inner=Linear(weight=4x4, bias=4), gain=2.0, name='twice')"
    assert len(model.parameters()) == 3


def test_a_model_is_shown_by_the_names_of_its_parts():
    model = nn.MLP(2, [1], new())
    told = str(cr.explain(lambda m: nn.mse(m(ROWS[:, :2])[:, 0], np.ones(6)), model))
    assert "m.layers[0].weight" in told
    assert "m.layers[0].bias" in told
    for show in (cr.draw, cr.explore, cr.source):
        assert show(lambda m: np.sum(m(ROWS[:, :2])), model) is not None


def test_gradients_of_samples_are_models_of_arrays():
    """vmap takes a model as it takes an array."""
    model = nn.MLP(4, [3, 1], new())
    each = cr.vmap(lambda x: cr.grad(lambda m: np.sum(m(x)))(model))
    slopes = each(ROWS)
    expected = cr.grad(lambda m: np.sum(m(ROWS)))(model)
    for a, b in zip(slopes.parameters(), expected.parameters(), strict=True):
        np.testing.assert_allclose(np.sum(a, axis=0), b, rtol=1e-12)


def test_a_dataclass_becomes_a_container():
    @nn.container
    @dataclasses.dataclass(frozen=True)
    class Line:
        slope: float
        at_zero: float
        unit: str = nn.setting("m")

    assert cr.grad(lambda line: line.slope * 3 + line.at_zero**2)(Line(1.0, 2.0)) == Line(3.0, 4.0)
    opt = optim.SGD(0.5)
    assert opt.step(Line(1.0, 2.0), Line(2.0, 2.0), opt.start(Line(1.0, 2.0)))[0] == Line(0.0, 1.0)
    with pytest.raises(ArgumentError, match="@dataclass"):
        nn.container(dict)


class Undeclared(nn.Module):
    def __init__(self, rng):
        self.first = nn.Linear(2, 2, rng)


WRONG = {
    "undeclared": (lambda: Undeclared(new()), ArgumentError, "first: nn.Linear"),
    "seed for generator": (lambda: nn.Linear(2, 2, 0), ArgumentError, "default_rng"),
    "width": (lambda: nn.Linear(2, 2, new())(np.ones((3, 4))), ShapeError, r"\(..., 2\)"),
    "layer norm": (lambda: nn.LayerNorm(3)(np.ones((2, 4))), ShapeError, r"\(..., 3\)"),
    "a number of outputs": (lambda: nn.MLP(2, 3, new()), ArgumentError, "list of widths"),
    "tanh on scalars": (lambda: nn.MLP(2, [3, 1], activation=np.tanh), ArgumentError, "micrograd"),
    "embedding of floats": (lambda: nn.Embedding(3, 2, new())(np.ones(2)), ArgumentError, "whole numbers"),
    "embedding of none": (lambda: nn.Embedding(3, 2, new())([0, -1]), ArgumentError, "from 0 to 2"),
    "heads": (lambda: nn.Attention(5, new(), heads=2), ArgumentError, "2 equal heads"),
    "keys": (lambda: nn.attention(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 3))), ShapeError, "queries"),
    "causal": (
        lambda: nn.attention(np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 3)), causal=True),
        ShapeError,
        "as many queries",
    ),
    "channels": (lambda: nn.Conv(3, 2, 3, new())(np.ones((1, 2, 6, 6))), ShapeError, "channels"),
    "kernel": (lambda: nn.Conv(3, 2, 9, new())(np.ones((1, 3, 6, 6))), ShapeError, "does not fit"),
    "dropout": (lambda: nn.dropout(np.ones(3), 1.0, new()), ArgumentError, "rate"),
    "gradients of arrays": (lambda: nn.Linear(2, 2, new()).zero_grad(), ArgumentError, "grad\\(loss\\)"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_mistakes_are_refused(wrong):
    call, kind, says = WRONG[wrong]
    with pytest.raises(kind, match=says):
        call()


# micrograd's networks.


def trained(MLP, Value):
    """micrograd's demonstration: hinge loss and a penalty, two steps; all parameters at the end."""
    random.seed(1337)
    model = MLP(2, [4, 4, 1])
    samples = [([0.3, -0.7], 1), ([-1.0, 0.4], -1), ([0.9, 0.8], 1)]
    for k in range(2):
        scores = [model(list(map(Value, x))) for x, _ in samples]
        losses = [(1 + -label * score).relu() for (_, label), score in zip(samples, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
    return [total.data, *(p.data for p in model.parameters())], repr(model)


def test_the_scalar_network_is_that_of_micrograd():
    micrograd = pytest.importorskip("micrograd.nn")
    engine = pytest.importorskip("micrograd.engine")
    ours, shown = trained(nn.MLP, cr.Value)
    theirs, their_repr = trained(micrograd.MLP, engine.Value)
    assert len(ours) == 1 + 37
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert shown == their_repr


def test_arrays_of_values_are_trained_in_the_same_way():
    model = cr.trees.map(cr.Value, nn.MLP(4, [3, 1], new()))
    before = loss(model, ROWS, np.ones((6, 1)))
    before.backward()
    for p in model.parameters():
        p.data = p.data - 0.1 * p.grad
    assert loss(model, ROWS, np.ones((6, 1))).data < before.data
    model.zero_grad()
    assert not any(np.any(p.grad) for p in model.parameters())
