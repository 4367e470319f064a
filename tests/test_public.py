"""The public face: what is listed exists, says what it is, and is the same on both engines."""

import inspect
import json
import os
import pydoc
import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.ops.described import row_of
from chainrule.ops.kinds import Elementwise
from chainrule.ops.row import Operator

MODULES = {
    "chainrule": cr,
    "chainrule.numeric": cr.numeric,
    "chainrule.plots": cr.plots,
    "nn": cr.nn,
    "optim": cr.optim,
}
LATE = """
assert_gradient check check_backward check_layer check_sparse compare derive draw explain explore export_c fit grade
gradient_of guard jit numeric operator plots source
"""


def names(module):
    return [name for name in dir(module) if not name.startswith("_")]


@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_what_is_listed_exists_and_belongs_to_it(module):
    for name in names(module):
        found = getattr(module, name)
        where = getattr(found, "__module__", None) or getattr(found, "__name__", "")
        assert isinstance(found, Operator) or where.startswith("chainrule"), f"{name} comes from {where}"
    assert dir(module) == sorted(set(dir(module)))


def test_all_that_exists_is_listed():
    assert set(LATE.split()) <= set(dir(cr))
    assert set(cr.__all__) | set(ops.PUBLIC) == set(names(cr))
    assert not {"Any", "TYPE_CHECKING", "import_module", "annotations", "engine", "jit_module"} & set(dir(cr))


def test_the_star_leaves_pythons_functions_alone():
    code = "before = dict(abs=abs, max=max, sum=sum, round=round, pow=pow, min=min)\nfrom chainrule import *\n"
    code += "assert all(globals()['__builtins__'].__dict__[n] is f and n not in globals() for n, f in before.items())"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not set(cr.__all__) & {"abs", "max", "min", "pow", "round", "sum", "all", "any", "open", "print", "map"}


def functions(module):
    return [(name, getattr(module, name)) for name in names(module) if callable(getattr(module, name))]


@pytest.mark.parametrize(("name", "function"), [pair for m in MODULES.values() for pair in functions(m)])
def test_everything_that_is_called_has_a_signature_and_a_docstring(name, function):
    if not (isinstance(function, type) and issubclass(function, Exception)):
        assert inspect.signature(function) is not None
    said = inspect.getdoc(function)
    assert said, name
    assert said.partition("\n")[0] in pydoc.plain(pydoc.render_doc(function))


@pytest.mark.parametrize("name", ops.PUBLIC)
def test_an_operator_says_what_its_row_says(name):
    function = getattr(cr, name)
    row, said = row_of(name, function), inspect.getdoc(function)
    if "carries no derivative" in said:
        return
    assert "\nderivative  " in said
    if row is None:
        return
    for fact in (row.kinks, row.source):
        assert fact in said
    if isinstance(row, Elementwise) or row.kind == "PiecewiseConstant":
        assert "\ndomain      " in said
    if function is row:
        parameters = inspect.signature(row).parameters
        assert len(parameters) == row.arity
        assert "\nshapes      " in said
        assert row.__text_signature__ == str(inspect.signature(row))


def numpy_states(name):
    """Whether NumPy says which settings its method has: that depends on the release."""
    try:
        return bool(inspect.signature(getattr(np.ndarray, name)))
    except ValueError:
        return False


def methods(kind):
    for name in dir(kind):
        if name.startswith("_"):
            continue
        found = inspect.getattr_static(kind, name)
        if not inspect.ismemberdescriptor(found) and not (inspect.isgetsetdescriptor(found) and not found.__doc__):
            yield name, found


@pytest.mark.parametrize(("name", "found"), list(methods(cr.Value)))
def test_the_methods_of_a_value_explain_themselves(name, found):
    assert inspect.getdoc(found), name
    bound = getattr(cr.Value, name)
    if callable(bound):
        kinds = {parameter.kind for parameter in inspect.signature(bound).parameters.values()}
        assert inspect.Parameter.VAR_KEYWORD not in kinds or name == "forward" or not numpy_states(name), name
        formulas = ops.described.FORMULAS.get(getattr(getattr(ops, name, None), "name", ""))
        if formulas is not None:
            assert all(formula in inspect.getdoc(bound) for formula in formulas)


def test_a_value_says_how_it_is_made():
    assert str(inspect.signature(cr.Value)) == "(data=None, label='')"
    assert cr.Value.__doc__.strip().startswith("A number or array")


SAYS = """
import inspect, json
import chainrule as cr
from chainrule import ops
said = {}
for name in dir(cr):
    found = getattr(cr, name)
    if callable(found) and not name.startswith("_"):
        exception = isinstance(found, type) and issubclass(found, Exception)
        said[name] = [inspect.getdoc(found), "" if exception else str(inspect.signature(found).parameters)]
for name in ops.PUBLIC:
    if callable(getattr(cr.Value, name, None)):
        method = getattr(cr.Value, name)
        said["Value." + name] = [inspect.getdoc(method), str(inspect.signature(method).parameters)]
said["derive"] = [str(cr.derive(getattr(cr, name))) for name in ("sin", "arctan2", "power", "softplus")]
said["source"] = [str(cr.source(cr.sin, 0.5)), str(cr.source(cr.hypot, 0.5, 2.0))]
print(json.dumps(said))
"""


def test_both_engines_say_the_same():
    pytest.importorskip("sympy")
    told = []
    for pure in ("", "1"):
        environment = {**os.environ, "CHAINRULE_PURE": pure}
        run = [sys.executable, "-c", SAYS]
        out = subprocess.run(run, capture_output=True, text=True, check=True, timeout=120, env=environment)
        told.append(json.loads(out.stdout.splitlines()[-1]))
    assert told[0].keys() == told[1].keys()
    for name, said in told[0].items():
        assert said == told[1][name], name


@pytest.mark.parametrize("kind", ["elementwise", "reduction", "linear"])
def test_an_operator_of_ones_own_explains_itself(kind):
    facts = {"kind": kind, "kinks": "none here", "source": "by hand"}
    made = {
        "elementwise": lambda: cr.operator(
            "damped", lambda a, b: a * b, [lambda y, a, b: b, lambda y, a, b: a], **facts
        ),
        "reduction": lambda: cr.operator("energy", lambda x: np.sum(x * x), lambda y, x: 2 * x, **facts),
        "linear": lambda: cr.operator("twofold", lambda x: 2 * x, lambda ct, x: 2 * ct, **facts),
    }[kind]()
    said = pydoc.plain(pydoc.render_doc(made))
    for part in (made.name, "derivative  ", "none here", "by hand"):
        assert part in said
    assert len(inspect.signature(made).parameters) == {"elementwise": 2, "reduction": 3, "linear": 1}[kind]


def test_completion_of_a_value_offers_what_users_ask_for():
    value = cr.Value(np.eye(2))
    offered = set(dir(value))
    assert {"backward", "data", "grad", "label", "sin", "sum", "op", "operands", "shape", "zero_grad"} <= offered
    assert not offered & {"active", "apply", "leaf", "lent", "passes", "settings", "left", "total"}
    assert not [name for name in offered if not hasattr(value, name)]


def functions():
    """The public functions and the operands that they need, by name."""
    for name in dir(cr):
        function = getattr(cr, name)
        if callable(function) and not isinstance(function, type):
            yield pytest.param(name, function, list(inspect.signature(function).parameters.values()), id=name)


@pytest.mark.parametrize(("name", "function", "parameters"), list(functions()))
def test_calls_with_the_wrong_operands_are_answered_by_the_public_name(name, function, parameters):
    """Not by that of a kernel, which NumPy's function of that name would give them to: its third operand is written."""
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in placed if p.default is p.empty]
    own = {"abs": "absolute", "assert_gradient": "(assert_gradient|check)"}.get(name, function.__name__)
    wrong = [(needed, {"nonsense": 3})] if parameters else []
    wrong += [([], {})] if needed else []
    wrong += [([*placed, None], {})] if len(placed) == len([p for p in parameters if p.kind != p.KEYWORD_ONLY]) else []
    wrong += [([], dict.fromkeys(needed, 2.0))] if placed and placed[0].kind is placed[0].POSITIONAL_ONLY else []
    for operands, settings in wrong:
        for number in (2.0, np.ones(2), cr.Value(2.0)):
            with pytest.raises(TypeError, match=rf"^(\w+\.)?{own}(\(\)| expects| cannot| has)"):
                function(*[number for _ in operands], **settings)
