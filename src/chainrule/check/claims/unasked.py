"""Arguments of a command line that a file asks for, where there is none: their defaults, and None for required ones."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def nothing_required() -> Iterator[None]:
    """No parser of argparse misses an argument.

    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_argument("data"), parser.add_argument("--rate", type=float, default=0.1)
    >>> with nothing_required():
    ...     parser.parse_args()
    Namespace(data=None, rate=0.1)
    """
    kind: Any = argparse.ArgumentParser
    plain = kind.parse_known_args

    def parse_known_args(self: Any, args: Any = None, namespace: Any = None) -> Any:
        if args is None:
            for action in self._actions:
                action.required = False
            for group in self._mutually_exclusive_groups:
                group.required = False
        return plain(self, [] if args is None else args, namespace)

    kind.parse_known_args = parse_known_args
    try:
        yield
    finally:
        kind.parse_known_args = plain
