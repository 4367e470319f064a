"""What newcomers write by mistake, and the answer: what was expected, what arrived, what to write, at their line."""

import dataclasses
import math
import os
import re
import subprocess
import sys
import traceback
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value, errors
from chainrule.cli import main

square = lambda x: x * x
total = lambda x: np.sum(np.square(x))
pair = lambda a, b: a * b


class Frame:
    """As a library's table is: no number, with a way to become an array."""

    def to_numpy(self):
        return np.ones(2)


@dataclasses.dataclass
class Parameters:
    a: float = 1.0


MISTAKES = {
    "the point beside the function": (lambda: cr.grad(square, 3.0), r"grad: argnums .* got 3\.0; .*grad\(f\)\(x\)"),
    "an array beside it": (lambda: cr.grad(square, np.ones(2)), r"write grad\(f\)\(x\)"),
    "the same for jacobian": (lambda: cr.jacobian(square, [1.0, 2.0]), r"write jacobian\(f\)\(x\)"),
    "the same for hessian": (lambda: cr.hessian(square, 3.0), r"write hessian\(f\)\(x\)"),
    "the same for value_and_grad": (lambda: cr.value_and_grad(square, 3.0), r"write value_and_grad\(f\)\(x\)"),
    "arguments by name": (lambda: cr.grad(pair, argnums=("a", "b")), r"got \('a', 'b'\); count the arguments from 0"),
    "an argument by name": (lambda: cr.grad(square, argnums="x"), r"got 'x'; count the arguments from 0"),
    "no argument": (lambda: cr.grad(square, argnums=None), r"got None; write grad\(f, argnums=\(0, 1\)\)"),
    "a truth value": (lambda: cr.grad(square, argnums=True), r"got True"),
    "called without arguments": (lambda: cr.grad(square)(), r"the call has 0 positional arguments; they are counted"),
    "called by name": (lambda: cr.grad(square)(x=1.0), r"by their place, without their names"),
    "an argument too many": (lambda: cr.grad(square, argnums=5)(1.0), r"argument 5, .* 1 positional argument;"),
    "None": (lambda: cr.grad(square)(None), r"expected numbers .*, argument 0 is None"),
    "no return": (lambda: cr.grad(lambda x: None)(1.0), r"returned None: is a return missing\?"),
    "text returned": (lambda: cr.grad(lambda x: "hi")(1.0), r"expected the function to return numbers"),
    "rows of different length": (lambda: Value([[1.0], [2.0, 3.0]]), r"rows differ in length"),
    "a list for one point": (lambda: cr.check(pair, lambda a, b: (b, a), at=[2.0, 3.0]), r"at=\(2\.0, 3\.0\)"),
    "a text for a tolerance": (lambda: cr.check(square, lambda x: 2 * x, at=1.0, rtol="1e-4"), r"got '1e-4'"),
    "draw without arguments": (lambda: cr.draw(square), r"missing a required argument: 'x'; give .* draw\(f, 2\.0"),
    "explore without arguments": (lambda: cr.explore(square), r"missing a required argument: 'x'; .* explore\(f, 2\.0"),
    "explain with one too many": (lambda: cr.explain(square, 1.0, 2.0), r"too many positional .* explain\(f, 2\.0"),
    "source with one too many": (lambda: cr.source(square, 1.0, 2.0), r"too many positional .* source\(f, 2\.0"),
    "explain without arguments": (lambda: cr.explain(square), r"explain needs arguments"),
    "hessian of a vector function": (lambda: cr.hessian(square)(np.ones(3)), "hessian needs a .* shape"),
    "hvp of a vector function": (lambda: cr.hvp(square, np.ones(3), np.ones(3)), "hvp needs a .* shape"),
    "jit of text": (lambda: cr.jit(lambda x: "a")(1.0), r"expected a jitted function to return numbers.* got str 'a'"),
    "jit without return": (lambda: cr.jit(lambda x: None)(1.0), r"returned None: is a return missing\?"),
    "a number for the derivative": (lambda: cr.check(square, 6.0, at=3.0), r"got float; .* df=lambda \*x"),
    "a layer without a generator": (lambda: cr.nn.Linear(3, 2), r"missing: Linear\(3, 2, np\.random\.d"),
    "a text for a function": (lambda: cr.derive("x**2"), r"expects a function, got str; write derive\(lambda x"),
    "a rate for fit": (lambda: cr.fit(lambda w, x: w * 1.0, 1.0, np.ones(2), lr=0.1), r"setting lr=; .* opt=\?"),
    "a dict of data": (lambda: cr.fit(lambda w, x: w, 1.0, {"x": np.ones(2)}), r"got a dict; write \(data\['x'\]\)"),
    "a loss of too few": (lambda: cr.fit(lambda w: w * w, 1.0, np.ones(2)), r"loss\(params, \*data\), and data has 1"),
    "a class for a model": (lambda: cr.fit(pair, cr.nn.MLP, np.ones(2)), r"got function, type in the first two"),
    "a class for numbers": (lambda: cr.grad(square)(float), r"got type <class 'float'>; make one of it: float\("),
    "arrays for scalars": (lambda: cr.nn.MLP(2, [1])(np.ones((3, 2))), r"list of 2 numbers, got .* shape \(3, 2\)"),
    "a setting of other jits": (lambda: cr.jit(square, parallel=True), r"jit has no setting parallel=; .* threads=\?"),
    "a setting of draw": (lambda: cr.draw(square, 2.0, dept=1), r"draw has no setting dept=; did you mean depth=\?"),
    "vmap at a point": (lambda: cr.vmap(square, np.ones(2)), r"vmap: in_axes .* write vmap\(f\)\(x\)"),
    "a vector as a list": (lambda: cr.check(total, lambda x: [2 * v for v in x], at=[1, 2]), r"at=np\.array\(\[1, 2"),
    "points as an array": (lambda: cr.check(math.sin, math.cos, at=np.ones(2)), r"are a list, at=\[1\.0, 1\.0\]"),
    "a pair for gradient_of": (lambda: cr.gradient_of(math.sin, math.cos), r"write @gradient_of\(f\) above"),
    "elements of a symbol": (lambda: cr.derive(lambda x: x[0] * x[1]), r"takes one apart; .* derive\(f, np\.ones\(2\)"),
    "a text for losses": (lambda: cr.plots.losses("a"), r"losses expects numbers, .* got 'a'"),
    "fit in another order": (lambda: cr.fit({}, square, (np.ones(2),)), r"\(loss, params, data, opt\), got dict, f"),
    "a function for a number": (lambda: cr.grad(lambda f: 1.0)(square), r"got function .*; call it, or leave it out"),
    "as a tensor has it": (lambda: cr.grad(lambda x: x.numpy())(2.0), r"numpy\(\) would lose .*\.data to read"),
    "cut as a tensor is": (lambda: Value(2.0).detach(), r"detach\(\) would lose .* cr\.stop_gradient\(x\)"),
    "a fraction": (lambda: cr.grad(square)(Fraction(1, 2)), r"got Fraction, Fraction; write float\(x\) of it"),
    "another name of a setting": (lambda: cr.check(square, square, at=1.0, tol=1e-4), r"no setting tol=; .* rtol=\?"),
    "a setting misspelt": (lambda: cr.check(square, square, at=1.0, argnum=0), r"no setting argnum=; .* argnums=\?"),
    "a step that is text": (lambda: cr.numeric.central(square, 1.0, h="a"), "positive finite number .* 'a' arrived"),
    "a tangent of a number": (lambda: cr.plots.tangent(3.0, 1.0), r"expects a function, got float; write tangent\(f"),
    "smoothed by a share": (lambda: cr.plots.losses([1.0, 2.0], smooth=0.9), r"number of steps, such as 20, got 0\.9"),
    "a mark that is nowhere": (lambda: cr.draw(square, 1.0, highlight="zzz"), r"'zzz' is no label.*it has \*, x"),
    "a frame of pandas": (lambda: cr.grad(lambda x: x * Frame())(1.0), r"got Frame .*; write \.to_numpy\(\) of it"),
    "a dataclass": (lambda: cr.grad(lambda p: p.a * 2)(Parameters()), r"got Parameters .*dataclasses\.asdict"),
    "text among parameters": (lambda: cr.grad(lambda p: p["a"])({"a": 1.0, "b": "x"}), r"str 'x'; take text out"),
    "a vector of another length": (
        lambda: cr.hvp(total, np.ones(2), np.ones(3)),
        r"hvp: the vector: expected shape \(2,\), got \(3,\)",
    ),
    "guard of numbers": (lambda: cr.guard(3, 4), r"guard\(fun, jac\); got int"),
    "numbers as text": (lambda: cr.numeric.gradient(total, ["a"]), r"should hold numbers.*; pass floats"),
    "taylor the other way round": (lambda: cr.taylor(0.0, square, 3), r"a function, got float; taylor\(f, x0, n\)"),
    "taylor of two arguments": (lambda: cr.taylor(pair, 0.0, 3), r"a required argument: 'b'; taylor.* one argument"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_at_its_line(name):
    mistake, said = MISTAKES[name]
    with pytest.raises(errors.ChainruleError, match=said) as found:
        mistake()
    assert "test_mistakes.py:" in str(found.value) or re.search("check|gradient_of|a step should", str(found.value))


def test_a_bare_value_tells_the_line():
    v = Value([1.0, 2.0])
    for mistake, said in ((lambda: v[7], "index 7 is out of bounds"), (lambda: v + np.ones(3), "broadcast")):
        with pytest.raises((IndexError, ValueError), match=said) as found:
            mistake()
        assert "test_mistakes.py:" in str(found.value)


@pytest.mark.parametrize("name", sorted(set(cr.numeric.__all__) - {"Doubt", "Estimate"}))
def test_a_point_in_place_of_the_function(name):
    more = {"nth": (1.0, 2), "directional": ([1.0], [1.0]), "partial": ((1.0, 2.0),)}
    for x in (2.0, np.ones(2)):
        with pytest.raises(errors.ArgumentError, match=r"expected a function first .* got (float|ndarray)"):
            getattr(cr.numeric, name)(x, *more.get(name, (1.0,)))


OTHERS = {  # what NumPy, Python and other libraries say keeps its type and words, and gets a way out
    "shapes that do not go together": (ValueError, lambda x: np.sum(x * np.ones(2)), np.ones(3), "None] adds one"),
    "the same by name": (ValueError, lambda x: np.sum(np.add(x, np.ones(2))), np.ones(3), "None] adds one"),
    "joined at odds": (ValueError, lambda x: np.concatenate([x, np.ones((2, 2))]), np.ones(3), "differ in shape only"),
    "if of an array": (ValueError, lambda x: 1.0 if x > 0 else x, np.ones(3), "np.where(condition, a, b)"),
    "divided by zero": (ZeroDivisionError, lambda x: 1 / x, 0.0, "np.divide(a, b) and cr.divide"),
    "outside of the domain": (ValueError, lambda x: math.log(x), -1.0, "give nan there"),
    "too large": (OverflowError, lambda x: math.exp(x), 1000.0, "give inf there"),
    "out of range": (IndexError, lambda x: x[7], np.ones(3), ""),
    "no inverse": (np.linalg.LinAlgError, lambda x: np.sum(np.linalg.inv(x)), np.ones((2, 2)), ""),
}


def frames(error):
    """The files of a traceback, the innermost last."""
    return [Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("transform", [cr.grad, cr.value_and_grad, cr.jacobian, cr.hessian, cr.jit])
def test_errors_of_others_end_at_the_user_s_line(transform, name, monkeypatch):
    kind, f, x, advice = OTHERS[name]
    with pytest.raises(kind) as found:
        transform(f)(x)
    shown = frames(found.value)
    assert shown[-1] == "test_mistakes.py"
    assert len(shown) <= 3  # the call, the transform, the line in f
    notes = "".join(getattr(found.value, "__notes__", []))
    assert advice in notes
    assert not advice or "test_mistakes.py:" in notes


def test_all_frames_are_there_where_somebody_wants_them(monkeypatch):
    monkeypatch.setenv("CHAINRULE_TRACEBACK", "full")
    with pytest.raises(ZeroDivisionError) as found:
        cr.jacobian(lambda x: 1 / x)(0.0)
    assert len(frames(found.value)) > 4


def test_a_function_of_another_library_is_named_where_it_is_called():
    for transform in (cr.grad, cr.jacfwd, cr.jit):
        with pytest.raises(errors.UnsupportedFunction, match=r"(?s)`bytes\.fromhex\(x\)` cannot .*@cr\.") as found:
            transform(lambda x: bytes.fromhex(x))(1.0)
        assert "test_mistakes.py:" in str(found.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gard", "did you mean 'guard'"), ("jacobean", "did you mean 'jacobian'"), ("Tensor", r"Value\(x\)"),
        ("MLP", r"chainrule\.nn\.MLP"), ("Adam", r"chainrule\.optim\.Adam"), ("zeros", r"np\.zeros"),
        ("np", "import numpy"),
        ("gradcheck", r"check\(f, df, at\)"), ("no_grad", "stop_gradient"), ("exlpain", "did you mean 'explain'"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there(name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(cr, name)
    assert not hasattr(cr, "__wrapped__")


LAYER = cr.nn.Linear(2, 1, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        (cr.nn, "CrossEntropyLoss", r"cross_entropy\(logits"), (cr.nn, "ReLU", r"cr\.relu"),
        (cr.nn, "Linaer", "'Linear'"),
        (cr.nn, "Sequential", r"MLP\("), (cr.optim, "LBFGS", "minimize"), (cr.optim, "lr_scheduler", "Cosine"),
        (LAYER, "eval", "same in training"), (LAYER, "state_dict", "pickle"), (cr.optim.SGD(0.1), "zero_grad", "start"),
    ],
)  # fmt: skip
def test_what_another_library_has_there(owner, name, said):
    with pytest.raises(AttributeError, match=f"no attribute {name!r}; .*{said}"):
        getattr(owner, name)
    assert not hasattr(owner, name)
    assert not hasattr(owner, "__wrapped__")


def test_a_model_may_be_called_forward():
    class Net(cr.nn.Module):
        inner: cr.nn.Linear

        def forward(self, x):
            return np.tanh(self.inner(x))

    class Other(Net):
        def forward(self, x):
            return 2.0 * super().forward(x)

    assert np.array_equal(Other(LAYER)([1.0, 2.0]), 2.0 * Net(LAYER)(np.array([1.0, 2.0])))


def test_asserting_a_check_is_asserting_that_it_is_correct():
    right, wrong = cr.check(square, lambda x: 2 * x, at=1.0), cr.check(square, lambda x: 3 * x, at=1.0)
    assert right
    assert right.verdict == "CORRECT"
    assert not wrong
    assert not cr.check(abs, lambda x: 0.3, at=0.0)  # undecided
    assert bool(cr.check_sparse(square, 1.0, 2.0)) > bool(cr.check_sparse(square, 1.0, 3.0))
    assert str(wrong.verdict) == "WRONG"


def command(capsys, *arguments):
    """What the command line answers: exit status, output, errors."""
    try:
        status = main(list(arguments))
    except SystemExit as error:
        status = error.code
    return (status, *capsys.readouterr())


def test_the_command_line_answers_what_is_tried_first(capsys):
    run = [sys.executable, "-m", "chainrule", "--version"]
    assert subprocess.run(run, capture_output=True, text=True, timeout=60).stdout == f"chainrule {cr.__version__}\n"
    status, usage, _ = command(capsys)
    assert (status, usage.startswith("usage: chainrule")) == (2, True)
    for word, meant in {"chek": "check", "drwa": "draw", "explian": "explain"}.items():
        status, _, said = command(capsys, word)
        assert status == 2
        assert f"did you mean {meant!r}?" in said


def test_the_command_line_says_what_a_file_has(capsys, tmp_path):
    path = tmp_path / "model.py"
    path.write_text(
        "def loss(a, b):\n    return a * b\n\n\ndef bell(x, y):\n    return x\n\n\ndef d_bell(x, y):\n    return 1.0\n"
    )
    assert command(capsys, "help")[0] == 0
    assert "; it has bell, d_bell, loss" in command(capsys, "draw", str(path))[2]
    said = command(capsys, "draw", f"{path}:loss", "--at", "2,3")[2]
    assert "got 1 after --at; separate them by spaces: --at 2 3" in said
    _, said, _ = command(capsys, "check", str(path), "--at", "1")
    assert "ERROR" in said
    assert "nothing to check" not in said  # a claim was found, and could not be checked there


def test_a_cell_is_called_as_ipython_calls_it(tmp_path):
    pytest.importorskip("IPython")
    child = "\n".join([
        "from IPython.core.interactiveshell import InteractiveShell", "shell = InteractiveShell.instance()",
        "cells = 'import chainrule as cr', 'y = cr.draw(lambda x: x * x, 2.0)', 'cr.grad(lambda x: float(x))(2.0)'",
        "for cell in cells:",
        "    shell.run_cell(cell, store_history=True)", "print(shell.user_ns['y'])",
    ])  # fmt: skip
    where = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, env=where)
    assert "Cell In[2]:1" in run.stdout
    assert "Cell In[3]:1   cr.grad" in run.stdout + run.stderr


def test_reprs_say_what_something_is():
    assert repr(cr.custom_vjp(square)) == "<custom_vjp <lambda>, without a rule: call .defvjp(forward, backward)>"
    assert repr(cr.check_sparse(square, 1.0, 2.0)).startswith("CORRECT: 1 entries")
    assert repr(cr.info()) == str(cr.info())
    assert len(str(cr.info())) < 400
    assert repr(cr.jit(square)) == "<jit(<lambda>)>"
    right, wrong = (cr.check(square, lambda x, c=c: c * x, at=1.0).points[0] for c in (2, 3))
    assert repr(right) == "<Judgement at x = 1: RIGHT>"
    assert repr(wrong) == "<Judgement at x = 1: WRONG, x is 3, not 2>"
    assert repr(right.subject) == "<Subject <lambda> at x = 1>"
    assert repr(cr.draw(square, 1.0).picture) == "<Picture: 2 boxes, 2 arrows>"


def test_a_value_shows_its_gradient_when_it_has_one():
    a, v = Value(2.0, "a"), Value([1.0, 2.0])
    assert repr(a) == "Value(data=2.0, label='a')"
    (a * v.sum()).backward()
    assert repr(a) == "Value(data=2.0, grad=3.0, label='a')"
    assert repr(v) == "Value(data=[1., 2.], grad=[2., 2.])"
    a.zero_grad()
    assert repr(a) == "Value(data=2.0, label='a')"
