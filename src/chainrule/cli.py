"""The command line: `chainrule check` and `chainrule info`."""

from __future__ import annotations

import argparse
import io
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from chainrule.errors import ChainruleError

LIBRARIES = {
    "numpy": "arrays",
    "scipy": "erf, gammaln and the like on arrays",
    "sympy": "formulas",
    "mpmath": "high precision",
    "ipython": "magics in notebooks",
    "matplotlib": "plots in notebooks",
    "torch": "a referee",
    "jax": "a referee",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code.

    >>> main(["info"])  # doctest: +ELLIPSIS
    chainrule ...
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows a question mark
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command == "info":
        return _info()
    try:
        return _check(options.paths, options.json, options.seed)
    except ChainruleError as error:
        parser.exit(2, f"chainrule check: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "chainrule check: interrupted\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("chainrule", description="Derivatives you can trust, see and run fast.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|info")
    check = commands.add_parser(
        "check",
        help="check the hand-written gradients in files, notebooks and folders",
        description="Run files and notebooks, and check every hand-written gradient found in them.",
        epilog="exit code: 0 all correct; 1 something is wrong; 2 undecided, an error, or nothing to check",
    )
    check.add_argument("paths", nargs="+", metavar="PATH", help="a .py file, a .ipynb notebook or a folder")
    check.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    check.add_argument("--seed", type=int, metavar="N", help="seed of the points that are drawn")
    commands.add_parser("info", help="versions of Chainrule and of the libraries it can use")
    return parser


def _check(paths: Sequence[str], as_json: bool, seed: int | None) -> int:
    from chainrule.check import check
    from chainrule.check.run import run

    result = run(paths, check, seed=seed)
    if as_json:
        print(result.to_json())
    else:
        result.print(Console(file=sys.stdout))
    return result.exit_code


def _info() -> int:
    chainrule = _version("chainrule", otherwise="from source")
    print(f"chainrule {chainrule}   Python {platform.python_version()}   {platform.platform()}")
    for name, purpose in LIBRARIES.items():
        print(f"  {name:<12}{_version(name):<16}{purpose}")
    return 0


def _version(name: str, otherwise: str = "not installed") -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return otherwise


if __name__ == "__main__":
    sys.exit(main())
