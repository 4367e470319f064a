"""The corpus of planted mistakes and correct but nasty gradients: no false verdict, and the mistake named."""

import warnings

import pytest
from check.cases import CASES, CORRECT, MISTAKES, Case

from chainrule.check import Verdict, check

NAMED = 0.85  # the share of nameable mistakes whose diagnosis must be right


def checked(case: Case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the functions and claims are the user's; some divide by 0
        return check(case.f, case.df, case.at, **case.settings)


@pytest.fixture(scope="module")
def reports():
    return {case.name: checked(case) for case in CASES}


def test_the_corpus_is_large_and_its_names_are_unique():
    assert len(MISTAKES) >= 150
    assert len(CORRECT) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert 0.4 < sum(case.held_out for case in CASES) / len(CASES) < 0.6


def test_no_mistake_is_called_correct(reports):
    assert [c.name for c in MISTAKES if reports[c.name].verdict is Verdict.CORRECT] == []


def test_nothing_correct_is_called_wrong(reports):
    assert [c.name for c in CORRECT if reports[c.name].verdict is Verdict.WRONG] == []


def test_undecided_only_with_a_true_reason(reports):
    open_ = [c for c in CORRECT if reports[c.name].verdict is Verdict.UNDECIDED]
    assert [(c.name, reports[c.name].reason.name) for c in open_ if reports[c.name].reason.name not in c.open] == []


def test_most_mistakes_are_decided(reports):
    assert [c.name for c in MISTAKES if reports[c.name].verdict is not Verdict.WRONG] == []


def test_mistakes_are_named(reports):
    nameable = [c for c in MISTAKES if c.named]
    named = [c for c in nameable if any(word in cause for cause in reports[c.name].causes[:1] for word in c.named)]
    assert len(named) >= NAMED * len(nameable), sorted({c.name for c in nameable} - {c.name for c in named})


def test_a_nameable_mistake_is_not_given_another_name(reports):
    other = [
        (c.name, reports[c.name].causes)
        for c in MISTAKES
        if c.named and reports[c.name].causes and not any(word in reports[c.name].causes[0] for word in c.named)
    ]
    assert other == []


def test_every_report_can_be_shown(reports):
    for report in reports.values():
        assert "part of the report failed" not in str(report)
        assert report.verdict.value in str(report).splitlines()[0][:60]
        report.to_json()
        report._repr_html_()
