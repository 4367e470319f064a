"""How `chainrule check` fares on files in the conventions that people write: what it finds, gets right, and blames.

The files of `tests/check/corpus_files` say in their heads which claims they hold: `# right:`, `# wrong:` and `# none:`
(names that only look like derivatives); `# cause: name: words` says what a diagnosis has to hold. Found: claims that
were judged. Right: right ones called CORRECT and wrong ones called WRONG. False alarms: right ones, or no claims at
all, that were called WRONG.

    python benchmarks/practice.py
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

from chainrule.check import check
from chainrule.check.reports.run import run

CORPUS = Path(__file__).parent.parent / "tests" / "check" / "corpus_files"


class Expected(NamedTuple):
    """The names of a file's right claims, wrong claims, and names that are no claims; words of diagnoses, by name."""

    right: set[str]
    wrong: set[str]
    none: set[str]
    causes: dict[str, str]


class Score(NamedTuple):
    """How many claims of a file there are, were found, judged rightly, blamed falsely, missed as wrong; seconds."""

    claims: int
    found: int
    right: int
    alarms: int
    passed: int
    seconds: float
    amiss: tuple[str, ...]


def expected(path: Path) -> Expected:
    """What the head of a file of the corpus says."""
    text = path.read_text(encoding="utf-8")

    def names(word: str) -> set[str]:
        found = re.findall(rf'# {word}: ([^\n\\"]*)', text)
        return {name.strip() for line in found for name in line.split(",")}

    causes = dict(re.findall(r'# cause: ([\w.]+): ([^\n\\"]*)', text))
    return Expected(names("right"), names("wrong"), names("none"), causes)


def score(path: Path, limit: float = 90.0) -> Score:
    """Check one file, and hold the outcome against its head."""
    due = expected(path)
    start = time.perf_counter()
    found = run([path], check, limit=limit).outcomes
    outcomes = {o.claim.name: o.verdict for o in found}
    seconds = time.perf_counter() - start
    right = {n for n in due.right if outcomes.get(n) == "CORRECT"} | {
        n for n in due.wrong if outcomes.get(n) == "WRONG"
    }
    alarms = {n for n, verdict in outcomes.items() if verdict == "WRONG" and n not in due.wrong}
    passed = {n for n in due.wrong if outcomes.get(n) == "CORRECT"}
    amiss = sorted((due.right | due.wrong) - right) + sorted(alarms - due.right)
    told = tuple(f"{name}: {outcomes.get(name, 'not found')}" for name in amiss)
    said = {o.claim.name: " ".join(o.causes) for o in found}
    told += tuple(
        f"{name}: not called {words!r}" for name, words in due.causes.items() if words not in said.get(name, "")
    )
    claims = due.right | due.wrong
    return Score(len(claims), len(claims & set(outcomes)), len(right), len(alarms), len(passed), seconds, told)


def files() -> list[Path]:
    """The files of the corpus."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix in (".py", ".ipynb"))


def main() -> None:
    print(f"{'file':<24}{'claims':>8}{'found':>8}{'right':>8}{'false alarms':>14}{'passed':>8}{'seconds':>9}")
    rows = []
    for path in files():
        row = score(path)
        rows.append(row)
        print(f"{path.name:<24}{row[0]:>8}{row[1]:>8}{row[2]:>8}{row[3]:>14}{row[4]:>8}{row[5]:>9.1f}", *row.amiss)
    sums = [sum(row[k] for row in rows) for k in range(6)]
    print(f"{'all':<24}{sums[0]:>8}{sums[1]:>8}{sums[2]:>8}{sums[3]:>14}{sums[4]:>8}{sums[5]:>9.1f}")


if __name__ == "__main__":
    main()
