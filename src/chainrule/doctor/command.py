"""`chainrule doctor FILE[:FUNCTION]`."""

from __future__ import annotations

import argparse
from typing import Any

from chainrule.doctor.examine import examine
from chainrule.doctor.finding import SEVERITIES


def register(commands: Any) -> None:
    """Add `doctor` to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="say which lines of a file have no derivative here, and what to write instead",
        description="Read a file or notebook, and say which lines would lose a derivative or have none.",
        epilog="Exit code: 0 nothing found; 1 something found; 2 nothing to read",
    )
    parser.add_argument("target", metavar="FILE[:FUNCTION]", help="a .py file or a notebook; FILE:Class.method too")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    parser.add_argument(
        "--severity", choices=SEVERITIES, default="note", help="tell what is of this severity and above (note: all)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Examine what the options name; gives the exit code."""
    found = examine(options.target, options.severity)
    print(found.to_json() if options.json else found)
    return found.exit_code
