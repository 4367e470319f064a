"""The command line: `chainrule check`, `chainrule info`, and the verbs that draw and explain."""

from __future__ import annotations

import argparse
import ast
import codecs
import io
import platform
import sys
import unicodedata
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from typing import Any

from chainrule.engine import info
from chainrule.errors import ChainruleError

EXTRAS = {
    "special": {"scipy": "erf, gammaln and the like on arrays"},
    "symbolic": {"sympy": "formulas", "mpmath": "high precision"},
    "notebook": {"nbformat": "notebooks as input", "ipython": "their magics"},
    "plot": {"matplotlib": "plots"},
    "draw": {"pygraphviz": "graphs laid out by Graphviz"},
    "jit": {"llvmlite": "machine code"},
}
REFEREES = {"torch": "a witness", "jax": "a witness"}
# Modules with more verbs: each has `register(commands)`, and sets `run`, a function of the options, as a default.
VERBS = ("chainrule.show.commands", "chainrule.check.grading.command")
PLAIN = {"±": "+-", "≈": "~", "≤": "<=", "≥": ">=", "×": "x", "·": "*", "−": "-", "–": "-", "—": "-", "→": "->"}


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
    options = _parser(argv).parse_args(argv)
    try:
        return int(options.run(options) or 0)
    except ChainruleError as error:
        print(f"chainrule {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"chainrule {options.command}: interrupted", file=sys.stderr)
        return 130


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("chainrule", description="Derivatives you can trust, see and run fast.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="check the hand-written gradients in files, notebooks and folders",
        description="Run files and notebooks, and check every hand-written gradient found in them.",
        epilog="exit code: 0 all correct; 1 something is wrong; 2 undecided, an error, or nothing to check",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help="a .py file, a .ipynb notebook or a folder")
    check.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    check.add_argument("--seed", type=int, metavar="N", help="seed of the points that are drawn")
    check.add_argument(
        "--at", type=_points, action="extend", metavar="POINT",
        help="where to check claims that name no points, as in Python: 2.0, '(1.0, 2.0)' for two arguments, "
        "'[0.1, 0.5]' for two points, '[[0.1, 0.5]]' for a point that is an array; may be repeated",
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
    from rich.console import Console

    from chainrule.check import check
    from chainrule.check.reports.run import run

    asked = {"seed": options.seed, "rtol": options.rtol, "at": options.at, "only": options.only}
    result = run(options.paths, check, **asked)
    if options.json:
        print(result.to_json())
    else:
        result.print(Console(file=sys.stdout))
    return result.exit_code


def _points(text: str) -> list[Any]:
    """The points a literal stands for, as `check` reads them: a list holds points, a tuple arguments.

    >>> _points("2"), _points("(1, 2.5)"), _points("[0.1, 0.5]"), _points("[[0.1, 0.5]]")
    ([2.0], [(1.0, 2.5)], [0.1, 0.5], [array([0.1, 0.5])])
    """
    try:
        value = ast.literal_eval(text)
        points = value if isinstance(value, list) else [value]
        if not points:
            raise ValueError
        return [tuple(map(_argument, point)) if isinstance(point, tuple) else _argument(point) for point in points]
    except (ValueError, TypeError, SyntaxError):
        raise argparse.ArgumentTypeError(
            f"expected numbers as Python writes them, got {text!r}: write 2.0, '(1.0, 2.0)', '[0.1, 0.5]' or '[[1, 2]]'"
        ) from None


def _argument(value: Any) -> Any:
    """A number, an array for a list of numbers, a dict of such."""
    import numpy as np

    if isinstance(value, dict):
        return {key: _argument(inner) for key, inner in value.items()}
    array = np.array(value, dtype=float)
    return array if array.shape else float(array)


# -- info -----------------------------------------------------------------------------------------------------------


def _info(options: argparse.Namespace) -> int:
    found = info()
    chainrule = _version("chainrule") or "from source"
    print(f"chainrule {chainrule}   Python {platform.python_version()}   {platform.platform()}")
    print(f"  {'engine':<12}{found.engine:<16}{found.because}")
    print(f"  {'numpy':<12}{_version('numpy'):<16}arrays, on {found.cpu}")
    for extra, libraries in EXTRAS.items():
        for name, purpose in libraries.items():
            otherwise = f"   pip install 'chainrule[{extra}]'"
            print(f"  {name:<12}{_version(name) or 'not installed':<16}{purpose}{'' if _version(name) else otherwise}")
    for name, purpose in REFEREES.items():
        print(f"  {name:<12}{_version(name) or 'not installed':<16}{purpose}, used when a file imports it")
    plugin = any(entry.value == "_chainrule_pytest" for entry in entry_points(group="pytest11"))
    there = "finds the fixture check_gradient" if plugin else "needs -p _chainrule_pytest here"
    print(f"  {'pytest':<12}{_version('pytest') or 'not installed':<16}{there}")
    return 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# -- terminals ------------------------------------------------------------------------------------------------------


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """For a stream that cannot encode a sign: the nearest that ASCII has, or a question mark.

    >>> codecs.register_error("chainrule.plain", _plainly)
    >>> "x² ≤ 1…é λ".encode("ascii", "chainrule.plain")
    b'x2 <= 1...e ?'
    """
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    signs = (PLAIN.get(c) or unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode() for c in text)
    return "".join(sign or "?" for sign in signs), error.end


if __name__ == "__main__":
    sys.exit(main())
