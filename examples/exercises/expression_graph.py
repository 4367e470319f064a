"""A graph first, numbers later: build the expression once, then run it forward and backward where you like.

The graph of f(x) = exp(c) + sin(c) with c = exp(x) + exp(x)^2 uses both exp(x) and c twice. So two slopes
meet in each of them on the way back, and are added.
"""

from math import cos, exp, sin

import chainrule as cr


def graph():
    """The input, which has no value yet, and the output of the expression."""
    x = cr.Value(label="x")
    a = cr.exp(x)
    b = cr.square(a)
    c = cr.add(a, b)
    d = cr.exp(c)
    e = cr.sin(c)
    return x, cr.add(d, e)


def f(x):
    c = exp(x) + exp(x) ** 2
    return exp(c) + sin(c)


@cr.gradient_of(f, at=[0.0, -3.0, -1.0, 0.5, 1.0])
def df(x):
    a = exp(x)
    c = a + a**2
    by_c = exp(c) + cos(c)
    by_a = by_c * (1 + 2 * a)
    return by_a * a


def main():
    x, y = graph()
    for start in (0.0, 0.5):
        print(f"f({start}) = {y.forward(start)}")
        x.grad = 0.0
        y.backward()
        print(f"  slope by sweep {x.grad}, by hand {df(start)}")


if __name__ == "__main__":
    main()
