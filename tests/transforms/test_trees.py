"""Containers of numbers: those that are walked without optree are what optree says they are."""

import pickle

import numpy as np
import optree
import pytest

import chainrule as cr
from chainrule import trees

LEAVES = [2.0, 3, True, 1j, "text", np.float32(2.0), np.int64(3), np.ones(2), cr.Value(2.0), cr.Value(np.ones(2)), abs]
TREES = [
    *LEAVES, *[(x,) for x in LEAVES], *[[x, 1.0] for x in LEAVES],
    (), [], None, (None, 1.0), (1.0, (2.0, 3.0)), [[1.0]], {"a": 1.0, "b": (2.0,)}, ({"a": 1.0},),
    optree.tree_structure([1.0]), np.array(2.0), (1.0, []), slice(3),
]  # fmt: skip


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_leaves_and_structure_are_those_of_optree(tree):
    leaves, structure = trees.flatten(tree)
    due, spec = optree.tree_flatten(tree, none_is_leaf=False)
    assert len(leaves) == len(due)
    assert all(a is b for a, b in zip(leaves, due, strict=True))
    assert structure == spec
    assert spec == structure
    assert (structure != spec) is False
    assert (spec != structure) is False
    assert (hash(structure), str(structure), structure.num_leaves) == (hash(spec), str(spec), spec.num_leaves)
    assert structure.accessors() == spec.accessors()
    assert structure.paths() == spec.paths()
    numbers = list(range(len(leaves)))
    again = pickle.loads(pickle.dumps(structure))
    assert (
        trees.unflatten(structure, numbers) == trees.unflatten(again, numbers) == optree.tree_unflatten(spec, numbers)
    )
    assert trees.map(id, tree) == optree.tree_map(id, tree)


def test_structures_differ_where_those_of_optree_do():
    found = [(trees.flatten(tree)[1], optree.tree_structure(tree)) for tree in TREES]
    for a, spec_a in found:
        for b, spec_b in found:
            assert (a == b) == (a == spec_b) == (spec_a == b) == (spec_a == spec_b)
