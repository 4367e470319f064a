"""Claims are found by their names and marks, in files, folders and notebooks, and whatever fails is told."""

import inspect
import json
import os
import sys
from textwrap import dedent

import pytest

from chainrule.check.claims.claim import claim_of, gradient_of
from chainrule.check.claims.discover import discover
from chainrule.errors import ArgumentError


@pytest.fixture
def write(tmp_path):
    """Writes a dedented file and gives its path."""

    def write_file(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def notebook(tmp_path):
    """Writes a notebook of code cells and gives its path."""

    def write_notebook(*cells, name="lesson.ipynb", **metadata):
        path = tmp_path / name
        texts = [{"cell_type": "markdown", "source": ["# A lesson"]}]
        codes = [{"cell_type": "code", "source": dedent(cell).strip()} for cell in cells]
        path.write_text(json.dumps({"cells": texts + codes, "metadata": metadata}), encoding="utf-8")
        return path

    return write_notebook


CLAIM = "\ndef cube(x): return x**3\ndef cube_grad(x): return 3 * x * x\n"


def names(discovery):
    return [claim.name for claim in discovery.claims]


PAIRS = [
    ("f", "gradf"),
    ("f", "grad_f"),
    ("f", "f_grad"),
    ("f", "df"),
    ("f", "d_f"),
    ("f", "f_prime"),
    ("f", "fprime"),
    ("f", "fp"),
    ("f", "fdiff"),
    ("f", "f_diff"),
    ("f", "f_derivative"),
    ("f", "df_dx"),
    ("f", "dfdx"),
    ("f", "jac_f"),
    ("f", "f_jac"),
    ("f", "f_jacobian"),
    ("cube", "cube_grad"),
    ("cube", "grad_cube"),
    ("cube", "dcube"),
    ("f_5_1", "grad_f_5_1"),
    ("sigmoid", "sigmoid_grad"),
    ("sigmoid", "sigmoid_grad_manual"),
    ("_hidden", "_hidden_grad"),
    ("grad_f", "grad_f_prime"),
]


@pytest.mark.parametrize(("function", "derivative"), PAIRS)
def test_a_pair_is_found_by_its_names(write, function, derivative):
    path = write("pair.py", f"def {function}(x): return x**2\ndef {derivative}(x): return 2 * x\n")
    (claim,) = discover(path).claims
    assert (claim.name, claim.line, claim.path, claim.at) == (derivative, 2, str(path), None)
    assert (claim.function(3.0), claim.derivative(3.0)) == (9.0, 6.0)


def test_a_jacobian_says_so(write):
    (claim,) = discover(write("jac.py", "def f(x): return x\ndef jac_f(x): return 1\n")).claims
    assert claim.kind == "jacobian"


NO_CLAIM = {
    "a file pointer": "def f(x): return x\nimport io\nfp = io.StringIO()",
    "a number": "def f(x): return x\ndf = 1.0",
    "a class": "def f(x): return x\nclass df: ...",
    "imported from elsewhere": "from math import exp as f, exp as df",
    "a numerical estimate": "def numeric_f(x): return x\ndef grad_numeric_f(x): return 1",
    "a checker with its own name": "def f(x): return x\ndef right_numerical_gradf(x, h=1e-6): return 1",
    "the name of a function is a class": "class f: ...\ndef df(x): return 1",
    "no derivation by hand": """
        import functools
        def f(x): return x
        def grad(g):
            @functools.wraps(g)
            def slope(x): return 1.0
            return slope
        df = grad(f)
        """,
}


@pytest.mark.parametrize("text", NO_CLAIM.values(), ids=NO_CLAIM)
def test_no_claim(write, text):
    found = discover(write("none.py", text))
    assert (found.claims, found.problems, found.skipped) == ((), (), ())


def test_a_gradient_without_its_function_is_told(write):
    found = discover(write("none.py", "def grad_f(x): return x"))
    assert (found.claims, found.problems) == ((), ())
    assert "grad_f is not checked" in found.skipped[0].message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(x): ...\ndef f_grad(x, slope): ...", "f_grad needs 2 arguments, f takes 1"),
        ("def f(x, y): ...\ndef df(x): ...", "df takes 1 arguments, f needs 2"),
        ("def raw(): ...\ndef grad_raw(): ...", "raw takes no argument to differentiate by"),
    ],
)
def test_a_derivative_that_cannot_be_called_like_its_function_is_skipped(write, text, reason):
    found = discover(write("arguments.py", text))
    assert found.claims == ()
    assert [problem.message for problem in found.skipped] == [reason]


def test_further_arguments_with_defaults_are_no_hindrance(write):
    path = write("defaults.py", "def f(x, s=3): return s * x\ndef df(x, s=3, h=1): return s\n")
    assert names(discover(path)) == ["df"]


def test_lambdas_and_wrapped_functions_are_claims_too(write):
    text = """
        import functools
        import numpy as np
        f = lambda x: x**2
        df = lambda x: 2 * x
        @functools.lru_cache
        def g(x): return x
        @functools.lru_cache
        def dg(x): return 1
        h = np.vectorize(lambda x: x)
        dh = np.vectorize(lambda x: 1.0)
        """
    assert names(discover(write("wrapped.py", text))) == ["df", "dg", "dh"]


def test_the_later_definition_wins(write):
    text = """
        def f(x): return x
        def df(x): return 1
        def f(x): return x**2
        def df(x): return 2 * x
        """
    (claim,) = discover(write("twice.py", text)).claims
    assert (claim.line, claim.function(3), claim.derivative(3)) == (5, 9, 6)


def test_a_marked_derivative_needs_no_name(write):
    text = """
        from chainrule.check.claims.claim import gradient_of
        def area(r): return r * r
        @gradient_of(area, at=[1.0, 2.0], kind="jacobian", rtol=1e-3)
        def growth(r): return 2 * r
        """
    (claim,) = discover(write("marked.py", text)).claims
    assert (claim.name, claim.at, claim.kind, claim.settings) == (
        "growth",
        [1.0, 2.0],
        "jacobian",
        {"rtol": 1e-3},
    )
    assert claim.function(3.0) == 9.0


def test_a_mark_is_read_without_discovery():
    @gradient_of(abs, at=2.0)
    def sign(x):
        return 1.0

    claim = claim_of(sign)
    assert (claim.name, claim.function, claim.derivative, claim.at) == ("sign", abs, sign, 2.0)
    assert claim.path == __file__
    assert claim_of(abs) is None


def test_a_mark_on_something_that_is_no_function_is_refused():
    with pytest.raises(ArgumentError, match="expects the function that is differentiated, got float"):
        gradient_of(2.0)


# Running files.


def test_output_is_kept_and_not_shown(write, capsys):
    found = discover(write("loud.py", "import sys\nprint('out')\nprint('err', file=sys.stderr)\n" + CLAIM))
    assert found.output == "out\nerr\n"
    assert capsys.readouterr() == ("", "")


def test_main_is_not_run(write):
    found = discover(write("script.py", "if __name__ == '__main__':\n    raise RuntimeError\n"))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def f(x): return x\n1 / 0\n", "2: ZeroDivisionError: division by zero"),
        ("def f(x:\n", "1: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit(3)\n", "2: SystemExit: 3"),
        ("def g():\n    input('?')\ng()\n", "2: EOFError: EOF when reading a line"),
        (
            "import nowhere_to_be_found\n",
            "1: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        ),
    ],
)
def test_a_file_that_fails_is_told_with_its_line(write, text, told):
    path = write("broken.py", text + CLAIM)
    assert [str(problem) for problem in discover(path).problems] == [f"{path}:{told}"]


def test_a_missing_module_is_stood_in_for_and_told_once(write):
    text = "import nobody_has.this as n\nfrom nobody_has import tool\nbase = n.Base\nx = n.load() + 1\ny = x + 1\n"
    path = write("needs.py", text + "class C(base):\n    pass\n" + CLAIM)
    found = discover(path)
    assert [p.message for p in found.problems] == [
        "ModuleNotFoundError: No module named 'nobody_has' (2 later statements without it)"
    ]
    assert names(found) == names(discover(write("same.py", CLAIM)))
    assert not any(name.startswith("nobody_has") for name in sys.modules)


def test_a_module_in_a_folder_above_is_found(write):
    write("project/shared_by_chapters/tools.py", "def f(x): return 3 * x\n")
    path = write("project/chapter/lesson.py", "from shared_by_chapters.tools import f\ndef df(x): return 3.0\n")
    found = discover(path)
    assert (found.problems, names(found)) == ((), ["df"])
    assert "shared_by_chapters.tools" not in sys.modules


def test_methods_left_to_heirs_are_no_claims(write):
    unwritten = "    def f_grad(self, x):\n        'Say it.'\n        raise NotImplementedError\n"
    base = "class Base:\n    def f(self, x): return x\n" + unwritten
    assert names(discover(write("base.py", base))) == []
    heir = base + "class Heir(Base):\n    def f_grad(self, x): return 1.0\n"
    assert names(discover(write("heir.py", heir))) == ["Heir.f_grad"]


def test_claims_above_a_failing_line_stand(write):
    found = discover(write("half.py", "def f(x): return x\ndef df(x): return 1\nraise ValueError('late')\n"))
    assert names(found) == ["df"]
    assert found.problems[0].message == "ValueError: late"


def test_an_interrupt_is_not_swallowed(write):
    path = write("stop.py", "raise KeyboardInterrupt\n" + CLAIM)
    before = sys.path[:], sys.stdin, os.environ.get("MPLBACKEND")
    with pytest.raises(KeyboardInterrupt):
        discover(path)
    assert (sys.path, sys.stdin, os.environ.get("MPLBACKEND")) == before


def test_neighbours_are_imported_and_forgotten(write):
    for folder, value in (("a", 1), ("b", 2)):
        write(f"{folder}/helpers_of_lesson.py", f"def f(x): return {value} * x\n")
        write(f"{folder}/lesson.py", f"from helpers_of_lesson import f\ndef df(x): return {value}\n")
    path = write("a/lesson.py", "from helpers_of_lesson import f\ndef df(x): return 1\n").parent.parent
    before = sys.path[:]
    assert [claim.function(1) for claim in discover(path).claims] == [1, 2]
    assert sys.path == before
    assert "helpers_of_lesson" not in sys.modules


def test_relative_imports_work_inside_a_package(write):
    write("model_of_lesson/__init__.py", "")
    write("model_of_lesson/parts.py", "def f(x): return x\n")
    path = write("model_of_lesson/slopes.py", "from .parts import f\ndef df(x): return 1\n")
    assert names(discover(path)) == ["df"]


def test_a_dataclass_can_be_defined(write):
    text = """
        from __future__ import annotations
        from dataclasses import dataclass
        @dataclass
        class Point:
            x: float
        """
    assert discover(write("data.py", text)).problems == ()


# Folders.


def test_a_folder_gives_its_files_in_order_and_the_rest_goes_on_after_a_broken_one(write, tmp_path):
    write("b.py", "def f(x): return x\ndef df(x): return 1\nraise ValueError\n")
    write("c/d.py", "def g(x): return x\ndef grad_g(x): return 1\n")
    write("a.py", "def h(x): return x\ndef h_prime(x): return 1\n")
    write("notes.txt", "def k(x): return x\ndef dk(x): return 1\n")
    found = discover(tmp_path)
    assert names(found) == ["h_prime", "df", "grad_g"]
    assert [problem.path for problem in found.problems] == [str(tmp_path / "b.py")]


def test_files_of_a_folder_without_a_claim_are_not_run(write, tmp_path):
    write("launch.py", "raise SystemExit('the rocket has started')\n")
    write(".hidden/a.py", "def f(x): return x\ndef df(x): return 1\n")
    write("venv/pyvenv.cfg", "")
    write("venv/a.py", "def f(x): return x\ndef df(x): return 1\n")
    assert discover(tmp_path).problems == ()
    assert discover(tmp_path).claims == ()
    assert discover(tmp_path / "launch.py").problems == ()


@pytest.mark.parametrize(("name", "message"), [("gone.py", "does not exist"), ("notes.txt", r"expected a \.py file")])
def test_a_path_that_cannot_be_checked(write, tmp_path, name, message):
    write("notes.txt", "")
    with pytest.raises(ArgumentError, match=message):
        discover(tmp_path / name)


# Notebooks.


def test_names_that_change_their_meaning_are_separate_claims(notebook):
    path = notebook(
        "def f(x): return x**2\ndef fdiff(x): return 2 * x",
        "print(f(2))",
        "def f(x): return x**3\ndef fdiff(x): return 3 * x**2",
    )
    first, second = discover(path).claims
    assert (first.cell, first.function(2), first.derivative(2)) == (1, 4, 4)
    assert (second.cell, second.function(2), second.derivative(2)) == (3, 8, 12)
    assert second.where == f"{path} cell 3"


def test_a_derivative_keeps_calling_the_function_of_its_cell(notebook):
    path = notebook(
        "scale = 2.0\ndef f(x): return scale * x\ndef mean(x): return f(x) / x\ndef df(x): return mean(x)",
        "scale = 5.0",
        "def f(x): return 100.0\n",
    )
    (claim,) = discover(path).claims
    assert (claim.function(3.0), claim.derivative(3.0)) == (6.0, 2.0)


def test_function_and_derivative_may_stand_in_different_cells(notebook):
    path = notebook("def g(x): return x", "", "def dg(x): return 1", "def dh(x): ...", "def h(x): ...")
    assert [(claim.name, claim.cell) for claim in discover(path).claims] == [("dg", 3), ("dh", 4)]


def test_a_function_redefined_alone_makes_no_new_claim(notebook):
    path = notebook("def f(x): return x\ndef df(x): return 1", "def f(x): return x**2")
    (claim,) = discover(path).claims
    assert claim.function(3) == 3


def test_a_mark_in_a_notebook_is_frozen_as_well(notebook):
    path = notebook(
        "from chainrule.check.claims.claim import gradient_of",
        "def f(x): return k * x\nk = 2\n@gradient_of(f, at=1.0)\ndef slope(x): return k",
        "k = 7",
    )
    (claim,) = discover(path).claims
    assert (claim.cell, claim.at, claim.function(1), claim.derivative(1)) == (2, 1.0, 2, 2)


def test_a_failing_cell_is_told_with_its_number_and_the_rest_goes_on(notebook):
    path = notebook("x = 1", "x = 2\nundefined + 1", "def f(x): return x\ndef df(x): return 1", "exit()", "input()")
    found = discover(path)
    assert names(found) == ["df"]
    assert [str(problem).removeprefix(f"{path} ") for problem in found.problems] == [
        "cell 2, line 2: NameError: name 'undefined' is not defined",
        "cell 4, line 1: SystemExit: None",
        "cell 5, line 1: EOFError: EOF when reading a line",
    ]


def test_prints_plots_and_magics_do_no_harm(notebook):
    path = notebook(
        "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\n!pip install something",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('drawn')",
        "%%time\ndef f(x): return x",
        "%%bash\nrm -rf everything",
        "def df(x):\n    %time y = 1\n    return 1",
        "display(f(3.0))\nget_ipython().run_line_magic('who', '')",
    )
    found = discover(path)
    assert found.problems == ()
    assert names(found) == ["df"]
    assert found.output == "drawn\n3.0\n"


def test_plots_go_off_screen_and_the_screen_is_given_back(notebook, monkeypatch):
    import matplotlib.pyplot as plt

    path = notebook(
        "import os\nprint(os.environ['MPLBACKEND'])",
        "import matplotlib.pyplot as plt\nplt.figure()\nplt.show()\nprint(plt.get_backend().lower())",
        CLAIM,
    )
    monkeypatch.setenv("MPLBACKEND", "svg")
    plt.switch_backend("svg")
    plt.close("all")
    mine = plt.figure().number
    assert discover(path).output == "Agg\nagg\n"
    assert (os.environ["MPLBACKEND"], plt.get_backend(), plt.get_fignums()) == ("svg", "svg", [mine])
    plt.close("all")


def test_magics_without_ipython_are_stripped(notebook, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = notebook(
        "%load_ext autoreload\nif True:\n    !ls\nf?",
        "def f(x):\n    return x\n%timeit f(2)\ndef df(x): return 1",
    )
    found = discover(path)
    assert (found.problems, names(found)) == ((), ["df"])


def test_a_notebook_reads_the_files_beside_it(notebook, write):
    write("data.txt", "2.5")
    write("helpers_of_lesson.py", "rate = 2")
    path = notebook(
        "import helpers_of_lesson\nhelpers_of_lesson.rate = 3",
        "from helpers_of_lesson import rate\nfrom pathlib import Path",
        "print(Path('data.txt').read_text(), rate)",
        CLAIM,
    )
    before = os.getcwd()
    assert discover(path).output == "2.5 3\n"
    assert os.getcwd() == before


def test_source_lines_of_a_cell_can_be_read(notebook):
    (claim,) = discover(notebook("def f(x):\n    return x\ndef df(x):\n    return 1\n")).claims
    assert inspect.getsource(claim.derivative).rstrip() == "def df(x):\n    return 1"


def test_a_version_3_notebook_is_read(tmp_path):
    path = tmp_path / "old.ipynb"
    cell = {"cell_type": "code", "input": ["def f(x): return x\n", "def df(x): return 1"]}
    path.write_text(json.dumps({"worksheets": [{"cells": [cell]}]}))
    assert names(discover(path)) == ["df"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "expected a notebook"),
        ("[]", "expected a notebook"),
        (
            '{"cells": [], "metadata": {"kernelspec": {"language": "R"}}}',
            "expected a notebook in Python, got one in R",
        ),
    ],
)
def test_a_file_that_is_no_python_notebook_is_a_problem(write, text, message):
    (problem,) = discover(write("strange.ipynb", text)).problems
    assert problem.message.startswith(message)
