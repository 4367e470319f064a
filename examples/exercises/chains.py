"""Longer chains: the exponential of a sum, a quartic, and tanh of the logarithm of a quotient."""

from math import cos, exp, log, sin, tanh

import chainrule as cr


def bell(x):
    return exp(-(x**2) - 2 * x - sin(x))


def bell_diff(x):
    return bell(x) * (-2 * x - 2 - cos(x))


def quartic(x):
    return 8 * x**4 + 3 * x**3 + 7 * x**2 + 6 * x + 3


def quartic_diff(x):
    return 32 * x**3 + 9 * x**2 + 14 * x + 6


# The last one has three inputs. Name the quotient u = 2 x z / sin y; then every partial derivative is the
# slope of tanh(ln(1 + u)) by u, times the slope of u.


def f(x, y, z):
    return tanh(log(1 + z * 2 * x / sin(y)))


@cr.gradient_of(f, at=[(1.0, 1.0, 1.0), (0.5, 2.0, 3.0), (-0.4, -1.0, 0.7)])
def grad_f(x, y, z):
    u = 2 * x * z / sin(y)
    by_u = (1 - tanh(log(1 + u)) ** 2) / (1 + u)
    return by_u * 2 * z / sin(y), by_u * -u * cos(y) / sin(y), by_u * 2 * x / sin(y)


def main():
    print("bell at 2 has slope", bell_diff(2.0), "and by sweep", cr.grad(bell)(2.0))
    print("quartic at 2 has slope", quartic_diff(2.0), "and by sweep", cr.grad(quartic)(2.0))
    by_sweep = cr.grad(f, argnums=(0, 1, 2))(1.0, 1.0, 1.0)
    for name, derived, swept in zip("xyz", grad_f(1.0, 1.0, 1.0), by_sweep, strict=True):
        print(f"df/d{name} at (1, 1, 1)   by hand {derived:.15f}   by sweep {float(swept):.15f}")


if __name__ == "__main__":
    main()
