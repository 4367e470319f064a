"""Running a notebook: its cells in order, in one namespace, statement by statement, with magics left out."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import linecache
import os
import re
from collections.abc import Iterator
from types import FunctionType
from typing import Any, NamedTuple

from chainrule.check.claims.load import File, module_for, visiting
from chainrule.check.claims.outdated import is_older, parse
from chainrule.check.claims.program import Failure, Program, failure_of
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.outline import Outline, outline
from chainrule.errors import ArgumentError

# These run the rest of their cell as Python; other %%magics (bash, html, timeit) leave no names behind.
RUN_THE_CELL = {"time", "capture", "prun"}


class Cell(NamedTuple):
    """A code cell after it ran: its number from 1, the names so far, what it printed, what failed or was left out."""

    number: int
    namespace: dict[str, Any]
    output: str
    failures: list[Failure]
    left_out: list[Failure]
    seen: Seen


class Text(NamedTuple):
    """A code cell as Python: its number, its name as a file, its text, its statements or why there are none."""

    number: int
    filename: str
    source: str
    body: list[ast.stmt]
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


def code_cells(path: File) -> list[str]:
    """The text of each code cell of a notebook; both current and version 3 notebooks are read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "walk.ipynb")
    ...     with open(path, "w") as file:
    ...         _ = file.write('{"cells": [{"cell_type": "code", "source": ["x = 1\\\\n", "x"]}]}')
    ...     code_cells(path)
    ['x = 1\\nx']
    """
    try:
        with open(path, encoding="utf-8") as file:
            book = json.load(file)
        sheets = book.get("worksheets") or [book]
        cells = [cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"]
        texts = [cell["source"] if "source" in cell else cell["input"] for cell in cells]
        language = book.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArgumentError(f"expected a notebook, JSON with cells, got something else: {error}") from error
    if not isinstance(language, str):
        language = "python"  # nothing is said about it
    if language.lower() != "python":
        raise ArgumentError(f"expected a notebook in Python, got one in {language}")
    return [
        text if isinstance(text, str) else "".join(map(str, text)) if isinstance(text, list) else "" for text in texts
    ]


def cells(path: File) -> list[Text]:
    """The code cells of a notebook as Python."""
    found, texts = [], code_cells(path)
    older = is_older("\n".join(texts))
    for number, text in enumerate(texts, start=1):
        filename = f"{os.path.realpath(path)} cell {number}"
        source, body, failure = text, list[ast.stmt](), None
        try:
            source = as_python(text)
            body = parse(source, filename, older).body
        except (SyntaxError, ValueError) as error:
            failure = failure_of(error, filename)
        found.append(Text(number, filename, source, body, failure))
    return found


def run_cells(path: File, texts: list[Text], looked_at: Outline, **limits: Any) -> Iterator[Cell]:
    """Run the cells one after the other; a statement that fails is told and the next one runs all the same."""
    module = module_for(path)
    namespace = vars(module)
    namespace["__name__"] = "__main__"
    namespace["get_ipython"] = lambda: Shell(namespace)
    namespace["display"] = print
    folder = os.path.dirname(os.path.realpath(path))
    seen = Seen(looked_at.names)
    program = Program(module, seen, notebook=True, **limits)
    done, count = 0, len(looked_at.statements)
    with visiting(folder, path) as output, contextlib.chdir(folder):
        for text in texts:
            source = text.source
            linecache.cache[text.filename] = (len(source), None, source.splitlines(keepends=True), text.filename)
            before = len(program.failures), len(program.left_out)
            if text.failure:
                program.failures.append(text.failure)
            program.place = f"cell {text.number} of {len(texts)}"
            program.run(looked_at.statements[done : done + len(text.body)], text.filename, done, count)
            done += len(text.body)
            failures, left_out = program.failures[before[0] :], program.left_out[before[1] :]
            yield Cell(text.number, namespace, output.getvalue(), failures, left_out, seen)
            output.seek(0)
            output.truncate()
            if program.ended:
                return


def load_cells(path: File) -> tuple[dict[str, Any], list[Failure]]:
    """The names that a notebook leaves behind when all of it runs, and what failed on the way."""
    texts = cells(path)
    namespace, failures = dict[str, Any](), list[Failure]()
    for cell in run_cells(path, texts, outline([node for text in texts for node in text.body])):
        namespace = cell.namespace
        failures += cell.failures
    return namespace, failures


def as_python(text: str) -> str:
    """A cell as plain Python: magics and shell commands become harmless calls, or `pass` without IPython.

    >>> as_python("x = 7 % 4")
    'x = 7 % 4'
    >>> "pip" in as_python("%%bash\\npip install everything")
    False
    """
    if magic := re.match(r"\s*%%(\w+).*\n?", text):
        text = "\n" + text[magic.end() :] if magic[1] in RUN_THE_CELL else ""
    for plain in (text, without_magics(text)):
        with contextlib.suppress(SyntaxError):
            ast.parse(plain)
            return plain
    if importlib.util.find_spec("IPython"):
        from IPython.core.inputtransformer2 import TransformerManager

        manager = TransformerManager()
        return str(manager.transform_cell(text))
    return without_magics(text)


def without_magics(text: str) -> str:
    """A cell without its magics of one line; `%time` runs what it times.

    >>> without_magics("%time x = 1\\n!ls\\nx?")
    'x = 1\\npass\\npass'
    """
    text = re.sub(r"^([ \t]*)%time[ \t]+", r"\1", text, flags=re.MULTILINE)
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
