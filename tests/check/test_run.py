"""A run puts every claim before `check` and turns the reports into lines, JSON and an exit code."""

import io
import json
import sys
import time
from dataclasses import dataclass
from enum import Enum

import pytest

from chainrule.check.reports.run import run as run_files
from chainrule.check.reports.screen import Screen


def run(paths, check, **asked):
    """A run in this process, so that a referee made up here can judge."""
    return run_files(paths, check, apart=False, **asked)


class Verdict(Enum):
    CORRECT = "CORRECT"
    WRONG = "WRONG"
    UNDECIDED = "UNDECIDED"


@dataclass
class Report:
    verdict: Verdict
    causes: tuple[str, ...] = ()

    @property
    def headline(self):
        return f"{self.verdict.value}  in a word"

    def __str__(self):
        return f"{self.headline}\n  in many words"

    def to_dict(self):
        return {"verdict": self.verdict.value}


def says(function, derivative, at=None, **settings):
    """A referee that does what the derivative says: it returns a verdict, or raises."""
    answer = derivative(0)
    if isinstance(answer, str):
        return Report(Verdict(answer))
    raise answer


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """Writes a file with one claim for every verdict given, and gives its path."""
    monkeypatch.delenv("COLUMNS", raising=False)  # lines would be cut

    def write(*verdicts, extra="", name="lesson.py"):
        path = tmp_path / name
        pairs = [f"def f{k}(x): return x\ndef df{k}(x): return {v}\n" for k, v in enumerate(verdicts)]
        path.write_text("".join(pairs) + extra)
        return path

    return write


def text_of(result, width=None):
    screen = Screen(io.StringIO(), width=width)
    result.print(screen)
    return screen.file.getvalue()


@pytest.mark.parametrize(
    ("verdicts", "extra", "code"),
    [
        (["'CORRECT'", "'CORRECT'"], "", 0),
        (["'CORRECT'", "'WRONG'"], "", 1),
        (["'CORRECT'", "'UNDECIDED'"], "", 2),
        (["'WRONG'", "'UNDECIDED'"], "1 / 0", 1),
        (["'CORRECT'"], "1 / 0", 2),
        (["'CORRECT'", "ValueError('no')"], "", 2),
        (["'CORRECT'", "SystemExit(0)"], "", 2),
        ([], "", 2),
    ],
)
def test_exit_code(lesson, verdicts, extra, code):
    assert run([lesson(*verdicts, extra=extra)], says).exit_code == code


def test_the_text_names_each_claim_and_tells_the_bad_ones_in_full(lesson):
    path = lesson("'CORRECT'", "'WRONG'", "'UNDECIDED'", "ValueError('no')", extra="1 / 0")
    assert text_of(run([path], says)).splitlines() == [
        f"CORRECT    {path}:2 df0   in a word",
        f"WRONG      {path}:4 df1   in a word",
        f"UNDECIDED  {path}:6 df2   in a word",
        "",
        f"{path}:4 df1",
        "WRONG  in a word",
        "  in many words",
        "",
        f"{path}:6 df2",
        "UNDECIDED  in a word",
        "  in many words",
        "",
        f"ERROR      {path}:9: ZeroDivisionError: division by zero",
        f"ERROR      {path}:8: checking df3: ValueError: no",
        "3 claims: 1 CORRECT, 1 WRONG, 1 UNDECIDED; 2 errors",
    ]


def test_nothing_found_says_what_a_claim_is(lesson):
    path = lesson()
    text = text_of(run([path], says))
    assert text.startswith(f"nothing to check: no claim found in {path}\n")
    assert "f and grad_f" in text
    assert text.endswith("0 claims\n")


def test_what_was_skipped_is_told_and_does_not_count(lesson):
    path = lesson("'CORRECT'", extra="def g(x): ...\ndef g_grad(x, slope): ...\n")
    result = run([path], says)
    assert result.exit_code == 0
    assert f"SKIPPED    {path}:4: g_grad needs 2 arguments, g takes 1\n" in text_of(result)
    assert text_of(result).endswith("1 claim: 1 CORRECT; 1 skipped\n")


def test_points_settings_and_seed_reach_the_referee(tmp_path):
    path = tmp_path / "marked.py"
    path.write_text(
        "from chainrule.check.claims.claim import gradient_of\n"
        "@gradient_of(abs, at=[1.0], rtol=0.5, seed=3)\ndef slope(x): return 1\n"
    )
    seen = []

    def check(function, derivative, **settings):
        seen.append((function, derivative(0), settings))
        return Report(Verdict.CORRECT)

    run([path], check)
    run([path], check, seed=7)
    assert seen == [(abs, 1, {"at": [1.0], "rtol": 0.5, "seed": seed}) for seed in (3, 7)]


def test_points_and_tolerance_of_the_run(tmp_path):
    path = tmp_path / "marked.py"
    path.write_text(
        "from chainrule.check.claims.claim import gradient_of\n"
        "@gradient_of(abs, at=[1.0], rtol=0.5)\ndef slope(x): return 1\n"
        "@gradient_of(abs, kind='hessian')\ndef curve(x): return 0\n"
    )
    seen = []

    def check(function, derivative, **settings):
        seen.append(settings)
        return Report(Verdict.CORRECT)

    run([path], check, at=[2.0], rtol=0.1)
    assert seen == [{"at": [1.0], "rtol": 0.1}, {"at": [2.0], "kind": "hessian", "rtol": 0.1}]


@pytest.mark.parametrize(("only", "names"), [("df1", ["df1"]), ("f0", ["df0"]), ("*1", ["df1"]), ("d?[02]", ["df0"])])
def test_only_the_claims_that_are_asked_for(lesson, only, names):
    result = run([lesson("'CORRECT'", "'WRONG'")], says, only=only)
    assert [outcome.claim.name for outcome in result.outcomes] == names
    assert text_of(result).endswith("; 1 not asked for\n")


def test_nobody_has_the_name_that_is_asked_for(lesson):
    result = run([lesson("'CORRECT'")], says, only="g")
    assert result.exit_code == 2
    assert "none of the claims in" in text_of(result)
    assert "no claim found" not in text_of(result)


@pytest.mark.parametrize(
    ("headline", "line"),
    [
        ("WRONG at 3 points: x is 1, not 2", "at 3 points: the sign is wrong"),
        ("WRONG: expected shape (3,), got ()", "the sign is wrong"),
        ("WRONG", "the sign is wrong"),
    ],
)
def test_the_line_of_a_wrong_claim_names_the_likely_cause(lesson, monkeypatch, headline, line):
    monkeypatch.setattr(Report, "headline", headline)
    result = run([lesson("'WRONG'")], lambda *a, **k: Report(Verdict.WRONG, ("the sign is wrong", "or not")))
    assert text_of(result).splitlines()[0].endswith(f"df0   {line}")
    result = run([lesson("'WRONG'")], lambda *a, **k: Report(Verdict.WRONG))
    assert text_of(result).splitlines()[0].endswith(f"df0   {headline.removeprefix('WRONG').strip(' :')}".rstrip())


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("patience", "shown"), [(0.01, True), (60, False)])
def test_a_long_run_shows_on_the_terminal_how_far_it_is(lesson, monkeypatch, patience, shown):
    monkeypatch.setattr(sys.modules["chainrule.check.reports.progress"], "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)

    def slowly(function, derivative, **settings):
        time.sleep(0.3)
        return Report(Verdict.CORRECT)

    path = lesson("'CORRECT'", "'CORRECT'")
    assert run([path], slowly).exit_code == 0
    assert ("0/1 files   lesson.py df1 (2 of 2)" in screen.getvalue()) is shown


def test_a_file_named_twice_is_run_once(lesson, monkeypatch):
    path = lesson("'CORRECT'")
    monkeypatch.chdir(path.parent)
    assert len(run([path, path.parent, path.name], says).outcomes) == 1


def test_output_of_files_and_functions_is_kept(lesson, capsys):
    result = run([lesson("print('checked') or 'CORRECT'", extra="print('run')")], says)
    assert result.output == "run\nchecked\n"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("verdicts", "extra", "where"),
    [(["KeyboardInterrupt()", "'WRONG'"], "", "b.py:2 df0"), (["'CORRECT'"], "raise KeyboardInterrupt", "b.py line 3")],
)
def test_an_interrupt_ends_the_run_and_what_was_done_is_told(lesson, verdicts, extra, where):
    result = run([lesson("'CORRECT'", name="a.py"), lesson(*verdicts, extra=extra, name="b.py")], says)
    assert result.interrupted.endswith(where)
    assert result.exit_code == 130
    assert [outcome.verdict for outcome in result.outcomes] == ["CORRECT"] * (1 + bool(extra))
    assert text_of(result).endswith(f"{where}\n")
    assert " CORRECT; interrupted at " in text_of(result)
    assert json.loads(result.to_json())["interrupted"]


def test_json(lesson):
    path = lesson("'CORRECT'", "'WRONG'", extra="1 / 0")
    document = json.loads(run([path], says).to_json())
    assert document["exit_code"] == 1
    assert document["counts"] == {"CORRECT": 1, "WRONG": 1, "UNDECIDED": 0}
    assert [(claim["name"], claim["line"], claim["verdict"]) for claim in document["claims"]] == [
        ("df0", 2, "CORRECT"),
        ("df1", 4, "WRONG"),
    ]
    assert document["claims"][0]["report"] == {"verdict": "CORRECT"}
    assert document["problems"] == [
        {"path": str(path), "where": "line 5", "message": "ZeroDivisionError: division by zero"}
    ]


def test_lines_fit_the_columns_that_are_asked_for(lesson, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    first = text_of(run([lesson("'CORRECT'")], says)).splitlines()[0]
    assert first.startswith("CORRECT    ")
    assert len(first) == 30
    assert first.endswith("…")


def test_forced_colour_does_not_cut_lines(lesson, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    screen = Screen(io.StringIO(), colours=True)
    run([lesson("'CORRECT'")], says).print(screen)
    assert "in a word" in screen.file.getvalue().splitlines()[0]


def test_a_screen_without_the_sign_for_it_gets_dots(lesson, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    run([lesson("'CORRECT'")], says).print(Screen(file))
    file.flush()
    first = file.buffer.getvalue().decode("ascii").splitlines()[0]
    assert first.endswith("...")
    assert len(first) == 30


def test_colour_is_a_layer_over_the_same_text(lesson, monkeypatch):
    result = run([lesson("'WRONG'")], says)
    plain = text_of(result)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    screen = Screen(io.StringIO())
    result.print(screen)
    assert "\x1b[1;31mWRONG" in screen.file.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen(io.StringIO())
    result.print(screen)
    assert "31m" not in screen.file.getvalue()
    assert "\x1b" not in plain
