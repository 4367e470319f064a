"""Gradients that are right in the first digits and wrong in the others, or no numbers at all."""

from math import sin, sqrt

import numpy as np

import chainrule as cr


def pendulum(x):
    return sin(x) * x


def grad_pendulum(x):
    """A one-sided difference with a wide step, passed off as the gradient: wrong from the fourth digit on."""
    h = 1e-3
    return (pendulum(x + h) - pendulum(x)) / h


def root(x):
    return sqrt(x)


@cr.gradient_of(root, at=[0.01, 0.5, 4.0, 90.0])
def root_prime(x):
    """A small number was added below the line, to be on the safe side."""
    return 0.5 / (sqrt(x) + 1e-6)


def cube_root(x):
    return np.cbrt(x)


@cr.gradient_of(cube_root, at=[-8.0, -0.3, 0.5, 27.0])
def cube_root_prime(x):
    """Not a number for x < 0, where the slope is as good as elsewhere."""
    with np.errstate(invalid="ignore"):
        return np.power(np.float64(x), -2 / 3) / 3


def pressure(x):
    return 1.0 / (1.0 + x**2)


def pressure_prime(x):
    """Half precision on the way: only the first three digits are right."""
    return float(np.float16(-2 * x / (1 + x**2) ** 2))
