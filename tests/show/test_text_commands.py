"""The verbs `explain`, `derive` and `source` on the command line."""

import pytest

from chainrule.cli import main

FILE = """
def f(a, b):
    s = a * b
    return s + a
"""


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(FILE)
    return f"{path}:f"


def test_explain(target, capsys):
    assert main(["explain", target, "--at", "2", "-3"]) == 0
    told = capsys.readouterr().out
    assert "s = a * b = 2 * -3 = -6   model.py:3  s = a * b" in told
    assert "dy/da = d(s + a)/da + dy/ds * ds/da = 1 + 1 * -3 = -2" in told


def test_derive(target, capsys):
    pytest.importorskip("sympy")
    assert main(["derive", target]) == 0
    assert capsys.readouterr().out == "f(a, b) = a*b + a\ndf/da = b + 1\ndf/db = a\n"
    assert main(["derive", target, "--latex"]) == 0
    assert "\\frac{\\partial f}{\\partial a} &= b + 1" in capsys.readouterr().out


def test_source(target, capsys):
    assert main(["source", target, "--at", "2", "-3"]) == 0
    assert capsys.readouterr().out == "def grad_f(a, b):\n    return (1 + b, a)\n"
    assert main(["source", target, "--of", "both", "--at", "2", "-3"]) == 0
    assert capsys.readouterr().out == "def value_and_grad_f(a, b):\n    s = a * b\n    return (s + a, (1 + b, a))\n"
    assert main(["source", target, "--of", "function", "--at", "2", "-3"]) == 0
    assert capsys.readouterr().out == "def f(a, b):\n    s = a * b\n    return s + a\n"


def test_a_missing_argument_is_said(target, capsys):
    try:
        code = main(["source", target, "--at", "2"])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    streams = capsys.readouterr()
    assert "f takes (a, b), got 1 after --at" in streams.out + streams.err
