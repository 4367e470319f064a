"""Claims about very many numbers: one wrong entry is found and named, with and without rules."""

import numpy as np
import pytest

from chainrule.check import Verdict, check


def loss(x):
    return np.sum(np.sin(x) * x)


def slope(x):
    return np.cos(x) * x + np.sin(x)


def outside(x):
    """The same where no carrier can pass."""
    return loss(np.frombuffer(np.asarray(x, dtype=float).tobytes()))


def with_one_off(index, size):
    def df(x):
        d = slope(x)
        d[index] *= 1 + size
        return d

    return df


@pytest.mark.parametrize("f", [loss, outside], ids=["traced", "untraced"])
@pytest.mark.parametrize("n", [100, 100_000])
def test_a_correct_claim(f, n):
    report = check(f, slope, np.random.default_rng(n).uniform(0.5, 2, n))
    assert report.verdict is Verdict.CORRECT
    assert "along" in str(report) or n == 100


@pytest.mark.parametrize("f", [loss, outside], ids=["traced", "untraced"])
@pytest.mark.parametrize(("n", "index"), [(1000, 123), (10_000, 9_876)])
def test_one_wrong_entry_is_found_and_named(f, n, index):
    report = check(f, with_one_off(index, 0.1), np.random.default_rng(n).uniform(0.5, 2, n))
    assert report.verdict is Verdict.WRONG
    assert report.worst.label == f"x[{index}]"
    by_rules = ": 11/10 of the truth" if f is loss else ""
    assert report.causes == [f"only x[{index}] of {n} entries is wrong{by_rules}"]


def test_one_wrong_entry_of_very_many_takes_few_calls():
    calls = []
    f = lambda x: calls.append(0) or loss(x)
    report = check(f, with_one_off(77_777, 1e-4), np.random.default_rng(1).uniform(0.5, 2, 200_000))
    assert report.worst.label == "x[77777]"
    assert len(calls) < 400


def test_several_wrong_entries_without_rules():
    def df(x):
        d = slope(x)
        d[[10, 500, 900]] = 0
        return d

    report = check(outside, df, np.random.default_rng(2).uniform(0.5, 2, 1000))
    assert report.causes == ["only x[10], x[500], x[900] of 1000 entries are wrong"]


def test_a_factor_without_rules_is_named_along_directions():
    report = check(outside, lambda x: 2 * slope(x), np.random.default_rng(3).uniform(0.5, 2, 1000))
    assert report.verdict is Verdict.WRONG
    assert "exactly 2" in report.causes[0]
