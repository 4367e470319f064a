"""Which engine runs, what `info` says of it, and what the build does where it cannot compile."""

import importlib
import json
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import chainrule as cr
from chainrule import engine
from chainrule.cli import main

ROOT = Path(__file__).parents[2]
PACKAGE = Path(engine.__file__).parent
HOOK = ("tool", "hatch", "build", "targets", "wheel", "hooks", "custom", "compiled")
compiled = pytest.mark.skipif(cr.info().engine != "compiled", reason="the engine that runs is not the compiled one")


def listed():
    """The modules that the build compiles."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for key in HOOK:
        found = found[key]
    return found


def python(program, **environment):
    """What a Python program prints, as JSON, with these environment variables."""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_module_that_is_compiled_has_a_readable_source():
    for name in listed():
        assert (ROOT / "src" / Path(*name.split("."))).with_suffix(".py").exists(), name


@compiled
def test_what_the_build_lists_runs_compiled_and_is_newer_than_its_source():
    for name in listed():
        importlib.import_module(name)  # some are imported when they are first used
    assert cr.info().compiled == tuple(sorted(listed()))
    for name in listed():
        module = sys.modules[name]
        assert module.__name__ == name
        source = PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py")
        assert module.__loader__.get_source(name) == source.read_text(encoding="utf-8")
        changed = source.stat().st_mtime > Path(module.__file__).stat().st_mtime
        assert not changed, f"{source.name} was changed: pip install -e . again"


def test_what_is_installed_is_small():
    """In bytes on Linux. What makes it larger is worth that, or goes."""
    sources = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".js", ".css", ".html"}]
    assert sum(path.stat().st_size for path in sources) < 4_600_000
    for library in PACKAGE.glob("compiled.*linux*"):
        assert library.stat().st_size < 5_850_000


def test_the_sources_run_when_that_is_asked_for():
    program = """
import json, sys, chainrule as cr
files = [m.__file__ for name, m in sys.modules.items() if name.startswith("chainrule.") and m.__file__]
print(json.dumps([cr.info().engine, cr.info().because, sorted({f.rpartition(".")[2] for f in files})]))
"""
    assert python(program, CHAINRULE_PURE="1") == ["pure Python", "CHAINRULE_PURE is set", ["py"]]
    assert python(program, CHAINRULE_PURE="0")[1] != "CHAINRULE_PURE is set"


@compiled
def test_a_traceback_shows_the_source_of_compiled_modules():
    program = """
import json, traceback, chainrule as cr
try: cr.Value("seven")
except cr.errors.ArgumentError: print(json.dumps(traceback.format_exc()))
"""
    shown = python(program, CHAINRULE_PURE="0")
    assert 'value.py", line ' in shown
    assert "_owned(data)" in shown


def test_modules_of_others_are_left_to_their_finders():
    assert engine.Finder.find_spec("numpy.linalg", ["."]) is None
    assert engine.Finder.find_spec("chainrule") is None
    assert engine.Finder.find_spec("chainrule.nonsense", [str(ROOT / "src" / "chainrule")]) is None
    assert find_spec("chainrule.numbers") is not None


def test_info_in_python_and_on_the_command_line(capsys):
    info = cr.info()
    assert info.engine == ("compiled" if info.compiled else "pure Python")
    assert [line.split()[0] for line in str(info).splitlines()] == [
        "chainrule", "engine", "Python", "NumPy", "llvmlite", "CPU",
    ]  # fmt: skip
    assert main(["info"]) == 0
    shown = capsys.readouterr().out.splitlines()[1]
    assert shown.split(maxsplit=1)[0] == "engine"
    assert info.engine in shown
    assert info.because in shown


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CHAINRULE_COMPILE": "0"}, ""),
        ({"CHAINRULE_COMPILE": "", "CC": "there-is-no-compiler"}, "installed without its compiled engine: "),
    ],
)
def test_where_nothing_is_compiled_the_package_is_built_all_the_same(tmp_path, environment, said):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    assert ("there-is-no-compiler" in done.stderr) == bool(said)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    suffixes = {Path(name).suffix for name in ZipFile(wheel).namelist()}
    assert ".py" in suffixes
    assert not suffixes & {".so", ".pyd", ".c"}
