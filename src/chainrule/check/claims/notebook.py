"""Running a notebook: its cells in order, in one namespace, with magics left out."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import linecache
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from chainrule.check.claims.load import Failure, execute, failure_of, module_for, visiting
from chainrule.errors import ArgumentError

# These run the rest of their cell as Python; other %%magics (bash, html, timeit) leave no names behind.
RUN_THE_CELL = {"time", "capture", "prun"}


class Cell(NamedTuple):
    """A code cell after it ran: its number from 1, the names so far, what it printed, how it failed."""

    number: int
    namespace: dict[str, Any]
    output: str
    failure: Failure | None


class Shell:
    """What `get_ipython()` gives here: every magic is accepted, only those that run Python do something."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def run_line_magic(self, name: str, line: str, *_: Any) -> None:
        if name == "time":
            exec(line, self.user_ns)

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in RUN_THE_CELL:
            exec(cell, self.user_ns)

    def system(self, command: str) -> None: ...

    def getoutput(self, command: str) -> list[str]:
        return []


def code_cells(path: Path) -> list[str]:
    """The text of each code cell of a notebook; both current and version 3 notebooks are read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "walk.ipynb")
    ...     _ = file.write_text('{"cells": [{"cell_type": "code", "source": ["x = 1\\\\n", "x"]}]}')
    ...     code_cells(file)
    ['x = 1\\nx']
    """
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        sheets = book.get("worksheets") or [book]
        cells = [cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"]
        texts = [cell["source"] if "source" in cell else cell["input"] for cell in cells]
        language = book.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArgumentError(f"expected a notebook, JSON with cells, got something else: {error}") from error
    if language.lower() != "python":
        raise ArgumentError(f"expected a notebook in Python, got one in {language}")
    return [text if isinstance(text, str) else "".join(text) for text in texts]


def run_cells(path: Path) -> Iterator[Cell]:
    """Run the cells one after the other; a cell that fails is told and the next one runs all the same."""
    module = module_for(path)
    namespace = vars(module)
    namespace["get_ipython"] = lambda: Shell(namespace)
    namespace["display"] = print
    book = path.resolve()
    texts = code_cells(path)
    with visiting(book.parent, path) as output, working_in(book.parent):
        for number, text in enumerate(texts, start=1):
            filename = f"{book} cell {number}"
            try:
                source = as_python(text)
                linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
                failure = execute(compile(source, filename, "exec", dont_inherit=True), module)
            except (SyntaxError, ValueError) as error:
                failure = failure_of(error, filename)
            yield Cell(number, namespace, output.getvalue(), failure)
            output.seek(0)
            output.truncate()


def as_python(text: str) -> str:
    """A cell as plain Python: magics and shell commands become harmless calls, or `pass` without IPython.

    >>> as_python("x = 7 % 4")
    'x = 7 % 4'
    >>> "pip" in as_python("%%bash\\npip install everything")
    False
    """
    if magic := re.match(r"\s*%%(\w+).*\n?", text):
        text = "\n" + text[magic.end() :] if magic[1] in RUN_THE_CELL else ""
    with contextlib.suppress(SyntaxError):
        ast.parse(text)
        return text
    if importlib.util.find_spec("IPython"):
        from IPython.core.inputtransformer2 import TransformerManager

        manager = TransformerManager()  # type: ignore[no-untyped-call]
        return str(manager.transform_cell(text))
    return re.sub(r"^([ \t]*)(?:[%!?].*|[^\n#'\"=(]*\?)$", r"\1pass", text, flags=re.MULTILINE)


def frozen(namespace: dict[str, Any]) -> dict[str, Any]:
    """A copy of a namespace whose functions look up their globals in the copy.

    A later cell may give `f` another meaning; the functions of this cell must go on calling this `f`.
    Methods and functions held in closures keep the living namespace.

    >>> names = {}
    >>> exec("def f(x): return x\\ndef twice(x): return 2 * f(x)", names)
    >>> then = frozen(names)
    >>> names["f"] = lambda x: 100 * x
    >>> names["twice"](1), then["twice"](1)
    (200, 2)
    """
    copy = dict(namespace)
    for name, value in namespace.items():
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            twin = FunctionType(value.__code__, copy, value.__name__, value.__defaults__, value.__closure__)
            twin.__kwdefaults__ = value.__kwdefaults__
            twin.__dict__.update(value.__dict__)
            twin.__doc__, twin.__module__ = value.__doc__, value.__module__
            twin.__qualname__, twin.__annotations__ = value.__qualname__, value.__annotations__
            copy[name] = twin
    return copy


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Notebooks read their data from where they lie."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
