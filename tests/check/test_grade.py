"""Engines graded: Chainrule's own is right in everything, each planted mistake is named by its shortest expression."""

import json
import subprocess
import sys

import pytest
from check.cases.engine import PLANTED, RIGHT

import chainrule as cr
from chainrule.check.grading.adapter import DATA
from chainrule.errors import ArgumentError


def engine(change=None, extra=()):
    text = RIGHT
    if change is not None:
        assert change[0] in text
        text = text.replace(change[0], change[1], 1)
    for old, new in extra:
        text = text.replace(old, new)
    space = {"__name__": "engine_of_tests"}
    exec(compile(text, "engine.py", "exec"), space)
    return space.get("Value"), space


def test_chainrules_own_value_is_right_in_everything():
    found = cr.grade(cr.Value)
    assert found.passed, str(found)
    assert found.exit_code == 0
    assert {a.ring for a in found.answers} >= {"operators", "accumulation", "order", "again", "size", "arrays"}


def test_a_right_engine_is_never_called_wrong():
    found = cr.grade(engine()[0])
    assert not found.wrong, str(found)
    assert found.exit_code == 2  # it has no log, no sin: missing
    assert {"log(a)", "sin(a)"} <= {a.text for a in found.missing}


@pytest.mark.parametrize(("old", "new", "text", "words"), PLANTED, ids=[f"{p[2]}: {p[3]}" for p in PLANTED])
def test_a_mistake_is_named(old, new, text, words):
    found = cr.grade(engine((old, new))[0])
    if words == "missing":
        assert text in {a.text for a in found.missing}
        assert not found.wrong
        return
    first = found.wrong[0]
    assert first.text == text, str(found)
    assert any(w in first.why for w in words.split("|")), first.why
    assert first.place.startswith("engine.py:")
    assert found.exit_code == 1


def test_what_ends_in_long_chains_hides_no_mistake_of_an_operator():
    """Most engines sort by recursion, and pass gradients of earlier sweeps on again."""
    loop = RIGHT[RIGHT.index("        order, seen, stack") : RIGHT.index("        self.grad += 1.0")]
    recursive = """        order, seen = [], set()
        def build(node):
            if id(node) not in seen:
                seen.add(id(node))
                for child in node._prev:
                    build(child)
                order.append(node)
        build(self)
"""
    old, new, text, words = next(p for p in PLANTED if "return self - other" in p[1])
    found = cr.grade(engine((old, new), [(loop, recursive)])[0])
    assert {"size", "again"} <= {a.ring for a in found.wrong}
    assert words in next(a.why for a in found.wrong if a.text == text)


RENAMED = [
    [("Value", "Scalar")],
    [(".data", ".val")],
    [(".data", ".value"), (".grad", ".gradient")],
    [("def backward", "def backprop")],
]


@pytest.mark.parametrize("extra", RENAMED)
def test_names_are_found(extra):
    space = engine(extra=extra)[1]
    found = cr.grade(space.get("Value") or space["Scalar"])
    assert not found.wrong, str(found)
    assert found.counts["right"] > 40


def test_functions_beside_the_class_are_found():
    kind, space = engine(extra=[("    def exp(self):", "    def exponential(self):")])
    space["exp"] = lambda x: x.exponential()
    space["exp"].__module__ = kind.__module__
    assert "exp(a)" in {a.text for a in cr.grade(kind).missing}
    assert "exp(a)" not in {a.text for a in cr.grade(kind, space).missing}


def test_what_is_no_engine():
    with pytest.raises(ArgumentError, match="a class of numbers"):
        cr.grade(3.0)
    with pytest.raises(ArgumentError, match=DATA[0]):
        cr.grade(type("Thing", (), {"__init__": lambda self, x: None}))
    with pytest.raises(ArgumentError, match="raises ZeroDivisionError"):
        cr.grade(type("Thing", (), {"__init__": lambda self, x: 1 / 0}))


def test_forms_of_the_answer():
    found = cr.grade(engine(PLANTED[0][:2])[0])
    assert "a + a" in str(found)
    assert "yours 1, right 2" in str(found)
    assert json.loads(found.to_json())["exit_code"] == 1
    assert "a + a" in found._repr_html_()
    assert repr(found).startswith("<Grade Value: ")


@pytest.mark.parametrize(("text", "code"), [(RIGHT, 2), (RIGHT.replace(*PLANTED[0][:2]), 1)])
def test_command_line(text, code, tmp_path):
    (tmp_path / "engine.py").write_text(text)
    book = {"cells": [{"cell_type": "code", "source": text}], "metadata": {}}
    (tmp_path / "engine.ipynb").write_text(json.dumps(book))
    for name in ("engine.py", "engine.ipynb"):
        command = [sys.executable, "-m", "chainrule.cli", "grade", f"{name}:Value"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert done.stdout.startswith("Value: ")
    done = subprocess.run([*command[:-1], "engine.py:Number"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "it has Value" in done.stderr
    page = tmp_path / "grade.html"
    subprocess.run([*command[:-1], "engine.py:Value", "--html", str(page), "--json"], cwd=tmp_path, capture_output=True)
    assert "chainrule-report" in page.read_text()
