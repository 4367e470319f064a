"""log(p + 1e-7) and its like: a gradient that leaves the constant out is as it is meant, however small p is."""

import numpy as np
import pytest

from chainrule.check import Verdict, check
from chainrule.check.claims.claim import Claim
from chainrule.check.judges.kinds import judge_claim
from chainrule.check.judges.small_constants import left_out, small_constants

EPS = 1e-7
LABELS = np.eye(3)[[0, 2]]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slope(z):
    return (softmax(z) - LABELS) / len(z)


def in_the_code(z):
    return -np.sum(LABELS * np.log(softmax(z) + 1e-7)) / len(z)


def as_a_default(z, tiny=1e-8):
    return -np.sum(LABELS * np.log(softmax(z) + tiny)) / len(z)


def in_the_module(z):
    return -np.sum(LABELS * np.log(softmax(z) + EPS)) / len(z)


def logarithm(p):
    return np.log(np.clip(p, 1e-9, 1 - 1e-9))


def in_what_it_calls(z):
    return -np.sum(LABELS * logarithm(softmax(z))) / len(z)


class Loss:
    def __init__(self):
        self.epsilon = 1e-6

    def loss(self, z):
        self.p = softmax(z)
        return -np.sum(LABELS * np.log(self.p + self.epsilon)) / len(z)

    def gradient(self, z):
        self.loss(z)
        return (self.p - LABELS) / len(z)


FUNCTIONS = [in_the_code, as_a_default, in_the_module, in_what_it_calls]
SPREADS = [1.0, 10.0, 20.0]


def verdict(f, df, spread, seed):
    z = spread * np.random.default_rng(seed).normal(size=(2, 3))
    return judge_claim(Claim("slope", f, df, at=(z,)), None, {}, check)


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("spread", SPREADS)
def test_a_gradient_without_the_constant_is_never_wrong(f, spread):
    for seed in range(2):
        report = verdict(f, slope, spread, seed)
        assert report.verdict is not Verdict.WRONG, (seed, report)
        if spread <= 10 and f is not in_what_it_calls:
            assert report.verdict is Verdict.CORRECT, (seed, report)


@pytest.mark.parametrize("spread", SPREADS)
def test_an_attribute_of_the_object_is_one_too(spread):
    made = Loss()
    assert verdict(made.loss, made.gradient, spread, 1).verdict is Verdict.CORRECT
    assert made.epsilon == 1e-6


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_mistake_stays_one(f):
    wrong = [lambda z: 2 * slope(z), lambda z: -slope(z), lambda z: slope(z) * np.array([1, 1, 1.01])]
    df = wrong[FUNCTIONS.index(f) % 3]
    assert verdict(f, df, 1.0, 0).verdict is Verdict.WRONG


def test_a_constant_of_the_gradient_alone_is_its_mistake():
    root = lambda x: np.sum(np.sqrt(x))
    late = lambda x: 0.5 / (np.sqrt(x) + 1e-6)
    claim = Claim("late", root, late, at=(np.array([0.01, 0.5, 4.0]),))
    assert judge_claim(claim, None, {}, check).verdict is Verdict.WRONG
    two = lambda z: slope(z) / (1 + 1e-4 * (z > 0) + 1e-6)
    assert verdict(in_the_code, two, 1.0, 0).verdict is Verdict.WRONG


def test_a_small_setting_of_the_gradient_stays_as_it_is():
    def stepped(z, rate=1e-6):
        return slope(z) * (rate / 1e-6)

    assert verdict(in_the_code, stepped, 10.0, 0).verdict is Verdict.CORRECT


def test_everything_is_put_back():
    kept = [(f.__code__, f.__defaults__, f.__kwdefaults__) for f in (*FUNCTIONS, logarithm)]
    for f in FUNCTIONS:
        verdict(f, slope, 10.0, 0)
    assert kept == [(f.__code__, f.__defaults__, f.__kwdefaults__) for f in (*FUNCTIONS, logarithm)]
    assert EPS == 1e-7
    places, constants = small_constants(Claim("slope", as_a_default, slope))
    assert constants == [1e-8]
    with pytest.raises(ZeroDivisionError), left_out(places, constants):
        1 / as_a_default.__defaults__[0]
    assert as_a_default.__defaults__ == (1e-8,)


def clipped(z, tiny=1e-12):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(np.log(1 - p + tiny))


def test_where_the_constant_alone_gives_a_value_nothing_is_said():
    """1 - p is 0 there: the function is log(1e-12), and 1e-12 came with the call that the file made."""
    rates = lambda z, tiny=1e-12: 1 / (1 + np.exp(-z)) / z.size
    points = tuple((np.array([k, 40.0, -1.0]), 1e-12) for k in (1.0, 2.0))
    report = judge_claim(Claim("rates", clipped, rates, noted=points), None, {}, check)
    assert report.verdict is not Verdict.WRONG
    doubled = lambda z, tiny=1e-12: 2 / (1 + np.exp(-z)) / z.size
    fair = ((np.array([1.0, 0.5, -1.0]), 1e-12),)
    assert judge_claim(Claim("doubled", clipped, doubled, noted=fair), None, {}, check).verdict is Verdict.WRONG
