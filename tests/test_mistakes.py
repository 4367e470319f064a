"""What newcomers write by mistake, and the answer: what was expected, what arrived, what to write, at their line."""

import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value, errors

square = lambda x: x * x
pair = lambda a, b: a * b

MISTAKES = {
    "the point beside the function": (lambda: cr.grad(square, 3.0), r"grad: argnums .* got 3\.0; .*grad\(f\)\(x\)"),
    "an array beside it": (lambda: cr.grad(square, np.ones(2)), r"write grad\(f\)\(x\)"),
    "the same for jacobian": (lambda: cr.jacobian(square, [1.0, 2.0]), r"write jacobian\(f\)\(x\)"),
    "the same for hessian": (lambda: cr.hessian(square, 3.0), r"write hessian\(f\)\(x\)"),
    "the same for value_and_grad": (lambda: cr.value_and_grad(square, 3.0), r"write value_and_grad\(f\)\(x\)"),
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
    "explain without arguments": (lambda: cr.explain(square), r"explain needs arguments"),
    "taylor of two arguments": (lambda: cr.taylor(pair, 0.0, 3), r"a required argument: 'b'; taylor.* one argument"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_at_its_line(name):
    mistake, said = MISTAKES[name]
    with pytest.raises(errors.ChainruleError, match=said) as found:
        mistake()
    assert "test_mistakes.py:" in str(found.value) or "check:" in str(found.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gard", "did you mean 'guard'"), ("jacobean", "did you mean 'jacobian'"), ("Tensor", r"Value\(x\)"),
        ("vmap", "NumPy"), ("no_grad", "stop_gradient"), ("exlpain", "did you mean 'explain'"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there(name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(cr, name)
    assert not hasattr(cr, "__wrapped__")


def command(*arguments):
    run = [sys.executable, "-m", "chainrule", *arguments]
    return subprocess.run(run, capture_output=True, text=True, timeout=60)


def test_the_command_line_answers_what_is_tried_first():
    assert command("--version").stdout == f"chainrule {cr.__version__}\n"
    bare = command()
    assert (bare.returncode, bare.stdout.startswith("usage: chainrule")) == (2, True)
    for word, meant in {"chek": "check", "drwa": "draw", "explian": "explain"}.items():
        unknown = command(word)
        assert unknown.returncode == 2
        assert f"did you mean {meant!r}?" in unknown.stderr


def test_reprs_say_what_something_is():
    assert repr(cr.custom_vjp(square)) == "<custom_vjp <lambda>, without a rule: call .defvjp(forward, backward)>"
    assert repr(cr.check_sparse(square, 1.0, 2.0)).startswith("CORRECT: 1 entries")
    assert repr(cr.info()) == str(cr.info())
    assert len(str(cr.info())) < 400
    assert repr(cr.jit(square)) == "<jit(<lambda>)>"
