"""Chainrule as a tool of GradBench: `python -m benchmarks.gradbench [--eager]` speaks the suite's protocol.

In a checkout of github.com/gradbench/gradbench, with this repository at CHAINRULE and Chainrule installed in its .venv:

    ./gradbench run --eval "./gradbench repo eval lse" \\
        --tool "env -C CHAINRULE OPENBLAS_NUM_THREADS=1 .venv/bin/python -m benchmarks.gradbench"

The suite's own validators need its C++ tools built (`make -C cpp`, and the tool "manual"). Without a checkout
`--measure [EVAL ...]` times all evals here at a small and a larger size, and says what the first call took.
"""

from __future__ import annotations

import argparse
import sys

import chainrule as cr
from benchmarks.gradbench.measure import measured
from benchmarks.gradbench.tool import EVALS, Tool, plain


def main() -> int:
    """Answer lines of JSON on stdin, or measure."""
    parser = argparse.ArgumentParser("benchmarks.gradbench", description=__doc__.splitlines()[0])
    parser.add_argument("--eager", action="store_true", help="without jit")
    parser.add_argument("--measure", nargs="*", choices=EVALS, metavar="EVAL", help="time evals here; all by default")
    options = parser.parse_args()
    tool = Tool(plain if options.eager else cr.jit)
    if options.measure is not None:
        for line in measured(tool, options.measure or EVALS):
            print(line, flush=True)
        return 0
    for line in tool.answers(sys.stdin):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
