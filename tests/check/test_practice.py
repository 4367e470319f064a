"""Files in the conventions that people write: every claim is found, no right one is blamed, no wrong one passes."""

import importlib.util
from pathlib import Path

import pytest
from check.share import share

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "practice.py"
SPEC = importlib.util.spec_from_file_location("practice", SCRIPT)
practice = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(practice)


NEEDED = {"optimisers.py": ["scipy"], "handed.py": ["scipy"], "own_rules.py": ["torch", "jax"]}


def test_the_corpus_is_large():
    heads = [practice.expected(path) for path in practice.files()]
    assert sum(len(h.right) + len(h.wrong) for h in heads) >= 80
    assert sum(len(h.wrong) for h in heads) >= 20
    assert sum(len(h.none) for h in heads) >= 10


@pytest.mark.parametrize("path", share(practice.files(), lambda path: path.name), ids=lambda path: path.name)
def test_a_file_in_a_convention_of_its_own(path):
    for library in NEEDED.get(path.name, ()):
        pytest.importorskip(library)
    found = practice.score(path)
    assert found.amiss == ()
    assert (found.found, found.right, found.alarms, found.passed) == (found.claims, found.claims, 0, 0)
