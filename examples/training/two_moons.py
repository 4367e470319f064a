"""Two moons, told apart by a network 2-16-16-1 with hinge loss, as in micrograd's demonstration.

python examples/training/two_moons.py           # draws two_moons.png where matplotlib is installed
"""

import importlib.util

import numpy as np

import chainrule as cr
from chainrule import nn, optim

PENALTY = 1e-4
COMPILED = importlib.util.find_spec("llvmlite") is not None


def moons(samples, seed=0, noise=0.1):
    """Points of two half circles that interlock, and their labels, -1 and 1."""
    random = np.random.default_rng(seed)
    angle, upper = np.pi * random.random(samples), np.arange(samples) % 2 == 0
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle))
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    points = np.stack([x, y], axis=1) + noise * random.normal(size=(samples, 2))
    return points, np.where(upper, 1.0, -1.0)


def start(seed=1):
    return nn.MLP(2, [16, 16, 1], np.random.default_rng(seed))


def loss(model, points, labels):
    squares = sum(np.sum(p * p) for p in model.parameters())
    return nn.hinge(model(points)[:, 0], labels) + PENALTY * squares


def accuracy(model, points, labels):
    return float(np.mean((model(points)[:, 0] > 0) == (labels > 0)))


def picture(model, points, labels, path):
    """The plane in the colour of what the network says, and the points in that of their labels."""
    from matplotlib.figure import Figure

    across, up = np.meshgrid(np.linspace(-1.6, 2.6, 160), np.linspace(-1.2, 1.7, 120))
    scores = model(np.stack([across.ravel(), up.ravel()], axis=1)).reshape(across.shape)
    figure = Figure(figsize=(6, 4))
    ax = figure.add_subplot()
    ax.contourf(across, up, np.clip(scores, -2, 2), levels=20, cmap="RdBu", alpha=0.6)
    ax.contour(across, up, scores, levels=[0.0], colors="black")
    ax.scatter(*points.T, c=labels, cmap="RdBu", edgecolors="black", s=20)
    figure.savefig(path)


def main(epochs=60, samples=400, path="two_moons.png"):
    points, labels = moons(samples)
    others = moons(1000, seed=7)
    steps = epochs * (samples // 50)
    done = cr.fit(
        loss, start(), (points, labels), optim.Adam(optim.Cosine(0.02, steps)), epochs=epochs, batch=50, jit=COMPILED
    )
    right = accuracy(done.params, *others)
    print(f"loss {done.history.loss[0]:.3f} to {done.history.loss[-1]:.3f}; right on {right:.1%} of 1,000 other points")
    if path and importlib.util.find_spec("matplotlib"):
        picture(done.params, points, labels, path)
        print(f"drawn: {path}")
    return done.history.loss, right


if __name__ == "__main__":
    main()
