"""The commands `chainrule draw` and `chainrule explore`."""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError, ChainruleError
from chainrule.show.page.explorer import explore
from chainrule.show.picture.drawing import draw

AT = """the arguments: numbers, lists in quotes ("[1, 2]", which become arrays), tuples, strings"""


def register(commands: Any) -> None:
    """Add `draw` and `explore` to the subcommands of a parser; each sets `run`, a function of the options.

    >>> parser = argparse.ArgumentParser()
    >>> register(parser.add_subparsers())
    >>> parser.parse_args(["draw", "model.py:loss", "--at", "1.5", "-2"]).at
    [1.5, -2]
    """
    drawing = commands.add_parser(
        "draw",
        help="draw how a function's gradient comes about",
        description="Run a function, differentiate it, and draw the recording.",
    )
    _common(drawing, "graph.svg", "a .svg, .dot or .txt file; .png and .pdf with the extra `draw`; without it: text")
    drawing.add_argument("--depth", type=int, metavar="N", help="only what lies within N operations of the result")
    drawing.add_argument("--whole", action="store_true", help="do not fold what repeats")
    drawing.set_defaults(run=_draw)
    page = commands.add_parser(
        "explore",
        help="write a page that steps through a function's gradient",
        description="Run a function, differentiate it, and write one HTML file that steps through the recording.",
    )
    _common(page, "page.html", "the HTML file; without it the function's name with .html")
    page.set_defaults(run=_explore)


def _common(parser: argparse.ArgumentParser, metavar: str, written: str) -> None:
    parser.add_argument("target", metavar="FILE:FUNCTION", help="a Python file and the name of a function in it")
    parser.add_argument("--at", nargs="+", type=argument, default=[], metavar="X", help=AT)
    parser.add_argument("-o", "--output", type=Path, metavar=metavar, help=written)


def _draw(options: argparse.Namespace) -> int:
    f = function(options.target)
    with explained(f):
        drawing = draw(f, *arguments(f, options.at), depth=options.depth, fold=not options.whole)
    if options.output is None:
        print(drawing)
    else:
        print(_written(drawing.save, options.output))
    return 0


def _explore(options: argparse.Namespace) -> int:
    f = function(options.target)
    with explained(f):
        page = explore(f, *arguments(f, options.at))
    print(_written(page.save, options.output or Path(f"{f.__name__}.html")))
    return 0


@contextmanager
def explained(f: Callable[..., Any]) -> Iterator[None]:
    """What the user's function raises, as one sentence with its line."""
    from chainrule.check.claims.load import failure_of

    try:
        yield
    except ChainruleError:
        raise
    except Exception as error:
        where, message = failure_of(error, f.__code__.co_filename if inspect.isfunction(f) else "")
        raise ArgumentError(f"{f.__name__} stopped{f' at {where}' * bool(where)}: {message}") from error


def _written(save: Callable[[Path], Path], path: Path) -> Path:
    try:
        return save(path)
    except OSError as error:
        raise ArgumentError(f"cannot write {path}: {error.strerror or error}") from None


def argument(text: str) -> Any:
    """What is written after --at: a number, a list (as an array), a tuple or dict; anything else is a string.

    >>> argument("-2"), argument("[1, 2.5]"), argument("relu")
    (-2, array([1. , 2.5]), 'relu')
    """
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text
    if isinstance(found, list):
        try:
            return np.array(found, dtype=float)
        except (ValueError, TypeError):
            return found
    return found


def function(target: str) -> Callable[..., Any]:
    """The function that FILE:FUNCTION names. Raises ArgumentError saying what is missing."""
    from chainrule.check.claims.load import load

    path, separator, name = target.rpartition(":")
    if not separator or not name.isidentifier():
        raise ArgumentError(f"expected FILE:FUNCTION, such as model.py:loss, got {target!r}")
    if not Path(path).is_file():
        raise ArgumentError(f"there is no file {path}")
    loaded = load(Path(path))
    if callable(loaded.namespace.get(name)):
        found: Callable[..., Any] = loaded.namespace[name]
        return found
    if loaded.failure is not None:
        where = f" at {loaded.failure.where}" if loaded.failure.where else ""
        raise ArgumentError(f"{path} stopped{where} before it defined {name}: {loaded.failure.message}")
    known = sorted(k for k, v in loaded.namespace.items() if inspect.isfunction(v) and not k.startswith("_"))
    raise ArgumentError(f"{path} has no function {name}; it has {', '.join(known) or 'none'}")


def arguments(f: Callable[..., Any], given: list[Any]) -> list[Any]:
    """The arguments, if the function takes that many. Raises ArgumentError saying which it wants."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return given
    try:
        signature.bind(*given)
    except TypeError:
        wanted = ", ".join(map(str, signature.parameters.values())) or "no arguments"
        raise ArgumentError(f"{f.__name__} takes ({wanted}), got {len(given)} after --at") from None
    return given


def run(options: argparse.Namespace) -> int:
    """Run the chosen command; gives the exit code, 2 when something went wrong."""
    try:
        code: int = options.run(options)
        return code
    except ChainruleError as error:
        print(f"chainrule {options.command}: {error}", file=sys.stderr)
        return 2
