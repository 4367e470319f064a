"""What scipy.optimize is given."""
# right: rosen_slope, banana, residual_slopes, newton_slope, quartic_fprime
# wrong: valley_slope
import numpy as np
from scipy import optimize
from scipy.optimize import least_squares, minimize


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rosen_slope(x):
    return np.array([-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])


print(minimize(rosenbrock, [-1.2, 1.0], jac=rosen_slope, method="BFGS").fun)


def banana(x, a):
    return (x[0] - a) ** 4 + x[1] ** 2, np.array([4 * (x[0] - a) ** 3, 2 * x[1]])


print(minimize(banana, [0.3, 1.0], args=(2.0,), jac=True).fun)


def misfit(p, t, y):
    return p[0] * np.exp(-p[1] * t) - y


def residual_slopes(p, t, y):
    return np.stack([np.exp(-p[1] * t), -p[0] * t * np.exp(-p[1] * t)], axis=1)


t = np.linspace(0, 2, 8)
print(least_squares(misfit, [1.0, 1.0], jac=residual_slopes, args=(t, 2 * np.exp(-0.7 * t))).x)


def tower(x):
    return x**3 - 2


def newton_slope(x):
    return 3 * x**2


print(optimize.newton(tower, 1.5, fprime=newton_slope))


def quartic(x):
    return np.sum(x**4)


def quartic_fprime(x):
    return 4 * x**3


print(optimize.check_grad(quartic, quartic_fprime, np.array([0.5, -1.0])))


def valley(x):
    return x[0] ** 2 + 5 * x[1] ** 2 + x[0] * x[1]


def valley_slope(x):
    return np.array([2 * x[0] + x[1], 10 * x[1]])


print(minimize(valley, [1.0, 1.0], jac=valley_slope, method="BFGS").message)
