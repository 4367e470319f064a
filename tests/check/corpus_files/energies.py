"""Forces beside their energy, scores beside a likelihood, Jacobians of right-hand sides, derivatives by one argument."""
# right: Trap.force, partial_loglik_score, score, error_gradient_c, dynamics_du, grad_b, bezier_prime
# wrong: Kernel.dx, forces, jac, error_gradient_m, dynamics_dstate, grad_w, info_nce, bezier_derivative, gelu_grad
# cause: Kernel.dx: the sign is wrong
# cause: forces: the sign is wrong
# cause: error_gradient_m: a constant factor: exactly 1/2 of the truth
# cause: grad_w: it is computed with the sign of y turned
# cause: gelu_grad: a link of the chain is dropped
# cause: info_nce: a constant factor: exactly 4 of the truth
# cause: bezier_derivative: the sign of one path is wrong

import numpy as np

g, L, b, C = 9.81, 1.0, 0.2, np.float32(0.7978845608)


def potential_energy(pos):
    d = pos[:, None] - pos[None]
    return 0.5 * np.sum(np.exp(-np.sum(d * d, axis=-1)))


def forces(pos):
    d = pos[:, None] - pos[None]
    return -2 * np.sum(np.exp(-np.sum(d * d, axis=-1))[..., None] * d, axis=1)


class Trap:
    __slots__ = ("k", "x0")

    def __init__(self, k=2.0, x0=0.5):
        self.k, self.x0 = k, x0

    def energy(self, x):
        return 0.5 * self.k * np.sum((x - self.x0) ** 2)

    def force(self, x):
        return -self.k * (x - self.x0)


class Kernel:
    def __init__(self, l=0.7):
        self.l = l

    def __call__(self, x, y):
        return np.exp(-0.5 * (x - y) ** 2 / self.l**2)

    def dx(self, x, y):
        return (x - y) / self.l**2 * self(x, y)


def nll(beta, X, y):
    return np.sum(np.exp(X @ beta) - y * (X @ beta))


def score(beta, X, y):
    return X.T @ (y - np.exp(X @ beta))


def partial_loglik(beta, X, time):
    return sum(X[i] @ beta - np.log(np.sum(np.exp(X[time >= time[i]] @ beta))) for i in range(len(time)))


def partial_loglik_score(beta, X, time):
    total = np.zeros(len(beta))
    for i in range(len(time)):
        risk = time >= time[i]
        w = np.exp(X[risk] @ beta)
        total += X[i] - w @ X[risk] / w.sum()
    return total


def rhs(t, y):
    return np.array([1.1 * y[0] - 0.4 * y[0] * y[1], -0.4 * y[1] - 0.4 * y[0] * y[1]])


def jac(t, y):
    return np.array([[1.1 - 0.4 * y[1], -0.4 * y[0]], [-0.4 * y[1], 0.4 - 0.4 * y[0]]])


def error(points, m, c):
    return sum((y - m * x - c) ** 2 for x, y in points) / len(points)


def error_gradient_m(points, m, c):
    return -sum(x * (y - m * x - c) for x, y in points) / len(points)


def error_gradient_c(points, m, c):
    return -2 * sum(y - m * x - c for x, y in points) / len(points)


def dynamics(state, u):
    th, om = state
    return np.array([om, -g / L * np.sin(th) - b * om + u])


def dynamics_dstate(state, u):
    return np.array([[0, 1], [-g / L * np.sin(state[0]), -b]])


def dynamics_du(state, u):
    return np.array([0, 1.0])


def squared_loss(w, b, X, y):
    return ((X @ w + b - y) ** 2 / 2).mean()


def grad_w(w, b, X, y):
    return X.T @ (X @ w + b + y) / len(y)


def grad_b(w, b, X, y):
    return np.mean(X @ w + b - y)


def info_nce(z1, z2, tau=0.5):
    logits = z1 @ z2.T / tau
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.log(np.diag(p)).mean()
    dlogits = p - np.eye(len(p))
    dz1 = dlogits @ z2 / tau
    dz2 = dlogits.T @ z1 / tau
    return loss, (dz1, dz2)


def bezier(t, p0, p1, p2):
    return (1 - t) ** 2 * p0 + 2 * (1 - t) * t * p1 + t**2 * p2


def bezier_derivative(t, p0, p1, p2):
    return 2 * (1 - t) * (p0 + p1) + 2 * t * (p2 - p1)


def bezier_prime(t, p0, p1, p2):
    return 2 * (1 - t) * (p1 - p0) + 2 * t * (p2 - p1)


def gelu(x):
    x = x.astype(np.float32)
    return np.float32(0.5) * x * (1 + np.tanh(C * (x + np.float32(0.044715) * x**3)))


def gelu_grad(x):
    x = x.astype(np.float32)
    t = np.tanh(C * (x + np.float32(0.044715) * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2)


rng = np.random.default_rng(0)
pos, X, w = rng.normal(size=(3, 2)), rng.normal(size=(5, 2)), np.zeros(2)
pos = pos + 0.01 * forces(pos)
print(Kernel().dx(0.3, 0.5), Trap().force(pos[0]), score(w, X, np.ones(5)), partial_loglik_score(w, X, rng.random(5)), jac(0.0, pos[0]))
line = [(1.0, 2.0), (2.0, 2.9), (3.0, 4.2)]
print(error_gradient_m(line, 0.5, 0.1), error_gradient_c(line, 0.5, 0.1), dynamics_dstate(pos[0], 0.1))
print(dynamics_du(pos[0], 0.1), grad_w(w, 0.0, X, np.ones(5)), grad_b(w, 0.0, X, np.ones(5)), info_nce(X[:4], X[1:]))
curve = [np.array([0.0, 0.0]), np.array([1.0, 2.0]), np.array([3.0, -1.0])]
print(bezier(0.3, *curve), bezier_derivative(0.3, *curve), bezier_prime(0.3, *curve))
print(gelu_grad(np.linspace(-3, 3, 5).astype(np.float32)))
