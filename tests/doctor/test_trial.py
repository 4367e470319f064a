"""Files that are run: what their functions are called with, and where a derivative is refused there."""

import json

import numpy as np
import pytest

from chainrule.cli import main
from chainrule.doctor.examine import examine

LOSS = """import numpy as np
import chainrule as cr
def scale(v):
    return float(v[0])
def loss(w, x):
    return np.sum((x @ w) ** 2) + scale(w)
def fine(w):
    return np.sum(np.tanh(w))
def unreached(w):
    return np.sum(np.floor(w))
if __name__ == "__main__":
    x = np.ones((2, 3))
    print(loss(np.ones(3), x), fine(np.ones(3)))
    try:
        cr.grad(loss)(np.ones(3), x)
    except cr.ChainruleError:
        pass
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "loss.py"
    path.write_text(LOSS)
    return path


def test_a_line_that_is_refused_is_met_in_the_run(file):
    found = examine(str(file), run=True)
    assert [(f.line, f.kind, f.seen) for f in found.findings] == [(4, "plain number", True)]
    assert "refused" in found.runs[0]


def test_points_that_are_given(file, capsys):
    assert main(["doctor", f"{file}:fine", "--at", "[1, 2]"]) == 0
    assert "fine: differentiated at 1 point given" in capsys.readouterr().out
    assert main(["doctor", f"{file}:unreached", "--at", "[1, 2]", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(f["kind"], f["line"]) for f in told["findings"]] == [("no derivative", 9), ("constant", 10)]


@pytest.mark.parametrize("arguments", [["{}:nothing"], ["{}:fine", "--at", "x"], ["{}.txt"]])
def test_usage(file, capsys, arguments):
    assert main(["doctor", *(a.format(file) for a in arguments)]) == 2
    assert capsys.readouterr().err


def test_a_file_that_is_not_python(tmp_path, capsys):
    path = tmp_path / "broken.py"
    path.write_text("def f(x:\n    return x\n")
    assert main(["doctor", str(path)]) == 2
    assert "broken.py:1:" in capsys.readouterr().out


def test_a_notebook(tmp_path):
    cells = ["import numpy as np\n%matplotlib inline", "def f(x):\n    return float(x[0]) + x[1]", "f(np.ones(2))"]
    book = {"cells": [{"cell_type": "code", "source": c, "outputs": [], "metadata": {}} for c in cells]}
    path = tmp_path / "walk.ipynb"
    path.write_text(json.dumps({**book, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    found = examine(str(path), run=True)
    assert [(f.file.rpartition("/")[2], f.line, f.seen) for f in found.findings] == [("walk.ipynb cell 2", 2, True)]
    assert np.all(found.exit_code == 1)
