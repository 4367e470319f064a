"""`chainrule playground`."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.show.page.playground import playground


def register(commands: Any) -> None:
    """Add `playground` to the command line."""
    parser = commands.add_parser(
        "playground",
        help="write a page in which an expression is typed and its gradient stepped through",
        description="One HTML file that needs nothing else, neither Python nor a network.",
    )
    parser.add_argument("path", metavar="PATH", nargs="?", type=Path, default=Path("playground.html"))
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page; gives the exit code."""
    try:
        playground(options.path)
    except OSError as error:
        raise ArgumentError(f"cannot write {options.path}: {error.strerror or error}") from None
    print(options.path)
    if options.open:
        webbrowser.open(options.path.resolve().as_uri())
    return 0
