"""`chainrule grade FILE:Value`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from chainrule.check.claims.load import load
from chainrule.check.claims.notebook import load_cells
from chainrule.check.grading.grade import grade
from chainrule.errors import ArgumentError


def register(commands: Any) -> None:
    """Add `grade` to the command line."""
    parser = commands.add_parser(
        "grade",
        help="grade a class of numbers that differentiates, such as your own micrograd Value",
        description="Run a file or notebook and ask the class FILE:CLASS for derivatives, from a + b to long chains.",
        epilog="exit code: 0 all right; 1 something is wrong; 2 nothing wrong but something missing, or an error",
    )
    parser.add_argument("target", metavar="FILE:CLASS", help="engine.py:Value, or notebook.ipynb:Value")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    parser.add_argument("--html", metavar="PATH", type=Path, help="write a page to that file, too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Grade what the options name; gives the exit code."""
    found = grade(*engine_at(options.target))
    if options.html is not None:
        if options.html.suffix not in (".html", ".htm"):
            raise ArgumentError(f"--html expects a file that ends in .html, got {options.html}")
        options.html.write_text(f"<!doctype html><meta charset='utf-8'>{found._repr_html_()}", encoding="utf-8")
    print(found.to_json() if options.json else found)
    return found.exit_code


def engine_at(target: str) -> tuple[Any, dict[str, Any]]:
    """The class that FILE:CLASS names, and the names beside it. Raises ArgumentError saying what is missing."""
    name, _, kind = target.rpartition(":")
    path = Path(name)
    if not name or not kind.isidentifier():
        raise ArgumentError(f"expected FILE:CLASS, such as engine.py:Value, got {target!r}")
    if not path.is_file():
        raise ArgumentError(f"there is no file {path}")
    if path.suffix == ".ipynb":
        namespace, failures = load_cells(path)
    else:
        loaded = load(path)
        namespace, failures = loaded.namespace, loaded.failures
    failure = failures[0] if failures else None
    if isinstance(namespace.get(kind), type):
        return namespace[kind], namespace
    if failure is not None:
        raise ArgumentError(f"{path} stopped at {failure.where} before it defined {kind}: {failure.message}")
    classes = sorted(k for k, v in namespace.items() if isinstance(v, type) and v.__module__ == namespace["__name__"])
    raise ArgumentError(f"{path} has no class {kind}; it has {', '.join(classes) or 'none'}")
