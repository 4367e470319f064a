"""Gradients of arrays and of several arguments, each wrong in its shape, its order or its sum."""

import numpy as np

import chainrule as cr

TURN = np.array([[0.6, -0.8, 0.1], [0.8, 0.6, -0.3], [0.0, 0.5, 1.2]])
POINTS = [np.array([0.3, -0.7, 1.1]), np.array([2.0, 0.4, -1.5])]


def turned(x):
    return TURN @ x


@cr.gradient_of(turned, at=POINTS, kind="jacobian")
def jac_turned(x):
    """The Jacobian is transposed."""
    return TURN.T


def volume(a, b, c):
    return a * b**2 * c**3


def grad_volume(a, b, c):
    """The partial derivatives by b and c have changed places."""
    return b**2 * c**3, 3 * a * b**2 * c**2, 2 * a * b * c**3


def mean_square(x):
    return np.mean(x**2)


@cr.gradient_of(mean_square, at=POINTS)
def grad_mean_square(x):
    """The gradient of the sum: the 1/N of the mean is missing."""
    return 2 * x


def cross_entropy(logits):
    return np.log(np.sum(np.exp(logits))) - logits[1]


@cr.gradient_of(cross_entropy, at=POINTS)
def grad_cross_entropy(logits):
    """The probabilities alone: the one-hot vector of the label is not subtracted."""
    weights = np.exp(logits)
    return weights / weights.sum()


def reuse(x):
    wave = np.sin(x)
    return np.sum(wave * x + x**3)


@cr.gradient_of(reuse, at=POINTS)
def grad_reuse(x):
    """x is used three times and only its last use counts: the slopes were not added up."""
    return 3 * x**2


def energy(x):
    return np.sum(x**2)


@cr.gradient_of(energy, at=POINTS)
def energy_grad(x):
    """One number, the sum of the slopes, where a vector is due."""
    return np.sum(2 * x)


def work(x):
    return np.sum(x**2) / 2 + np.sum(x)


@cr.gradient_of(work, at=POINTS)
def work_grad(x):
    """The numbers are right, but the argument is overwritten on the way."""
    x += 1
    return x


def neuron(w, b, x=3.0):
    return max(0.0, w * x + b)


@cr.gradient_of(neuron, at=[(4.0, 5.0), (0.5, -0.4), (-2.0, 1.0)])
def grad_neuron(w, b, x=3.0):
    """A sleeping neuron gets one number where two are due, one for the weight and one for the bias."""
    if w * x + b <= 0:
        return 0.0
    return x, 1.0
