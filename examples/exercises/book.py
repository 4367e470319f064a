"""A textbook's exercises on vector calculus: slopes, Taylor polynomials, Jacobians and their shapes."""

from math import cos, exp, log, sin

import numpy as np

import chainrule as cr


def cube(x):
    return x * x * x


def cube_grad(x):
    return 3 * x * x


# 5.1  A product of two chains.


def f_5_1(x):
    return log(x**4) * sin(x**3)


@cr.gradient_of(f_5_1, at=[0.3, 1.7, -0.8, 2.5, 6.0])
def grad_f_5_1(x):
    return 4 / x * sin(x**3) + log(x**4) * 3 * x**2 * cos(x**3)


# 5.2  The logistic function.


def f_5_2(x):
    return 1 / (1 + exp(-x))


def grad_f_5_2(x):
    return exp(-x) / (1 + exp(-x)) ** 2


# 5.3  A bell around mu. Far from mu all is zero and any formula would pass, so the points are near it.


def f_5_3(x, mu=42.0, sigma=3.0):
    return exp(-((x - mu) ** 2) / (2 * sigma**2))


@cr.gradient_of(f_5_3, at=[36.0, 40.5, 43.0, 47.0])
def grad_f_5_3(x, mu=42.0, sigma=3.0):
    return -(x - mu) / sigma**2 * f_5_3(x, mu, sigma)


# 5.4  Taylor polynomials at 0.


def f_5_4(x):
    return sin(x) + cos(x)


def taylor_polynomials(degree=5):
    """T_0 ... T_degree of sin x + cos x at 0, each as its list of coefficients."""
    coefficients = [float(c) for c in cr.taylor(f_5_4, 0.0, degree).coefficients]
    return [coefficients[: n + 1] for n in range(degree + 1)]


# 5.5  Jacobians. A row for every output, a column for every input: (1, 2), (1, 2n) and, with x x^T read as
# one long vector, (n^2, n). NumPy drops a single row and keeps a matrix: (2,), (n,) twice, (n, n, n).

X, Y = np.array([1.0, -2.0, 0.5]), np.array([0.3, 4.0, -1.0])


def f1(x):
    return sin(x[0]) * cos(x[1])


@cr.gradient_of(f1, at=[np.array([1.0, 1.0]), np.array([-0.4, 2.2])])
def grad_f1(x):
    return np.array([cos(x[0]) * cos(x[1]), -sin(x[0]) * sin(x[1])])


def f2(x, y):
    return x @ y


@cr.gradient_of(f2, at=(X, Y))
def grad_f2(x, y):
    return y, x


def f2_stacked(xy):
    n = len(xy) // 2
    return xy[:n] @ xy[n:]


@cr.gradient_of(f2_stacked, at=np.concatenate([X, Y]))
def grad_f2_stacked(xy):
    n = len(xy) // 2
    return np.concatenate([xy[n:], xy[:n]])


def f3(x):
    return np.outer(x, x)


@cr.gradient_of(f3, at=[X, Y], kind="jacobian")
def jac_f3(x):
    one = np.eye(len(x))
    return one[:, None, :] * x[None, :, None] + x[:, None, None] * one[None, :, :]


def f3_flat(x):
    return np.outer(x, x).ravel()


@cr.gradient_of(f3_flat, at=[X, Y], kind="jacobian")
def jac_f3_flat(x):
    return jac_f3(x).reshape(-1, len(x))


def main():
    print("slope of x^3 at 2:", cube_grad(2.0), " of the logistic function at 1:", grad_f_5_2(1.0))
    print("sin x + cos x at 0.5 is", f_5_4(0.5), "and its Taylor polynomials at 0 give")
    for n, coefficients in enumerate(taylor_polynomials()):
        print(f"  T_{n}(0.5) = {sum(c * 0.5**k for k, c in enumerate(coefficients)):.12f}", coefficients)
    print("gradient of f1 at (1, 1):", grad_f1((1.0, 1.0)))
    shapes = [grad_f1(X[:2]).shape, grad_f2_stacked(np.concatenate([X, Y])).shape, jac_f3(X).shape]
    print("shapes of the Jacobians:", *shapes, "flattened", jac_f3_flat(X).shape)


if __name__ == "__main__":
    main()
