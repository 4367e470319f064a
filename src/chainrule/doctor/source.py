"""The text of a file or a notebook as one program, and where its lines stand."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from chainrule.check.claims.notebook import cells
from chainrule.errors import ArgumentError


@dataclass(frozen=True)
class Source:
    """The statements of a file, its text, and for a notebook the first line of each cell."""

    path: Path
    shown: str
    text: str
    body: list[ast.stmt]
    starts: tuple[tuple[int, int], ...] = ()  # (first line, number of the cell)
    unread: tuple[tuple[str, int, str], ...] = ()  # (place, line, why)

    def place(self, line: int) -> tuple[str, int]:
        """The name and the line that a reader knows a line by: the cell and the line in it, for a notebook."""
        for first, number in reversed(self.starts):
            if line >= first:
                return f"{self.shown} cell {number}", line - first + 1
        return self.shown, line


def read(path: Path, shown: str = "") -> Source:
    """Read a Python file or a notebook. Raises ArgumentError for what is neither, SyntaxError for a file that is not
    Python."""
    shown = shown or str(path)
    if path.is_dir():
        raise ArgumentError(f"expected a file, got the folder {path}: name one of its files")
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}")
    if path.suffix == ".ipynb":
        return _notebook(path, shown)
    raw = path.read_bytes()
    try:
        body = ast.parse(raw, str(path)).body
    except ValueError as error:  # a null byte
        raise ArgumentError(f"{path} is not a Python file: {error}") from None
    return Source(path, shown, raw.decode("utf-8-sig", "replace"), body)


def _notebook(path: Path, shown: str) -> Source:
    text, body, starts = "", list[ast.stmt](), list[tuple[int, int]]()
    unread = []
    for cell in cells(path):
        first = text.count("\n") + 1
        starts.append((first, cell.number))
        if cell.failure is not None:
            line = int(cell.failure.where.removeprefix("line ") or 1) if cell.failure.where else 1
            unread.append((f"{shown} cell {cell.number}", line, cell.failure.message))
            continue
        tree = ast.parse(cell.source)
        ast.increment_lineno(tree, first - 1)
        body += tree.body
        text += cell.source.rstrip("\n") + "\n"
    return Source(path, shown, text, body, tuple(starts), tuple(unread))
