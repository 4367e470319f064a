"""The command line: `chainrule check`, `chainrule info`, and the verbs that draw and explain."""

from __future__ import annotations

import argparse
import atexit
import codecs
import contextlib
import gc
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn, TypeVar

from chainrule import __version__ as VERSION
from chainrule.check.reports.screen import columns_of_terminal
from chainrule.engine import info, installed
from chainrule.errors import ChainruleError, MissingExtra

Number = TypeVar("Number", int, float)

EXTRAS = {
    "special": {"scipy": "erf, gammaln and the like on arrays"},
    "symbolic": {"sympy": "formulas", "mpmath": "high precision"},
    "notebook": {"nbformat": "notebooks as input", "ipython": "their magics"},
    "plot": {"matplotlib": "plots"},
    "draw": {"pygraphviz": "graphs laid out by Graphviz"},
    "jit": {"llvmlite": "machine code"},
    "cli": {"shtab": "completion of commands in a shell"},
}
REFEREES = {"torch": "a witness", "jax": "a witness"}
# Modules with more verbs: each has `register(commands)`, and sets `run`, a function of the options, as a default.
VERBS = (
    "chainrule.show.commands",
    "chainrule.show.page.command",
    "chainrule.check.grading.command",
    "chainrule.doctor.command",
)
PLAIN = {"±": "+-", "≈": "~", "≤": "<=", "≥": ">=", "×": "x", "·": "*", "−": "-", "–": "-", "—": "-", "→": "->"}
PLAIN |= {"├": "|", "└": "`", "│": "|", "─": "-", "━": "-", "⚠": "!", "◆": "<<", "…": "...", "∂": "d", "′": "'"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code.

    >>> main(["info"])
    chainrule ...
    0
    """
    codecs.register_error("chainrule.plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="chainrule.plain")
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] == "help":
        _parser([]).print_help()
        return 0 if argv else 2
    options = _parser(argv).parse_args(argv)
    try:
        return int(options.run(options) or 0)
    except ChainruleError as error:
        print(f"chainrule {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"chainrule {options.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has closed the pipe: chainrule check . | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def command() -> NoReturn:
    """What the installed command runs: `main`, as quickly as a process of its own may. What it imports stays, and is
    not looked through for garbage; at the end the process leaves without taking apart what it holds, which
    for NumPy and its threads takes as long as half of its import."""
    gc.disable()
    if sys.argv[1:2] == ["check"]:
        import_module("chainrule.check.checking")
        import_module("chainrule.check.reports.run")
    gc.freeze()
    gc.enable()
    code: Any = 1
    try:
        code = main()
    except SystemExit as left:  # of the parser of arguments
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        import traceback  # takes as long to import as ten files of ours

        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    atexit._run_exitfuncs()
    os._exit(code)


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal. One is made for each option, and left to itself imports shutil to ask for that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns_of_terminal() - 2)


class _Parser(argparse.ArgumentParser):
    """A parser that proposes the command that was perhaps meant."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **{"formatter_class": _Help, **settings})

    def error(self, message: str) -> NoReturn:
        unknown = re.search(r"argument COMMAND: invalid choice: '([^']*)'", message)
        if unknown is None:
            super().error(message)
        commands = next(a for a in self._actions if isinstance(a, argparse._SubParsersAction)).choices
        import difflib

        near = difflib.get_close_matches(unknown[1], commands, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]!r}?" if near else f"the commands are {', '.join(commands)}"
        super().error(f"there is no command {unknown[1]!r}; {meant}")


class _Completion(argparse.Action):
    """Prints a script for a shell, written by shtab from the parser itself."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, shell: Any, option: str | None = None) -> None:
        try:
            shtab: Any = import_module("shtab")
        except ImportError:
            parser.error(str(MissingExtra("completion", "shtab", "cli")))
        print(shtab.complete(_parser([]), shell))
        parser.exit()


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser("chainrule", description="Derivatives you can trust, see and run fast.")
    parser.add_argument("--version", action="version", version=f"chainrule {VERSION}")
    parser.add_argument(
        "--print-completion", action=_Completion, choices=("bash", "zsh", "tcsh"), metavar="SHELL",
        help="print what makes a shell complete commands, options and files: bash, zsh or tcsh",
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check the hand-written gradients in files, notebooks and folders",
        description="Run files and notebooks, and check every hand-written gradient found in them.",
        epilog="What the claims need is run, so check only what you would run. "
        "Exit code: 0 all correct; 1 something is wrong; 2 undecided, an error, or nothing to check",
    )
    _knows_negatives(check)
    check.add_argument(
        "paths", nargs="+", metavar="PATH", help="a .py file, a .ipynb notebook, a folder, or FILE:NAME for one claim"
    )
    check.add_argument("--list", action="store_true", help="say what would be checked, and run nothing")
    check.add_argument(
        "--limit", type=_seconds, default=60.0, metavar="SECONDS",
        help="for what the claims of a file need, and for each claim (60)",
    )  # fmt: skip
    check.add_argument("-j", "--jobs", type=_count, default=1, metavar="N", help="work on N files at a time (1)")
    check.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    check.add_argument("--seed", type=int, metavar="N", help="seed of the points that are drawn")
    check.add_argument(
        "--at", nargs="+", action="append", metavar="X",
        help="where to check claims that name no points, as for the other commands: the arguments of one point, "
        "numbers or lists in quotes (which become arrays); repeat --at for more points",
    )  # fmt: skip
    check.add_argument("--rtol", type=float, metavar="R", help="the relative size of a mistake that must be seen")
    check.add_argument("--only", default="*", metavar="NAME", help="only claims of this name; * and ? stand for others")
    check.set_defaults(run=_check)
    commands.add_parser("info", help="the engine, and versions of the libraries it can use").set_defaults(run=_info)
    if not argv or argv[0] not in ("check", "info"):
        for name in VERBS:
            if _exists(name):
                import_module(name).register(commands)
    return parser


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # nor does the package it would be in
        return False


# -- check ----------------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    from chainrule.check import check
    from chainrule.check.reports.run import run
    from chainrule.check.reports.screen import Screen

    if options.list:
        from chainrule.check.reports.listing import listing

        text, code = listing(options.paths, options.only, as_json=options.json)
        print(text)
        return code
    asked = {"seed": options.seed, "rtol": options.rtol, "at": _points(options), "only": options.only}
    result = run(options.paths, check, limit=options.limit, jobs=options.jobs, **asked)
    if options.json:
        print(result.to_json())
    else:
        result.print(Screen(sys.stdout))
    return result.exit_code


def _points(options: argparse.Namespace) -> list[Any] | None:
    """The points that --at names; what cannot be read as numbers shows the usage."""
    from chainrule.check.claims.written import points

    if not options.at:
        return None
    try:
        return points(options.at)
    except (ValueError, TypeError) as error:
        print(
            f"usage: chainrule check PATH ... --at X ...\nchainrule check: expected numbers as Python writes them "
            f"after --at, got {str(error)!r}: write 2.0, '[1, 2]' for an array, 1.0 2.0 for two arguments",
            file=sys.stderr,
        )
        raise SystemExit(2) from None


def _knows_negatives(parser: argparse.ArgumentParser) -> None:
    from chainrule.check.claims.written import knows_negatives

    knows_negatives(parser)


def _seconds(text: str) -> float:
    return _above_zero(text, float, "a number of seconds above 0")


def _count(text: str) -> int:
    return _above_zero(text, int, "a whole number from 1 on")


def _above_zero(text: str, kind: Callable[[str], Number], expected: str) -> Number:
    with contextlib.suppress(ValueError):
        if (number := kind(text)) > 0:
            return number
    raise argparse.ArgumentTypeError(f"expected {expected}, got {text}")


# -- info -----------------------------------------------------------------------------------------------------------


def _info(options: argparse.Namespace) -> int:
    import platform
    from importlib.metadata import entry_points  # takes as long to import as a third of NumPy

    found = info()
    chainrule = installed("chainrule") or "from source"
    print(f"chainrule {chainrule}   Python {platform.python_version()}   {platform.platform()}")
    print(f"  {'engine':<12}{found.engine:<16}{found.because}")
    print(f"  {'numpy':<12}{installed('numpy'):<16}arrays, on {found.cpu}")
    for extra, libraries in EXTRAS.items():
        for name, purpose in libraries.items():
            otherwise = f"   pip install 'chainrule[{extra}]'"
            there = installed(name)
            print(f"  {name:<12}{there or 'not installed':<16}{purpose}{'' if there else otherwise}")
    for name, purpose in REFEREES.items():
        print(f"  {name:<12}{installed(name) or 'not installed':<16}{purpose}, used when a file imports it")
    plugin = any(entry.value == "_chainrule_pytest" for entry in entry_points(group="pytest11"))
    there = "finds the fixture check_gradient" if plugin else "needs -p _chainrule_pytest here"
    print(f"  {'pytest':<12}{installed('pytest') or 'not installed':<16}{there}")
    return 0


# -- terminals ------------------------------------------------------------------------------------------------------


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """For a stream that cannot encode a sign: the nearest that ASCII has, or a question mark.

    >>> codecs.register_error("chainrule.plain", _plainly)
    >>> "x² ≤ 1…é λ".encode("ascii", "chainrule.plain")
    b'x2 <= 1...e ?'
    """
    import unicodedata  # a library of its own, which most terminals do not need

    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    signs = (PLAIN.get(c) or unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode() for c in text)
    return "".join(sign or "?" for sign in signs), error.end


if __name__ == "__main__":
    command()
