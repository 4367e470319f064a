"""The examples of training run, learn, and have their losses from a twin in PyTorch for fifty steps."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import chainrule as cr
from chainrule import optim

FOLDER = Path(__file__).parent.parent.parent / "examples" / "training"
LOADED = {}


def example(name):
    if name not in LOADED:
        spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
        LOADED[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(LOADED[name])
    return LOADED[name]


def tensor(x):
    return torch.tensor(x)


def mlp(x, w1, b1, *more):
    x = x @ w1 + b1
    return mlp(torch.relu(x), *more) if more else x


def moons(leaves, points, labels):
    loss = torch.relu(1 - labels * mlp(points, *leaves)[:, 0]).mean()
    return loss + 1e-4 * sum((p * p).sum() for p in leaves)


def digits(leaves, pictures, labels):
    return F.cross_entropy(mlp(pictures, *leaves), labels)


def pictures():
    """In place of scikit-learn's digits, which are not always there."""
    random = np.random.default_rng(0)
    return random.random((20, 64)), random.integers(0, 10, 20)


def names(leaves, rows):
    letters, places, before, *p = leaves
    (wq, bq, wk, bk, wv, bv, wo, bo), between, inner, (w, b) = p[:8], p[8], p[9:13], p[13:]
    given, following = rows[:, :-1], rows[:, 1:]
    x = letters[given] + places
    n, width = x.shape[0], x.shape[2]
    y = F.rms_norm(x, (width,), before, 1e-5)
    q, k, v = (
        (y @ weight + bias).reshape(n, 8, 4, -1).transpose(1, 2) for weight, bias in ((wq, bq), (wk, bk), (wv, bv))
    )
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, 8, width)
    x = x + mixed @ wo + bo
    x = x + mlp(F.rms_norm(x, (width,), between, 1e-5), *inner)
    picked = -F.cross_entropy((x @ w + b).reshape(-1, 27), following.reshape(-1), reduction="none").reshape(n, 8)
    counts = torch.cat([torch.ones(n, 1), given[:, 1:] != 0], 1).double()
    return -(picked * counts).sum() / counts.sum()


def pendulum(leaves, angles):
    friction, length = leaves

    def slope(state):
        return torch.stack([state[1], -9.81 / length * torch.sin(state[0]) - friction * state[1]])

    state, seen, h = torch.tensor([1.2, 0.0], dtype=torch.float64), [], 0.05
    for _ in range(len(angles)):
        k1 = slope(state)
        k2 = slope(state + h / 2 * k1)
        k3 = slope(state + h / 2 * k2)
        k4 = slope(state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        seen.append(state[0])
    return ((torch.stack(seen) - angles) ** 2).mean()


def logistic(leaves, x, y):
    return F.binary_cross_entropy_with_logits(x @ leaves[0], y) + 1e-2 * (leaves[0] ** 2).sum()


def gaussian_process(leaves, x, y):
    height, length, noise = leaves
    eye = torch.eye(len(x), dtype=torch.float64)
    K = torch.exp(2 * height) * torch.exp(-0.5 * ((x[:, None] - x[None]) / torch.exp(length)) ** 2)
    law = torch.distributions.MultivariateNormal(torch.zeros_like(x), K + torch.exp(2 * noise) * eye)
    return -law.log_prob(y) / len(x)


def kalman(leaves, seen):
    """Another way: all measurements are jointly normal, and their covariance is what the recursion factorises."""
    meter, push = leaves
    n = len(seen)
    move, pushed = tensor([[1.0, 1.0], [0.0, 1.0]]).double(), tensor([0.5, 1.0]).double()
    power, rows, first = torch.eye(2, dtype=torch.float64), [], []
    for _ in range(n):
        rows.append(power[0] @ pushed)
        power = power @ move
        first.append(power[0])
    start = torch.stack(first)
    zero = torch.zeros((), dtype=torch.float64)
    pushes = torch.stack([torch.stack([rows[i - j] if i >= j else zero for j in range(n)]) for i in range(n)])
    spread = 10 * start @ start.T + torch.exp(2 * push) * pushes @ pushes.T
    spread = spread + torch.exp(2 * meter) * torch.eye(n, dtype=torch.float64)
    return -torch.distributions.MultivariateNormal(torch.zeros_like(seen), spread).log_prob(seen) / n


TWINS = {
    "two_moons": (moons, lambda e: (e.start(), e.moons(20)), 0.02),
    "digits": (digits, lambda e: (e.start(), pictures()), 0.005),
    "names": (names, lambda e: (e.start(8), (e.table()[:6],)), 0.01),
    "pendulum": (pendulum, lambda e: (e.START, (e.measured(12),)), 0.02),
    "logistic": (logistic, lambda e: (np.zeros(4), e.samples(20)), 0.1),
    "gaussian_process": (gaussian_process, lambda e: (e.START, e.samples(8)), 0.1),
    "kalman": (kalman, lambda e: (e.START, (e.measured(8),)), 0.1),
}


@pytest.mark.parametrize("name", TWINS)
def test_the_losses_are_those_of_the_twin(name):
    twin, prepared, rate = TWINS[name]
    params, data = prepared(example(name))
    leaves = [torch.tensor(x, requires_grad=True, dtype=torch.float64) for x in cr.trees.flatten(params)[0]]
    theirs, tensors, expected = torch.optim.Adam(leaves, lr=rate), [torch.tensor(x) for x in data], []
    for _ in range(50):
        theirs.zero_grad()
        value = twin(leaves, *tensors)
        value.backward()
        theirs.step()
        expected.append(value.item())
    done = cr.fit(example(name).loss, params, data, optim.Adam(rate), epochs=50)
    np.testing.assert_allclose(done.history.loss, expected, rtol=1e-8)
    assert expected[-1] < expected[0]


def test_two_moons_are_told_apart_and_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "moons.png"
    losses, right = example("two_moons").main(path=path)
    assert losses[-1] < 0.1
    assert right > 0.97
    assert path.stat().st_size > 1000


def test_names_are_spelt(capsys):
    """All letters alike would be a loss of 3.3, letters by their frequency 2.6."""
    losses = example("names").main(epochs=8, width=16)
    assert losses[-1] < 2.3
    assert "made up: " in capsys.readouterr().out


def test_what_was_measured_gives_what_was_true():
    found = example("pendulum").main(steps=40)
    assert found.params == pytest.approx({"length": 1.3, "friction": 0.25}, abs=0.03)
    weights, losses, slope = example("logistic").main(200)
    assert slope < 1e-10
    assert losses == sorted(losses, reverse=True)
    assert np.all(np.sign(weights[:3]) == np.sign(example("logistic").TRUE[:3]))
    assert example("gaussian_process").main(25)[1] < 0.15
    found = example("kalman").main(60)
    assert np.exp(found.params["meter"]) == pytest.approx(0.5, rel=0.25)


def test_digits_are_read():
    pytest.importorskip("sklearn")
    assert example("digits").main()[1] > 0.97
