"""Exercises of calculus, with second derivatives."""
# right: df, d2f, g_prime, gpp, rosen_der, rosen_hess, hprime, power_dx, aps_fp, aps_fpp
# wrong: h2_hess, quadratic_grad
import math
import numpy as np


def f(x):
    return x**3 * math.sin(x)


def df(x):
    return 3 * x**2 * math.sin(x) + x**3 * math.cos(x)


def d2f(x):
    return 6 * x * math.sin(x) + 6 * x**2 * math.cos(x) - x**3 * math.sin(x)


def g(x):
    return math.exp(-x) / (1 + x * x)


def g_prime(x):
    return -math.exp(-x) / (1 + x * x) - 2 * x * math.exp(-x) / (1 + x * x) ** 2


gp = g_prime


def gpp(x):
    e, q = math.exp(-x), 1 + x * x
    return e / q + 4 * x * e / q**2 - 2 * e / q**2 + 8 * x * x * e / q**3


def h(x):
    return x * x / (1 + x * x)


def hprime(x):
    return 2 * x / (1 + x * x) ** 2


def rosen(x):
    return sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def rosen_der(x):
    xm = x[1:-1]
    der = np.zeros_like(x)
    der[1:-1] = 200 * (xm - x[:-2] ** 2) - 400 * (x[2:] - xm**2) * xm - 2 * (1 - xm)
    der[0] = -400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0])
    der[-1] = 200 * (x[-1] - x[-2] ** 2)
    return der


def rosen_hess(x):
    H = np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)
    diagonal = np.zeros_like(x)
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[-1] = 200
    diagonal[1:-1] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return H + np.diag(diagonal)


def power(x, n):
    return x**n


def power_dx(x, n):
    return n * x ** (n - 1)


power(1.7, 3)


def aps_f(x, n=5):
    return x**2 * (1 / n + 2 * x)


def aps_fp(x, n=5):
    return 2 * x / n + 6 * x**2


def aps_fpp(x, n=5):
    return 2 / n + 12 * x


def h2(x):
    return np.sum(x**4)


def h2_hess(x):
    return np.diag(12 * x)


def quadratic(x, y):
    return x**2 + 3 * x * y


def quadratic_grad(x, y):
    return np.array([2 * x + 3 * y, 3 * y])
