"""docs/numpy.md says what becomes of a call of each of NumPy's public functions. Nothing is wrong or confusing, nor in
calls as people write them."""

import numpy as np
import pytest

from benchmarks import coverage
from benchmarks.numpy_calls import survey as numpy_calls

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


@pytest.mark.parametrize("module", numpy_calls.MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_calls_as_people_write_them(module):
    states = {text: numpy_calls.judged(text, f) for text, f in numpy_calls.calls(module)}
    assert not {text: state for text, state in states.items() if state[0] not in ("right", "refused")}
    right = sum(state == "right" for state, _ in states.values())
    assert right >= {"arrays": 0.78, "products": 0.78}.get(module.__name__.rpartition(".")[2], 0.9) * len(states)
