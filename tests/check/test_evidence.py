"""What counts as evidence: witnesses of their own, the form of a claim, the order of the remainder, calls that end."""

import math

import numpy as np
import pytest

from chainrule.check import Verdict, check
from chainrule.check.diagnosis.factors import nice
from chainrule.check.judging.judge import _with_remainder
from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import Subject
from chainrule.check.verdict import Reason
from chainrule.check.witness.remainder import remainder
from chainrule.check.witness.seen import roundoff

WRONG, CORRECT, UNDECIDED = Verdict.WRONG, Verdict.CORRECT, Verdict.UNDECIDED
AT = np.array([1.0, 2.0, -0.5])


class TestFrameworks:
    def test_pytorch_is_no_witness_for_a_backward_of_the_users(self):
        torch = pytest.importorskip("torch")

        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x**3

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * x**2 * g

        for kind, f in (("alone", lambda x: Cube.apply(x).sum()), ("inside", lambda x: (Cube.apply(x * 1) * 1).sum())):
            report = check(f, lambda x: 2 * x**2, at=torch.tensor(AT))
            assert report.verdict is WRONG, (kind, str(report))
            assert check(f, lambda x: 3 * x**2, at=torch.tensor(AT)).verdict is CORRECT
        assert "Cube" in str([e.why for e in report.points[0].evidence])

    @pytest.mark.parametrize("rule", ["vjp", "jvp"])
    def test_nor_is_jax(self, rule):
        jax = pytest.importorskip("jax")
        cube = getattr(jax, f"custom_{rule}")(lambda x: x**3)
        if rule == "vjp":
            cube.defvjp(lambda x: (x**3, x), lambda x, g: (2 * x**2 * g,))
        else:
            cube.defjvp(lambda xs, ts: (xs[0] ** 3, 2 * xs[0] ** 2 * ts[0]))
        f = lambda x: jax.numpy.sum(cube(x))
        assert check(f, lambda x: 2 * x**2, at=jax.numpy.asarray(AT)).verdict is WRONG
        assert check(f, lambda x: 3 * x**2, at=jax.numpy.asarray(AT)).verdict is CORRECT

    @pytest.mark.parametrize("double", [False, True])
    def test_its_own_rules_count(self, double):
        """In the precision that the user's own JAX code runs in."""
        jax = pytest.importorskip("jax")
        jax.config.update("jax_enable_x64", double)
        f = lambda x: jax.numpy.sum(jax.nn.relu(x) + jax.nn.silu(x))
        report = check(f, lambda x: jax.grad(f)(x), at=jax.numpy.asarray(AT))
        assert report.verdict is CORRECT
        assert "JAX" in [e.name for e in report.points[0].evidence if e.speaks]


FORMS = {
    "an imaginary part": lambda x: 2 * x + 1j * x,
    "a tiny imaginary part": lambda x: 2 * x + 1e-9j,
    "a column": lambda x: (2 * x)[:, None],
    "a square": lambda x: np.diag(2 * x),
    "the bits of single precision": lambda x: (2.2 * x / 1.1).astype(np.float32).astype(float),
    "whole numbers": lambda x: (2 * x).astype(int),
}


@pytest.mark.parametrize("claim", FORMS.values(), ids=FORMS)
def test_the_form_of_a_claim_counts_where_it_carries_information(claim):
    at = np.array([1.1, 2.3, -0.7])
    assert check(lambda x: np.sum(x * x), claim, at=at).verdict is WRONG
    narrow = check(lambda x: np.sum(x * x), lambda x: (2 * x).astype(np.float32), at=at)
    assert "narrower floating type" in str(narrow)
    assert check(lambda x: np.sum(x * x), lambda x: 2 * x + 0j, at=at).verdict is CORRECT
    assert check(lambda x: np.sum(x * x), lambda x: (2 * x)[None], at=at).verdict is CORRECT


class TestForms:
    def test_a_claim_that_raises_at_drawn_points_is_not_wrong(self):
        def demanding(x):
            raise ValueError("expected a vector of 17 numbers")

        report = check(lambda x: x * x, demanding)
        assert report.verdict is UNDECIDED
        assert report.reason is Reason.FORM
        assert check(lambda x: x * x, demanding, at=2.0).verdict is WRONG

    def test_other_forms_of_argument_are_tried(self):
        def softmax(x):
            e = np.exp(x - np.max(x))
            return e / np.sum(e)

        report = check(softmax, lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)))
        assert report.verdict is CORRECT, str(report)
        assert check(softmax, lambda x: np.diag(softmax(x))).verdict is WRONG

    def test_a_point_that_cannot_decide_does_not_outweigh_those_that_can(self):
        tanh = math.tanh
        for seed in range(6):
            report = check(lambda x: 1 - tanh(x) ** 2, lambda x: -2 * tanh(x) * (1 - tanh(x) ** 2), seed=seed)
            assert report.verdict is CORRECT, str(report)


class TestRemainder:
    def judged(self, claimed, reference):
        subject = Subject(lambda x: np.sum(x**3), (AT,))
        numbers = type("Numbers", (), {"values": np.array(claimed)})()
        found = Judgement(subject, numbers, np.array(reference), np.full(3, 1e-12), np.full(3, 1e-9), chosen="someone")
        return found, remainder(subject, np.array(claimed), 0)

    def test_who_supports_a_claim_of_first_order_is_contradicted(self):
        wrong = 2 * AT**2
        found, left = self.judged(wrong, wrong)
        assert found.right
        assert _with_remainder(found, left).undecided is Reason.DISAGREEMENT

    def test_who_blames_a_claim_of_second_order_is_contradicted(self):
        from chainrule.check.judging.judgement import Finding

        found, left = self.judged(3 * AT**2, 2 * AT**2)
        found = found.with_findings(Finding("x[0]", 0, 3.0, 2.0, 1e-12, "wrong"))
        assert found.wrong
        found = _with_remainder(found, left)
        assert not found.wrong
        assert found.undecided is Reason.DISAGREEMENT


@pytest.mark.parametrize(
    ("f", "x", "lost"),
    [
        (lambda x: 1 - math.tanh(x) ** 2, 12.0, 1e-16),
        (lambda x: (x + 1e8) - 1e8, 0.1, 1e-8),
        (lambda x: math.exp(x), 1.0, 1e-16),
    ],
)
def test_the_bound_of_rounding_holds_and_is_not_lavish(f, x, lost):
    subject = Subject(f, (x,))
    (bound,) = roundoff(subject, f, subject.value)
    assert lost <= bound <= 100 * lost


class TestDiagnosis:
    @pytest.mark.parametrize("k", [math.sqrt(51 / 50), math.sqrt(37 / 41), 1.0099504938362078])
    def test_no_root_of_large_numbers_is_made_up(self, k):
        assert "sqrt" not in nice(k)
        assert nice(math.sqrt(2 / 3)) == "sqrt(2/3)"

    def test_an_epsilon_is_no_path_with_weight_1(self):
        def loss(z):
            p = np.exp(z) / np.sum(np.exp(z))
            return -np.log(p[0] + 1e-7)

        report = check(loss, lambda z: np.exp(z) / np.sum(np.exp(z)) - np.eye(3)[0], at=np.array([0.3, 1.2, -0.4]))
        assert report.verdict is WRONG
        assert [c for c in report.causes if "weight 1" in c] == []

    def test_power_is_not_finer_than_the_digits_shown(self):
        report = check(lambda x: math.tanh(x), lambda x: 1 - math.tanh(x) ** 2, at=[12.0, 0.3])
        assert report.power >= 10.0 ** -(report.digits + 1)

    def test_wide_bars_are_no_flatness(self):
        random = np.random.default_rng(1)
        noise = {}

        def noisy(x):
            return float(x) * 1e-9 + noise.setdefault(float(x), 1e-3 * random.standard_normal())

        assert check(noisy, lambda x: 1e-9, at=1.0).reason is not Reason.FLAT


class TestEnd:
    def test_a_loop_that_never_ends_beside_the_points(self):
        def f(x):
            while abs(x) > 3:
                pass
            return x * x

        assert check(f, lambda x: 2 * x, at=2.0).verdict is CORRECT
        assert check(f, lambda x: 2 * x, box=(-2.5, 2.5)).verdict is CORRECT
