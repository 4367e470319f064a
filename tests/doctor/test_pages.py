"""docs/scipy_modules.md lists what the tables of rules hold now."""

import pytest

from benchmarks import scipy_modules


def test_the_page_of_scipys_modules_is_as_it_was_made():
    text = scipy_modules.PAGE.read_text()
    if f"SciPy {scipy_modules.VERSION}," not in text:
        pytest.skip("made with another SciPy, which has other functions")
    found = scipy_modules.survey()
    assert sum(map(len, found.values())) > 600
    assert text == scipy_modules.page(found), "run python -m benchmarks.scipy_modules --write"
