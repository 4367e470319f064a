"""False verdicts met in exercise notebooks, by phenomenon. Each must come out right, and a mistake be named."""

import math
from math import cos, exp, log, sin

import numpy as np
import pytest

from chainrule import Value
from chainrule.check import Verdict, check, check_sparse, compare, rel_error


def of_three(a, b, c):
    return -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def slopes_of_three(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * cos(3 * b) + 2.5 * b**1.5, 1.0 / c**2]


def difference(h, weights):
    """A quotient with values at x + k h, weighted, for each argument."""

    def df(*args):
        def moved(i, k):
            return of_three(*(x + k * h * (i == j) for j, x in enumerate(args)))

        return [sum(w * moved(i, k) for k, w in weights.items()) for i in range(3)]

    return df


def test_an_analytic_gradient_at_whole_numbers_is_correct():
    assert check(of_three, slopes_of_three, (2, 3, 4)).verdict is Verdict.CORRECT


@pytest.mark.parametrize("h", [1e-5, 1e-6])
def test_a_one_sided_difference_is_named_with_its_step_not_just_called_wrong(h):
    report = check(of_three, difference(h, {1: 1 / h, 0: -1 / h}), (2.0, 3.0, 4.0))
    assert report.causes == [f"a forward difference with step {h:g} in place of the derivative"]


def test_a_second_difference_is_not_taken_for_a_first():
    h = 1e-5
    report = check(of_three, difference(h, {1: 1 / h**2, 0: -2 / h**2, -1: 1 / h**2}), (2.0, 3.0, 4.0))
    assert report.verdict is Verdict.WRONG
    assert "second derivative" in report.causes[0]


def test_the_error_that_is_shown_is_that_of_the_number_beside_it():
    h = 1e-3
    report = check(of_three, difference(h, {1: 0.5 / h, -1: -0.5 / h}), (2.0, 3.0, 4.0))
    for finding in report.findings:
        assert finding.yours - finding.reference == pytest.approx(
            difference(h, {1: 0.5 / h, -1: -0.5 / h})(2.0, 3.0, 4.0)["abc".index(finding.label)]
            - slopes_of_three(2.0, 3.0, 4.0)["abc".index(finding.label)],
            rel=1e-6,
        )
    assert "central difference with step 0.001" in report.causes[0]


def test_a_lost_factor_is_found_although_the_function_is_flat_almost_everywhere():
    def f(x, s=3, u=42):
        return exp((-1 / 2 * s**2) * (x - u) ** 2)

    def df(x, s=3, u=42):
        return exp((-1 / 2 * s**2) * (x - u) ** 2) * (-1 / s**2) * (x - u)

    report = check(f, df)
    assert report.verdict is Verdict.WRONG
    assert "exactly 1/81" in report.causes[0]
    flat = check(f, df, [1.0, 5.0])
    assert flat.verdict is Verdict.UNDECIDED
    assert flat.reason.name == "FLAT"
    assert "for example at x = 4" in flat.advice


def test_a_slightly_damped_derivative_is_wrong_and_its_epsilon_named():
    report = check(
        lambda x: log(x**4) * sin(x**3),
        lambda x: 1 / (x**4 + 0.0001) * (4 * x**3) * sin(x**3) + log(x**4) * (3 * x**2) * cos(x**3),
        [0.4, 1.3, 2.2, 5.1, 8.7],
    )
    assert report.verdict is Verdict.WRONG
    assert "an epsilon is added: 0.0001" in report.causes[0]


def test_integer_arrays_do_not_turn_the_check_into_zero_equals_zero():
    found = check_sparse(lambda x: np.sum(x * x * x), np.array([1, 0, 25]), np.array([3, 0, 1875]), count=3)
    assert found.verdict is Verdict.CORRECT
    assert max(abs(reference) for _, _, reference, _, _ in found.entries) == pytest.approx(1875)
    wrong = check_sparse(lambda x: np.sum(x * x * x), np.array([1, 0, 25]), np.array([3, 0, 1876]), count=3)
    assert wrong.verdict is Verdict.WRONG


def test_the_relative_error_is_not_always_zero():
    assert rel_error(12595.16995, 12595.169953) > 0
    assert rel_error(1, 2) == 0.5


def test_correct_elementwise_gradients_of_the_exercises():
    assert check(lambda x: 1 / (1 + exp(-x)), lambda x: exp(-x) / (1 + exp(-x)) ** 2).verdict is Verdict.CORRECT
    assert (
        check(
            lambda x: np.array(sin(x[0]) * cos(x[1])),
            lambda x: np.array([cos(x[0]) * cos(x[1]), -1 * sin(x[0]) * sin(x[1])]),
            ((1, 1),),
        ).verdict
        is Verdict.CORRECT
    )


def test_a_relu_that_gives_one_number_where_three_are_due():
    def neuron(w, b, x):
        return max(0.0, w * x + b)

    def slopes(w, b, x):
        return 0.0 if neuron(w, b, x) == 0 else (x, 1.0, w)

    report = check(neuron, slopes, [(1.0, 0.5, 2.0), (-3.0, 0.5, 2.0)])
    assert report.verdict is Verdict.WRONG
    assert "one number where 3 are due" in report.causes[0]


def test_division_of_values_is_called():
    a, b = Value(3.0), Value(4.0)
    (a / b).backward()
    assert (a.grad, b.grad) == (0.25, -3 / 16)


def test_a_comparison_says_that_torch_ran_in_float32():
    torch = pytest.importorskip("torch")
    table = str(compare(lambda x: torch.sum(torch.exp(x)), torch.tensor([0.3, 1.7])))
    assert "PyTorch computed in float32: 7 digits" in table


def test_the_quartic_and_the_unfinished_exercise():
    def f(x, y, z):
        return math.tanh(math.log(1 + z * 2 * x / math.sin(y)))

    def df(x, y, z):
        inner = 1 + z * 2 * x / sin(y)
        outer = (1 - math.tanh(log(inner)) ** 2) / inner
        return outer * 2 * z / sin(y), -outer * 2 * x * z * cos(y) / sin(y) ** 2, outer * 2 * x / sin(y)

    assert check(f, df, [(1.0, 1.0, 0.5), (0.3, 2.0, 1.5)]).verdict is Verdict.CORRECT
    assert check(lambda x: x**4 - 3 * x, lambda x: 4 * x**3 - 3).verdict is Verdict.CORRECT
