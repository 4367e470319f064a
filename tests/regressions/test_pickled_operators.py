"""A pickled operator carried the whole table along, and could not be loaded."""

import copy
import pickle

import pytest

from chainrule import ops


@pytest.mark.parametrize("name", ["add", "sin", "getitem", "solve", "sum"])
def test_operators_are_pickled_by_name(name):
    row = ops.TABLE[name]
    text = pickle.dumps(row)
    assert len(text) < 200
    assert pickle.loads(text) is row
    assert copy.deepcopy(row) is row
