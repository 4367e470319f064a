"""What the doctor says of a function by its name is what happens where it is called."""

import re

import numpy as np
import pytest
import scipy

from benchmarks import coverage, scipy_coverage
from chainrule.doctor.known import answer
from chainrule.doctor.probes import builtin, method

ALLOWED = {
    "supported": {"supported", "unknown"},
    "constant": {"constant", "supported", "unknown"},
    "refused": {"refused"},
}
OF_PLACES = {"ix_"}  # called with plain indices on the page
IN_ITS_RULE = {"lib.stride_tricks.as_strided"}  # what serves it refuses


def listed(page):
    """The state of each function on the page that was made by calling them."""
    found = {}
    for part in page.read_text().split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        found.update(dict.fromkeys(re.findall(r"^`([\w.]+)`", text, re.MULTILINE), title.lower()))
    return found


def test_numpy():
    """Functions whose answer is truth values or shapes are constant, and nothing to tell."""
    if f"NumPy {'.'.join(np.__version__.split('.')[:2])}:" not in coverage.PAGE.read_text():
        pytest.skip("the page was made with another NumPy")
    states = listed(coverage.PAGE)
    assert len(states) > 300
    wrong = {}
    for name, state in states.items():
        if name.startswith("ndarray."):
            continue  # methods are looked up by what they do, below
        found = answer(f"numpy.{name}").state
        if found not in ALLOWED[state] and name not in OF_PLACES | IN_ITS_RULE:
            wrong[name] = (state, found)
    assert not wrong


def test_scipy_special():
    if f"SciPy {scipy_coverage.VERSION}" not in scipy_coverage.PAGE.read_text():
        pytest.skip("the page was made with another SciPy")
    wrong, rows = {}, 0
    table = scipy_coverage.PAGE.read_text().partition("## Special functions")[2].partition("\n## ")[0]
    for line in table.splitlines():
        row = re.match(r"\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", line)
        if row is None or not hasattr(scipy.special, row[1]):
            continue
        rows += 1
        found = answer(f"scipy.special.{row[1]}").state
        if found == "refused" and row[2].strip():
            wrong[row[1]] = (row[2], found)
    assert rows > 150
    assert not wrong


@pytest.mark.parametrize(
    ("name", "state"),
    [("float", "refused"), ("complex", "refused"), ("int", "constant"), ("str", "constant"), ("round", "constant"),
     ("abs", "supported"), ("sum", "supported"), ("max", "supported"), ("len", "supported"), ("sorted", "supported")],
)  # fmt: skip
def test_builtins(name, state):
    assert builtin(name).state == state
    assert state != "refused" or builtin(name).way


def test_methods_of_arrays_are_refused_or_there():
    """For each method of arrays that takes no argument: what the doctor says is what a call does."""
    import chainrule as cr

    for name in dir(np.ndarray):
        if name.startswith("_") or not callable(getattr(np.ndarray, name)):
            continue
        state = method(name).state
        try:
            cr.vjp(lambda x, name=name: (getattr(x + 0.0, name)(), np.sum(x))[1], np.array([[0.3, 0.6]]))
        except (cr.errors.Refusal, AttributeError):
            assert state == "refused", name
        except (TypeError, ValueError):
            assert state in ("unknown", "supported", "refused"), name
        else:
            assert state in ("supported", "constant"), name
