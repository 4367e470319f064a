"""The commands `chainrule explain`, `chainrule derive` and `chainrule source`."""

from __future__ import annotations

import argparse
from typing import Any

from chainrule.show.commands import AT, argument, arguments, function
from chainrule.transforms import grad, value_and_grad


def register(commands: Any) -> None:
    """Add the three to the subcommands of a parser; each sets `run`, a function of the options.

    >>> parser = argparse.ArgumentParser()
    >>> register(parser.add_subparsers())
    >>> parser.parse_args(["source", "model.py:loss", "--at", "1.5"]).of
    'gradient'
    """
    explaining = commands.add_parser(
        "explain",
        help="print the forward and the backward pass with the numbers filled in",
        description="Run a function, differentiate it, and print both passes as tables with the numbers filled in.",
    )
    _common(explaining)
    explaining.set_defaults(run=_explain)
    deriving = commands.add_parser(
        "derive",
        help="print a function as a formula, with its gradient",
        description="Print the formula a function computes, and its gradient, through SymPy.",
    )
    _common(deriving)
    deriving.add_argument("--latex", action="store_true", help="print LaTeX")
    deriving.set_defaults(run=_derive)
    writing = commands.add_parser(
        "source",
        help="print a function's gradient as Python source",
        description="Print the gradient of a function as a Python function that needs only math or numpy.",
    )
    _common(writing)
    choices = {"gradient": "the gradient", "both": "value and gradient", "function": "the function itself"}
    said = ", ".join(f"{name}: {what}" for name, what in choices.items())
    writing.add_argument("--of", choices=list(choices), default="gradient", help=said)
    writing.set_defaults(run=_source)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE:FUNCTION", help="a Python file and the name of a function in it")
    parser.add_argument("--at", nargs="+", type=argument, default=[], metavar="X", help=AT)


def _explain(options: argparse.Namespace) -> int:
    from chainrule.show.account.explain import explain

    f = function(options.target)
    print(explain(f, *arguments(f, options.at)))
    return 0


def _derive(options: argparse.Namespace) -> int:
    from chainrule.show.formula.derive import derive

    f = function(options.target)
    found = derive(f, *options.at)
    print(found.latex if options.latex else found)
    return 0


def _source(options: argparse.Namespace) -> int:
    from chainrule.show.code.source import source

    f = function(options.target)
    at = arguments(f, options.at)
    every = 0 if len(at) == 1 else tuple(range(len(at)))
    wanted = {"gradient": grad(f, every), "both": value_and_grad(f, every), "function": f}[options.of]
    print(source(wanted, *at), end="")
    return 0
