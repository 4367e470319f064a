"""Formulas: equal to SymPy's own derivative and to ours, for the functions of the exercises; and what is refused."""

import importlib.util
import math
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, MissingExtra, ShapeError, UnsupportedFunction
from chainrule.show.formula.derive import derive

sympy = pytest.importorskip("sympy")
EXERCISES = Path(__file__).parents[2] / "examples" / "exercises"


def exercise(file, name):
    spec = importlib.util.spec_from_file_location(f"_derived_{file}", EXERCISES / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def nll(x):
    return -cr.log_softmax(x)[2]


def plain_nll(x):
    e = np.exp(x - np.max(x))
    return -np.log(e[2] / np.sum(e))


def test_the_text():
    assert str(derive(lambda x, y: x * y + y**2)) == "f(x, y) = y*(x + y)\ndf/dx = y\ndf/dy = x + 2*y"


def test_short_fractions_are_exact():
    def f(a, b, c):
        return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5

    assert str(derive(f)).splitlines() == [
        "f(a, b, c) = -sqrt(a) - a**3 + b**(5/2) + sin(3*b) - 1/c",
        "df/da = -3*a**2 - 1/(2*sqrt(a))",
        "df/db = 5*b**(3/2)/2 + 3*cos(3*b)",
        "df/dc = c**(-2)",
    ]


@pytest.mark.parametrize(
    ("file", "name", "at"),
    [
        ("book", "f_5_1", (1.7,)),
        ("book", "f_5_2", (0.3,)),
        ("book", "f_5_3", (40.5,)),
        ("chains", "bell", (0.7,)),
        ("chains", "quartic", (1.3,)),
        ("chains", "f", (0.5, 2.0, 3.0)),
        ("expression_graph", "f", (-1.0,)),
        ("neurons", "z", (0.4, 1.2)),
        ("neurons", "sigmoid_neuron", (-0.3, 0.5)),
        ("three_variables", "f", (2.0, 3.0, 4.0)),
        ("walk", "loss", (2.0, -3.0, 10.0, -2.0)),
    ],
)
def test_the_exercises(file, name, at):
    f = exercise(file, name)
    found = derive(f)
    value, gradient = cr.value_and_grad(f, tuple(range(len(at))))(*at)
    numbers = list(found.at(*at).values())
    np.testing.assert_allclose(numbers, [value, *gradient], rtol=1e-10)
    for symbol, d in zip(found.symbols, found.gradient.values(), strict=True):
        numbers = dict(zip(found.symbols, at, strict=True))
        assert float(found.formula.diff(symbol).subs(numbers)) == pytest.approx(float(d.subs(numbers)), rel=1e-9)


@pytest.mark.parametrize("f", [nll, plain_nll, exercise("softmax_loss", "loss")])
def test_softmax_with_nll_of_four_logits(f):
    found = derive(f, np.ones(4))
    label = 3 if f is not nll and f is not plain_nll else 2
    x = [float(v) for v in (0.0, 3.0, -2.0, 1.0)]
    exps = [sympy.exp(s) for s in found.symbols]
    for k, d in enumerate(found.gradient.values()):
        expected = exps[k] / sum(exps) - int(k == label)
        at = dict(zip(found.symbols, x, strict=True))
        assert float(d.subs(at)) == pytest.approx(float(expected.subs(at)), rel=1e-12)
        assert sympy.simplify(d - expected) == 0
    np.testing.assert_allclose(list(found.at(*x).values())[1:], cr.grad(f)(np.array(x)), rtol=1e-12)


def test_numpy_functions_of_numbers():
    assert str(derive(lambda x: np.sin(x) * np.exp(x)).gradient["x"]) == "(sin(x) + cos(x))*exp(x)"


def test_matrices():
    found = derive(lambda W, x: np.sum(np.tanh(W @ x)), np.eye(2), np.ones(2))
    assert list(map(str, found.symbols)) == ["W0_0", "W0_1", "W1_0", "W1_1", "x0", "x1"]
    assert str(found.formula) == "tanh(W0_0*x0 + W0_1*x1) + tanh(W1_0*x0 + W1_1*x1)"


def test_containers():
    assert str(derive(lambda p: p["a"] * p["b"], {"a": 1.0, "b": 2.0}).gradient) == "{'p_a': p_b, 'p_b': p_a}"


@pytest.mark.parametrize(
    "f", [lambda x: x**2.5 / np.sqrt(1 + x), lambda x: np.maximum(x, 0.0) * abs(x), lambda x: cr.erf(x) + cr.gammaln(x)]
)
def test_mathml_is_well_formed(f):
    """A table of equations without LaTeX, which a page shows where no MathJax is."""
    found = derive(f)
    page = ET.fromstring(found._repr_html_())
    assert len(list(page.iter("tr"))) == 1 + len(found.symbols)
    text = "".join(page.itertext())
    assert "\\" not in text
    assert "\u2202f\u2202x" in text.replace("\n", "")


def test_mathml_says_where_a_branch_holds():
    html = derive(lambda x: x * x if x > 1 else -x, 2.0)._repr_html_()
    assert "where x &gt; 1" in html


def test_latex_and_numbers():
    found = derive(lambda x: x**3)
    assert found._repr_latex_() == (
        "$\\displaystyle \\begin{aligned}\nf(x) &= x^{3} \\\\\n"
        "\\frac{\\partial f}{\\partial x} &= 3 x^{2}\n\\end{aligned}$"
    )
    assert found.at(2.0) == found.at(x=2) == {"f": 8.0, "df/dx": 12.0}
    with pytest.raises(ArgumentError, match="expects a number for each of x: no y"):
        found.at(x=1.0, y=2.0)


def test_decisions_need_numbers():
    f = exercise("neurons", "relu_neuron")
    with pytest.raises(UnsupportedFunction, match="decides by the value of an argument"):
        derive(f)
    assert (
        str(derive(f, 1.0, 2.0))
        == "relu_neuron(w, b) = b + 3*w\ndrelu_neuron/dw = 3\ndrelu_neuron/db = 1\nwhere b + 3*w > 0"
    )


def test_the_branch_taken_is_stated():
    def f(x, y):
        if x > y and not x > 10:
            return x**2
        return y

    found = derive(f, 3.0, 1.0)
    assert str(found) == "f(x, y) = x**2\ndf/dx = 2*x\ndf/dy = 0\nwhere x > y and x <= 10"
    assert found.latex.endswith("\\text{where } & x > y \\text{ and } x \\leq 10\n\\end{aligned}")
    assert str(derive(f, 0.0, 1.0)).endswith("df/dy = 1\nwhere x <= y")
    assert str(derive(lambda x: np.sum(x[x > 0] ** 2), np.array([1.0, -2.0]))).endswith("where x0 > 0 and x1 <= 0")


def test_choices_by_arrays_stay_choices():
    at = np.array([1.0, -2.0, 3.0])
    for f in (
        lambda x: np.sum(np.where(x > 0, x**2, 3 * x)),
        lambda x: np.sum(np.where((x > 0) & ~(x > 2), x**2, x)),
        lambda x: np.sum((x < 0) * np.exp(x)) + np.sum(np.where(x > 0, 1.0, 2.0) * x),
    ):
        found = derive(f, at)
        assert found.holds == []
        for x in (at, np.array([-0.5, 1.5, 2.5])):
            np.testing.assert_allclose(list(found.at(*x).values()), [f(x), *cr.grad(f)(x)], rtol=1e-12)
    assert (
        str(derive(lambda x: np.sum(np.where(x > 0, x**2, x)), np.ones(1)).formula)
        == "Piecewise((x0**2, x0 > 0), (x0, True))"
    )


def test_what_has_no_formula_says_so():
    with pytest.raises(UnsupportedFunction, match="derive: det cannot be written as a formula"):
        derive(lambda A: np.linalg.det(A), np.eye(2))
    with pytest.raises(ShapeError, match="derive needs a function that returns one number"):
        derive(lambda x: x * x, np.ones(3))
    with pytest.raises(ArgumentError, match="returns one number; this one gave None"):
        derive(lambda x: None)
    with pytest.raises(UnsupportedFunction, match="101 inputs are too many"):
        derive(lambda x: np.sum(x), np.ones(101))


@pytest.mark.parametrize("passes", [12, 60, 300, 3000])
def test_it_never_hangs(passes):
    def loop(x):
        for _ in range(passes):
            x = x * x + x / (1 + x)
        return x

    start = time.perf_counter()
    with pytest.raises(UnsupportedFunction, match=r"use source\(f, x\)"):
        derive(loop)
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize("passes", [20, 70, 1000])
def test_nor_where_much_is_nested(passes):
    def deep(x):
        for _ in range(passes):
            x = math.sin(x)
        return x

    start = time.perf_counter()
    if passes < 80:
        assert derive(deep).at(0.5)["ddeep/dx"] == pytest.approx(cr.grad(deep)(0.5))
    else:
        with pytest.raises(UnsupportedFunction, match="derive: the formula"):
            derive(deep)
    assert time.perf_counter() - start < 30


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(MissingExtra, match=r"derive needs SymPy: pip install 'chainrule\[symbolic\]'"):
        derive(lambda x: x)


def test_what_is_decided_by_numbers():
    x = np.array([0.3, 1.7, 0.9])
    assert str(derive(lambda x: x[np.argmax(x)] ** 2 + np.median(x), x).formula) == "x1**2 + x2"
    assert list(map(str, derive(lambda x: x * int(x), 2.5).holds)) == ["Eq(floor(Abs(x))*sign(x), 2)"]
    with pytest.raises(UnsupportedFunction, match="makes a plain number of an argument"):
        derive(lambda x: x * float(np.sin(x)), 2.5)


def test_masks_become_cases():
    f = derive(lambda x: np.sum(np.where((x > 0.5) & ~(x > 1.5), x**2, 3 * x)), np.array([1.0]))
    (x,), half = f.symbols, sympy.Rational(1, 2)
    assert f.formula == sympy.Piecewise((x**2, (x > half) & (x <= 3 * half)), (3 * x, True))
