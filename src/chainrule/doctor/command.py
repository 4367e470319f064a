"""`chainrule doctor FILE[:FUNCTION]`."""

from __future__ import annotations

import argparse
from typing import Any

from chainrule.check.claims.written import knows_negatives, points
from chainrule.doctor.examine import LIMIT, examine
from chainrule.doctor.finding import SEVERITIES
from chainrule.errors import ArgumentError


def register(commands: Any) -> None:
    """Add `doctor` to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="say which lines of a file have no derivative here, and what to write instead",
        description="Read a file or notebook, then run it, and say which lines would lose a derivative or have none.",
        epilog="Exit code: 0 nothing found; 1 something found; 2 nothing to read",
    )
    parser.add_argument("target", metavar="FILE[:FUNCTION]", help="a .py file or a notebook; FILE:Class.method too")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    parser.add_argument(
        "--severity", choices=SEVERITIES, default="note", help="tell what is of this severity and above (note: all)"
    )
    parser.add_argument("--no-run", action="store_true", help="read only: run nothing of the file")
    parser.add_argument(
        "--at", nargs="+", action="append", metavar="X",
        help="where to run the function: the arguments of a point, numbers or lists in quotes (which become arrays)",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=float, default=LIMIT, metavar="SECONDS", help=f"for the file and for each function ({LIMIT:g})"
    )
    knows_negatives(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine what the options name; gives the exit code."""
    try:
        at = points(options.at) if options.at else None
    except (ValueError, TypeError) as error:
        raise ArgumentError(
            f"expected numbers as Python writes them after --at, got {str(error)!r}: write 2.0, '[1, 2]' for an array"
        ) from None
    found = examine(options.target, options.severity, not options.no_run, at, options.limit)
    print(found.to_json() if options.json else found)
    return found.exit_code
