"""A function defined inside a lifted one has the lifted globals for its own; lifting it again lost every name."""

import math

import chainrule as cr

factor = 3.0


def test_inner_functions_see_the_globals():
    def f(x):
        inner = lambda t: factor * math.sin(t) * cr.exp(t)
        return cr.grad(inner)(x) + cr.jvp(inner, (x,), (1.0,))[0]

    assert cr.grad(f)(0.0) == factor * (2.0 + 1.0)
