"""What else optimisers and root finders are given: products, transposed Jacobians, values with slopes, in a function."""
# right: minimize's hessp, column_slopes, newton's hess, newton's jac, root_scalar's jac, rod, spring_hess, curve_fit's jac, circuit_slopes
# wrong: bent_hess, rough, prey_slopes
import numpy as np
import scipy.optimize as so
from scipy.integrate import odeint, solve_ivp
from scipy.optimize import curve_fit, minimize as smallest, newton


def bowl(v):
    return (v[0] - 1) ** 2 + 3 * v[1] ** 4


def slopes(v):
    return np.array([2 * (v[0] - 1), 12 * v[1] ** 3])


def spring_hess(v):
    return np.diag([2.0, 36 * v[1] ** 2])


def bent_hess(v):
    return np.diag([2.0, 12 * v[1] ** 2])


smallest(bowl, [0.2, 1.0], jac=slopes, hess=spring_hess, method="Newton-CG")
smallest(bowl, [0.2, 1.0], jac=slopes, hessp=lambda v, p: np.array([2.0, 36 * v[1] ** 2]) * p, method="Newton-CG")
so.fmin_ncg(bowl, [0.3, 1.0], slopes, fhess=bent_hess, disp=0)

t = np.linspace(0, 1, 5)
y = np.exp(-2 * t)


def misfit(p, t, y):
    return p[0] * np.exp(-p[1] * t) - y


def column_slopes(p, t, y):
    e = np.exp(-p[1] * t)
    return np.array([e, -p[0] * t * e])


so.leastsq(misfit, [1.0, 1.5], args=(t, y), Dfun=column_slopes, col_deriv=1)
curve_fit(lambda t, a, b: a * np.exp(-b * t), t, y, p0=[1.0, 1.0],
          jac=lambda t, a, b: np.stack([np.exp(-b * t), -a * t * np.exp(-b * t)], axis=1))
newton(lambda x: x**3 - 2, 1.5, fprime=lambda x: 3 * x**2, fprime2=lambda x: 6 * x)
so.root_scalar(lambda x: (x**2 - 3, 2 * x), x0=1.0, fprime=True, method="newton")


def rod(v, k):
    return k * (v[0] ** 2 + v[1] ** 4), k * np.array([2 * v[0], 4 * v[1] ** 3])


def rough(v):
    return np.array([2 * (v[0] - 1), 3 * v[1] ** 3])


def circuit(t, z, mu):
    return [z[1], mu * (1 - z[0] ** 2) * z[1] - z[0]]


def circuit_slopes(t, z, mu):
    return [[0.0, 1.0], [-2 * mu * z[0] * z[1] - 1, mu * (1 - z[0] ** 2)]]


def prey(z, t):
    return [z[0] - z[0] * z[1], -z[1] + z[0] * z[1]]


def prey_slopes(z, t):
    return [[1 - z[1], -z[0]], [z[1], 1 + z[0]]]


def main():
    solve_ivp(circuit, (0, 0.1), [1.0, 0.5], jac=circuit_slopes, method="BDF", args=(5.0,))
    odeint(prey, [1.0, 0.5], [0, 0.1], Dfun=prey_slopes)
    so.fmin_l_bfgs_b(rod, [1.0, 1.0], args=(2.0,))
    so.fmin_tnc(bowl, [1.0, 0.5], rough, messages=0)


if __name__ == "__main__":
    main()
