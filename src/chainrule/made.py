"""`python -m chainrule.made` writes everything that is made from the operator table where it stands: docs/operators.md,
the formulas in docstrings, the methods of carriers, and what nodes of floats know by number."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from chainrule.carriers import made
from chainrule.ops.document import formulas, methods, page

HERE = Path(__file__).parent
MARK = "made by `python -m chainrule.made`"
PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("../../docs/operators.md", ""): page,
    ("ops/derivatives.py", ""): formulas,
    ("carriers/operators.py", "methods"): methods,
    **{(file, part): write for (file, part), write in made.PARTS.items()},
}
"""(file, name of the part) -> what stands there, between `<name>: made by ...` and `<name>: end`; "" is all of it."""


def parted(file: str, part: str) -> tuple[str, str, str]:
    """The text of a file before, in and after one of its parts."""
    text = (HERE / file).read_text(encoding="utf-8")
    if not part:
        return "", text, ""
    start = re.search(rf"^.*\b{part}: {re.escape(MARK)}.*\n", text, re.MULTILINE)
    end = re.search(rf"^.*\b{part}: end.*$", text, re.MULTILINE)
    assert start is not None
    assert end is not None
    return text[: start.end()], text[start.end() : end.start()], text[end.start() :]


def write() -> None:
    """Bring all parts up to date. docs/operators.md is beside the package in a copy of the project only."""
    for (file, part), made_of_rows in PARTS.items():
        if (HERE / file).exists():
            before, _, after = parted(file, part)
            (HERE / file).write_text(before + made_of_rows() + after, encoding="utf-8")


if __name__ == "__main__":
    write()
