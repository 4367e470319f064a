"""What a check says about kinks, flatness, form, side effects, randomness, precision, and its own power."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.check import GradientError, Reason, Verdict, assert_gradient, check
from chainrule.check.subject import Subject
from chainrule.check.witness.local_rules import first_wrong_rule
from chainrule.errors import ArgumentError
from chainrule.transforms.custom import custom_vjp


def relu(x):
    return max(x, 0.0)


def step(x):
    return 1.0 if x > 0 else 0.0


class TestKinks:
    def test_a_single_point_on_a_kink_stays_open_and_says_between_which_slopes(self):
        report = check(relu, step, 0.0)
        assert report.reason is Reason.KINK
        assert "yours 0 lies between left slope 0 and right slope 1" in str(report)
        assert "kink='subgradient'" in report.advice

    def test_the_operator_and_its_line_are_named(self):
        assert "the kink comes from absolute (test_verdicts.py:" in str(check(lambda x: abs(x) + x, lambda x: 1.0, 0.0))
        assert "the kink comes from the comparison > (test_verdicts.py:" in str(
            check(lambda x: x if x > 0 else 0.1 * x, lambda x: 0.1, 0.0)
        )

    def test_what_is_true_beside_the_kink_is_a_note(self):
        assert "aside, to x = " in str(check(relu, step, 0.0))
        assert "it is WRONG" in str(check(relu, lambda x: 0.5, 0.0))

    def test_a_subgradient_is_accepted_on_request(self):
        assert check(relu, lambda x: 0.3, 0.0, kink="subgradient").verdict is Verdict.CORRECT

    @pytest.mark.parametrize("claim", [-0.5, 1.5])
    def test_outside_the_subgradients_is_wrong(self, claim):
        report = check(relu, lambda x: claim, 0.0)
        assert report.verdict is Verdict.WRONG
        assert "lies outside left slope" in report.headline

    def test_other_points_decide(self):
        assert check(relu, step, [0.0, 1.0, -1.0]).verdict is Verdict.CORRECT

    @pytest.mark.parametrize("offset", [0.0, 1.0, 10.0])
    def test_where_nothing_can_be_traced(self, offset):
        assert check(lambda t: offset + max(float(t), 0.0), step, 0.0).reason is Reason.KINK


class TestForm:
    def test_an_argument_that_is_written_into(self):
        def df(x):
            x *= 2
            return x

        report = check(lambda x: np.sum(x**2), df, np.array([1.0, 2.0]))
        assert report.verdict is Verdict.WRONG
        assert "work on a copy" in report.causes[0]

    def test_a_random_derivative(self):
        random = np.random.default_rng(1)
        assert "random" in check(lambda x: x, lambda x: random.normal(), [1.0]).causes[0]

    def test_a_random_function(self):
        random = np.random.default_rng(1)
        assert check(lambda x: x + random.normal(), lambda x: 1.0, 1.0).reason is Reason.RANDOM

    def test_a_missing_return(self):
        assert "is a return missing?" in str(check(lambda x: x**2, lambda x: None, 1.0))

    def test_nan_never_agrees(self):
        assert check(lambda x: x**2, lambda x: math.nan, [1.0]).verdict is Verdict.WRONG

    def test_bugs_of_the_user_pass_through(self):
        with pytest.raises(NameError):
            check(lambda x: x**2, lambda x: undefined_name, 1.0)  # noqa: F821


class TestRules:
    def make(self):
        @custom_vjp
        def cube(x):
            return x**3

        cube.defvjp(lambda x: (x**3, x), lambda x, ct: (2 * x**2 * ct,), verify=False)
        return cube

    def test_a_wrong_rule_is_named_and_does_not_blame_a_right_claim(self):
        cube = self.make()
        report = check(lambda x: cube(x) + x, lambda x: 3 * x * x + 1, [1.0, 2.0])
        assert report.verdict is Verdict.CORRECT
        assert "the rule of cube" in str(report)

    def test_without_a_claim_our_own_derivative_is_checked(self):
        cube = self.make()
        assert "the rule of cube (test_verdicts.py:" in check(lambda x: math.sin(x) * cube(x), at=[1.0, 2.0]).causes[0]
        assert check(lambda x: math.sin(x) * x, at=[1.0, 2.0]).verdict is Verdict.CORRECT

    def test_a_wrong_rule_is_no_excuse_for_a_wrong_claim(self):
        cube = self.make()
        report = check(lambda x: cube(x) + x, lambda x: 3 * x * x, [1.0, 2.0])
        assert report.verdict is Verdict.WRONG
        assert report.causes == []

    def test_a_wrong_rule_for_many_numbers(self):
        cube = self.make()
        x = np.linspace(0.5, 1.5, 100)
        report = check(lambda x: np.sum(cube(x)), lambda x: 3 * x**2, x)
        assert report.verdict is Verdict.CORRECT
        assert "the rule of cube" in str(report)
        assert check(lambda x: np.sum(cube(x)), lambda x: 2 * x**2, x).verdict is Verdict.WRONG

    def test_rules_of_the_table_are_right(self):
        assert first_wrong_rule(Subject(lambda x: np.sum(np.tanh(x) @ np.exp(x)), (np.ones(3),))) == ""


class TestPower:
    def test_it_is_the_smallest_mistake_that_shows(self):
        power = check(math.exp, math.exp, [1.0]).power
        assert power < 1e-7
        assert check(math.exp, lambda x: (1 + 3 * power) * math.exp(x), [1.0]).verdict is Verdict.WRONG

    def test_the_remainder_has_order_two_for_a_gradient_and_one_for_anything_else(self):
        assert check(math.exp, math.exp, [1.0]).order == pytest.approx(2, abs=0.1)
        assert check(math.exp, lambda x: 1.01 * math.exp(x), [1.0]).order == pytest.approx(1, abs=0.1)


class TestSurfaces:
    def test_the_error_carries_the_report(self):
        with pytest.raises(GradientError, match=r"\AWRONG at 1 point: x is 2, not 4") as raised:
            assert_gradient(lambda x: x**2, lambda x: x, 2.0)
        assert raised.value.report.verdict is Verdict.WRONG

    def test_json_is_strict(self):
        report = check(lambda x: x**2, lambda x: math.nan, [1.0])
        assert json.loads(report.to_json(), parse_constant=pytest.fail)["verdict"] == "WRONG"

    def test_the_replay_line_replays(self):
        report = check(math.sin, math.exp, [(0.5,)])
        import chainrule

        again = eval(report.replay, {"chainrule": chainrule, "sin": math.sin, "exp": math.exp})
        assert (again.verdict, again.headline) == (report.verdict, report.headline)

    def test_the_same_seed_gives_the_same_points(self):
        one, two = (check(math.sin, math.cos, seed=5) for _ in range(2))
        assert [p.subject.x.tolist() for p in one.points] == [p.subject.x.tolist() for p in two.points]


UNARY = {
    "sin": (math.sin, math.cos),
    "tanh": (math.tanh, lambda u: 1 / math.cosh(u) ** 2),
    "atan": (math.atan, lambda u: 1 / (1 + u * u)),
    "square": (lambda u: u * u, lambda u: 2 * u),
    "exp": (lambda u: math.exp(u / 4), lambda u: math.exp(u / 4) / 4),
}


@st.composite
def formulas(draw):
    """A random composition with its derivative, and the names it is made of."""
    names = draw(st.lists(st.sampled_from(sorted(UNARY)), min_size=1, max_size=3))
    a, b = draw(st.sampled_from([0.5, 1.0, 1.5])), draw(st.sampled_from([-0.75, 0.25, 1.25]))

    def f(x):
        u = a * x + b
        for name in names:
            u = UNARY[name][0](u)
        return u + x / 3

    def df(x, left_out=-1):
        u, slope = a * x + b, a
        for k, name in enumerate(names):
            slope *= 1.0 if k == left_out else UNARY[name][1](u)
            u = UNARY[name][0](u)
        return slope + 1 / 3

    return names, f, df


AT = [0.3, 0.8, -0.6, 1.1]


@settings(max_examples=15, deadline=None)
@given(formulas())
def test_a_correct_derivative_is_never_called_wrong(formula):
    _, f, df = formula
    assert check(f, df, AT).verdict is Verdict.CORRECT


@settings(max_examples=15, deadline=None)
@given(formulas(), st.sampled_from([-1.0, 0.5, 2.0, 1.001, 1 + 1e-6]))
def test_a_planted_factor_is_always_called_wrong(formula, factor):
    _, f, df = formula
    assert check(f, lambda x: factor * df(x), AT).verdict is Verdict.WRONG


@settings(max_examples=12, deadline=None)
@given(formulas(), st.data())
def test_a_dropped_link_is_always_called_wrong(formula, data):
    names, f, df = formula
    k = data.draw(st.integers(0, len(names) - 1))
    assert check(f, lambda x: df(x, k), AT).verdict is Verdict.WRONG


def test_the_diagonal_of_a_jacobian_alone_is_named():
    def softmax(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    report = check(softmax, lambda x: softmax(x) * (1 - softmax(x)), at=np.array([0.3, -0.2, 1.0]))
    assert report.verdict.value == "WRONG"
    assert report.causes[0].startswith("only the diagonal of the Jacobian is given")


def test_a_text_for_a_number_is_told():
    with pytest.raises(ArgumentError, match="the text 'a' is handed on as it is: where a number is meant"):
        check(lambda x, y: x * y, lambda x, y: (y, x), at=[("a", 3.0)])
