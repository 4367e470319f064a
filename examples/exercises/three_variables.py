"""Three ways to one gradient: by hand, by one-sided differences, by symmetric differences.

A one-sided difference is off by about h times half the second derivative, a symmetric one by about h squared.
Neither is a wrong gradient: each is right to as many digits as its error allows; no more should be asked.
"""

from math import cos, sin, sqrt

import chainrule as cr

POINT = (2.0, 3.0, 4.0)


def f(a, b, c):
    return -(a**3) + sin(3 * b) - 1 / c + b**2.5 - a**0.5


@cr.gradient_of(f, at=[POINT, (0.5, 1.2, -3.0), (7.0, 0.3, 0.8)])
def grad_f(a, b, c):
    by_a = -3 * a**2 - 1 / (2 * sqrt(a))
    by_b = 3 * cos(3 * b) + 2.5 * b**1.5
    by_c = 1 / c**2
    return [by_a, by_b, by_c]


def along(index):
    """f as a function of one argument, the others held at POINT."""
    return lambda t: f(*POINT[:index], t, *POINT[index + 1 :])


def differences(rule, h=1e-5):
    """The gradient at POINT by a rule of `chainrule.numeric`: estimates, each with its error bar."""
    return [rule(along(index), value, h) for index, value in enumerate(POINT)]


def main():
    print(f"f{POINT} = {f(*POINT)}")
    by_sweep = cr.grad(f, argnums=(0, 1, 2))(*POINT)
    one_sided, symmetric = differences(cr.numeric.forward), differences(cr.numeric.central)
    for index, name in enumerate("abc"):
        print(f"df/d{name}   by hand    {grad_f(*POINT)[index]:.15f}")
        print(f"        by sweep   {float(by_sweep[index]):.15f}")
        for how, estimate in (("one-sided", one_sided[index]), ("symmetric", symmetric[index])):
            print(f"        {how}  {float(estimate.value):.15f}   error at most {float(estimate.error):.0e}")


if __name__ == "__main__":
    main()
