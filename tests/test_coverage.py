"""docs/numpy.md says what becomes of a call of each of NumPy's public functions; nothing is wrong or confusing."""

import numpy as np
import pytest

from benchmarks import coverage

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def found():
    return coverage.survey()


def test_nothing_is_wrong_or_confusing(found):
    assert not {name: state for name, state in found.items() if state[0] in ("wrong", "confusing")}


def test_the_page_is_as_it_was_made(found):
    text = coverage.PAGE.read_text()
    if f"NumPy {'.'.join(np.__version__.split('.')[:2])}:" not in text:
        pytest.skip("made with another NumPy, which has other functions")
    assert text == coverage.page(found)
