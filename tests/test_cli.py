"""The command line: what it prints, on which stream, and its exit codes."""

import json
import os
import subprocess
import sys

import pytest

from chainrule.cli import main

CUBE = "def cube(x): return x * x * x\ndef cube_grad(x): return 3 * x * x\n"
WRONG = "def square(x): return x * x\ndef square_grad(x): return x\n"
NAN = "def line(x): return 2 * x\ndef line_grad(x): return float('nan')\n"
KINK = (
    "import chainrule as cr\n"
    "def corner(x): return abs(x)\n"
    "@cr.gradient_of(corner, at=0.0)\ndef corner_grad(x): return 0.3\n"
)


@pytest.fixture
def lesson(tmp_path):
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
    assert main(["check", lesson(KINK)]) == 2
    assert capsys.readouterr().out.endswith("1 claim: 1 UNDECIDED\n")
    assert main(["check", lesson(CUBE, "1 / 0\n")]) == 2
    assert capsys.readouterr().out.endswith("1 claim: 1 CORRECT; 1 error\n")


def test_wrong_outweighs_undecided_and_error(lesson):
    assert main(["check", lesson(WRONG, KINK, "1 / 0\n")]) == 1


def test_nothing_to_check(lesson, capsys):
    assert main(["check", lesson("x = 1\n")]) == 2
    assert "nothing to check" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["check"], ["check", "--seed", "many", "."], ["explode"]])
def test_misuse_shows_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("usage: chainrule")


def test_a_path_that_does_not_exist(tmp_path, capsys):
    gone = str(tmp_path / "gone.py")
    with pytest.raises(SystemExit) as stop:
        main(["check", gone])
    assert stop.value.code == 2
    expected = f"chainrule check: expected a file or a folder, got {gone}, which does not exist\n"
    assert capsys.readouterr() == ("", expected)


def test_json_and_seed(lesson, capsys):
    assert main(["check", lesson(CUBE, WRONG), "--json", "--seed", "7"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {claim["name"]: claim["verdict"] for claim in document["claims"]} == {
        "cube_grad": "CORRECT",
        "square_grad": "WRONG",
    }


def test_info(capsys):
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("chainrule ")
    assert "numpy" in out


def test_as_a_program_on_a_terminal_that_knows_only_ascii(lesson):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "COLUMNS": "40"}
    command = [sys.executable, "-m", "chainrule.cli", "check", lesson(WRONG)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()[0]) <= 40
