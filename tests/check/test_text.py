"""The reports as people read them, whole."""

import dataclasses
import math

import numpy as np
import pytest

from chainrule.check import Verdict, check

X = np.array([0.3, -0.7, 1.1])


def product(x):
    return np.sum(np.sin(x) * x**2)


def product_slope(x):
    return np.cos(x) * x**2 + np.sin(x) * x


def affine(w, b):
    return np.sum(np.tanh(w * X + b))


def affine_slopes(w, b):
    return X * (1 - np.tanh(w * X + b) ** 2), np.ones(3)


def shown(report):
    """The text with line numbers of this file taken out."""
    import re

    return re.sub(r"test_text\.py:\d+", "test_text.py:LINE", str(report))


def test_a_lost_factor_in_one_path():
    assert (
        shown(check(product, product_slope, X))
        == """\
WRONG at 1 point: x[2] is 1.529179403, not 2.509507499

  element         yours    reference    bar     ratio  digits
  x[2]      1.529179403  2.509507499  1e-15  0.609354      15
  x[1]     0.8257250528  1.276677434  6e-16  0.646777      15
  x[0]      0.174636346  0.263292408  1e-16  0.663279      15
    at x = [ 0.3, -0.7,  1.1]: 3 of 3 wrong

  likely cause   one path enters with weight 0.5: x through x ** 2 (test_text.py:LINE)
  witnesses      high precision = reverse AD = forward AD = complex step = differences
  remainder      of order 1.00 in the step: a gradient leaves 2, this one leaves a first-order error
  kinks, noise   none found          randomness  none (f called twice)
  repeat         chainrule.check(product, product_slope, at=np.array([0.3, -0.7, 1.1]), seed=20260807)"""
    )


def test_one_argument_of_two():
    report = shown(check(affine, affine_slopes, (np.array([0.5, 1.0, 2.0]), np.zeros(3))))
    assert report.splitlines()[1:6] == [
        "",
        "  argument  shape   wrong  worst abs  worst rel",
        "  w         (3,)   0 of 3    5.6e-17    1.2e-16",
        "  b         (3,)   3 of 3    9.5e-01    9.7e-01",
        "",
    ]
    assert "likely cause   argument b: a link of the chain is dropped: w * array(3,) + b through tanh(" in report


def test_a_correct_claim():
    assert (
        shown(check(product, lambda x: np.cos(x) * x**2 + 2 * np.sin(x) * x, X))
        == """\
CORRECT to 15 digits at 1 point, power 1e-08
  witnesses      high precision = reverse AD = forward AD = complex step = differences
  remainder      of order 2.00 in the step: a gradient leaves 2
  repeat         chainrule.check(product, df, at=np.array([0.3, -0.7, 1.1]), seed=20260807)   # df: lambda"""
    )


def test_a_kink():
    report = shown(check(abs, np.sign, 0.0))
    assert report.splitlines()[:2] == [
        "UNDECIDED: KINK, the point sits on a kink or jump, where no single slope is right",
        "  x: yours 0 lies between left slope -1 and right slope 1",
    ]
    assert "  to settle it   move the point, or accept any slope between left and right: kink='subgradient'" in report


def test_flatness():
    bell = check(lambda x: math.exp(-((x - 42) ** 2)), lambda x: 0.0, 3.0)
    assert shown(bell).startswith("UNDECIDED: FLAT, the function is flat at every point tried")
    assert "look where the function moves, for example at x = 4" in shown(bell)


def test_a_wrong_form():
    lines = shown(check(lambda w, b: w * b, lambda w, b: 5 * b, (2.0, 3.0))).splitlines()
    assert lines[:2] == [
        "WRONG: got one number where 2 are due (w, b)",
        "  read as        the derivative by w alone; argnums=0 says so",
    ]
    assert "  likely cause   one number where 2 are due (w, b)" in lines


def test_an_untraceable_function_says_what_was_used():
    report = shown(check(lambda x: math.sin(float(repr(x))), math.cos, 0.5))
    assert "  witnesses      differences\n  not traced     " in report
    assert "only function values were used" in report


def test_a_large_array():
    def off(x):
        d = np.cos(x)
        d[77] *= 1.5
        return d

    report = shown(check(lambda x: np.sum(np.sin(x)), off, np.linspace(0.1, 1.2, 500)))
    assert report.splitlines()[0] == "WRONG at 1 point: x[77] is 1.445760529, not 0.9638403528"
    assert "  likely cause   only x[77] of 500 entries is wrong" in report
    assert "  witnesses      reverse AD = differences along 2 directions" in report


def test_a_reporter_that_fails_keeps_the_verdict():
    report = check(product, product_slope, X)
    broken = dataclasses.replace(report.points[0], evidence=None)  # as no check leaves it
    report = dataclasses.replace(report, points=[broken])
    assert str(report).startswith("WRONG at 1 point")
    assert "a part of the report failed" in str(report)


def test_a_report_does_not_change():
    report = check(lambda x: x * x, lambda x: 2 * x, at=3.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.verdict = Verdict.WRONG
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.points[0].fault = "none"
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.points[0].evidence[0].why = "not asked"
    noted = report.noted("seen")
    assert noted.points[0].notes[-1] == "seen"
    assert "seen" not in report.points[0].notes
