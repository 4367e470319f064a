"""The commands `chainrule draw`, `explore`, `explain`, `derive` and `source`."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainrule.check.claims.written import argument, knows_negatives
from chainrule.errors import ArgumentError, ChainruleError
from chainrule.show.code.source import source
from chainrule.show.explanation.explain import explain
from chainrule.show.formula.derive import derive
from chainrule.show.page.explorer import explore
from chainrule.show.picture.drawing import DIRECTIONS, draw
from chainrule.show.picture.fold import WAYS
from chainrule.show.picture.shade import MEASURES
from chainrule.show.traced_run import watch
from chainrule.transforms.gradient import grad, value_and_grad

AT = """the arguments: numbers, lists in quotes ("[1, 2]", which become arrays), tuples, strings"""
OF = {"gradient": "the gradient", "both": "value and gradient", "function": "the function itself"}


class Option(NamedTuple):
    """A flag of a command and the settings argparse has for it."""

    flags: tuple[str, ...]
    settings: dict[str, Any]


class Verb(NamedTuple):
    """A command: `run(f, arguments, options)` prints or writes; it gives the exit code."""

    name: str
    help: str
    description: str
    run: Callable[[Callable[..., Any], list[Any], argparse.Namespace], int]
    options: tuple[Option, ...] = ()


def option(*flags: str, **settings: Any) -> Option:
    """An option as `add_argument` takes it."""
    return Option(flags, settings)


# -- what each command does -------------------------------------------------------------------------------------


def _draw(f: Callable[..., Any], at: list[Any], options: argparse.Namespace) -> int:
    fold = options.fold or not options.whole
    drawing = draw(
        f,
        *at,
        depth=options.depth,
        fold=fold,
        color=options.color,
        highlight=_marked(options.highlight),
        direction=options.direction,
    )
    if options.output is None:
        print(drawing)
    else:
        print(_written(drawing.save, options.output))
    return _ended(drawing.picture.stop, f, options)


def _explore(f: Callable[..., Any], at: list[Any], options: argparse.Namespace) -> int:
    page = explore(f, *at, depth=options.depth, fold=options.fold or True, highlight=_marked(options.highlight))
    written = _written(page.save, options.output or Path(f"{_name(f)}.html"))
    print(written)
    if options.open:
        import webbrowser

        webbrowser.open(written.absolute().as_uri())
    return _ended(page.picture.stop, f, options)


def _explain(f: Callable[..., Any], at: list[Any], options: argparse.Namespace) -> int:
    told = explain(f, *at)
    print(told)
    return _ended(told.stop, f, options)


def _derive(f: Callable[..., Any], at: list[Any], options: argparse.Namespace) -> int:
    found = derive(f, *at, simplify=not options.raw)
    print(found.latex if options.latex else found)
    if options.numbers:
        if not at:
            raise ArgumentError("--numbers needs a point: --at X ...")
        split = watch(f, tuple(at)).split
        numbers = [float(x) for number in split.numbers() for x in np.ravel(number)]
        for what, number in found.at(*numbers).items():
            print(f"{what} = {number:.6g}")
    return 0


def _source(f: Callable[..., Any], at: list[Any], options: argparse.Namespace) -> int:
    with np.errstate(all="ignore"):
        split = watch(f, tuple(at)).split
    shown = tuple(dict.fromkeys(split.owners[k] for k in split.moving))
    every = 0 if len(at) == 1 else shown
    wanted = {"gradient": grad(f, every), "both": value_and_grad(f, every), "function": f}[options.of]
    print(source(wanted, *at), end="")
    return 0


DEPTH = option("--depth", type=int, metavar="N", help="only what lies within N operations of the result")
FOLD = option("--fold", choices=list(WAYS), help="what counts as the same when boxes are drawn as one")
HIGHLIGHT = option("--highlight", metavar="WHAT", help="mark a label, an operator, a line number or file.py:12")
WRITTEN = "a .svg, .dot or .txt file; .png and .pdf with the extra `draw`; without it: text"
SHADED = f"shade the boxes by the size of their {' or '.join(MEASURES)}"
VERBS = (
    Verb(
        "draw",
        "draw how a function's gradient comes about",
        "Run a function, differentiate it, and draw the recording.",
        _draw,
        (
            option("-o", "--output", type=Path, metavar="graph.svg", help=WRITTEN),
            DEPTH,
            FOLD,
            option("--whole", action="store_true", help="do not fold what repeats"),
            option("--color", choices=list(MEASURES), help=SHADED),
            option("--direction", choices=DIRECTIONS, default="auto",
                   help="down: inputs above the result; auto: for chains"),
            HIGHLIGHT,
        ),
    ),
    Verb(
        "explore",
        "write a page that steps through a function's gradient",
        "Run a function, differentiate it, and write one HTML file that steps through the recording.",
        _explore,
        (
            option("-o", "--output", type=Path, metavar="page.html", help="without it the function's name with .html"),
            option("--open", action="store_true", help="show the page in the browser"),
            DEPTH,
            FOLD,
            HIGHLIGHT,
        ),
    ),
    Verb(
        "explain",
        "print the forward and the backward pass with the numbers filled in",
        "Run a function, differentiate it, and print both passes as tables with the numbers filled in.",
        _explain,
    ),
    Verb(
        "derive",
        "print a function as a formula, with its gradient",
        "Print the formula a function computes, and its gradient, through SymPy.",
        _derive,
        (
            option("--latex", action="store_true", help="print LaTeX"),
            option("--raw", action="store_true", help="do not look for shorter forms"),
            option("--numbers", action="store_true", help="print the numbers at --at too"),
        ),
    ),
    Verb(
        "source",
        "print a function's gradient as Python source",
        "Print the gradient of a function as a Python function that needs only math or numpy.",
        _source,
        (
            option("--of", choices=list(OF), default="gradient", help=", ".join(f"{k}: {v}" for k, v in OF.items())),
        ),
    ),
)  # fmt: skip


# -- what all commands share ------------------------------------------------------------------------------------


def register(commands: Any) -> None:
    """Add the commands to the subcommands of a parser; each sets `run`, a function of the options.

    >>> parser = argparse.ArgumentParser()
    >>> register(parser.add_subparsers())
    >>> parser.parse_args(["draw", "model.py:loss", "--at", "1.5", "-2"]).at
    [1.5, -2]
    """
    for verb in VERBS:
        parser = knows_negatives(commands.add_parser(verb.name, help=verb.help, description=verb.description))
        parser.add_argument("target", metavar="FILE:FUNCTION", help="a Python file and the name of a function in it")
        parser.add_argument("--at", nargs="+", type=argument, default=[], metavar="X", help=AT)
        for flags, settings in verb.options:
            parser.add_argument(*flags, **settings)
        parser.set_defaults(run=run, verb=verb)


def run(options: argparse.Namespace) -> int:
    """Run the chosen command; gives the exit code, 2 when something went wrong."""
    try:
        f = function(options.target)
        at = options.at if options.verb.name == "derive" and not options.at else arguments(f, options.at)
        with explained(f):
            code: int = options.verb.run(f, at, options)
        return code
    except ChainruleError as error:
        print(f"chainrule {options.verb.name}: {_said(error, options.target)}", file=sys.stderr)
        return 2


def _said(error: ChainruleError, target: str) -> str:
    """The message, without a line of code that is not in the user's file: the call was made by this command."""
    *message, last = str(error).splitlines() or [""]
    own = target.rpartition(":")[0]
    elsewhere = message and last.startswith("  ") and f"{Path(own).name}:" not in last
    return "\n".join(message if elsewhere else [*message, last])


def _ended(stop: Any, f: Callable[..., Any], options: argparse.Namespace) -> int:
    if stop is None:
        return 0
    print(f"chainrule {options.verb.name}: {_name(f)} {stop}", file=sys.stderr)
    return 2


@contextmanager
def explained(f: Callable[..., Any]) -> Iterator[None]:
    """What the user's function raises, as one sentence with its line."""
    from chainrule.check.claims.program import failure_of

    try:
        yield
    except ChainruleError:
        raise
    except Exception as error:
        where, message = failure_of(error, f.__code__.co_filename if inspect.isfunction(f) else "")
        raise ArgumentError(f"{_name(f)} stopped{f' at {where}' * bool(where)}: {message}") from error


def _name(f: Callable[..., Any]) -> str:
    return str(getattr(f, "__name__", type(f).__name__))


def _marked(text: str | None) -> Any:
    return int(text) if text and text.isdigit() else text


def _written(save: Callable[[Path], Path], path: Path) -> Path:
    try:
        return save(path)
    except OSError as error:
        raise ArgumentError(f"cannot write {path}: {error.strerror or error}") from None


def function(target: str) -> Callable[..., Any]:
    """The function that FILE:FUNCTION names. Raises ArgumentError saying what is missing."""
    from chainrule.check.claims.load import load

    path, separator, name = target.rpartition(":")
    if not separator or not all(map(str.isidentifier, name.split("."))):
        raise ArgumentError(f"expected FILE:FUNCTION, such as model.py:loss, got {target!r}{_functions_in(target)}")
    if not Path(path).is_file():
        raise ArgumentError(f"there is no file {path}")
    loaded = load(Path(path))
    first, *inner = name.split(".")
    found = loaded.namespace.get(first)
    for attribute in inner:
        found = getattr(found, attribute, None)
    if callable(found):
        return found  # type: ignore[no-any-return]
    if loaded.failures:
        failure = loaded.failures[0]
        where = f" at {failure.where}" if failure.where else ""
        raise ArgumentError(f"{path} stopped{where} before it defined {name}: {failure.message}")
    known = ", ".join(_named_functions(loaded.namespace))
    raise ArgumentError(f"{path} has no function {name}; it has {known or 'none'}")


def _functions_in(path: str) -> str:
    """What could follow the colon, where only a file was given."""
    from chainrule.check.claims.load import load

    if not Path(path).is_file():
        return ""
    return f"; it has {', '.join(_named_functions(load(Path(path)).namespace)) or 'no functions'}"


def _named_functions(namespace: dict[str, Any]) -> list[str]:
    return sorted(k for k, v in namespace.items() if inspect.isfunction(v) and not k.startswith("_"))


def arguments(f: Callable[..., Any], given: Sequence[Any]) -> list[Any]:
    """The arguments, if the function takes that many. Raises ArgumentError saying which it wants."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return list(given)
    try:
        signature.bind(*given)
    except TypeError:
        wanted = ", ".join(map(str, signature.parameters.values())) or "no arguments"
        commas = "; separate them by spaces: --at 2 3" * any(isinstance(x, tuple) for x in given)
        raise ArgumentError(f"{_name(f)} takes ({wanted}), got {len(given)} after --at{commas}") from None
    return list(given)
