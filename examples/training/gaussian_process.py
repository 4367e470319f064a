"""A Gaussian process whose length, height and noise maximise the likelihood of the data, as logarithms.

python examples/training/gaussian_process.py
"""

import numpy as np

from chainrule import optim

START = {"length": 0.0, "height": 0.0, "noise": -1.0}  # logarithms


def samples(count=40, seed=0, noise=0.1):
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(-3, 3, count))
    return x, np.sin(2 * x) + noise * random.normal(size=count)


def covariance(params, a, b):
    apart = (a[:, None] - b[None, :]) / np.exp(params["length"])
    return np.exp(2 * params["height"]) * np.exp(-0.5 * apart**2)


def loss(params, x, y):
    """The negative logarithm of the marginal likelihood (Rasmussen and Williams, 2006, equation 2.30), for a sample."""
    K = covariance(params, x, x) + np.exp(2 * params["noise"]) * np.eye(len(x))
    L = np.linalg.cholesky(K)
    inner = np.linalg.solve(L, y)
    return (0.5 * np.sum(inner**2) + np.sum(np.log(np.diagonal(L)))) / len(x) + 0.5 * np.log(2 * np.pi)


def predicted(params, x, y, new):
    """The mean of the process at new points."""
    K = covariance(params, x, x) + np.exp(2 * params["noise"]) * np.eye(len(x))
    return covariance(params, new, x) @ np.linalg.solve(K, y)


def main(count=40):
    x, y = samples(count)
    found = optim.minimize(loss, START, x, y, method="Newton-CG", tol=1e-8)
    sizes = {name: round(float(np.exp(v)), 3) for name, v in found.params.items()}
    new = np.linspace(-2.5, 2.5, 50)
    error = float(np.sqrt(np.mean((predicted(found.params, x, y, new) - np.sin(2 * new)) ** 2)))
    print(f"found {sizes} in {found.steps} steps, loss {found.value:.4f}; mean error of predictions {error:.3f}")
    return found, error


if __name__ == "__main__":
    main()
