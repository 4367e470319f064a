"""The pages for developers: the miniature computes what Chainrule computes, and what they name exists."""

import ast
import importlib.util
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops.names import PYTHONS
from chainrule.ops.row import TABLE

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "develop").iterdir())
SOURCE = ROOT / "docs" / "develop" / "miniature.py"
PACKAGE = ROOT / "src" / "chainrule"


def loaded():
    spec = importlib.util.spec_from_file_location("miniature", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mini = loaded()
FUNCTIONS = {
    "products": lambda m, x: x * m.sin(x) / m.exp(x) - 3.0 / x,
    "one number used often": lambda m, x: x * x * x + m.cos(x * x),
    "a branch": lambda m, x: m.where(m.greater(x, 0.0), m.log(x), x * x),
    "constant": lambda m, x: 2.0,
    "constant slope": lambda m, x: 2.0 * x + 1.0,
}


@pytest.mark.parametrize("x", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_miniature_computes_what_chainrule_computes(name, x):
    small, large = (lambda x, m=m: FUNCTIONS[name](m, x) for m in (mini, cr))
    if name == "products" and x == 0.0:
        x = -1.5
    for order in (1, 2, 3):
        small, large = mini.grad(small), cr.grad(large)
        np.testing.assert_allclose(small(x), large(x), rtol=1e-13, err_msg=f"order {order}")


def test_its_modes_nest_and_keep_apart():
    f, df = (lambda x: x * mini.exp(x)), (lambda x: x * cr.exp(x))
    _, second = mini.jvp(mini.grad(f), 0.5, 1.0)
    assert second == pytest.approx(cr.grad(cr.grad(df))(0.5), rel=1e-14)
    assert mini.grad(lambda x: mini.jvp(f, x, 1.0)[1])(0.5) == pytest.approx(second, rel=1e-14)
    assert mini.grad(lambda x: x * mini.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_its_arrays_broadcast():
    x, c = np.arange(3.0), np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(mini.grad(lambda v: mini.total(v * mini.sin(v)))(x), np.sin(x) + x * np.cos(x))
    assert mini.grad(lambda a: mini.total(a * c + a))(2.0) == pytest.approx(c.sum() + 3.0)


def test_its_zeros_are_chainrule_s():
    for m in (mini, cr):
        assert np.isnan(m.grad(lambda x, m=m: m.exp(m.log(x)))(0.0))
    for m in (mini, cr):
        assert m.grad(lambda x, m=m: m.where(m.greater(x, 0.0), m.log(x), x))(0.0) == 1.0


def test_its_check_tells_right_from_wrong_and_from_neither():
    f = lambda x: x * mini.sin(x)
    assert mini.check(f, mini.grad(f), 2.0) == "CORRECT"
    assert mini.check(f, mini.cos, 2.0).startswith("WRONG: -0.416147, not 0.0770038")
    kinked = lambda x: mini.where(mini.greater(x, 1.0), x, 2.0 * x)
    assert mini.check(kinked, lambda x: 1.0, 1.0).startswith("UNDECIDED")


def test_it_is_as_short_as_it_says():
    assert len(SOURCE.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_that_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"src/chainrule[\w/]*(?:\.\w+)?", text) + re.findall(r"tests/[\w/]+(?:\.py)?", text)
    assert named or page.name in ("glossary.md", "index.md")
    for name in named:
        if not name.endswith("_"):  # tests/test_*.py
            assert (ROOT / name).exists(), f"{page.name} names {name}"
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (page.parent / target).exists(), f"{page.name} links {target}"


def test_every_term_is_explained_once_and_in_order():
    glossary = (SOURCE.parent / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| ([\w ]+) \|", glossary, re.MULTILINE)[1:]
    assert terms == sorted(set(terms))
    assert len(terms) > 40


def theory_and_speed():
    """The tables of ARCHITECTURE.md, (file, lines, what it is): theory, what stands beside it, what is only speed."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    text = text.partition("## Theory and speed")[2].partition("\n## ")[0]
    found = [re.findall(r"^\| `([\w/]+\.py)` \| (\d+) \| (.+) \|$", part, re.MULTILINE) for part in text.split("\n\n")]
    return [rows for rows in found if rows]


def test_rows_of_architectures_tables_have_the_columns_of_their_heads():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tables = [part.strip().splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) >= 4
    for head, *rows in tables:
        for row in rows:
            assert row.count(" | ") == head.count(" | ") or set(row) <= set("|-"), row


THEORY = 1310
"""Lines that are read in one sitting, at most. Shorten what is there before this grows."""
# What the theory imports of what is only speed: where a quicker way is tried before its own.
QUICKER = {
    "native/memory": "a node is taken as one without asking",
    "native/dense": "plain arrays meet a row without being asked one by one",
    "ops/reuse": "large results in the memory of earlier ones",
    "carriers/taylor/memo": "what is asked for twice",
    "carriers/taylor/recurrences": "coefficients by kind",
    "carriers/float_duals": "operators of floats with tangents push without their row",
    "carriers/node": "a node of a float says what a Detail does, in less memory",
    "values/arithmetic": "operators of floats are recorded without their row",
    "values/residuals": "arrays that no rule reads are given up",
    "sweeps/storage": "adjoints in little memory",
    "sweeps/array_nodes": "arrays in a sweep",
    "sweeps/float_nodes": "floats in a sweep",
    "transforms/floats": "a gradient by floats",
}


def test_the_theory_is_read_in_one_sitting():
    theory, _, speed = theory_and_speed()
    assert sum(len((PACKAGE / file).read_text(encoding="utf-8").splitlines()) for file, *_ in theory) <= THEORY
    quick = {file.removesuffix(".py"): set() for file, *_ in speed}
    for file, *_ in theory:
        text = (PACKAGE / file).read_text(encoding="utf-8")
        for module, name in re.findall(r"^(?:import|from) chainrule\.([\w.]+)(?: import (\w+))?", text, re.MULTILINE):
            for found in (module, f"{module}.{name}"):
                quick.get(found.replace(".", "/"), set()).add(file)
    assert {name for name, files in quick.items() if files} == set(QUICKER)


def test_the_tables_of_theory_and_speed_count_what_is_there():
    rows = [row for table in theory_and_speed() for row in table]
    assert len(rows) > 20
    for file, lines, _ in rows:
        there = len((PACKAGE / file).read_text(encoding="utf-8").splitlines())
        assert abs(there - int(lines)) <= 0.1 * there + 5, f"{file} has {there} lines, ARCHITECTURE.md says {lines}"
    named = {file for file, _, _ in rows}
    assert len(named) == len(rows), "a file is theory, beside it or speed, and listed once"
    beside = {p.relative_to(PACKAGE).as_posix() for p in (PACKAGE / "sweeps").glob("*.py") if p.name != "__init__.py"}
    assert beside - named == {"sweeps/by_hand.py"}, "a new sweep is theory or speed: say which"


def first_column(after, page="mathematics.md"):
    """What stands between back quotes in the first column of the table below a sentence."""
    text = (ROOT / "docs" / "develop" / page).read_text(encoding="utf-8").partition(after)[2]
    rows = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE).group().splitlines()[2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


def test_operators_are_known_by_name_where_the_page_says_why():
    places = first_column("## Where an operator is known by its name")
    names = {row.name for row in TABLE.values() if row.elementwise and row.public and row.symbol not in PYTHONS}
    names -= {"where", "clip"}  # settings and methods of many libraries
    found = set()
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if not names & set(re.findall(r"\"(\w+)\"", text)):
            continue
        if names & {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}:
            path = file.relative_to(PACKAGE).as_posix()
            found |= {place for place in (*places, "ops/") if path.startswith(place)} or {path}
    assert found == {*places, "ops/"}


def said(file):
    """The arguments of the class in a file: compiled, it has no signature."""
    made = (node for node in ast.walk(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))))
    (made,) = (node for node in made if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    return {a.arg for a in made.args.args[1:] + made.args.kwonlyargs}


def test_what_only_rows_can_say_is_told():
    rows = said("ops/entry.py") | said("ops/row.py")
    assert rows - set(inspect.signature(cr.operator).parameters) == set(first_column("says of itself what a row does"))
