"""Rules of differentiation, each applied a little wrong. The docstring of a derivative says how."""

from math import cos, exp, log, log10, radians, sin, tanh

import chainrule as cr


def cosine(x):
    return cos(2 * x)


def cosine_grad(x):
    """The sign is lost: the slope of cos is -sin."""
    return 2 * sin(2 * x)


def gauss(x, s=3, u=42):
    return exp((-1 / 2 * s**2) * (x - u) ** 2)


@cr.gradient_of(gauss, at=[41.6, 42.2, 42.5, 0.0, 7.0])
def grad_gauss(x, s=3, u=42):
    """The factor s^4 = 81 is lost: -1/s^2 for -s^2. Far from u both are flat, and any factor would pass."""
    return exp((-1 / 2 * s**2) * (x - u) ** 2) * (-1 / s**2) * (x - u)


def log_wave(x):
    return log(x**4) * sin(x**3)


@cr.gradient_of(log_wave, at=[0.4, 0.9, 1.3, 2.2])
def grad_log_wave(x):
    """The quotient is damped: 0.0001 was added to keep it from dividing by zero."""
    return 1 / (x**4 + 0.0001) * (4 * x**3) * sin(x**3) + log(x**4) * (3 * x**2) * cos(x**3)


def cubic(x):
    return x**3 - 2 * x


def cubic_prime(x):
    """The second derivative, where the first is due."""
    return 6 * x


def ripple(x):
    return cos(x**2)


def ripple_prime(x):
    """A link of the chain is dropped: the factor 2 x of the inner function."""
    return -sin(x**2)


def swing(x):
    return x**2 * sin(x)


def swing_prime(x):
    """The second term of the product rule is forgotten."""
    return 2 * x * sin(x)


def decibels(x):
    return 10 * log10(x)


@cr.gradient_of(decibels, at=[0.02, 0.5, 3.0, 800.0])
def decibels_prime(x):
    """The slope of the natural logarithm, for a logarithm to base 10."""
    return 10 / x


def height(degrees):
    return sin(radians(degrees))


def height_prime(degrees):
    """Degrees for radians: the factor pi / 180 is missing."""
    return cos(radians(degrees))


def squash(x):
    return tanh(x)


def squash_prime(x):
    """1 - tanh, where 1 - tanh^2 is due."""
    return 1 - tanh(x)


def half_cube(x):
    return x**3 / 2


def half_cube_prime(x):
    """Whole division truncates the slope."""
    return 3 * x**2 // 2


def bowl(x):
    return abs(x) ** 3


@cr.gradient_of(bowl, at=[1.5, 0.3, -0.7, -2.0])
def bowl_prime(x):
    """Right for x > 0 only: on the other side the slope is negative."""
    return 3 * x**2


def decay(t, k=2.0):
    return exp(-k * t)


@cr.gradient_of(decay, at=[0.1, 0.7, 1.9])
def decay_prime(t, k=2.0):
    """The derivative by k, where the one by t is due."""
    return -t * exp(-k * t)
