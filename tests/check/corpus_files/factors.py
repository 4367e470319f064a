"""Derivatives with a factor too many or too few that changes from point to point."""
# right: Gaussian.grad
# wrong: Lorentz.grad, Kernel.derivative, Quadratic.gradient, norm_gradient, cost_deriv
# cause: Lorentz.grad: too often
# cause: Kernel.derivative: divided by x too often
# cause: Quadratic.gradient: as of a symmetric matrix
# cause: norm_gradient: divided by the root of
# cause: cost_deriv: the gradient squared

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    mu: float = 0.0
    sigma: float = 1.5

    def __call__(self, x: float) -> float:
        return float(np.exp(-0.5 * ((x - self.mu) / self.sigma) ** 2))

    def grad(self, x: float) -> float:
        return -(x - self.mu) / self.sigma**2 * self(x)


@dataclass
class Lorentz:
    gamma: float = 0.7
    x0: float = 0.2

    def __call__(self, x):
        return self.gamma**2 / ((x - self.x0) ** 2 + self.gamma**2)

    def grad(self, x):
        return -2 * (x - self.x0) * self.gamma**2 / ((x - self.x0) ** 2 + self.gamma**2)


@dataclass
class Quadratic:
    A: np.ndarray = field(default_factory=lambda: np.array([[2.0, 1.0], [0.0, 3.0]]))

    def value(self, x):
        return 0.5 * x @ self.A @ x

    def gradient(self, x):
        return self.A @ x


class Kernel:
    @staticmethod
    def evaluate(x):
        return np.exp(-(x**2))

    @staticmethod
    def derivative(x):
        return -2 * np.exp(-(x**2))


def norm(v):
    return math.sqrt(sum(a * a for a in v))


def norm_gradient(v):
    n = norm(v)
    return [a / n**2 for a in v]


def cost(w):
    return np.log(np.cosh(w)).sum()


def cost_deriv(w):
    return np.tanh(w) ** 2
