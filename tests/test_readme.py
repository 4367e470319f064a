"""What the README shows of the command line is what the command line prints, and its commands are what CI runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("session", blocks("console"))
def test_a_session_on_the_command_line(session, tmp_path):
    for text in blocks("python"):
        (tmp_path / text.partition("\n")[0].removeprefix("# ")).write_text(text)  # as it is copied, with its name
    command, _, printed = session.partition("\n")
    program, *arguments = command.removeprefix("$ ").split()
    assert program == "chainrule"
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "chainrule.cli", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout + done.stderr == printed


def test_two_commands_for_newcomers():
    job, tests = (block.strip() for block in blocks("sh"))
    assert "\n" not in job + tests
    assert job.endswith("chainrule check examples/exercises")
    assert tests.endswith("pytest -q")


PICTURES = sorted((Path(__file__).parent.parent / "docs/pictures").glob("*.svg"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    subprocess.run([sys.executable, PICTURES[0].with_name("make.py"), folder], check=True, timeout=120)
    return folder


@pytest.mark.parametrize("kept", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_what_its_script_makes(kept, pictures):
    assert f"](docs/pictures/{kept.name})" in README
    number = r"-?\d+\.?\d*(?:e[+-]?\d+)?"
    now, then = (path.read_text(encoding="utf-8") for path in (pictures / kept.name, kept))
    if kept.stem == "train":  # what 150 steps make of the last bits differs from machine to machine
        now, then = (re.sub(r'class="(high|low)"|points="[^"]*"', "", text) for text in (now, then))
    assert re.sub(number, "#", now) == re.sub(number, "#", then)
    pairs = zip(re.findall(number, now), re.findall(number, then), strict=True)
    assert all(abs(float(a) - float(b)) <= 0.2 for a, b in pairs)


def test_its_links_lead_somewhere():
    root = Path(__file__).parent.parent
    for page in (root / "README.md", *(root / "docs").rglob("*.md")):
        prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)\)", prose):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"
