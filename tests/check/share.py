"""The corpora of `check` are long, and judged alike on both engines: each engine takes half of every corpus, so that
the tests run on both have seen all of it. CHAINRULE_TESTS=all makes one run take all."""

import os
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from chainrule.engine import PURE

ALL = os.environ.get("CHAINRULE_TESTS") == "all"


def share(items: Iterable[Any], name: Callable[[Any], str] = str) -> list[Any]:
    """The items that the running engine takes, by a hash of their names."""
    return [x for x in items if ALL or (zlib.crc32(name(x).encode()) >> 3) % 2 == PURE]
