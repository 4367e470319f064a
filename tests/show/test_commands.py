"""`chainrule draw`, `explore`, `explain`, `derive` and `source`, as the command line calls them."""

import argparse

import pytest

from chainrule.show.commands import register, run

MODEL = """
import math
import numpy as np

def loss(a, b=1.0):
    return math.sin(a) * b

def unlucky(x):
    return x * y

def total(x):
    return np.sum(x * x)

def broken(a):
    t = a * a
    return math.sqrt(-t)

def f(a, b):
    s = a * b
    return s + a
"""


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "broken.py").write_text("x = 1 / 0\ndef f(x): return x\n")
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers(dest="command"))

    def call(*words):
        code = run(parser.parse_args([*words]))
        said = capsys.readouterr()
        return code, (said.err if code else said.out).strip()

    return call


def test_explore_opens_its_page(command, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert command("explore", "model.py:loss", "--at", "0.5", "-o", "page.html", "--open") == (0, "page.html")
    assert opened == [(tmp_path / "page.html").as_uri()]


def test_numbers_of_a_formula_need_a_point(command):
    assert command("derive", "model.py:loss", "--numbers") == (
        2,
        "chainrule derive: --numbers needs a point: --at X ...",
    )


def test_draw_prints_the_text(command):
    code, out = command("draw", "model.py:loss", "--at", "0.5", "-2")
    assert code == 0
    assert out.startswith("loss: 4 nodes")
    assert "model.py:6" in out


@pytest.mark.parametrize("name", ["graph.svg", "graph.dot", "graph.txt"])
def test_draw_writes_a_file_and_prints_its_path(command, tmp_path, name):
    assert command("draw", "model.py:total", "--at", "[1, 2, 3]", "-o", name) == (0, name)
    assert "(3,) 1 … 3" in (tmp_path / name).read_text(encoding="utf-8")


def test_draw_folds_shades_and_marks(command):
    assert "1 more" in command("draw", "model.py:f", "--at", "2", "3", "--depth", "1")[1]
    out = command("draw", "model.py:f", "--at", "2", "3", "--color", "gradient", "--highlight", "a")[1]
    assert out.splitlines()[0] == "f: 4 nodes, darker by gradient, 1 … 4"
    assert "a (2 uses) ◆" in out
    assert "* × 1" not in command("draw", "model.py:f", "--at", "2", "3", "--fold", "operation")[1]


def test_a_function_that_raises_is_shown_up_to_there(command):
    code, said = command("draw", "model.py:broken", "--at", "2")
    assert code == 2
    assert said.startswith("chainrule draw: broken stopped at model.py:16: ValueError: ")
    assert command("explain", "model.py:broken", "--at", "2")[0] == 2


def test_explain(command):
    told = command("explain", "model.py:f", "--at", "2", "-3")[1]
    assert "s = a * b = 2 * -3 = -6   model.py:19  s = a * b" in told
    assert "dy/da = d(s + a)/da + dy/ds * ds/da = 1 + 1 * -3 = -2" in told


def test_derive(command):
    pytest.importorskip("sympy")
    assert command("derive", "model.py:f")[1] == "f(a, b) = a*b + a\ndf/da = b + 1\ndf/db = a"
    assert "\\frac{\\partial f}{\\partial a} &= b + 1" in command("derive", "model.py:f", "--latex")[1]
    assert command("derive", "model.py:f", "--at", "2", "3", "--numbers")[1].splitlines()[3:] == [
        "f = 8",
        "df/da = 4",
        "df/db = 2",
    ]


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ([], "def grad_f(a, b):\n    return (1 + b, a)"),
        (["--of", "both"], "def value_and_grad_f(a, b):\n    s = a * b\n    return (s + a, (1 + b, a))"),
        (["--of", "function"], "def f(a, b):\n    s = a * b\n    return s + a"),
    ],
)
def test_source(command, words, printed):
    assert command("source", "model.py:f", "--at", "2", "-3", *words) == (0, printed)


def test_explore_writes_a_page(command, tmp_path):
    assert command("explore", "model.py:loss", "--at", "0.5") == (0, "loss.html")
    assert (tmp_path / "loss.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


NAMES = "broken, f, loss, total, unlucky"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.py"], f"expected FILE:FUNCTION, such as model.py:loss, got 'model.py'; it has {NAMES}"),
        (["nowhere.py:f"], "there is no file nowhere.py"),
        (["model.py:lost"], f"model.py has no function lost; it has {NAMES}"),
        (["broken.py:f"], "broken.py stopped at line 1 before it defined f: ZeroDivisionError: division by zero"),
        (["model.py:unlucky", "--at", "1"], "unlucky stopped at line 9: NameError: name 'y' is not defined"),
        (["model.py:loss"], "loss takes (a, b=1.0), got 0 after --at"),
        (["model.py:loss", "--at", "1", "2", "3"], "loss takes (a, b=1.0), got 3 after --at"),
        (["model.py:loss", "--at", "1", "-o", "no/such.svg"], "cannot write no/such.svg: No such file or directory"),
    ],
)  # fmt: skip
def test_errors_say_what_is_missing(command, words, message):
    code, out = command("draw", *words)
    assert (code, out.splitlines()[0]) == (2, f"chainrule draw: {message}")


@pytest.mark.parametrize("number", ["-1e-3", "-.5", "-inf", "-2", "-1E5"])
def test_negative_numbers_are_arguments(command, number):
    for verb in ("draw", "explain"):
        code, out = command(verb, "model.py:f", "--at", "2", number)
        assert code == 0, out
    assert f"b = {float(number):g}" in out


def test_an_option_is_no_number(command):
    code, out = command("draw", "model.py:f", "--at", "2", "-1", "-o", "graph.dot", "--direction", "down")
    assert (code, out) == (0, "graph.dot")


def test_explore_leaves_the_source_alone(command, tmp_path):
    code, out = command("explore", "model.py:f", "--at", "2", "-1", "-o", "model.py")
    assert code == 2
    assert "saved as .html or .htm" in out
    assert (tmp_path / "model.py").read_text() == MODEL
