"""Holomorphic functions and their derivatives, for the tests of `check` and of `numeric`."""

import numpy as np

HOLOMORPHIC = {
    "cube": (lambda z: z**3, lambda z: 3 * z**2),
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "log": (np.log, lambda z: 1 / z),
    "sqrt": (np.sqrt, lambda z: 0.5 / np.sqrt(z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "fractional": (lambda z: (z - 1j) / (z + 3), lambda z: (3 + 1j) / (z + 3) ** 2),
}
