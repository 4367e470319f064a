"""Layers: who may import whom, how large a file may be, what an import costs, which names exist."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as cr

ROOT = Path(__file__).parent.parent / "src" / "chainrule"
# Imports go down this list only: a file imports from its own group and from those before it.
LAYERS = [
    "records",
    "patterns",
    "signatures",
    "engine",
    "errors",
    "tracebacks",
    "numeric",
    "numbers",
    "complex_numbers",
    "libraries",
    "inputs",
    "native",
    "trees",
    "ops",
    "carriers",
    "scipy",
    "recording",
    "sweeps",
    "values",
    "transforms",
    "solutions",
    "sparse",
    "bridges",
    "check",
    "doctor",
    "jit",
    "show",
    "plots",
    "nn",
    "optim",
    "training",
    "cluster",
]
ENTRIES = ["cli", "__main__", "made"]
WITNESS = "numeric"  # stays independent: imports errors, and how data classes are made
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py" or path.parent != ROOT)
# Imports of our own inside functions, each with its reason. Ideally there are none.
LATE: dict[str, str] = {
    "cli": "the command line imports what a subcommand needs, so that `chainrule --help` answers at once",
    "show": "a command of the command line, as above",
    "transforms": "a custom rule imports what verifies it when it is registered: most programs define none",
    "optim": "compiling what is minimised is asked for by few",
    "training": "compiling a step is asked for, as above",
    "cluster": "Dask and what reads files are imported where they are used; jit where a kernel is made",
    "check": "a check imports the carriers' tracing and the reports it prints when they are needed",
}
EXTRAS = ["scipy", "sympy", "mpmath", "torch", "jax", "matplotlib", "IPython", "nbformat", "pytest", "llvmlite", "rich"]


def group(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def module_name(path):
    return ".".join(["chainrule", *path.relative_to(ROOT).with_suffix("").parts])


def imports(path):
    """(imported module of ours, whether at the top) for every import in a file; `from chainrule import x` is x."""
    tree = ast.parse(path.read_text())
    top = set(map(id, tree.body)) | {id(n) for b in tree.body if isinstance(b, (ast.If, ast.Try)) for n in ast.walk(b)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "chainrule":
            names = [f"chainrule.{a.name}" for a in node.names] if node.module == "chainrule" else [node.module]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == "chainrule"]
        else:
            continue
        for name in names:
            yield name, id(node) in top


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_go_one_way(path):
    own = group(module_name(path))
    assert own in LAYERS + ENTRIES, f"{own} has no place among the layers"
    for module, at_top in imports(path):
        other = group(module)
        if own in ENTRIES:
            continue
        assert other in LAYERS, f"{path.name} imports {module}: the top of the package or a way in"
        assert LAYERS.index(other) <= LAYERS.index(own), f"{path.name} imports {module}, which comes after {own}"
        assert own != WITNESS or other in (WITNESS, "errors", "records"), (
            f"{path.name} imports {module}: no longer a witness"
        )
        assert at_top or own in LATE, f"{path.name} imports {module} inside a function"


# The folders of jit in the order in which a function passes through them; the same rule holds.
JIT = [
    *("step", "program", "record", "replay", "captured", "passes", "loops", "plan", "packs", "run", "emit", "reroll"),
    *("extrapolate", "backend", "call", "export"),
]
LOOSE = {"ops": 46, "carriers": 22}  # a file for each family of rows; what travels in place of a number
COSTS = ("plan", "emit")  # what a step costs, and whether it can be computed in a loop, is asked of its emitter


@pytest.mark.parametrize("path", [path for path in FILES if group(module_name(path)) == "jit"], ids=module_name)
def test_imports_go_one_way_in_jit(path):
    own = module_name(path).split(".")[2]
    for module, _ in imports(path):
        parts = module.split(".")
        if own == "__init__" or parts[1] != "jit" or len(parts) < 3:
            continue
        if (own, parts[2]) == COSTS:
            assert parts[3] == "rows", f"{path.name} imports {module}: only costs may be asked for"
        else:
            assert JIT.index(parts[2]) <= JIT.index(own), f"{path.name} imports {module}, which comes after {own}"


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=lambda folder: folder.name)
def test_folders_hold_what_one_can_take_in(folder):
    """Thirty files in one folder have an order that only their author knows."""
    files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(files) <= LOOSE.get(folder.relative_to(ROOT).as_posix(), 20), sorted(path.name for path in files)


# A docstring says what its function does; it does not go on from the one before it.
POINTS_ELSEWHERE = re.compile(
    r"The same(,|\.| (as|by|for|in|of|where|with|without)\b)|(Likewise|That|Those|They|So|And) "
)


def names_used(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_are_of_a_size_one_can_read(path):
    lines = path.read_text().splitlines()
    assert len(lines) < 500
    tree = ast.parse("\n".join(lines))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 80, f"{node.name} is too long"
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
            said = ast.get_docstring(node) or ""
            assert not POINTS_ELSEWHERE.match(said), f"{getattr(node, 'name', 'the file')}: {said!r:.80}"
    assert ast.get_docstring(tree) or not lines, "a file begins with what it is for"


def measured(program, cache):
    """What `program` prints, run with compiled files kept in `cache`, as an installed package has them."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    run = [sys.executable, "-c", program]
    out = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60, env=environment)
    return json.loads(out.stdout)


LARGE = [  # parts of the standard library that take as long to import as a good part of Chainrule
    "asyncio", "concurrent.futures", "email", "importlib.metadata", "json", "logging", "multiprocessing", "socket",
    "ssl", "subprocess", "tempfile", "unittest",
]  # fmt: skip
# What `import chainrule` leaves for its first use.
LATER = [
    "check",
    "numeric",
    "show",
    "jit",
    "plots",
    "nn",
    "optim",
    "training",
]


def test_every_pattern_that_is_compiled_late_can_be_compiled():
    """Its first use would find a mistake in it; that may be a user's."""
    found = [
        call.args[0].value
        for file in ROOT.rglob("*.py")
        if "import pattern" in (text := file.read_text())
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "pattern"
    ]
    assert len([re.compile(text) for text in found]) > 20


def modules_after(program, *arguments):
    """The modules that a fresh process has imported after `program`, which may print."""
    code = f"import numpy; import sys; had = set(sys.modules)\n{program}\n"
    code += "found = sorted(set(sys.modules) - had); import json; print(); print(json.dumps(found))"
    run = [sys.executable, "-c", code, *arguments]
    out = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(out.stdout.splitlines()[-1])


def test_importing_loads_what_differentiates_and_no_more():
    found = modules_after("import chainrule")
    rules = ("chainrule.carriers.functions.rules", "chainrule.carriers.complexes.number", "optree", "numpy.fft")
    assert not set(found) & set(rules)  # the rules of NumPy's functions wait until one is asked for
    assert not set(found) & {*EXTRAS, *LARGE}
    ours = [name for name in found if group(name) in LATER]
    assert sorted(ours) == ["chainrule.check", "chainrule.jit"]  # whose functions have the names of their packages
    assert len(found) <= 147, len(found)


@pytest.mark.parametrize("name", ["grad(lambda x: x * x)(2.0)", "Value(2.0).exp().backward()", "numeric"])
def test_differentiating_loads_no_more_either(name):
    assert not set(modules_after(f"import chainrule; chainrule.{name}")) & {*EXTRAS, *LARGE}


def test_checking_a_file_loads_only_what_it_needs(tmp_path):
    file = tmp_path / "squares.py"
    file.write_text("def square(x): return x * x\ndef square_grad(x): return 2 * x\n")
    found = modules_after("from chainrule.cli import main; main(['check', sys.argv[1]])", str(file))
    assert not set(found) & {*EXTRAS, *LARGE}
    assert not [name for name in found if group(name) in ("show", "jit", "plots") and name.count(".") > 1]
    assert "optree" not in found  # which takes as long as a fifth of NumPy
    # what compiles patterns of names, or draws from NumPy's generators, takes a twentieth and an eighth of NumPy's time
    assert not set(found) & {"pathlib", "numpy.random"}
    assert len(found) <= 255, len(found)


@pytest.mark.parametrize(
    "first", ["check", "jit", "check.comparison", "check.checking", "jit.call.compiled", "jit.call.jit"]
)
def test_a_function_is_never_hidden_by_a_package_of_its_name(first):
    """Whatever is imported, and in whatever order."""
    code = f"import chainrule as cr, chainrule.{first}, chainrule.check, chainrule.jit\n"
    code += "assert all(map(callable, (cr.check, cr.jit, cr.compare))), (cr.check, cr.jit, cr.compare)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_importing_is_cheap_and_imports_no_extra(tmp_path):
    program = f"""
import json, sys, time
start = time.process_time()
import numpy
base = time.process_time() - start
import chainrule
spent = time.process_time() - start - base
print(json.dumps([spent, base, [m for m in {EXTRAS!r} if m in sys.modules]]))
"""
    best = 9.0
    for _ in range(8):
        spent, base, extras = measured(program, tmp_path)
        assert extras == []
        best = min(best, spent / max(1.0, base / 0.1))  # a busy machine is slow at importing NumPy too
        if best < 0.12:
            break
    assert best < 0.12


SETTLED = """
Value grad value_and_grad jacobian jacfwd jacrev hessian hvp jvp vjp taylor jet stop_gradient custom_vjp custom_jvp lift
sin where sum relu sigmoid softplus softmax log_softmax logsumexp numeric errors
"""
METHODS = "backward zero_grad forward exp log sin cos tan tanh relu sigmoid sqrt abs sum _prev _op data grad label"


def test_settled_names_exist():
    assert all(hasattr(cr, name) and name in dir(cr) for name in SETTLED.split())
    assert all(hasattr(cr.Value, name) for name in METHODS.split())
    assert all(hasattr(cr.numeric, name) for name in ("derivative", "gradient", "jacobian", "hessian"))
    assert len(cr.__all__) == len(set(cr.__all__))


def test_public_functions_explain_themselves():
    """Every public name has a docstring; transforms show an example."""
    for name in SETTLED.split():
        assert (getattr(cr, name).__doc__ or "").strip(), name
    for name in (
        "grad",
        "value_and_grad",
        "jacobian",
        "hessian",
        "hvp",
        "jvp",
        "vjp",
        "taylor",
        "jet",
        "custom_vjp",
        "custom_jvp",
    ):
        assert ">>>" in getattr(cr, name).__doc__, name


def test_what_an_import_makes_counts_as_old():
    """The collector does not look through all that an import has made; what a user froze stays so."""
    code = (
        "import gc, numpy; {first}; seen = []; gc.callbacks.append(lambda phase, of: seen.append(phase));"
        "import chainrule; print(len(seen), gc.isenabled(), gc.get_freeze_count() > 0)"
    )
    for first, frozen in (("pass", "False"), ("gc.freeze()", "True")):
        done = subprocess.run(
            [sys.executable, "-c", code.format(first=first)], capture_output=True, text=True, check=True
        )
        count, *others = done.stdout.split()
        assert others == ["True", frozen]
        assert int(count) < 4 or frozen == "True"
