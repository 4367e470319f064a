"""The corpus of planted mistakes and correct but nasty gradients: no false verdict, and the mistake named."""

import warnings

import pytest
from check.cases import CASES, CORRECT, MISTAKES, MODULES, Case
from check.share import share

from chainrule.check import Verdict, check

UNNAMED = 3  # nameable mistakes of one subject that may go without a diagnosis


def checked(case: Case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the functions and claims are the user's; some divide by 0
        return check(case.f, case.df, case.at, **case.settings)


def test_the_corpus_is_large_and_its_names_are_unique():
    assert len(MISTAKES) >= 150
    assert len(CORRECT) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert 0.4 < sum(case.held_out for case in CASES) / len(CASES) < 0.6


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_case_is_judged_as_it_should_be(module):
    cases = share(module.CASES)
    assert cases
    unnamed = []
    for case in cases:
        report = checked(case)
        if case.right:
            assert report.verdict is not Verdict.WRONG, (case, str(report))
            assert report.verdict is Verdict.CORRECT or report.reason.name in case.open, (case, str(report))
        else:
            assert report.verdict is Verdict.WRONG, (case, str(report))
            if case.named and report.causes:  # never another name
                assert any(word in report.causes[0] for word in case.named), (case, report.causes)
            elif case.named:
                unnamed.append(case)
        assert "part of the report failed" not in str(report)
        assert report.verdict.value in str(report).splitlines()[0][:60]
        report.to_json()
        report._repr_html_()
    nameable = sum(bool(case.named) for case in cases)
    assert len(unnamed) <= min(UNNAMED, 0.3 * nameable), unnamed
