"""The notebooks run as they stand, where no task is marked as right, and with the solutions, where all are."""

import ast
import contextlib
import io
from pathlib import Path

import nbformat
import pytest

import chainrule as cr

matplotlib = pytest.importorskip("matplotlib")
FOLDER = Path(__file__).parents[1] / "docs/notebooks"
NOTEBOOKS = sorted(p for p in FOLDER.glob("*.ipynb") if p.stem != "solutions")


def cells(path):
    return [c for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


def tagged(cell, kind):
    return next((t.removeprefix(kind) for t in cell.metadata.get("tags", []) if t.startswith(kind)), "")


SOLUTIONS = {tagged(c, "task-"): c.source for c in cells(FOLDER / "solutions.ipynb")}


def marks(path, solved):
    """Run a notebook; gives what each task is marked as: the value of its cell, or what that prints."""
    matplotlib.use("agg")
    space, found = {"__name__": "__main__"}, {}
    for k, cell in enumerate(cells(path)):
        task = tagged(cell, "task-")
        text = SOLUTIONS[task] if solved and task else cell.source
        *body, last = _statements(text)
        printed = io.StringIO()
        where = f"{path.stem}, cell {k}"
        with contextlib.redirect_stdout(printed):
            for statement in body:
                exec(compile(statement, where, "exec"), space)
            try:
                result = eval(compile(last, where, "eval"), space)
            except SyntaxError:
                result = exec(compile(last, where, "exec"), space)
        if name := tagged(cell, "marks-"):
            found[name] = result if result is not None else printed.getvalue().strip()
    return found


def _statements(text):
    tree = ast.parse(text)
    pieces = [ast.get_source_segment(text, node) for node in tree.body]
    return [_decorated(text, node) or piece for node, piece in zip(tree.body, pieces, strict=True)]


def _decorated(text, node):
    first = min([d.lineno for d in getattr(node, "decorator_list", [])], default=None)
    return None if first is None else "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def is_right(mark):
    if isinstance(mark, cr.Report):
        return mark.verdict is cr.Verdict.CORRECT
    if hasattr(mark, "wrong"):  # a grade
        return not mark.wrong
    return mark == "right"


@pytest.fixture(scope="module")
def given():
    return {path: marks(path, solved=False) for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_task_is_marked_and_solved(path, given):
    as_given, solved = given[path], marks(path, solved=True)
    assert as_given.keys() == solved.keys() == {t for t in SOLUTIONS if path.stem.startswith(t[0])}
    assert {name: is_right(mark) for name, mark in as_given.items()} == dict.fromkeys(as_given, False)
    assert {name: is_right(mark) for name, mark in solved.items()} == dict.fromkeys(solved, True), solved


def test_mistakes_are_named(given):
    said = {name: str(mark) for found in given.values() for name, mark in found.items()}
    assert "a constant factor: exactly 4 of the truth" in said["3.2"]
    assert "argument b: a constant factor" in said["4.1"]
    assert "+=" in said["2.1"]
