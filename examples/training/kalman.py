"""A Kalman filter whose noises are found from the measurements: the likelihood is differentiated through its recursion.

python examples/training/kalman.py
"""

import importlib.util

import numpy as np

from chainrule import optim

MOVE = np.array([[1.0, 1.0], [0.0, 1.0]])  # position and speed after one unit of time
TRUE, START = {"push": np.log(0.1), "meter": np.log(0.5)}, {"push": 0.0, "meter": 0.0}
COMPILED = importlib.util.find_spec("llvmlite") is not None


def measured(count=150, seed=0):
    """Positions of something that is pushed at random, with errors."""
    random = np.random.default_rng(seed)
    state, seen = np.zeros(2), []
    for _ in range(count):
        state = MOVE @ state + np.exp(TRUE["push"]) * random.normal() * np.array([0.5, 1.0])
        seen.append(state[0] + np.exp(TRUE["meter"]) * random.normal())
    return np.array(seen)


def loss(params, seen):
    """The negative logarithm of the likelihood of the measurements, for each (Kalman, 1960; by prediction errors)."""
    pushed = np.array([[0.25, 0.5], [0.5, 1.0]]) * np.exp(2 * params["push"])
    variance = np.exp(2 * params["meter"])
    mean, spread, total = np.zeros(2), 10.0 * np.eye(2), 0.0
    for position in seen:
        mean, spread = MOVE @ mean, MOVE @ spread @ MOVE.T + pushed
        error, width = position - mean[0], spread[0, 0] + variance
        total = total + 0.5 * (np.log(2 * np.pi * width) + error * error / width)
        gain = spread[:, 0] / width
        mean, spread = mean + gain * error, spread - np.outer(gain, spread[0])
    return total / len(seen)


def main(count=150):
    found = optim.minimize(loss, START, measured(count))
    print("true ", {name: round(float(np.exp(v)), 3) for name, v in TRUE.items()})
    print("found", {name: round(float(np.exp(v)), 3) for name, v in found.params.items()}, f"in {found.steps} steps")
    return found


if __name__ == "__main__":
    main()
