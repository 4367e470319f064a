"""The command line: what it prints, on which stream, and its exit codes."""

import importlib.machinery
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from chainrule.cli import main

CUBE = "def cube(x): return x * x * x\ndef cube_grad(x): return 3 * x * x\n"
WRONG = "def square(x): return x * x\ndef square_grad(x): return x\n"
NAN = "def line(x): return 2 * x\ndef line_grad(x): return float('nan')\n"
RANDOM = "import random\ndef dice(x): return x * random.random()\ndef dice_grad(x): return 0.5\n"


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)  # lines would be cut

    def write(*texts):
        path = tmp_path / "lesson.py"
        path.write_text("".join(texts))
        return str(path)

    return write


def test_all_correct(lesson, capsys):
    path = lesson(CUBE)
    assert main(["check", path]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"CORRECT    {path}:2 cube_grad")
    assert out.endswith("1 claim: 1 CORRECT\n")
    assert err == ""


def test_something_wrong(lesson, capsys):
    path = lesson(CUBE, WRONG)
    assert main(["check", path]) == 1
    out = capsys.readouterr().out
    assert f"\nWRONG      {path}:4 square_grad" in out
    assert out.endswith("2 claims: 1 CORRECT, 1 WRONG\n")


def test_nan_is_never_correct(lesson):
    assert main(["check", lesson(NAN)]) in (1, 2)


def test_undecided_and_error_share_an_exit_code_and_are_told_apart(lesson, capsys):
    assert main(["check", lesson(RANDOM)]) == 2
    assert capsys.readouterr().out.endswith("1 claim: 1 UNDECIDED\n")
    assert main(["check", lesson(CUBE, "1 / 0\n")]) == 2
    assert capsys.readouterr().out.endswith("1 claim: 1 CORRECT; 1 error\n")


def test_wrong_outweighs_undecided_and_error(lesson):
    assert main(["check", lesson(WRONG, RANDOM, "1 / 0\n")]) == 1


def test_nothing_to_check(lesson, capsys):
    assert main(["check", lesson("x = 1\n")]) == 2
    assert "nothing to check" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--seed", "many", "."], ["check", "--at", "x + 1", "."], ["explode"]]
)
def test_misuse_shows_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("usage: chainrule")


def test_a_path_that_does_not_exist(tmp_path, capsys):
    gone = str(tmp_path / "gone.py")
    assert main(["check", gone]) == 2
    expected = f"chainrule check: expected a file or a folder, got {gone}, which does not exist\n"
    assert capsys.readouterr() == ("", expected)


def test_json_and_seed(lesson, capsys):
    assert main(["check", lesson(CUBE, WRONG), "--json", "--seed", "7"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {claim["name"]: claim["verdict"] for claim in document["claims"]} == {
        "cube_grad": "CORRECT",
        "square_grad": "WRONG",
    }


POINTS = "def area(a, b): return a * b\ndef area_grad(a, b): return (b, a if a < 5 else 0.0)\n"


@pytest.mark.parametrize(
    ("at", "points"),
    [
        (["(1.0, 2)"], [["1", "2"]]),
        (["[(1, 2), (6, 7)]"], [["1", "2"], ["6", "7"]]),
        (["(-1, 2)", "(3, 4)"], [["-1", "2"], ["3", "4"]]),
        (["-1e-3 -2.5"], [["-0.001", "-2.5"]]),
        (["1 2", "-3 4"], [["1", "2"], ["-3", "4"]]),
    ],
)
def test_points(lesson, capsys, at, points):
    code = main(
        [
            "check",
            lesson(POINTS),
            "--json",
            *(w for point in at for w in ["--at", *(point.split() if point[0] not in "[(" else [point])]),
        ]
    )
    claim = json.loads(capsys.readouterr().out)["claims"][0]
    assert [point["at"] for point in claim["report"]["points"]] == points
    assert code == ("6" in points[-1])


def test_a_point_that_is_an_array(lesson, capsys):
    text = "import numpy as np\ndef norm(w): return np.sum(w**2)\ndef norm_grad(w): return 2 * w\n"
    assert main(["check", lesson(text), "--at", "[1, 2]", "--at", "[3, 4]"]) == 0
    assert "at 2 points" in capsys.readouterr().out


def test_tolerance(lesson):
    path = lesson("def cube(x): return x**3\ndef cube_grad(x): return 3.00003 * x * x\n")
    assert [main(["check", path, *more]) for more in ([], ["--rtol", "1e-3"])] == [1, 0]


def test_only(lesson, capsys):
    assert main(["check", lesson(CUBE, WRONG), "--only", "cube*"]) == 0
    assert capsys.readouterr().out.endswith("1 claim: 1 CORRECT; 1 not asked for\n")


def test_an_interrupt_prints_what_was_done(lesson, capsys):
    assert main(["check", lesson(CUBE, "raise KeyboardInterrupt\n")]) == 130
    assert "; interrupted at " in capsys.readouterr().out


def test_the_line_of_a_wrong_claim_names_the_cause(lesson, capsys):
    main(["check", lesson(WRONG)])
    assert "square_grad   at 8 points: a constant factor: exactly 1/2 of the truth" in capsys.readouterr().out


def test_info(capsys):
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("chainrule ")
    for name in ("numpy", "scipy", "llvmlite", "torch", "pytest"):
        assert f"\n  {name} " in out


def test_info_says_how_to_get_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr("chainrule.cli.installed", lambda name: "")
    main(["info"])
    out = capsys.readouterr().out
    assert out.startswith("chainrule from source ")
    assert "  sympy       not installed   formulas   pip install 'chainrule[symbolic]'\n" in out


def test_other_verbs_come_from_their_modules(monkeypatch, capsys):
    module = types.ModuleType("others")
    module.register = lambda commands: commands.add_parser("greet", help="say hello").set_defaults(
        run=lambda options: print("hello")
    )
    monkeypatch.setitem(sys.modules, "others", module)
    module.__spec__ = importlib.machinery.ModuleSpec("others", None)
    monkeypatch.setattr("chainrule.cli.VERBS", ("others", "chainrule.nowhere.at_all"))
    assert main(["greet"]) == 0
    assert capsys.readouterr().out == "hello\n"
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "say hello" in capsys.readouterr().out


def program(*arguments, **environment):
    command = [sys.executable, "-m", "chainrule.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, timeout=60)


def test_as_a_program_on_a_terminal_that_knows_only_ascii(lesson):
    text = "def λ(x): return x * x\ndef λ_grad(x): return x\n"
    done = program("check", lesson(text), PYTHONIOENCODING="ascii", NO_COLOR="1", COLUMNS="40")
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()[0]) <= 40
    assert "\x1b" not in done.stdout
    assert "?_grad" in done.stdout


def test_colour_can_be_forced(lesson):
    done = program("check", lesson(WRONG), FORCE_COLOR="1", TERM="xterm", NO_COLOR="")
    assert "\x1b[1;31mWRONG" in done.stdout


@pytest.mark.parametrize("given", ["", "20"])
def test_the_installed_command_says_how_threads_wait_before_numpy_is_imported_and_no_longer(lesson, given):
    name = "OPENBLAS_THREAD_TIMEOUT"
    text = "import os\n" + CUBE.replace("3 * x", f"3 * (os.environ.get({name!r}, '') == {given!r}) * x")
    assert given in text
    assert name in text
    code = (
        "import os, sys\nclass Finder:\n    @staticmethod\n    def find_spec(name, *_):\n"
        f"        if name == 'numpy': print(os.environ[{name!r}], flush=True)\n"
        "sys.meta_path.insert(0, Finder)\nfrom _chainrule_command import command\ncommand()\n"
    )
    kept = {k: v for k, v in os.environ.items() if k != name} | ({name: given} if given else {})
    run = [sys.executable, "-c", code, "check", lesson(text)]
    done = subprocess.run(run, capture_output=True, text=True, env=kept, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0] == (given or "4")


def test_help_and_info_do_not_load_what_only_checks_need():
    code = (
        "import sys; from chainrule.cli import main; main(['info'])\n"
        "print([m for m in ('sympy', 'scipy', 'torch', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_right_gradient_is_checked_without_what_only_wrong_ones_nets_and_notebooks_need(lesson):
    code = (
        "import sys; from chainrule.check import check; from chainrule.check.reports.run import run\n"
        f"done = run([{lesson(CUBE)!r}], check, apart=False)\n"
        "rest = ('diagnosis', 'backward.passes', 'judges.from_labels', 'judges.named', 'readings.forms',\n"
        "    'claims.notebook')\n"
        "rest = ('mpmath', 'scipy', 'sympy', 'shutil', 'difflib', 'optree', *(f'chainrule.check.{m}' for m in rest))\n"
        "print([o.verdict for o in done.outcomes], [m for m in rest if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "['CORRECT'] []", done.stderr


@pytest.mark.skipif(os.name == "nt", reason="names of files there hold no control characters")
def test_control_characters_in_names_of_files_are_written_out(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("red\x1b[31m\r.py")
    path.write_text("def cube(x):\n    return x**3\n\n\ndef cube_grad(x):\n    return 3 * x**2\n")
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert r"red\x1b[31m\r.py" in said
    assert all(c.isprintable() or c == "\n" for c in said)
