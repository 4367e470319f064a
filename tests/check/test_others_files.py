"""Files that were written for another Python, another folder or another version of a library are read all the same."""

import ast
import json
from pathlib import Path

import pytest

from chainrule.check import check
from chainrule.check.claims.outdated import parse
from chainrule.check.reports.run import run

CUBE = "def cube(x): return x**3\ndef cube_grad(x): return 3 * x * x\n"


@pytest.mark.parametrize(
    ("text", "newer"),
    [
        ("print 'a', b", "print('a', b)"),
        ("if a: print b", "if a:\n    print(b)"),
        ("print 'x {}'.format(\n    b)", "print('x {}'.format(b))"),
        ("try:\n    a\nexcept E, e:\n    b", "try:\n    a\nexcept E as e:\n    b"),
        ("raise E, 'said'", "raise E('said')"),
        ("print('x')", "print('x')"),
        ("print\nprint 1", "print()\nprint(1)"),
    ],
)
def test_python_2_is_read_as_python_3(text, newer):
    assert ast.unparse(parse(text, "")) == ast.unparse(ast.parse(newer))


def test_what_is_no_python_stays_none():
    with pytest.raises(SyntaxError):
        parse("def f(:\n  print 1\nx = (", "")


def verdicts(path: Path):
    found = run([path], check, apart=False)
    return [o.verdict for o in found.outcomes], [p.message for p in found.problems]


def test_a_relative_import_in_a_folder_that_is_no_package(tmp_path):
    inner = tmp_path / "net" / "layers"
    inner.mkdir(parents=True)
    (tmp_path / "net" / "powers_of_mine.py").write_text("def square(x): return x * x\n")
    file = inner / "cubes.py"
    file.write_text(f"from ..powers_of_mine import square\n{CUBE}")
    assert verdicts(file) == (["CORRECT"], [])


def test_a_name_that_a_library_no_longer_has_is_one_line(tmp_path):
    file = tmp_path / "cubes.py"
    file.write_text(f"from json import loads, no_longer_there\n{CUBE}assert loads('1') == 1\n")
    assert verdicts(file) == (["CORRECT"], ["ImportError: json has no no_longer_there"])
    assert not hasattr(json, "no_longer_there")


def test_a_likelihood_beside_the_gradient_of_its_negative_is_told(tmp_path):
    path = tmp_path / "loss.py"
    path.write_text(
        "import numpy as np\n"
        "def loss(y, p):\n    return np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))\n"
        "def loss_grad(y, p):\n    return (p - y) / (p * (1 - p))\n"
    )
    (found,) = run([path], check, apart=False).outcomes
    assert found.verdict == "WRONG"
    assert "a minus is missing in one of the two" in found.causes[0]


def test_gradients_that_are_not_read_are_told(tmp_path):
    path = tmp_path / "fitted.py"
    path.write_text(
        "import numpy as np\n"
        "class Model:\n"
        "    def fit(self, X, y):\n"
        "        for _ in range(9):\n"
        "            dw = X.T @ (X @ self.w - y) / len(y)\n"
        "            self.w -= self.lr * dw\n"
        "class Optimiser:\n"
        "    def step(self, w, grads):\n"
        "        m = 0.9 * self.m + grads\n"
        "        w -= self.lr * m\n"
        "def grad_nothing(x):\n"
        "    return 2 * x\n"
        "def update(network, row, l_rate):\n"
        "    for neuron in network:\n"
        "        neuron['w'] -= l_rate * neuron['delta'] * row\n"
    )
    found = run([path], check)
    assert found.outcomes == ()
    nothing = "by what it computes itself, and no cost was found that it is the gradient of"
    assert [problem.message.split(";")[0].split("Error: ")[-1] for problem in found.skipped] == [
        "grad_nothing is not checked: nothing was found that it is the gradient of",
        f"Model.fit updates self.w {nothing}",
        f"update updates neuron['w'] {nothing}",
    ]


def test_what_is_left_of_a_slope_that_cancels_is_no_mistake(tmp_path):
    path = tmp_path / "centred.py"
    path.write_text(
        "import numpy as np\nx, b = np.sin(np.arange(12.0)).reshape(4, 3), np.array([0.1, 0.2, 0.7])\n"
        "h = x + b\nc = h - h.sum(0) / 4\nloss = np.sum(np.tanh(c) ** 2)\n"
        "dc = 2 * np.tanh(c) * (1 - np.tanh(c) ** 2)\ndh = dc - dc.sum(0) / 4\ndx = dh\ndb = dh.sum(0)\n"
    )
    found = run([path], check, apart=False).outcomes
    assert {o.verdict for o in found if o.claim.name != "db"} == {"CORRECT"}
    assert [o.verdict for o in found if o.claim.name == "db"] == ["UNDECIDED"]
