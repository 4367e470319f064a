"""A custom rule that calls the function itself: Taylor mode answers the inner call from memory."""

import math

import numpy as np
import pytest

import chainrule as cr


def test_the_remembered_call_knows_the_layout_of_its_results():
    @cr.custom_jvp
    def both(x):
        return {"s": np.sin(x), "c": np.cos(x)}

    @both.defjvp
    def rule(primals, tangents):
        y, (v,) = both(*primals), tangents
        return y, {"s": y["c"] * v, "c": -y["s"] * v}

    expansion = cr.taylor(lambda x: both(x)["s"] * both(x)["c"], 0.3, 4)
    expected = [math.sin(0.6) / 2, math.cos(0.6), -2 * math.sin(0.6), -4 * math.cos(0.6), 8 * math.sin(0.6)]
    assert expansion.derivatives == pytest.approx(expected)


def test_two_rules_of_one_name_are_two_rules():
    def make(k):
        @cr.custom_vjp
        def power(x):
            return x**k

        power.defvjp(lambda x: (x**k, x), lambda x, ct: (ct * k * x ** (k - 1),))
        return power

    square, cube = make(2), make(3)
    assert cr.taylor(lambda x: square(x) + cube(x), 2.0, 2).derivatives == pytest.approx([12.0, 16.0, 14.0])
